"""The send API: from a request to batches on their way.

Nothing is half-written: everything is validated first; batches become real only when the
request is bound to them, and a repeated request finds them bound and makes no others.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from functions.contracts.errors import Conflict, FieldError, InvalidInput, NotFound
from functions.contracts.route import route_of
from functions.domain.batch import KEEP_REQUEST, Batch, BatchMeta, Binding, Source
from functions.domain.contact import AttributeValue, Contact, Phone
from functions.domain.ids import (
    MAX_BATCH_SIZE,
    BatchNumber,
    ContactId,
    MessageNumber,
    SenderId,
    TemplateId,
)
from functions.domain.message import BatchState, MessageStatus, Send
from functions.domain.numbering import CodeOf, number_batches
from functions.domain.planning import (
    Composed,
    DraftBatch,
    DraftMessage,
    Person,
    Plan,
    Refusal,
    Route,
    plan,
    scheduled,
)
from functions.domain.reason import RefusalReason
from functions.domain.sender import Sender
from functions.domain.suppression import Mark
from functions.domain.template import Template
from functions.domain.text_size import MessageType

_HELD = MessageStatus.HELD
_FURTHEST = timedelta(days=366)


class Contacts(Protocol):
    """The store of contacts."""

    def get_many(self, contact_ids: Iterable[ContactId]) -> Mapping[ContactId, Contact]:
        """Read many people."""

    def owners_of(self, phones: Iterable[Phone]) -> Mapping[Phone, ContactId]:
        """Whose numbers these are."""


class Batches(Protocol):
    """The store of batches."""

    def reserve(self, count: int) -> BatchNumber:
        """Take numbers nobody else gets."""

    def create(self, batches: Iterable[Batch]) -> None:
        """Write new batches."""

    def load(self, number: BatchNumber) -> Batch | None:
        """Read a whole batch."""

    def change_state(
        self, number: BatchNumber, change: Callable[[BatchState], BatchState | None]
    ) -> BatchState | None:
        """Apply a change to the newest state."""


class Requests(Protocol):
    """The store of requests."""

    def find(self, request_id: str) -> Binding | None:
        """Read what a request was bound to."""

    def claim(
        self,
        request_id: str,
        batches: Sequence[BatchNumber],
        *,
        now: datetime,
        fingerprint: str = "",
        keep: timedelta = KEEP_REQUEST,
    ) -> tuple[BatchNumber, ...]:
        """Bind a request to its batches, or give those it was bound to before."""


class Templates(Protocol):
    """The store of templates."""

    def get(self, template_id: TemplateId, version: int) -> Template | None:
        """Read one version."""


class Senders(Protocol):
    """The store of senders."""

    def get(self, sender_id: SenderId) -> Sender | None:
        """Read one sender."""


Compose = Callable[[Person], Composed | RefusalReason]


@dataclass(frozen=True, slots=True, kw_only=True)
class SendingDeps:
    """What the use cases need.

    ``start`` puts a batch on its way at its moment. ``suppressed`` looks up numbers that belong
    to nobody known.
    """

    contacts: Contacts
    batches: Batches
    requests: Requests
    templates: Templates
    senders: Senders
    composer: Callable[[Template, Sender, Mapping[str, AttributeValue]], Compose]
    suppressed: Callable[[Iterable[Phone]], Mapping[Phone, tuple[Mark, ...]]]
    code_of: CodeOf
    start: Callable[[BatchMeta, datetime], None]
    default_zone: ZoneInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """One recipient as asked for."""

    contact_id: ContactId | None
    phone: Phone | None
    variables: Mapping[str, AttributeValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class SendRequest:
    """A request to send. ``request_id`` is the same when the caller repeats it under a key.

    ``fingerprint`` is of its content; None for a request without a key, which cannot be repeated.
    It can be repeated for as long as ``keep``.
    """

    request_id: str
    fingerprint: str | None = None
    template_id: TemplateId
    template_version: int
    sender_id: SenderId
    addressees: tuple[Addressee, ...]
    variables: Mapping[str, AttributeValue]
    send_at: datetime | None
    keep: timedelta = KEEP_REQUEST


def accept(request: SendRequest, *, deps: SendingDeps, now: datetime) -> tuple[Batch, ...]:
    """Plan the messages and put them on their way; returns the batches they are in.

    Who may not be written to gets a message too, refused with its reason. Raises InvalidInput,
    Conflict ``idempotency_key_reused``.
    """
    earlier = _made_before(request, deps=deps)
    if earlier is not None:
        start(earlier, deps=deps, now=now)
        return earlier
    if request.send_at is not None and request.send_at > now + _FURTHEST:
        raise InvalidInput.field("/send_at", "out_of_range", "Use a moment within a year.")
    route = _route(request, deps)
    people = _people(request, deps)
    compose = _composed(people, deps.composer(route.template, route.sender, request.variables))
    start_at = request.send_at if request.send_at and request.send_at > now else None
    drafted = plan(people, route, compose=compose, now=start_at or now)
    if start_at is not None:
        drafted = scheduled(drafted, start_at=start_at)
    batches = _bind(request, drafted, route, deps=deps, now=now)
    start(batches, deps=deps, now=now)
    return batches


def _made_before(request: SendRequest, *, deps: SendingDeps) -> tuple[Batch, ...] | None:
    """What this request made before it was interrupted; it is not judged by today's data."""
    binding = None if request.fingerprint is None else deps.requests.find(request.request_id)
    if binding is None:
        return None
    if binding.fingerprint != request.fingerprint:
        msg = "This Idempotency-Key was used with another body."
        raise Conflict(msg, code="idempotency_key_reused")
    batches = (deps.batches.load(number) for number in binding.batches)
    return tuple(batch for batch in batches if batch is not None)


def start(batches: Iterable[Batch], *, deps: SendingDeps, now: datetime) -> None:
    """Put batches on their way, each at its moment; repeating it is harmless."""
    for batch in batches:
        if batch.state.ordinals_of(MessageStatus.PENDING, MessageStatus.HELD):
            deps.start(batch.meta, now)


def _route(request: SendRequest, deps: SendingDeps) -> Route:
    template = deps.templates.get(request.template_id, request.template_version)
    sender = deps.senders.get(request.sender_id)
    route = route_of(template, sender, default_zone=deps.default_zone)
    return replace(route, source=request.request_id)


def _people(request: SendRequest, deps: SendingDeps) -> tuple[Person, ...]:
    phones = [each.phone for each in request.addressees if each.phone is not None]
    owners = deps.contacts.owners_of(phones) if phones else {}
    ids = [each.contact_id or owners.get(each.phone) for each in request.addressees]  # type: ignore[arg-type]  # one of the two is there
    known = deps.contacts.get_many(each for each in ids if each is not None)
    ids = [
        _true_owner(addressee, contact_id, known)
        for addressee, contact_id in zip(request.addressees, ids, strict=True)
    ]
    strangers = [
        addressee.phone
        for addressee, contact_id in zip(request.addressees, ids, strict=True)
        if addressee.phone is not None and contact_id is None
    ]
    suppressed = deps.suppressed(strangers) if strangers else {}
    people = [
        _person(addressee, None if contact_id is None else known.get(contact_id), suppressed)
        for addressee, contact_id in zip(request.addressees, ids, strict=True)
    ]
    errors = _unknown(request.addressees, known) + _repeated(people, ids)
    if errors:
        raise InvalidInput.of(*errors)
    return tuple(people)


def _true_owner(
    addressee: Addressee, contact_id: ContactId | None, known: Mapping[ContactId, Contact]
) -> ContactId | None:
    """Whose message it is. A claim on a number that outlived its profile's change is nobody's."""
    if addressee.phone is None or contact_id is None:
        return contact_id
    contact = known.get(contact_id)
    return contact_id if contact is not None and contact.phone == addressee.phone else None


def _unknown(
    addressees: Sequence[Addressee], known: Mapping[ContactId, Contact]
) -> list[FieldError]:
    return [
        FieldError(f"/to/{i}/contact_id", "not_found", "There is no such contact.")
        for i, addressee in enumerate(addressees)
        if addressee.contact_id is not None and addressee.contact_id not in known
    ]


def _person(
    addressee: Addressee,
    contact: Contact | None,
    suppressed: Mapping[Phone, tuple[Mark, ...]],
) -> Person:
    if contact is not None:
        return Person.known(contact, variables=addressee.variables)
    phone = addressee.phone
    return Person(
        contact=None,
        phone=phone,
        marks=() if phone is None else suppressed.get(phone, ()),
        variables=addressee.variables,
    )


def _repeated(
    people: Sequence[Person], contact_ids: Sequence[ContactId | None]
) -> list[FieldError]:
    """Name who stands twice: as the same contact, or by number and as the contact who has it."""
    seen: set[Phone | ContactId | None] = set()
    errors = []
    for i, names in enumerate(zip((person.phone for person in people), contact_ids, strict=True)):
        if any(name is not None and name in seen for name in names):
            message = "This recipient stands twice in the request."
            errors.append(FieldError(f"/to/{i}", "duplicate", message))
        seen.update(names)
    return errors


def _composed(people: Sequence[Person], compose: Compose) -> Compose:
    """Compose for everyone, refusing the whole request when that fails: the caller can help."""
    made = {id(person): compose(person) for person in people}
    errors = [
        FieldError(f"/to/{i}/variables", str(made[id(person)]), "The text cannot be made of these.")
        for i, person in enumerate(people)
        if isinstance(made[id(person)], RefusalReason)
    ]
    if errors:
        raise InvalidInput.of(*errors)
    return lambda person: made[id(person)]


def _bind(
    request: SendRequest, drafted: Plan, route: Route, *, deps: SendingDeps, now: datetime
) -> tuple[Batch, ...]:
    drafts = [*drafted.batches, *_refused_batches(drafted.refusals, route)]
    batches = number_batches(
        drafts,
        first=deps.batches.reserve(len(drafts)),
        source=Source(kind="request", source_id=request.request_id),
        code_of=deps.code_of,
        now=now,
        start=max(now, request.send_at or now),
    )
    deps.batches.create(batches)
    numbers = [batch.meta.number for batch in batches]
    bound = deps.requests.claim(
        request.request_id,
        numbers,
        now=now,
        fingerprint=request.fingerprint or "",
        keep=request.keep,
    )
    if list(bound) == numbers:
        return batches
    earlier = [deps.batches.load(number) for number in bound]
    return tuple(batch for batch in earlier if batch is not None)


def _refused_batches(refusals: Sequence[Refusal], route: Route) -> list[DraftBatch]:
    """Refused people of a request have a message too, so that the caller can ask why."""
    messages = tuple(
        DraftMessage(
            person=refusal.person,
            composed=Composed(message_type=MessageType.SMS, text=""),
            send=Send.refused(refusal.reason),
        )
        for refusal in refusals
    )
    return [
        DraftBatch(
            route=route,
            message_type=MessageType.SMS,
            start_at=None,
            messages=messages[i : i + MAX_BATCH_SIZE],
        )
        for i in range(0, len(messages), MAX_BATCH_SIZE)
    ]


def find(number: MessageNumber, *, deps: SendingDeps) -> Batch:
    """Read the batch that a message is in. Raises NotFound."""
    batch = deps.batches.load(number.batch)
    if batch is None or number.ordinal >= batch.meta.size:
        msg = "There is no such message."
        raise NotFound(msg)
    return batch


def cancel(number: MessageNumber, *, deps: SendingDeps) -> None:
    """Keep a message that waits from leaving. Raises NotFound, Conflict ``not_cancellable``."""
    find(number, deps=deps)

    def cancelled(state: BatchState) -> BatchState | None:
        send = state.send_of(number.ordinal)
        waiting = send == Send.PENDING or state.state_of(number.ordinal).status is _HELD
        return state.with_sends({number.ordinal: Send.CANCELLED}) if waiting else None

    if deps.batches.change_state(number.batch, cancelled) is None:
        _check_cancelled(find(number, deps=deps), number)


def _check_cancelled(batch: Batch, number: MessageNumber) -> None:
    status = batch.state.state_of(number.ordinal).status
    if status is not MessageStatus.CANCELLED:
        msg = f"The message is {status} and cannot be cancelled any more."
        raise Conflict(msg, code="not_cancellable")
