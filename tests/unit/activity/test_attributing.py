"""Events are put down to messages once: whatever dies, races, comes early, late or again."""

import itertools
from dataclasses import dataclass
from datetime import timedelta

import pytest

from functions.activity.attributing import Holder, attribute, attribute_again
from functions.contracts.errors import Unavailable
from functions.domain.attribution import GoalEvent, GoalLog
from functions.domain.follow_up import Condition
from functions.domain.goal import Goal
from functions.domain.ids import BatchNumber, CampaignId, ContactId, MessageNumber
from functions.domain.outcome import Model
from tests.builders import NOON
from tests.fakes.dying import Death, Killed
from tests.fakes.goals import FakeGoalLogs, GoalWorld

C1 = ContactId("c1")
SPRING, AUTUMN = CampaignId("cmp_1"), CampaignId("cmp_2")
N1 = MessageNumber(batch=BatchNumber(1), ordinal=0)
N2 = MessageNumber(batch=BatchNumber(2), ordinal=7)
NOW_S = int(NOON.timestamp())
GOAL = Goal(event="purchase")


def a_world(**touched: int) -> GoalWorld:
    """Two campaigns with the same goal, a message of each; those named touched so long before."""
    world = GoalWorld(goals={SPRING: GOAL, AUTUMN: GOAL})
    world.reach.messages = {N1: SPRING, N2: AUTUMN}
    by_name = {"n1": N1, "n2": N2}
    world.reach.touched = {by_name[name]: NOW_S - ago for name, ago in touched.items()}
    world.reach.made = NOW_S - 10_000
    return world


def an_event(key: int = 1, name: str = "purchase", **values: int) -> GoalEvent:
    return GoalEvent(key=key, name=name, at=NOW_S, minor=100, **values)


def figures(world: GoalWorld, model: Model = Model.LAST) -> dict[int, tuple[int, int]]:
    """Events and their value, by batch, where there are any."""
    return {
        number: (int(found.events(model)), found.minor(model))
        for number, found in sorted(world.outcomes.batches.items())
        if found.people(model)
    }


def test_an_event_goes_to_the_message_that_touched_last() -> None:
    world = a_world(n1=600, n2=60)

    touched = attribute(C1, [an_event()], deps=world.deps, now=NOON)

    assert touched == 1
    assert world.followed == [(1, Condition.CONVERTED), (2, Condition.CONVERTED)]
    assert figures(world) == {2: (1, 100)}
    assert figures(world, Model.FIRST) == {1: (1, 100)}
    assert sum(minor for _, minor in figures(world, Model.LINEAR).values()) == 100


def test_an_event_that_is_nobodys_goal_costs_nothing() -> None:
    world = a_world(n1=60)
    death = Death(at=1)

    assert attribute(C1, [an_event(name="login")], deps=world.deps_dying(death), now=NOON) == 0
    assert death.calls == 0


def test_of_somebody_who_got_no_such_message_nothing_is_written() -> None:
    world = a_world()
    world.reach.messages = {}

    assert attribute(C1, [an_event()], deps=world.deps, now=NOON) == 0
    assert (world.logs.rows, world.outcomes.batches) == ({}, {})


def test_the_same_event_again_changes_nothing_and_looks_at_no_message() -> None:
    world = a_world(n1=60)
    attribute(C1, [an_event()], deps=world.deps, now=NOON)
    reads, writes = world.reach.reads, world.outcomes.writes

    attribute(C1, [an_event(), an_event()], deps=world.deps, now=NOON)

    assert figures(world) == {1: (1, 100)}
    assert (world.reach.reads, world.outcomes.writes) == (reads, writes)
    assert world.logs.rows[C1].version == 1


@pytest.mark.parametrize("after", [False, True])
def test_dying_anywhere_and_coming_back_attributes_once(*, after: bool) -> None:
    for at in itertools.count(1):
        world = a_world(n1=600, n2=60)
        events = [an_event(1), an_event(2)]
        try:
            attribute(C1, events, deps=world.deps_dying(Death(at=at, after=after)), now=NOON)
        except Killed:
            attribute(C1, events, deps=world.deps, now=NOON)
        else:
            break
        assert figures(world) == {2: (2, 200)}, at
        assert figures(world, Model.FIRST) == {1: (2, 200)}, at
    assert at > 5


def test_a_click_that_is_recorded_after_the_event_counts_with_the_next_look() -> None:
    world = a_world()
    attribute(C1, [an_event()], deps=world.deps, now=NOON)
    missed = figures(world)
    world.reach.touched = {N1: NOW_S - 5}

    attribute_again(C1, deps=world.deps, now=NOON)

    assert (missed, figures(world)) == ({}, {1: (1, 100)})


def test_a_click_that_turned_out_to_be_a_machines_loses_the_event() -> None:
    world = a_world(n1=600, n2=60)
    attribute(C1, [an_event()], deps=world.deps, now=NOON)
    del world.reach.touched[N2]

    attribute_again(C1, deps=world.deps, now=NOON)
    attribute_again(C1, deps=world.deps, now=NOON)

    assert figures(world) == {1: (1, 100)}
    assert world.logs.rows[C1].version == 2


def test_looking_again_writes_the_batches_anew_from_the_events() -> None:
    world = a_world(n1=600, n2=60)
    attribute(C1, [an_event(1), an_event(2)], deps=world.deps, now=NOON)
    before = dict(world.outcomes.batches)
    world.outcomes.batches = {}

    attribute_again(C1, deps=world.deps, now=NOON)

    assert world.outcomes.batches == before


def test_a_goal_that_changed_is_followed() -> None:
    world = a_world(n1=7_200, n2=5_400)
    attribute(C1, [an_event()], deps=world.deps, now=NOON)
    world.goals[AUTUMN] = Goal(event="purchase", window=timedelta(hours=1))

    attribute_again(C1, deps=world.deps, now=NOON)

    assert figures(world) == {1: (1, 100)}


@dataclass
class Racing(FakeGoalLogs):
    """Another worker, who knows of a later click, writes in between."""

    world: GoalWorld | None = None

    def save(self, holder: Holder, log: GoalLog) -> bool:
        if self.world is not None:
            world, self.world = self.world, None
            world.reach.touched[N2] = NOW_S - 60
            attribute(C1, [an_event()], deps=world.deps, now=NOON)
        return super().save(holder, log)


def test_of_two_workers_the_older_look_does_not_win() -> None:
    world = a_world(n1=600)
    world.logs = Racing(world=world)

    attribute(C1, [an_event()], deps=world.deps, now=NOON)

    assert figures(world) == {2: (1, 100)}


@dataclass
class NeverSaving(FakeGoalLogs):
    def save(self, holder: Holder, log: GoalLog) -> bool:
        return False


def test_who_always_loses_comes_back_later() -> None:
    world = a_world(n1=60)
    world.logs = NeverSaving()

    with pytest.raises(Unavailable):
        attribute(C1, [an_event()], deps=world.deps, now=NOON)


def test_a_message_to_nobody_known_has_its_own_events() -> None:
    world = a_world(n1=60)

    attribute(N1, [an_event()], deps=world.deps, now=NOON)

    assert list(world.logs.rows) == [N1]
    assert figures(world) == {1: (1, 100)}
