"""Batches of all kinds, as their rows tell them: for everything that is derived from rows."""

from dataclasses import replace
from datetime import UTC, timedelta

from hypothesis import strategies as st

from functions.domain.batch import Source
from functions.domain.clicks import BatchClicks, Hit, Visitor
from functions.domain.ids import MAIN_ACCOUNT, AccountName, ContactId
from functions.domain.message import MAX_ROUNDS, BatchState, Receipt, Send
from functions.domain.message_event import BatchFacts
from functions.domain.outcome import BatchOutcomes, Credit
from functions.domain.pricing import Money
from functions.domain.reaction import NO_REACTIONS, Reaction
from functions.domain.reason import FailureReason, HoldReason, RefusalReason
from functions.domain.replies import BatchReplies
from functions.domain.settled import settled_since
from functions.domain.standing import Standing
from tests.builders import NOON, a_batch

SENDS = (
    *(Send.PENDING, Send.SENDING, Send.UNKNOWN, Send.CANCELLED, Send.GIVEN_UP, Send.RELEASED),
    *(Send.sent(round_=n) for n in range(MAX_ROUNDS)),
    Send.held(HoldReason.NIGHT),
    Send.refused(RefusalReason.NO_CONSENT),
    Send.failed(FailureReason.DEVICE),
)
_SIZE = 6
_AFTER = timedelta(days=25)


@st.composite
def some_facts(draw: st.DrawFn, number: int | None = None) -> BatchFacts:
    """A batch that began at ``NOON``, with anything that can have become of its messages."""
    sends = draw(st.lists(st.sampled_from(SENDS), min_size=1, max_size=_SIZE))
    size = len(sends)
    number = draw(st.integers(1, 1_000)) if number is None else number
    batch = a_batch(number, size=size)
    meta = replace(
        batch.meta,
        source=draw(_SOURCES),
        variant=draw(st.sampled_from(["", "A"])),
        unit_price=Money(minor=draw(st.integers(0, 110))),
    )
    standing = Standing(
        number=meta.number,
        state=draw(_states(sends)),
        clicks=BatchClicks.none(size).with_hits(draw(_hits(size))),
        unit_price=meta.unit_price,
        reactions=draw(_reactions(size)),
        outcomes=draw(_outcomes(size)),
    )
    return BatchFacts(
        meta=meta,
        contact_ids=draw(
            st.lists(st.sampled_from([None, *_CONTACTS]), min_size=size, max_size=size)
        ),
        standing=standing,
        replies=draw(st.none() | _replies(size)),
        goal=draw(st.sampled_from(["", "order"])),
    )


_CONTACTS = tuple(map(ContactId, ("c1", "김-2", 'c"3', "c,4")))
_SOURCES = st.sampled_from(
    [
        Source(kind="campaign", source_id="cmp_1", part="000000"),
        Source(kind="campaign", source_id="cmp_1-y-n", part="000000"),
        Source(kind="request", source_id="req_1"),
    ]
)


def _ordinals(size: int) -> st.SearchStrategy[int]:
    return st.integers(0, size - 1)


@st.composite
def _states(draw: st.DrawFn, sends: list[int]) -> BatchState:
    began = int(NOON.timestamp())
    count = max((each & 0x0F for each in sends if 0x10 <= each < 0x20), default=0) + 1
    fresh = BatchState.fresh([Send.PENDING] * len(sends), now=NOON)
    ended = settled_since(
        fresh,
        fresh.with_sends(dict(enumerate(sends))),
        now=NOON + timedelta(seconds=draw(st.integers(-600_000, 600_000))),
    )
    receipts = st.builds(
        Receipt,
        delivered=st.booleans(),
        reason=st.just(FailureReason.DEVICE),
        at=st.datetimes(NOON.replace(tzinfo=None), (NOON + _AFTER).replace(tzinfo=None)).map(
            lambda at: at.replace(tzinfo=UTC)
        ),
    )
    state = replace(
        ended,
        rounds=tuple(began + 3600 * n for n in range(count)),
        account=draw(st.sampled_from([MAIN_ACCOUNT, AccountName("second")])),
    )
    return state.with_receipts(draw(st.dictionaries(_ordinals(len(sends)), receipts)).items())


def _hits(size: int) -> st.SearchStrategy[list[Hit]]:
    return st.lists(
        st.builds(
            Hit,
            ordinal=_ordinals(size),
            link=st.integers(0, 7),
            visitor=st.sampled_from(Visitor),
            elapsed_s=st.integers(0, 2_000_000),
        ),
        max_size=8,
    )


@st.composite
def _reactions(draw: st.DrawFn, size: int) -> object:
    found = NO_REACTIONS
    each = st.tuples(_ordinals(size), st.sampled_from(Reaction), st.integers(0, 600_000))
    for ordinal, reaction, elapsed_s in draw(st.lists(each, max_size=4)):
        found = found.having(ordinal, reaction, elapsed_s=elapsed_s)
    return found


@st.composite
def _outcomes(draw: st.DrawFn, size: int) -> BatchOutcomes:
    each = st.builds(
        lambda place, more, **rest: Credit(place=place, of=place + more, **rest),
        place=st.integers(0, 2),
        more=st.integers(0, 2),
        ordinal=_ordinals(size),
        mark=st.integers(0, 2**32 - 1),
        elapsed_s=st.integers(0, 8_000_000),
        look=st.integers(1, 3),
        minor=st.integers(-1_000, 1_000_000),
    )
    return BatchOutcomes().merged(draw(st.lists(each, max_size=5)))


@st.composite
def _replies(draw: st.DrawFn, size: int) -> BatchReplies:
    found = BatchReplies.none(size)
    for ordinal, elapsed_s in draw(
        st.lists(st.tuples(_ordinals(size), st.integers(0, 600_000)), max_size=3)
    ):
        found = found.with_reply(ordinal, elapsed_s=elapsed_s)
    return found
