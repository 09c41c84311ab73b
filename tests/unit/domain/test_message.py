from datetime import datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from functions.domain.message import (
    SLOT_BYTES,
    BatchState,
    MessageStatus,
    Receipt,
    Send,
    pack_elapsed,
    unpack_elapsed,
)
from functions.domain.reason import FailureReason, HoldReason, RefusalReason
from tests.builders import NOON

SECOND = timedelta(seconds=1)


def delivered(*, after_s: int = 5) -> Receipt:
    return Receipt(delivered=True, reason=None, at=NOON + after_s * SECOND)


def undelivered(reason: FailureReason, *, after_s: int = 5) -> Receipt:
    return Receipt(delivered=False, reason=reason, at=NOON + after_s * SECOND)


receipts = st.builds(
    lambda ok, reason, after: (
        delivered(after_s=after) if ok else undelivered(reason, after_s=after)
    ),
    st.booleans(),
    st.sampled_from(FailureReason),
    st.integers(0, 3_000_000),
)
sends = st.sampled_from(
    [
        Send.PENDING,
        Send.SENDING,
        Send.UNKNOWN,
        Send.CANCELLED,
        Send.GIVEN_UP,
        Send.sent(round_=0),
        *(Send.held(reason) for reason in HoldReason),
        *(Send.refused(reason) for reason in RefusalReason),
        *(Send.failed(reason) for reason in FailureReason),
    ]
)


def test_state_of_200_messages_stays_within_one_write_unit() -> None:
    state = BatchState.fresh([Send.PENDING] * 200, now=NOON)
    for _ in range(20):
        state = state.claimed(dict.fromkeys(range(200), Send.SENDING), now=NOON, lease_s=40)

    rounds_bytes = 5 * len(state.rounds)

    assert len(state.slots) == 200 * SLOT_BYTES
    assert len(state.slots) + rounds_bytes < 1024 - 100


@given(st.lists(st.tuples(st.integers(0, 4), receipts), max_size=12), st.randoms())
def test_receipts_in_any_order_and_repeated_give_one_state(events, random) -> None:
    state = BatchState.fresh([Send.sent(round_=0)] * 5, now=NOON)
    shuffled = events * 2
    random.shuffle(shuffled)

    in_order = state.with_receipts(events)
    one_by_one = state
    for event in shuffled:
        one_by_one = one_by_one.with_receipts([event])

    assert one_by_one == in_order


@given(
    st.lists(sends, min_size=1, max_size=200), st.lists(st.tuples(st.integers(0, 199), receipts))
)
def test_everyone_is_counted_exactly_once(starts, events) -> None:
    state = BatchState.fresh(starts, now=NOON).claimed({}, now=NOON, lease_s=1)

    tally = state.with_receipts(events).tally()

    assert sum(tally.values()) == len(starts)


@given(st.lists(sends, min_size=1, max_size=20), st.lists(st.tuples(st.integers(0, 19), receipts)))
def test_tally_agrees_with_the_single_messages(starts, events) -> None:
    state = BatchState.fresh(starts, now=NOON).claimed({}, now=NOON, lease_s=1)
    state = state.with_receipts(events)

    singles = [state.state_of(ordinal) for ordinal in range(len(state))]

    assert state.tally().total() == len(singles)
    for status in MessageStatus:
        counted = sum(n for (each, _), n in state.tally().items() if each is status)
        assert counted == sum(single.status is status for single in singles)


def test_delivery_beats_a_failure_reported_earlier() -> None:
    state = BatchState.fresh([Send.sent(round_=0)], now=NOON).claimed({}, now=NOON, lease_s=1)

    state = state.with_receipts([(0, undelivered(FailureReason.DEVICE, after_s=3))])
    state = state.with_receipts([(0, delivered(after_s=60))])

    assert state.state_of(0).status is MessageStatus.DELIVERED
    assert state.state_of(0).receipt == delivered(after_s=60)


def test_report_before_our_own_record_counts_as_delivered() -> None:
    state = BatchState.fresh([Send.PENDING], now=NOON)
    state = state.claimed({0: Send.SENDING}, now=NOON, lease_s=40)

    state = state.with_receipts([(0, delivered())])

    assert state.state_of(0).status is MessageStatus.DELIVERED


def test_a_report_proves_that_a_message_thought_to_wait_was_taken() -> None:
    sends = [Send.PENDING, Send.held(HoldReason.NIGHT), Send.PENDING]
    state = BatchState.fresh(sends, now=NOON)

    state = state.with_receipts([(0, delivered()), (1, delivered())])

    assert state.waiting() == (2,)
    assert state.state_of(1).status is MessageStatus.DELIVERED


@pytest.mark.parametrize("send", [Send.refused(RefusalReason.NO_CONSENT), Send.CANCELLED])
def test_a_message_that_never_left_cannot_be_delivered(send: int) -> None:
    state = BatchState.fresh([send], now=NOON).with_receipts([(0, delivered())])

    assert state.state_of(0).status not in (MessageStatus.DELIVERED, MessageStatus.SENT)


def test_sent_message_tells_when_its_round_began() -> None:
    state = BatchState.fresh([Send.PENDING, Send.PENDING], now=NOON)
    state = state.claimed({0: Send.SENDING}, now=NOON, lease_s=40)
    state = state.released({0: state.sent_now})
    state = state.claimed({1: Send.SENDING}, now=NOON + 3600 * SECOND, lease_s=40)
    state = state.released({1: state.sent_now})

    assert state.state_of(0).sent_at == NOON
    assert state.state_of(1).sent_at == NOON + 3600 * SECOND


def test_more_rounds_than_can_be_told_apart_keep_the_newest_time() -> None:
    state = BatchState.fresh([Send.PENDING], now=NOON)
    for hour in range(20):
        state = state.claimed({0: Send.SENDING}, now=NOON + hour * 3600 * SECOND, lease_s=1)
    state = state.released({0: state.sent_now})

    assert state.state_of(0).sent_at == NOON + 19 * 3600 * SECOND


def test_receipt_for_an_ordinal_beyond_the_batch_is_ignored() -> None:
    state = BatchState.fresh([Send.PENDING], now=NOON)

    assert state.with_receipts([(1, delivered())]) == state


def test_lease_ends_at_its_second() -> None:
    state = BatchState.fresh([Send.PENDING], now=NOON).claimed({}, now=NOON, lease_s=40)

    assert state.leased(now=NOON + 39 * SECOND)
    assert not state.leased(now=NOON + 40 * SECOND)


@given(st.integers(1, 0x7FFF))
def test_elapsed_seconds_of_nine_hours_are_exact(seconds: int) -> None:
    assert unpack_elapsed(pack_elapsed(seconds)) == seconds


@given(st.integers(0x8000, 0x7FFF + 60 * 0x7FFF))
def test_later_elapsed_times_are_exact_to_the_minute(seconds: int) -> None:
    packed = pack_elapsed(seconds)

    assert packed <= 0xFFFF
    assert 0 <= seconds - unpack_elapsed(packed) < 60


@given(st.integers(-(10**9), 10**9), st.integers(-(10**9), 10**9))
def test_packing_keeps_order_and_is_never_zero(one: int, other: int) -> None:
    low, high = sorted((one, other))

    assert 1 <= pack_elapsed(low) <= pack_elapsed(high)


def test_failure_without_reason_is_other() -> None:
    state = BatchState.fresh([Send.sent(round_=0)], now=NOON).claimed({}, now=NOON, lease_s=1)

    state = state.with_receipts([(0, Receipt(delivered=False, reason=None, at=NOON))])

    assert state.state_of(0).reason is FailureReason.OTHER


def test_given_up_is_unknown_for_a_reason_and_waits_for_nothing() -> None:
    state = BatchState.fresh([Send.GIVEN_UP, Send.sent(round_=0)], now=NOON)
    asked_about = BatchState.fresh([Send.UNKNOWN], now=NOON)

    given_up = state.state_of(0)

    assert given_up.status is MessageStatus.UNKNOWN
    assert given_up.reason is FailureReason.PROVIDER_UNAVAILABLE
    assert (state.unsettled, asked_about.unsettled) == (False, True)
    assert (state.in_doubt, asked_about.in_doubt) == ((), (0,))
    assert state.waiting() == ()


def test_report_tells_at_last_what_became_of_what_was_given_up() -> None:
    state = BatchState.fresh([Send.GIVEN_UP], now=NOON).with_receipts([(0, delivered())])

    assert state.state_of(0).status is MessageStatus.DELIVERED


def test_moments_are_aware() -> None:
    state = BatchState.fresh([Send.PENDING], now=NOON).claimed(
        {0: Send.SENDING}, now=NOON, lease_s=1
    )
    sent_at = state.released({0: state.sent_now}).state_of(0).sent_at

    assert isinstance(sent_at, datetime)
    assert sent_at.tzinfo is not None
