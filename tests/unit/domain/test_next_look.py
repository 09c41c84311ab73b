"""What a step has still to look at agrees with what its looks then do."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, strategies as st

from functions.domain.breakdown import Told
from functions.domain.clicks import BatchClicks
from functions.domain.follow_up import TOGETHER, Condition, Followed, look
from functions.domain.message import BatchState, Send
from functions.domain.next_look import Ahead, Seen, ahead
from functions.domain.pricing import Money
from functions.domain.replies import BatchReplies
from functions.domain.standing import Standing
from tests.builders import NOON, a_batch
from tests.unit.domain.test_follow_up import MINUTE, SIZE, a_step, batches

_DONE = st.integers(0, 2**SIZE - 1)


def seen(batch: Followed, done: int = 0) -> Seen:
    meta = a_batch(batch.number, size=SIZE).meta
    return Seen(Told(replace(meta, expires=batch.expires, not_before=None), batch.standing), done)


@given(batch=batches(), done=_DONE, minutes=st.integers(1, 600), at=st.integers(0, 2_000))
def test_no_look_finds_anything_before_the_moment_that_is_told(
    batch: Followed, done: int, minutes: int, at: int
) -> None:
    step, now = a_step(Condition.NOT_CLICKED, minutes), NOON + at * MINUTE

    found = ahead([seen(batch, done)], step, now=now)
    now_seen = look([batch], step, done=done, now=now).seen

    if found.next_at is None or found.next_at > now:
        assert now_seen == 0
    assert now_seen <= found.messages <= SIZE - done.bit_count()


@given(batch=batches(), done=st.integers(1, 2**SIZE - 1), minutes=st.integers(1, 600))
def test_message_by_message_it_tells_when_the_next_look_comes(
    batch: Followed, done: int, minutes: int
) -> None:
    step = a_step(Condition.NOT_CLICKED, minutes)

    found = ahead([seen(batch, done)], step, now=NOON)
    looked = look([batch], step, done=done, now=NOON)

    if found.next_at is not None and found.next_at > NOON:
        assert looked.next_at == found.next_at + TOGETHER


@given(batch=batches(), minutes=st.integers(1, 600))
def test_counting_together_is_never_later_than_one_by_one(batch: Followed, minutes: int) -> None:
    step = a_step(Condition.NOT_CLICKED, minutes)
    one_by_one = [
        ahead([seen(batch, (2**SIZE - 1) ^ (1 << place))], step, now=NOON) for place in range(SIZE)
    ]

    together, each = ahead([seen(batch)], step, now=NOON), sum(one_by_one, Ahead())

    assert together.messages >= each.messages
    if each.next_at is not None:
        assert together.next_at is not None
        assert together.next_at <= each.next_at


def test_what_waits_for_the_morning_is_looked_at_after_the_morning() -> None:
    morning = NOON + timedelta(hours=20)
    held = a_batch(7, size=SIZE)
    meta = replace(held.meta, not_before=morning)
    told = seen(next_batch(Send.PENDING)).told._replace(meta=meta)

    found = ahead([Seen(told, 0)], a_step(Condition.NOT_CLICKED, 60), now=NOON)

    assert found == Ahead(messages=SIZE, next_at=morning + timedelta(hours=1))


def test_what_never_leaves_is_not_waited_for() -> None:
    gone = seen(next_batch(Send.CANCELLED))

    found = ahead([gone], a_step(Condition.NOT_CLICKED, 60), now=NOON)

    assert found == Ahead()


def next_batch(send: int) -> Followed:
    batch = a_batch(7, size=SIZE)
    return Followed(
        standing=Standing(
            number=batch.meta.number,
            state=BatchState.fresh([send] * SIZE, now=NOON),
            clicks=BatchClicks.none(SIZE),
            unit_price=Money(minor=18),
        ),
        replies=BatchReplies.none(SIZE),
        expires=NOON + timedelta(days=3),
    )
