"""When messages were settled without a receipt, in the bytes that a receipt's time does not use."""

from datetime import timedelta

from hypothesis import given, strategies as st

from functions.domain.message import BatchState, Receipt, Send
from functions.domain.reason import FailureReason, RefusalReason
from functions.domain.settled import pack_since, settled_at, settled_since, unpack_since
from tests.builders import NOON

REFUSED = Send.refused(RefusalReason.CAPPED)
ENDS = (REFUSED, Send.failed(FailureReason.EXPIRED), Send.CANCELLED, Send.GIVEN_UP)
START = int(NOON.timestamp())
FRESH = BatchState.fresh([Send.PENDING] * 3, now=NOON)


@given(seconds=st.integers(0, 32_767))
def test_nine_hours_are_kept_to_the_second(seconds) -> None:
    assert unpack_since(pack_since(seconds)) == max(seconds, 1)


@given(seconds=st.integers(-(2**31), 2**31))
def test_every_moment_fits_and_none_is_nothing(seconds) -> None:
    packed = pack_since(seconds)

    assert 0 < packed <= 0xFFFF
    within = min(max(seconds, -0x4000 * 60), 0x3FFF * 60)
    assert abs(unpack_since(packed) - within) < 60


@given(send=st.sampled_from(ENDS), seconds=st.integers(-900_000, 900_000))
def test_an_end_has_its_moment(send, seconds) -> None:
    now = NOON + timedelta(seconds=seconds)
    state = settled_since(FRESH, FRESH.with_sends({1: send}), now=now)

    at = settled_at(state, 1)
    assert at is not None
    assert abs(at - int(now.timestamp())) < 60
    assert settled_at(state, 0) is None


@given(send=st.sampled_from(ENDS))
def test_the_moment_stays_whatever_happens_to_others(send) -> None:
    first = settled_since(FRESH, FRESH.with_sends({1: send}), now=NOON)
    later = settled_since(first, first.with_sends({0: send}), now=NOON + timedelta(hours=1))

    assert settled_at(later, 1) == START + 1
    assert settled_at(later, 0) == START + 3600


@given(send=st.sampled_from(ENDS), delivered=st.booleans())
def test_a_receipt_takes_the_place_in_either_order(send, delivered) -> None:
    receipt = Receipt(delivered=delivered, reason=None, at=NOON + timedelta(seconds=9))
    ended = settled_since(FRESH, FRESH.with_sends({1: send}), now=NOON + timedelta(seconds=2))
    reported = FRESH.with_receipts([(1, receipt)])

    after = ended.with_receipts([(1, receipt)])
    assert settled_at(after, 1) is None
    assert after == settled_since(reported, reported.with_sends({1: send}), now=NOON)


def test_what_only_waits_or_leaves_has_no_end() -> None:
    state = FRESH.with_sends({0: Send.sent(round_=0), 1: Send.SENDING, 2: Send.UNKNOWN})

    assert settled_since(FRESH, state, now=NOON) == state


def test_batches_of_before_moments_were_kept_tell_none() -> None:
    assert settled_at(FRESH.with_sends({1: REFUSED}), 1) is None
