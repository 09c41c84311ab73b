"""Who stands in the ledger because a limit keeps them back: those whose turn is a minute off."""

from dataclasses import replace

from hypothesis import given, strategies as st

from functions.domain.held import HeldAction, changed, held_ordinals
from functions.domain.in_line import LISTED_FROM_US, in_line, lined_up
from functions.domain.message import BatchState, Send
from functions.domain.pace import Per, Rate
from functions.domain.reason import HoldReason, RefusalReason
from tests.builders import MORNING, NOON, a_batch

IN_LINE = Send.held(HoldReason.THROTTLE)
SENDS = st.sampled_from(
    [
        Send.PENDING,
        Send.SENDING,
        Send.UNKNOWN,
        Send.CANCELLED,
        Send.RELEASED,
        Send.sent(round_=0),
        Send.refused(RefusalReason.NO_CONSENT),
        *(Send.held(reason) for reason in HoldReason),
    ]
)
STATES = st.lists(SENDS, min_size=1, max_size=12).map(lambda s: BatchState.fresh(s, now=NOON))
RATES = st.builds(Rate, messages=st.integers(1, 5_000), per=st.sampled_from(Per))


@given(STATES, st.data())
def test_only_what_is_ready_to_leave_is_noted(state: BatchState, data: st.DataObject) -> None:
    ordinals = data.draw(st.sets(st.integers(0, len(state) - 1)))

    after = in_line(state, ordinals)

    ready = {i for i in ordinals if state.send_of(i) in (Send.PENDING, Send.RELEASED)}
    for ordinal in range(len(state)):
        expected = IN_LINE if ordinal in ready else state.send_of(ordinal)
        assert after.send_of(ordinal) == expected
    assert after.waiting() == state.waiting()
    assert in_line(after, ordinals) == after


@given(st.lists(st.integers(1, 200), max_size=12), st.integers(0, 100_000), RATES)
def test_batches_are_listed_from_the_first_whose_turn_is_a_minute_off(
    sizes: list[int], before: int, rate: Rate
) -> None:
    batches = [a_batch(n, size=size) for n, size in enumerate(sizes, start=1)]

    marked = lined_up(batches, before=before, rate=rate)

    assert [each.meta for each in marked] == [each.meta for each in batches]
    for batch in marked:
        listed = len(held_ordinals(batch.state, HoldReason.THROTTLE))
        far = rate.cost_us(before) >= LISTED_FROM_US
        assert listed == (batch.meta.size if far else 0)
        before += batch.meta.size


def test_what_waits_for_a_moment_of_its_own_is_not_in_line() -> None:
    held = Send.held(HoldReason.SCHEDULED)
    batch = a_batch(size=2, not_before=MORNING)
    batch = replace(batch, state=BatchState.fresh([held, held], now=NOON))

    assert lined_up([batch], before=10_000, rate=Rate(messages=1, per=Per.HOUR)) == (batch,)


def test_what_is_in_line_is_released_and_gets_in_line_again() -> None:
    state = BatchState.fresh([IN_LINE], now=NOON)

    released = changed(state, HeldAction.RELEASE, only=None, reason=HoldReason.THROTTLE, now=NOON)

    assert released.send_of(0) == Send.RELEASED
    assert in_line(released, [0]).send_of(0) == IN_LINE
