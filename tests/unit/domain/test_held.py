"""The ledger's marks, and what releasing and cancelling does to a batch."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, strategies as st

from functions.domain.batch import Source
from functions.domain.evidence import Evidence
from functions.domain.fatigue import Cap, Entry, Period, Recent
from functions.domain.held import (
    REQUEST_PLACES,
    HeldAction,
    Wait,
    changed,
    counts_of,
    early_due,
    held_ordinals,
    mark_of,
    place_of,
    wait_of,
)
from functions.domain.ids import MAX_BATCH_SIZE, BatchNumber
from functions.domain.message import BatchState, MessageStatus, Receipt, Send
from functions.domain.policy import Policy, WhenCapped
from functions.domain.reason import FailureReason, HoldReason, RefusalReason
from tests.builders import MORNING, NIGHT, NOON, a_case, a_meta

NIGHT_HELD, SCHEDULED = Send.held(HoldReason.NIGHT), Send.held(HoldReason.SCHEDULED)
SENDS = st.sampled_from(
    [
        Send.PENDING,
        Send.SENDING,
        Send.UNKNOWN,
        Send.GIVEN_UP,
        Send.CANCELLED,
        Send.RELEASED,
        Send.sent(round_=0),
        Send.refused(RefusalReason.NO_CONSENT),
        Send.failed(FailureReason.EXPIRED),
        *(Send.held(reason) for reason in HoldReason),
    ]
)
DELIVERED = Receipt(delivered=True, reason=None, at=NOON)


def a_state(*sends: int) -> BatchState:
    return replace(BatchState.fresh(sends, now=NOON), rounds=(int(NOON.timestamp()),))


@st.composite
def states(draw: st.DrawFn) -> BatchState:
    sends = draw(st.lists(SENDS, min_size=1, max_size=12))
    reported = draw(st.sets(st.integers(0, len(sends) - 1), max_size=3))
    return a_state(*sends).with_receipts((ordinal, DELIVERED) for ordinal in reported)


REASONS = st.none() | st.sampled_from(HoldReason)
ONLY = st.none() | st.sets(st.integers(0, 15))


@given(states())
def test_mark_counts_what_is_held_and_nothing_else(state: BatchState) -> None:
    counts = counts_of(mark_of(state))

    held = [state.state_of(i) for i in range(len(state))]
    assert sum(counts.values()) == sum(each.status is MessageStatus.HELD for each in held)
    for reason in HoldReason:
        assert counts.get(reason, 0) == len(held_ordinals(state, reason))


def test_mark_of_the_fullest_batch_is_short() -> None:
    sends = [Send.held(reason) for reason in HoldReason] * (MAX_BATCH_SIZE // len(HoldReason))

    assert len(mark_of(a_state(*sends))) <= 16


def test_batch_without_anything_held_has_no_mark() -> None:
    assert mark_of(a_state(Send.PENDING, Send.sent(round_=0), Send.RELEASED)) == ""


def test_message_that_was_reported_is_held_no_more() -> None:
    state = a_state(NIGHT_HELD).with_receipts([(0, DELIVERED)])

    assert mark_of(state) == ""
    assert held_ordinals(state) == ()


def test_campaigns_batches_stand_together_and_requests_are_spread() -> None:
    campaign = Source(kind="campaign", source_id="cmp_1", part="000000")
    request = Source(kind="request", source_id="req_1")

    assert {place_of(campaign, BatchNumber(n)) for n in range(20)} == {"cmp_1"}
    assert {place_of(request, BatchNumber(n)) for n in range(20)} == set(REQUEST_PLACES)


@given(states(), st.sampled_from(HeldAction), ONLY, REASONS)
def test_changes_what_is_chosen_and_held_and_nothing_else(
    state: BatchState, action: HeldAction, only: set[int] | None, reason: HoldReason | None
) -> None:
    after = changed(state, action, only=only, reason=reason, now=NOON)

    to = {
        HeldAction.RELEASE: (MessageStatus.PENDING, None),
        HeldAction.CANCEL: (MessageStatus.CANCELLED, None),
        HeldAction.EXPIRE: (MessageStatus.FAILED, FailureReason.EXPIRED),
    }[action]
    chosen = {i for i in held_ordinals(state, reason) if only is None or i in only}
    for ordinal in range(len(state)):
        if ordinal in chosen:
            assert (after.state_of(ordinal).status, after.state_of(ordinal).reason) == to
        else:
            assert after.send_of(ordinal) == state.send_of(ordinal)
    assert changed(after, action, only=only, reason=reason, now=NOON) == after


def test_release_moves_the_start_of_times_back_to_now_and_never_on() -> None:
    ahead = replace(a_state(SCHEDULED, SCHEDULED), created=int(MORNING.timestamp()))

    first = changed(ahead, HeldAction.RELEASE, only={0}, reason=None, now=NOON)
    second = changed(
        first, HeldAction.RELEASE, only={1}, reason=None, now=NOON + timedelta(hours=1)
    )

    assert first.created == second.created == int(NOON.timestamp())


def test_nothing_of_a_scheduled_batch_is_due_before_its_time() -> None:
    meta = a_meta(not_before=MORNING)

    assert early_due(meta, a_state(SCHEDULED, Send.PENDING), again=False, now=NOON) == ()


def test_everything_that_waits_is_due_from_its_time_on() -> None:
    meta = a_meta(not_before=MORNING)
    state = a_state(SCHEDULED, Send.PENDING, NIGHT_HELD, Send.RELEASED, Send.CANCELLED)

    assert early_due(meta, state, again=False, now=MORNING) == (0, 1, 2, 3)


def test_before_its_time_only_what_was_released_is_due() -> None:
    meta = a_meta(not_before=MORNING)
    state = a_state(SCHEDULED, Send.RELEASED, NIGHT_HELD)

    assert early_due(meta, state, again=False, now=NOON) == (1,)


def test_what_was_released_and_held_again_is_due_when_it_is_looked_at_again() -> None:
    meta = a_meta(not_before=MORNING)
    state = a_state(SCHEDULED, NIGHT_HELD, Send.PENDING)

    assert early_due(meta, state, again=True, now=NOON) == (1, 2)


AT_NIGHT = Evidence(at=NIGHT, cases={0: a_case()})
CAPPED = a_case(
    policy=Policy(caps=(Cap(name="one a day", most=1, period=Period.ROLLING_HOURS, length=24),)),
    when_capped=WhenCapped.DELAY,
    recent=Recent(
        entries=(
            Entry(number=9, at=int(NOON.timestamp()), channel="sms", template=1, source=1, tags=()),
        ),
        version=1,
    ),
)


def test_message_that_was_not_looked_at_since_it_was_planned_waits_for_its_batch() -> None:
    meta = a_meta(not_before=MORNING, created=NOON)

    wait = wait_of(meta, 0, HoldReason.SCHEDULED, ())

    assert wait == Wait(since=NOON, until=MORNING)


def test_the_last_look_tells_until_when_and_the_first_of_its_kind_since_when() -> None:
    earlier = replace(AT_NIGHT, at=NIGHT - timedelta(minutes=10))
    by_day = replace(AT_NIGHT, at=NOON)

    wait = wait_of(a_meta(), 0, HoldReason.NIGHT, (by_day, earlier, AT_NIGHT))

    assert wait == Wait(since=earlier.at, until=MORNING)


def test_look_just_before_the_night_also_tells_that_the_night_holds_it() -> None:
    at = NIGHT.replace(hour=11, minute=59, second=40)  # 20:59:40 in Seoul

    wait = wait_of(a_meta(), 0, HoldReason.NIGHT, (replace(AT_NIGHT, at=at),))

    assert wait == Wait(since=at, until=MORNING)


def test_a_cap_tells_until_when_it_is_full() -> None:
    at = NOON + timedelta(hours=1)

    wait = wait_of(a_meta(), 0, HoldReason.FREQUENCY_CAP, (Evidence(at=at, cases={0: CAPPED}),))

    assert wait.since == at
    assert wait.until is not None
    assert wait.until >= NOON + timedelta(hours=24)


@pytest.mark.parametrize("ordinal", [0, 1])
def test_look_at_another_message_or_of_another_outcome_tells_nothing(ordinal: int) -> None:
    meta = a_meta(not_before=MORNING)

    wait = wait_of(meta, ordinal, HoldReason.SCHEDULED, (AT_NIGHT,))

    assert wait == Wait(since=NOON, until=MORNING)
