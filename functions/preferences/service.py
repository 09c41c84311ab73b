"""The preference page: who holds a link, what they agreed to, and writing down what they refuse.

Whoever holds a link may refuse for its person and nothing else. Refusing goes through the same
store as every other opt-out; repeating it, from any step on, changes nothing more.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from functions.contracts.errors import InvalidInput, NotFound, Unavailable
from functions.domain.batch import Batch, BatchMeta, Recipient
from functions.domain.channel import Channel, ConsentPurpose
from functions.domain.consent import ConsentKey, ConsentRecord
from functions.domain.contact import Contact, Phone
from functions.domain.ids import AddressHash, BatchNumber, ContactId, MessageNumber, SenderId
from functions.domain.opt_out import OptOut
from functions.domain.preference_token import (
    NONCE_BITS,
    LinkToken,
    MessageToken,
    Token,
    TokenCoder,
    first_midnight,
)
from functions.domain.preferences import Choice, Preference, preferences, refused_all_since
from functions.domain.reaction import Reaction
from functions.domain.reason import SuppressionReason
from functions.domain.sender import Sender
from functions.domain.suppression import Mark
from functions.domain.writing import ConsentChange, Profile

LINK_LIFETIME = timedelta(days=30)
SOURCE, ACTOR = "page", "recipient"
_SHOWN = 8
"""Digits of a hash that a person is given as a number of evidence."""
_MAX_TRIES = 3


class Contacts(Protocol):
    """The store of contacts."""

    def get(self, contact_id: ContactId) -> Profile | None:
        """Read one person, consistently."""


class Batches(Protocol):
    """The store of batches."""

    def load(self, number: BatchNumber) -> Batch | None:
        """Read a whole batch."""

    def meta(self, number: BatchNumber) -> BatchMeta | None:
        """Read what never changes of a batch."""


class Senders(Protocol):
    """The store of senders."""

    def get(self, sender_id: SenderId) -> Sender | None:
        """Read one sender."""


class Links(Protocol):
    """The links that the API made."""

    def add(
        self, nonce: int, contact_id: ContactId, sender_id: SenderId, *, expires: datetime
    ) -> bool:
        """Write a new link; False when the number is taken."""

    def find(self, nonce: int) -> tuple[ContactId, SenderId] | None:
        """Whose link it is, and of which sender."""


class OptOuts(Protocol):
    """Writes opt-outs down."""

    def by_address(
        self, hashed: AddressHash, opt_out: OptOut, *, now: datetime
    ) -> ContactId | None:
        """Suppress an address and withdraw the consents of whose it is."""

    def by_contact(
        self, contact_id: ContactId, opt_out: OptOut, *, now: datetime
    ) -> tuple[ConsentRecord, ...]:
        """Suppress the person's addresses and withdraw. Raises NotFound."""


class Consents(Protocol):
    """The evidence."""

    def append_decided(
        self,
        contact_id: ContactId,
        decide: Callable[[Contact], Sequence[ConsentChange]],
        *,
        now: datetime,
    ) -> tuple[ConsentRecord, ...]:
        """Append what ``decide`` makes of the person. Raises NotFound."""


class Reacted(Protocol):
    """Puts an opt-out down to the message that it came of."""

    def of_message(self, number: MessageNumber, reaction: Reaction, *, at: datetime) -> None:
        """Note a reaction to a message."""

    def of_owner(self, owner: ContactId, reaction: Reaction, *, at: datetime) -> None:
        """Note a reaction of whoever got an advertisement before this moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreferenceDeps:
    """What the use cases need. ``nonce`` makes a random number of so many bits."""

    coder: TokenCoder
    contacts: Contacts
    batches: Batches
    senders: Senders
    links: Links
    opt_outs: OptOuts
    consents: Consents
    hash_of: Callable[[str], AddressHash]
    marks_of: Callable[[AddressHash], tuple[Mark, ...]]
    reactions: Reacted
    nonce: Callable[[int], int]


class Gone(StrEnum):
    """Why a link leads to nobody."""

    UNKNOWN = "unknown"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLink:
    """A link that leads to nobody; the sender is known when it merely ended."""

    why: Gone
    sender: Sender | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Who holds the link: a contact, or an address of nobody known.

    ``channel`` and ``number`` are those of the message; None for a link that the API made.
    """

    sender: Sender | None
    channel: Channel | None
    profile: Profile | None = None
    address: AddressHash | None = None
    number: MessageNumber | None = None

    @property
    def locale(self) -> str | None:
        """The person's language, where it is known."""
        return None if self.profile is None else self.profile.contact.locale


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is in force for the visitor; ``all_refused`` since when nothing is allowed."""

    preferences: tuple[Preference, ...]
    all_refused: datetime | None

    @property
    def nothing_left(self) -> bool:
        """Whether there is nothing that could still be refused."""
        return self.all_refused is not None and not any(p.can_refuse for p in self.preferences)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Which wording the visitor saw, and from where: part of the evidence."""

    text_version: str
    text_hash: str
    ip: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What was recorded: what, when, and the number under which it is found again."""

    choice: Choice
    at: datetime
    number: str


def make_link(
    contact_id: ContactId, sender_id: SenderId, *, deps: PreferenceDeps, now: datetime
) -> tuple[str, datetime]:
    """Make a link to a contact's page; its token and end. Raises NotFound, InvalidInput."""
    if deps.contacts.get(contact_id) is None:
        msg = "There is no such contact."
        raise NotFound(msg)
    if deps.senders.get(sender_id) is None:
        raise InvalidInput.field("/sender_id", "not_found", "There is no such sender.")
    expires = first_midnight(now + LINK_LIFETIME)
    for _ in range(_MAX_TRIES):
        nonce = deps.nonce(NONCE_BITS)
        if deps.links.add(nonce, contact_id, sender_id, expires=expires):
            return deps.coder.encode(LinkToken(nonce=nonce, expires=expires)), expires
    msg = "No new link could be made; try again."
    raise Unavailable(msg)


def visit(text: str, *, deps: PreferenceDeps, now: datetime) -> Visit | DeadLink:
    """Find out who holds a link. Nothing is read for a token that we did not make."""
    token = deps.coder.decode(text)
    if token is None:
        return DeadLink(why=Gone.UNKNOWN)
    if now >= token.expires:
        return DeadLink(why=Gone.EXPIRED, sender=_sender_of(token, deps))
    match token:
        case LinkToken(nonce=nonce):
            return _visit_of_link(nonce, deps) or DeadLink(why=Gone.UNKNOWN)
        case MessageToken():
            return _visit_of_message(token, deps) or DeadLink(why=Gone.UNKNOWN)


def _sender_of(token: Token, deps: PreferenceDeps) -> Sender | None:
    match token:
        case LinkToken(nonce=nonce):
            link = deps.links.find(nonce)
            return None if link is None else deps.senders.get(link[1])
        case MessageToken(number=number):
            meta = deps.batches.meta(number.batch)
            return None if meta is None else deps.senders.get(meta.sender_id)


def _visit_of_link(nonce: int, deps: PreferenceDeps) -> Visit | None:
    link = deps.links.find(nonce)
    profile = None if link is None else deps.contacts.get(link[0])
    if link is None or profile is None:
        return None
    return Visit(sender=deps.senders.get(link[1]), channel=None, profile=profile)


def _visit_of_message(token: MessageToken, deps: PreferenceDeps) -> Visit | None:
    batch = deps.batches.load(token.number.batch)
    if batch is None or token.number.ordinal >= len(batch.recipients):
        return None
    recipient = batch.recipients[token.number.ordinal]
    profile = _profile_of(recipient, deps)
    address = None if recipient.phone is None else _hash_of(recipient.phone, deps)
    if profile is None and address is None:
        return None
    return Visit(
        sender=deps.senders.get(batch.meta.sender_id),
        channel=batch.meta.channel,
        profile=profile,
        address=address if profile is None else None,
        number=token.number,
    )


def _profile_of(recipient: Recipient, deps: PreferenceDeps) -> Profile | None:
    return None if recipient.contact_id is None else deps.contacts.get(recipient.contact_id)


def _hash_of(phone: Phone, deps: PreferenceDeps) -> AddressHash:
    return deps.hash_of(phone.e164)


def standing(visitor: Visit, *, deps: PreferenceDeps, now: datetime) -> Standing:
    """What is agreed and refused."""
    if visitor.profile is None:
        marks = () if visitor.address is None else deps.marks_of(visitor.address)
        return Standing(preferences=(), all_refused=refused_all_since(marks, now=now))
    contact = visitor.profile.contact
    marks = tuple(mark for each in contact.suppressions.values() for mark in each)
    return Standing(
        preferences=preferences(contact, now=now), all_refused=refused_all_since(marks, now=now)
    )


def refuse(
    visitor: Visit, choice: Choice, seen: Seen, *, deps: PreferenceDeps, now: datetime
) -> Receipt:
    """Write down what the visitor refuses on the page. Raises Conflict, Unavailable, NotFound."""
    return _record(visitor, choice, _opt_out(choice, seen, now=now), deps=deps, now=now)


def refuse_by_one_click(
    visitor: Visit, seen: Seen, *, deps: PreferenceDeps, now: datetime
) -> Receipt:
    """Write down that advertisements by the message's channel are refused (RFC 8058).

    Raises as ``refuse``.
    """
    choice = Choice(visitor.channel)
    opt_out = replace(_opt_out(choice, seen, now=now), reason=SuppressionReason.OPT_OUT_ONE_CLICK)
    return _record(visitor, choice, opt_out, deps=deps, now=now)


def _opt_out(choice: Choice, seen: Seen, *, now: datetime) -> OptOut:
    return OptOut(
        reason=SuppressionReason.OPT_OUT_PAGE,
        scope=choice.scope,
        at=now,
        source=SOURCE,
        actor=ACTOR,
        text_version=seen.text_version,
        text_hash=seen.text_hash,
        ip=seen.ip,
    )


def _record(
    visitor: Visit, choice: Choice, opt_out: OptOut, *, deps: PreferenceDeps, now: datetime
) -> Receipt:
    if visitor.profile is None:
        receipt = _record_of_address(visitor, choice, opt_out, deps=deps, now=now)
        _put_down(visitor, deps=deps, now=now)
        return receipt
    contact_id = visitor.profile.contact.contact_id
    if choice.night:
        _end_nights(contact_id, choice, opt_out, deps=deps, now=now)
    else:
        deps.opt_outs.by_contact(contact_id, opt_out, now=now)
        _put_down(visitor, deps=deps, now=now)
    return Receipt(choice=choice, at=now, number=_number(contact_id, deps))


def _put_down(visitor: Visit, *, deps: PreferenceDeps, now: datetime) -> None:
    if visitor.number is not None:
        deps.reactions.of_message(visitor.number, Reaction.OPTED_OUT, at=now)
    elif visitor.profile is not None:
        owner = visitor.profile.contact.contact_id
        deps.reactions.of_owner(owner, Reaction.OPTED_OUT, at=now)


def _record_of_address(
    visitor: Visit, choice: Choice, opt_out: OptOut, *, deps: PreferenceDeps, now: datetime
) -> Receipt:
    if visitor.address is None or choice.night:  # a stranger never agreed to nights
        msg = "There is nothing to refuse."
        raise NotFound(msg)
    deps.opt_outs.by_address(visitor.address, opt_out, now=now)
    return Receipt(choice=choice, at=now, number=visitor.address[:_SHOWN])


def _end_nights(
    contact_id: ContactId, choice: Choice, opt_out: OptOut, *, deps: PreferenceDeps, now: datetime
) -> None:
    """Take back the consent to nights alone: no mark keeps back what may come by day."""

    def decide(contact: Contact) -> tuple[ConsentChange, ...]:
        return tuple(
            opt_out.withdrawal(key)
            for key, consent in contact.consents.items()
            if key == _night(choice) and opt_out.outweighs(consent)
        )

    deps.consents.append_decided(contact_id, decide, now=now)


def _night(choice: Choice) -> ConsentKey | None:
    if choice.channel is None:
        return None
    return ConsentKey(choice.channel, ConsentPurpose.NIGHT_ADVERTISING)


def _number(contact_id: ContactId, deps: PreferenceDeps) -> str:
    """The newest row of the person's evidence: its number and the start of its hash.

    Where there is none, nothing was agreed to, and the mark on the address is the evidence.
    """
    profile = deps.contacts.get(contact_id)
    if profile is None:
        msg = "There is no such contact."
        raise NotFound(msg)
    if profile.consent_seq:
        return f"{profile.consent_seq}-{profile.consent_head[:_SHOWN]}"
    hashes = profile.contact.suppressions
    return min(hashes, default=AddressHash("0"))[:_SHOWN]
