from datetime import timedelta

import pytest

from functions.contracts.goal_document import goal_from_json, goal_to_json
from functions.domain.goal import Goal, TouchRule

DAY_S = 86_400
GOAL = Goal(event="purchase", window=timedelta(days=1))


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        pytest.param(999, False, id="before-the-touch"),
        pytest.param(1_000, True, id="with-it"),
        pytest.param(1_000 + DAY_S - 1, True, id="last-second"),
        pytest.param(1_000 + DAY_S, False, id="too-late"),
    ],
)
def test_an_event_converts_from_the_touch_to_the_end_of_the_window(
    at: int, *, expected: bool
) -> None:
    assert GOAL.reached(touched=1_000, at=at) is expected


def test_a_goal_is_by_default_a_click_within_three_days() -> None:
    assert (Goal(event="x").window, Goal(event="x").touch) == (
        timedelta(days=3),
        TouchRule.CLICKED,
    )


@pytest.mark.parametrize("goal", [None, GOAL, Goal(event="가입", touch=TouchRule.DELIVERED)])
def test_a_goal_is_written_and_read(goal: Goal | None) -> None:
    assert goal_from_json(goal_to_json(goal)) == goal
