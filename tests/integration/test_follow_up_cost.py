"""What a follow-up costs for people who need none stays within what was asked for."""

import pytest

from benchmarks.follow_ups import measure_follow_ups


@pytest.fixture(scope="module")
def small() -> dict[str, float]:
    return measure_follow_ups(people=4_000)


def test_people_who_need_no_step_cost_next_to_nothing(small: dict[str, float]) -> None:
    # A timer put and moved, a mark, and a row, for each 2,000 people.
    assert small["followup_wru_per_person"] <= 0.02
    assert small["looks"] == 2
