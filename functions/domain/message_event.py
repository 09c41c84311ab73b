"""What happened to messages: events, told from the rows of a batch.

Nothing is written for them: the rows are the truth, and whoever derives the events of a batch from
the same rows gets the same events with the same ids. What comes later (a receipt, a click) adds
events; a late truth may change one (its earlier moment, one more link) or take it back (a click
that turns out to be a machine's, a failure that turns out to be a delivery).

Held messages are no event: they are held until they are not, and nothing keeps when.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from struct import unpack

from functions.domain.batch import BatchMeta
from functions.domain.clicks import Visitor
from functions.domain.ids import AccountName, ContactId, MessageNumber
from functions.domain.message import (
    SLOT_BYTES,
    BatchState,
    MessageState,
    MessageStatus,
    Reason,
    is_open,
)
from functions.domain.outcome import Model
from functions.domain.reaction import Reaction
from functions.domain.replies import BatchReplies
from functions.domain.settled import settled_at
from functions.domain.standing import Standing


class EventType(StrEnum):
    """What happened: ``contracts/event_schema.py`` says what each means. Names never change."""

    SENT = "message.sent"
    DELIVERED = "message.delivered"
    FAILED = "message.failed"
    REFUSED = "message.refused"
    CANCELLED = "message.cancelled"
    UNKNOWN = "message.unknown"
    CLICKED = "message.clicked"
    CLICKED_BY_MACHINE = "message.clicked_by_machine"
    REPLIED = "message.replied"
    OPTED_OUT = "message.opted_out"
    COMPLAINED = "message.complained"
    CONVERTED = "message.converted"

    __hash__ = str.__hash__  # Enum's own is Python, and asked for every event.


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchFacts:
    """A batch as its rows tell it.

    ``contact_ids`` has one for each message (None: a number that belongs to nobody known, or a
    person who was erased). ``goal`` is the name of the event that its campaign is after, if any.
    """

    meta: BatchMeta
    contact_ids: Sequence[ContactId | None]
    standing: Standing
    replies: BatchReplies | None = None
    goal: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of a batch: to whom (None as in ``BatchFacts``), and at which account.

    ``account`` is None where the rows do not tell which one had it.
    """

    number: MessageNumber
    contact_id: ContactId | None
    meta: BatchMeta
    account: AccountName | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageEvent:
    """One event of one message, at an epoch second.

    - ``reason``: why it was refused, failed or is unknown.
    - ``had_left``: of a failure, whether a provider had taken the message: it was sent, too.
    - ``price_minor``: what it costs; of a failure what the carrier does not charge after all, so
      that the sum over all events is what was spent.
    - ``links``: the places of the links that people have opened by now.
    - ``mark``, ``goal``, ``value_minor``: what stands for the event that a conversion is, its name
      and its worth.
    """

    type: EventType
    at: int
    message: Message
    reason: Reason | None = None
    had_left: bool = False
    price_minor: int = 0
    links: tuple[int, ...] = ()
    mark: int | None = None
    goal: str = ""
    value_minor: int = 0

    @property
    def event_id(self) -> str:
        """The same whenever and by whoever the event is derived."""
        name = f"{self.message.number}.{self.type.removeprefix('message.')}"
        return name if self.mark is None else f"{name}.{self.mark:08x}"


def events_of(facts: BatchFacts) -> Iterator[MessageEvent]:
    """Tell what happened to the messages of a batch, message by message."""
    later: defaultdict[int, list[MessageEvent]] = defaultdict(list)
    messages = [_message(facts, ordinal) for ordinal in range(len(facts.contact_ids))]
    for ordinal, event in (*_reactions(facts, messages), *_conversions(facts, messages)):
        later[ordinal].append(event)
    for ordinal, message in enumerate(messages):
        yield from _way(facts, message)
        yield from _openings(facts, message)
        yield from later[ordinal]


def _message(facts: BatchFacts, ordinal: int) -> Message:
    state = facts.standing.state
    return Message(
        number=MessageNumber(batch=facts.meta.number, ordinal=ordinal),
        contact_id=facts.contact_ids[ordinal],
        meta=facts.meta,
        # Of several rounds only the newest one's account is kept.
        account=state.account if len(state.rounds) == 1 else None,
    )


def _way(facts: BatchFacts, message: Message) -> Iterator[MessageEvent]:
    """What became of the sending."""
    state, ordinal = facts.standing.state, message.number.ordinal
    price = facts.standing.unit_price.minor
    known = state.state_of(ordinal)
    receipt = known.receipt
    if known.status in _KEPT_BACK:
        yield _settled(facts, message, known)
        return
    left_at = known.sent_at or (None if receipt is None else receipt.at)
    if left_at is not None:
        at = int(left_at.timestamp())
        yield MessageEvent(type=EventType.SENT, at=at, message=message, price_minor=price)
    elif not is_open(known.status, known.reason):
        yield _settled(facts, message, known)
    if receipt is None:
        return
    at = int(receipt.at.timestamp())
    if receipt.delivered:
        yield MessageEvent(type=EventType.DELIVERED, at=at, message=message)
    else:
        yield MessageEvent(
            type=EventType.FAILED,
            at=at,
            message=message,
            reason=receipt.reason,
            had_left=True,
            price_minor=-price,
        )


_KEPT_BACK = frozenset({MessageStatus.REFUSED, MessageStatus.CANCELLED})
_END_BY_STATUS = {
    MessageStatus.REFUSED: EventType.REFUSED,
    MessageStatus.CANCELLED: EventType.CANCELLED,
    MessageStatus.FAILED: EventType.FAILED,
    MessageStatus.UNKNOWN: EventType.UNKNOWN,
}


def _settled(facts: BatchFacts, message: Message, known: MessageState) -> MessageEvent:
    """What became of a message that did not leave, as far as we know.

    Where nobody noted when, it counts from when the batch was made: so it is for what was refused
    with it, and for batches of before moments were kept.
    """
    at = settled_at(facts.standing.state, message.number.ordinal)
    return MessageEvent(
        type=_END_BY_STATUS[known.status],
        at=int(facts.meta.created.timestamp()) if at is None else at,
        message=message,
        reason=known.reason,
    )


def _openings(facts: BatchFacts, message: Message) -> Iterator[MessageEvent]:
    """Who opened its links, and who answered it."""
    standing, ordinal = facts.standing, message.number.ordinal
    clicks, replies = standing.clicks, facts.replies
    for kind, elapsed_s in (
        (EventType.CLICKED, clicks.first(ordinal, Visitor.HUMAN)),
        (EventType.CLICKED_BY_MACHINE, clicks.first(ordinal, Visitor.MACHINE)),
        (EventType.REPLIED, None if replies is None else replies.first(ordinal)),
    ):
        if elapsed_s is not None:
            by_person = kind is EventType.CLICKED
            links = range(len(clicks.people)) if by_person else ()
            yield MessageEvent(
                type=kind,
                at=standing.state.created + elapsed_s,
                message=message,
                links=tuple(link for link in links if clicks.opened(ordinal, link)),
            )


_Placed = Iterator[tuple[int, MessageEvent]]
"""Events, each with the ordinal of its message."""


def _reactions(facts: BatchFacts, messages: Sequence[Message]) -> _Placed:
    created = facts.standing.state.created
    for ordinal, reaction, elapsed_s in facts.standing.reactions.firsts():
        kind, at = _BY_REACTION[reaction], created + elapsed_s
        yield ordinal, MessageEvent(type=kind, at=at, message=messages[ordinal])


_BY_REACTION = {
    Reaction.OPTED_OUT: EventType.OPTED_OUT,
    Reaction.COMPLAINED: EventType.COMPLAINED,
}


def _conversions(facts: BatchFacts, messages: Sequence[Message]) -> _Placed:
    created = facts.standing.state.created
    for credit in facts.standing.outcomes.credits:
        if credit.counts(Model.LAST):
            yield (
                credit.ordinal,
                MessageEvent(
                    type=EventType.CONVERTED,
                    at=created + credit.elapsed_s,
                    message=messages[credit.ordinal],
                    mark=credit.mark,
                    goal=facts.goal,
                    value_minor=credit.minor,
                ),
            )


def may_have_between(standing: Standing, replies: BatchReplies | None, span: range) -> bool:
    """Whether some event of a batch can be in these epoch seconds; False is certain.

    Far quicker than telling the events: most batches that an export looks at have none.
    """
    state = standing.state
    elapsed = (*standing.clicks.times(Visitor.HUMAN), *standing.clicks.times(Visitor.MACHINE))
    reacted = (elapsed_s for _, _, elapsed_s in standing.reactions.firsts())
    came = (credit.elapsed_s for credit in standing.outcomes.credits)
    answered = () if replies is None else replies.times()
    after = (state.created + each for each in (*elapsed, *reacted, *came, *answered))
    return any(at is None or at in span for at in (*state.rounds, *_way_moments(state), *after))


def _way_moments(state: BatchState) -> Iterator[int | None]:
    """When something became of the sending, each moment once; None: nobody noted when."""
    for ordinal in _first_of_each(state.slots):
        known = state.state_of(ordinal)
        if known.receipt is not None:
            yield int(known.receipt.at.timestamp())
        if known.sent_at is None and not is_open(known.status, known.reason):
            yield settled_at(state, ordinal)


def _first_of_each(slots: bytes) -> Iterator[int]:
    packed = unpack(f">{len(slots) // SLOT_BYTES}I", slots)
    return iter({value: ordinal for ordinal, value in enumerate(packed)}.values())
