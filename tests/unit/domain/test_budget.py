"""What a plan costs, and what of it comes back."""

from hypothesis import given, strategies as st

from functions.domain.budget import cost_of, never_left
from functions.domain.clicks import BatchClicks
from functions.domain.message import BatchState, Send
from functions.domain.pricing import Money
from functions.domain.reason import FailureReason, HoldReason, RefusalReason
from functions.domain.standing import Standing
from tests.builders import NOON, a_batch

_SENDS = st.sampled_from(
    (
        Send.PENDING,
        Send.SENDING,
        Send.UNKNOWN,
        Send.CANCELLED,
        Send.sent(round_=0),
        Send.held(HoldReason.NIGHT),
        Send.refused(RefusalReason.CAPPED),
        Send.failed(FailureReason.DEVICE),
    )
)


def test_a_batch_costs_what_all_its_messages_do() -> None:
    batch = a_batch(size=3)

    assert cost_of([batch, batch]) == 6 * batch.meta.unit_price.minor


@given(sends=st.lists(_SENDS, min_size=1, max_size=20), won=st.integers(0, 500))
def test_only_what_never_leaves_comes_back(sends: list[int], won: int) -> None:
    """A failure may yet turn out to be delivered, and so does not."""
    state = BatchState.fresh(sends, now=NOON)
    standing = Standing(
        number=a_batch().meta.number,
        state=state,
        clicks=BatchClicks.none(len(sends)),
        unit_price=Money(minor=won),
    )
    gone = sum(each in (Send.CANCELLED, Send.refused(RefusalReason.CAPPED)) for each in sends)

    assert never_left([standing, standing]) == 2 * won * gone
