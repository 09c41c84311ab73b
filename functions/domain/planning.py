"""From people to batches: decide for each, compose what they get, and group.

This is the first of the two times that every message passes the one door. The function is
pure: composing a text is given to it, and the numbers are assigned afterwards.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from functions.domain.channel import Channel, Purpose
from functions.domain.contact import AttributeValue, Contact, Phone
from functions.domain.eligibility import Case, Decision, Hold, Refuse, decide
from functions.domain.ids import MAX_BATCH_SIZE, ContactId
from functions.domain.message import Send
from functions.domain.reason import HoldReason, RefusalReason, SuppressionReason
from functions.domain.sender import Sender
from functions.domain.template import Template
from functions.domain.text_size import MessageType


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Someone addressed: a known contact, or just a number given directly."""

    contact: Contact | None
    phone: Phone | None
    suppressed: SuppressionReason | None
    variables: Mapping[str, AttributeValue] = field(default_factory=dict, repr=False)

    @property
    def contact_id(self) -> ContactId | None:
        """Whose number it is, when known."""
        return None if self.contact is None else self.contact.contact_id

    @classmethod
    def known(
        cls, contact: Contact, *, variables: Mapping[str, AttributeValue] | None = None
    ) -> "Person":
        """Address a contact at the phone of the profile."""
        suppressed = None
        if contact.phone_hash is not None:
            suppressed = contact.suppressions.get(contact.phone_hash)
        return cls(
            contact=contact,
            phone=contact.phone,
            suppressed=suppressed,
            variables=variables or {},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """What one person would get. Tracked links are still marked by their place."""

    message_type: MessageType
    text: str = field(repr=False)
    subject: str | None = field(default=None, repr=False)
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    ad_label_correct: bool = True


_MAX_CHUNK_BYTES = 500_000
"""What a batch's texts have at most before they are compressed: an item of DynamoDB has 400 KB,
and random Hangul, which no one writes, shrinks to seven tenths."""

Compose = Callable[[Person], Composed | RefusalReason]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """What all messages of a send share, as far as the door looks at it."""

    template: Template
    sender: Sender
    default_zone: ZoneInfo

    @property
    def purpose(self) -> Purpose:
        """The template says what the message is for."""
        return self.template.purpose

    @property
    def channel(self) -> Channel:
        """The template says how it travels."""
        return self.template.channel


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftMessage:
    """A message that will be stored: whose, what, and how it starts."""

    person: Person
    composed: Composed
    send: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftBatch:
    """Messages of one type that start at the same moment (None: at once)."""

    message_type: MessageType
    start_at: datetime | None
    messages: tuple[DraftMessage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A person whom the door kept from getting the message."""

    person: Person
    reason: RefusalReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What becomes of everyone addressed."""

    batches: tuple[DraftBatch, ...]
    refusals: tuple[Refusal, ...]

    @property
    def refused(self) -> Mapping[RefusalReason, int]:
        """How many were refused, by reason."""
        return Counter(refusal.reason for refusal in self.refusals)


def case_for(person: Person, route: Route, *, ad_label_correct: bool) -> Case:
    """State the facts about one person that the door looks at."""
    contact = person.contact
    return Case(
        purpose=route.purpose,
        channel=route.channel,
        # SMS and Alimtalk reach Korean numbers only.
        has_address=person.phone is not None and person.phone.is_korean,
        consents={} if contact is None else contact.consents,
        suppressed=person.suppressed,
        sender_approved=route.sender.approved,
        ad_label_correct=ad_label_correct,
        zone=zone_of(contact, route.default_zone),
    )


def zone_of(contact: Contact | None, default: ZoneInfo) -> ZoneInfo:
    """The person's own zone, else the tenant's."""
    return default if contact is None or contact.zone is None else ZoneInfo(contact.zone)


def plan(people: Iterable[Person], route: Route, *, compose: Compose, now: datetime) -> Plan:
    """Decide and compose for everyone, then cut into batches of one type and start."""
    groups: defaultdict[tuple[MessageType, datetime | None], list[DraftMessage]]
    groups, refusals, seen = defaultdict(list), [], set[Phone | None]()
    for person in people:
        outcome = _draft(person, route, compose=compose, seen=seen, now=now)
        if isinstance(outcome, Refusal):
            refusals.append(outcome)
        else:
            message, start_at = outcome
            groups[message.composed.message_type, start_at].append(message)
    batches = tuple(
        DraftBatch(message_type=message_type, start_at=start_at, messages=chunk)
        for (message_type, start_at), messages in groups.items()
        for chunk in _chunks(messages)
    )
    return Plan(batches=batches, refusals=tuple(refusals))


def scheduled(drafted: Plan, *, start_at: datetime) -> Plan:
    """Hold every batch that would start at once until ``start_at``."""
    held = Send.held(HoldReason.SCHEDULED)
    batches = tuple(
        batch
        if batch.start_at is not None
        else replace(
            batch,
            start_at=start_at,
            messages=tuple(replace(message, send=held) for message in batch.messages),
        )
        for batch in drafted.batches
    )
    return replace(drafted, batches=batches)


def _draft(
    person: Person, route: Route, *, compose: Compose, seen: set[Phone | None], now: datetime
) -> tuple[DraftMessage, datetime | None] | Refusal:
    if person.contact is None and person.phone is None:
        return Refusal(person=person, reason=RefusalReason.UNKNOWN_CONTACT)
    # Decided once before composing: nobody's text is rendered who may not be written to.
    decision = decide(case_for(person, route, ad_label_correct=True), now=now)
    if isinstance(decision, Refuse):
        return Refusal(person=person, reason=decision.reason)
    if person.phone in seen:
        return Refusal(person=person, reason=RefusalReason.DUPLICATE_ADDRESS)
    composed = compose(person)
    if isinstance(composed, RefusalReason):
        return Refusal(person=person, reason=composed)
    if not composed.ad_label_correct and route.purpose is Purpose.ADVERTISING:
        return Refusal(person=person, reason=RefusalReason.AD_LABEL)
    seen.add(person.phone)
    send, start_at = _start(decision)
    return DraftMessage(person=person, composed=composed, send=send), start_at


def _start(decision: Decision) -> tuple[int, datetime | None]:
    if isinstance(decision, Hold):
        return Send.held(decision.reason), decision.until
    return Send.PENDING, None


def _chunks(messages: Sequence[DraftMessage]) -> Iterable[tuple[DraftMessage, ...]]:
    chunk: list[DraftMessage] = []
    size_bytes = 0
    for message in messages:
        more_bytes = _stored_bytes(message.composed)
        full = len(chunk) == MAX_BATCH_SIZE or size_bytes + more_bytes > _MAX_CHUNK_BYTES
        if chunk and full:
            yield tuple(chunk)
            chunk, size_bytes = [], 0
        chunk.append(message)
        size_bytes += more_bytes
    if chunk:
        yield tuple(chunk)


def _stored_bytes(composed: Composed) -> int:
    texts = (composed.text, composed.subject or "", *composed.variables.values())
    return sum(len(text.encode()) for text in texts)
