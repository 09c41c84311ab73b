from datetime import timedelta

import pytest
from hypothesis import given, strategies as st

from functions.domain.message import BatchState, Send
from functions.domain.replies import ANSWERED_WITHIN, BatchReplies, is_answer
from tests.builders import NOON

SENT = BatchState.fresh([Send.PENDING], now=NOON).claimed(
    {0: Send.sent(round_=0)}, now=NOON, lease_s=0
)
SECOND = timedelta(seconds=1)


@given(
    replies=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 10**6))),
    data=st.data(),
)
def test_order_and_repetition_do_not_matter(
    replies: list[tuple[int, int]], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(replies + replies))

    assert _merged(replies) == _merged(shuffled)


def _merged(replies: list[tuple[int, int]]) -> BatchReplies:
    found = BatchReplies.none(4)
    for ordinal, elapsed_s in replies:
        found = found.with_reply(ordinal, elapsed_s=elapsed_s)
    return found


def test_the_earliest_answer_stays() -> None:
    found = BatchReplies.none(2).with_reply(1, elapsed_s=90).with_reply(1, elapsed_s=60)

    assert found.with_reply(1, elapsed_s=70).first(1) == 60
    assert found.first(0) is None


@pytest.mark.parametrize(
    ("after", "answers"),
    [
        (-SECOND, False),
        (timedelta(0), True),
        (ANSWERED_WITHIN, True),
        (ANSWERED_WITHIN + SECOND, False),
    ],
)
def test_an_answer_comes_within_a_week(after: timedelta, answers: bool) -> None:
    assert is_answer(SENT, 0, at=NOON + after) is answers


def test_what_never_left_has_no_answer() -> None:
    waiting = BatchState.fresh([Send.PENDING], now=NOON)

    assert not is_answer(waiting, 0, at=NOON + SECOND)
