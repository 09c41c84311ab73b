"""Held messages are released and cancelled; the one door and at most once hold all the same."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta

import pytest
from hypothesis import given, settings, strategies as st

from functions.channels.base import Ambiguous, Parcel, RetryLater, Taken
from functions.domain.channel import Purpose
from functions.domain.held import held_ordinals
from functions.domain.ids import BatchNumber, MessageNumber
from functions.domain.message import BatchState, MessageStatus
from functions.domain.policy import Policy, Window
from functions.domain.reason import HoldReason
from tests.builders import MORNING, NIGHT, NOON, SEOUL, a_campaign
from tests.fakes.campaigns import FakeCampaigns
from tests.fakes.dying import Death
from tests.fakes.provider import FakeProvider
from tests.unit.campaigns.ledger import HOUR, LedgerWorld
from tests.unit.campaigns.test_control import CAMPAIGN, PEOPLE

AT_SIX = NOON + 6 * HOUR
NEXT_NOON = NOON + 24 * HOUR
ALL_DAY = Window(
    name="stocktaking",
    starts=time(9),
    ends=time(20),
    weekdays=frozenset(range(7)),
    classes=frozenset({Purpose.ADVERTISING}),
)


@dataclass
class TimedProvider(FakeProvider):
    """Also notes when each message was taken."""

    taken_at: dict[MessageNumber, datetime] = field(default_factory=dict)

    def send(self, parcel: Parcel, *, now: datetime) -> Taken:
        before = len(self.received)
        try:
            return FakeProvider.send(self, parcel, now=now)
        finally:
            if len(self.received) > before:
                self.taken_at |= {message.ref: now for message in parcel.messages}


def planned(
    at: datetime = NOON, *, at_local: time | None = time(18), policy: Policy | None = None
) -> LedgerWorld:
    """A campaign of three batches (3, 3 and 1 messages) that was launched at a moment."""
    campaign = a_campaign(at_local=at_local)
    world = LedgerWorld(campaigns=FakeCampaigns.of(campaign), provider=TimedProvider(), now=at)
    world.call("launch")
    world.pass_time(at)
    if policy is not None:
        world.policy = policy
    assert world.report().held == PEOPLE
    return world


def sent_at(world: LedgerWorld) -> dict[MessageNumber, datetime]:
    assert isinstance(world.provider, TimedProvider)
    assert all(count == 1 for count in world.provider.deliveries.values())
    return world.provider.taken_at


def state_of(world: LedgerWorld, number: int) -> BatchState:
    return world.batches.batches[BatchNumber(number)].state


def test_what_the_schedule_holds_leaves_when_it_is_released_and_not_again() -> None:
    world = planned()
    world.now += HOUR

    world.change_held("release")
    world.pass_time(world.now)

    assert set(sent_at(world).values()) == {NOON + HOUR}
    assert world.report().sent == PEOPLE
    world.pass_time(AT_SIX + HOUR)
    assert set(sent_at(world).values()) == {NOON + HOUR}


def test_only_what_was_released_leaves_before_its_time() -> None:
    world = planned()

    world.change_held("release", only={1: {0, 2}, 3: {0}})
    world.pass_time(NOON + HOUR)

    early = {(number.batch, number.ordinal) for number in sent_at(world)}
    assert early == {(1, 0), (1, 2), (3, 0)}
    world.pass_time(AT_SIX)
    assert len(sent_at(world)) == PEOPLE
    assert list(sent_at(world).values()).count(AT_SIX) == 4


def test_release_by_reason_leaves_other_reasons_alone() -> None:
    world = planned()

    world.change_held("release", reason="night")
    world.pass_time(NOON + HOUR)

    assert sent_at(world) == {}
    assert world.report().held == PEOPLE


def test_the_legal_night_is_not_lifted_by_a_release() -> None:
    world = planned(NIGHT, at_local=None)

    for minute in range(3):
        world.change_held("release")
        world.pass_time(NIGHT + timedelta(minutes=minute))
        assert sent_at(world) == {}
        assert set(held_ordinals(state_of(world, 1), HoldReason.NIGHT)) == {0, 1, 2}

    world.pass_time(MORNING)
    assert set(sent_at(world).values()) == {MORNING}


def test_what_was_released_at_night_leaves_in_the_morning_and_the_rest_at_its_time() -> None:
    world = planned(NIGHT, at_local=time(12))

    world.change_held("release", only={1: {1}})
    world.pass_time(NIGHT + HOUR)
    assert held_ordinals(state_of(world, 1), HoldReason.NIGHT) == (1,)
    assert held_ordinals(state_of(world, 1), HoldReason.SCHEDULED) == (0, 2)
    world.pass_time(NEXT_NOON)

    by_ordinal = {(each.batch, each.ordinal): at for each, at in sent_at(world).items()}
    assert by_ordinal.pop((1, 1)) == MORNING
    assert set(by_ordinal.values()) == {NEXT_NOON}


def test_own_hours_hold_what_is_released_until_they_are_changed() -> None:
    world = planned(NOON, policy=Policy(windows=(ALL_DAY,)))

    world.change_held("release")
    world.pass_time(NOON + HOUR)
    assert sent_at(world) == {}
    assert set(held_ordinals(state_of(world, 2), HoldReason.QUIET_HOURS)) == {0, 1, 2}
    world.policy = Policy()
    world.change_held("release", reason="quiet_hours")
    world.pass_time(world.now)

    assert set(sent_at(world).values()) == {NOON + HOUR}
    assert len(sent_at(world)) == PEOPLE


def test_cancelled_messages_never_leave_and_the_others_do() -> None:
    world = planned()

    world.change_held("cancel", only={1: {0}, 2: {0, 1, 2}})
    world.pass_time(AT_SIX)

    assert world.statuses() == {MessageStatus.SENT: 3, MessageStatus.CANCELLED: 4}
    assert len(sent_at(world)) == 3


def test_repeating_a_release_or_a_cancel_changes_nothing() -> None:
    world = planned()
    for action in ("release", "cancel"):
        only = {1: {0}} if action == "release" else {1: {1}}
        for _ in range(3):
            world.change_held(action, only=only)
            world.pass_time(world.now)

    assert world.statuses() == {
        MessageStatus.SENT: 1,
        MessageStatus.CANCELLED: 1,
        MessageStatus.HELD: 5,
    }


def test_cancel_after_a_release_takes_back_only_what_is_held_again() -> None:
    world = planned(NIGHT, at_local=time(12))
    world.change_held("release", only={1: {0}})
    world.pass_time(world.now)

    world.change_held("cancel", reason="night")
    world.pass_time(NEXT_NOON)

    assert world.statuses() == {MessageStatus.SENT: 6, MessageStatus.CANCELLED: 1}


def test_released_while_paused_leaves_with_the_resume() -> None:
    world = planned()
    world.call("pause")
    world.change_held("release")
    world.pass_time(NOON + HOUR)
    assert sent_at(world) == {}

    world.call("resume")
    world.pass_time(world.now)

    assert set(sent_at(world).values()) == {NOON + HOUR}


def test_what_was_released_and_the_provider_put_off_is_tried_again_at_once() -> None:
    world = planned()
    world.provider.fail_before.append(RetryLater("busy"))

    world.change_held("release")
    world.pass_time(NOON + timedelta(minutes=5))

    assert len(sent_at(world)) == PEOPLE


def test_what_was_released_and_is_in_doubt_is_asked_about_before_its_time() -> None:
    world = planned()
    world.provider.fail_after.append(Ambiguous("timed out"))

    world.change_held("release")
    world.pass_time(NOON + timedelta(minutes=5))

    assert world.report().sent == PEOPLE
    assert len(sent_at(world)) == PEOPLE


def test_batches_that_are_not_there_are_passed_over() -> None:
    world = planned()

    world.change_held("cancel", only={999: {0}, 3: {0}})
    world.pass_time(world.now)

    assert world.report().cancelled == 1


def test_expired_messages_are_given_up_instead_of_released() -> None:
    world = planned()
    for number, batch in list(world.batches.batches.items()):
        meta = replace(batch.meta, expires=NOON + HOUR)
        world.batches.batches[number] = replace(batch, meta=meta)

    world.change_held("release")
    world.now = NOON + HOUR
    world.pass_time(world.now)

    assert world.report().failed == {"expired": PEOPLE}


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("dies_at", range(1, 8))
@pytest.mark.parametrize("action", ["release", "cancel"])
def test_a_worker_that_dies_anywhere_does_it_all_when_it_comes_again(
    action: str, dies_at: int, *, after: bool
) -> None:
    world = planned()

    world.change_held(action)
    world.step(death=Death(dies_at, after=after))
    world.pass_time(NOON + HOUR)

    status = MessageStatus.SENT if action == "release" else MessageStatus.CANCELLED
    assert world.statuses()[status] == PEOPLE
    assert set(sent_at(world).values()) <= {NOON}


def _is_day(moment: datetime) -> bool:
    return 8 <= moment.astimezone(SEOUL).hour < 21


def _again(world: LedgerWorld) -> None:
    if world.queue:
        world.queue.append(world.queue[0])


def _pause_for_a_minute(world: LedgerWorld) -> None:
    world.call("pause")
    world.pass_time(world.now + timedelta(minutes=1))
    world.call("resume")


MOVES: dict[str, Callable[[LedgerWorld, int], object]] = {
    "release": lambda world, _: world.change_held("release"),
    "release some": lambda world, _: world.change_held("release", only={1: {0}, 2: {1, 2}}),
    "cancel some": lambda world, _: world.change_held("cancel", only={1: {1}, 2: {0}}),
    "again": lambda world, _: _again(world),
    "lose": lambda world, _: world.lose_everything(),
    "check": lambda world, _: world.check(),
    "hour": lambda world, _: world.pass_time(world.now + HOUR),
    "die": lambda world, dies_at: world.step(death=Death(dies_at)),
    "pause": lambda world, _: _pause_for_a_minute(world),
}


@given(
    st.lists(st.sampled_from(sorted(MOVES)), max_size=14),
    st.sampled_from([NOON, NIGHT, NIGHT - 2 * HOUR]),
    st.integers(1, 9),
)
@settings(max_examples=150, deadline=None)
def test_whatever_is_done_nobody_gets_it_twice_or_at_night(
    moves: list[str], start: datetime, dies_at: int
) -> None:
    world = planned(start, at_local=time(12) if start != NOON else time(18))
    for move in moves:
        MOVES[move](world, dies_at)
    for _ in range(5):
        world.pass_time(world.now + 10 * HOUR)
        world.check()
    world.pass_time(world.now + HOUR)

    assert all(_is_day(at) for at in sent_at(world).values())
    statuses = world.statuses()
    assert statuses[MessageStatus.SENT] == len(sent_at(world))
    assert statuses[MessageStatus.SENT] + statuses[MessageStatus.CANCELLED] == PEOPLE
    assert world.campaigns.campaigns[CAMPAIGN].launched is not None
