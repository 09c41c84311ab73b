"""The send API: from a request to batches on their way.

Nothing is half-written: everything is validated first; batches become real only when the
request is bound to them, and a repeated request finds them bound and makes no others.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from functions.contracts.errors import Conflict, FieldError, InvalidInput, NotFound
from functions.contracts.follow_up_check import check_steps
from functions.contracts.route import route_of
from functions.domain.batch import Batch, Source
from functions.domain.channel import Purpose
from functions.domain.evidence import Evidence
from functions.domain.family import with_triggers
from functions.domain.ids import (
    MAX_BATCH_SIZE,
    MessageNumber,
)
from functions.domain.message import BatchState, MessageStatus, Send
from functions.domain.numbering import number_batches
from functions.domain.planning import (
    Compose,
    Composed,
    DraftBatch,
    DraftMessage,
    Person,
    Plan,
    Refusal,
    plan,
)
from functions.domain.reason import RefusalReason
from functions.domain.route import Route
from functions.domain.route_pace import cut_to_pace
from functions.domain.scheduling import scheduled
from functions.domain.text_size import MessageType
from functions.sending.addressing import kept_from_group, people_of, with_recents
from functions.sending.ports import SendingDeps, SendRequest

_HELD = MessageStatus.HELD
_FURTHEST = timedelta(days=366)


def accept(request: SendRequest, *, deps: SendingDeps, now: datetime) -> tuple[Batch, ...]:
    """Plan the messages and put them on their way; returns the batches they are in.

    Who may not be written to gets a message too, refused with its reason. Raises InvalidInput,
    Conflict ``idempotency_key_reused``.
    """
    earlier = _made_before(request, deps=deps)
    if earlier is not None:
        _note(earlier, deps=deps, now=now)
        deps.follow(request, earlier, now)
        start(earlier, deps=deps, now=now)
        return earlier
    if request.send_at is not None and request.send_at > now + _FURTHEST:
        raise InvalidInput.field("/send_at", "out_of_range", "Use a moment within a year.")
    route = _route(request, deps)
    check_steps(
        request.follow_ups,
        route.template,
        templates=deps.templates.get,
        senders=deps.senders.get,
        default_zone=deps.default_zone,
    )
    people = people_of(request, deps)
    if route.purpose is Purpose.ADVERTISING:
        people = kept_from_group(with_recents(people, deps), deps)
    compose = _composed(people, deps.composer(route.template, route.sender, request.variables))
    start_at = request.send_at if request.send_at and request.send_at > now else None
    drafted = plan(people, route, compose=compose, now=start_at or now)
    if start_at is not None:
        drafted = scheduled(drafted, start_at=start_at)
    batches = _bind(request, drafted, route, deps=deps, now=now)
    _note(batches, deps=deps, now=now)
    deps.follow(request, batches, now)
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
    ruled = replace(
        route,
        source=request.request_id,
        policy=deps.policy(),
        zones_of_phone=deps.zones_of_phone,
    )
    return cut_to_pace(ruled, rate=None, provider=deps.provider_of(route.channel))


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
    return lambda person: person.dropped or made[id(person)]


def _bind(
    request: SendRequest, drafted: Plan, route: Route, *, deps: SendingDeps, now: datetime
) -> tuple[Batch, ...]:
    drafts = [*drafted.batches, *_refused_batches(drafted.refusals, route)]
    batches = number_batches(
        drafts,
        first=deps.batches.reserve(len(drafts)),
        source=Source(kind="request", source_id=request.request_id),
        code_of=deps.code_of,
        token_of=deps.token_of,
        now=now,
        start=max(now, request.send_at or now),
    )
    batches = with_triggers(batches, request.follow_ups)
    deps.batches.create(batches)
    for draft, batch in zip(drafts, batches, strict=True):
        cases = {i: each.case for i, each in enumerate(draft.messages) if each.case is not None}
        deps.batches.save_evidence(batch.meta.number, Evidence.of(cases, at=now))
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


def _note(batches: Iterable[Batch], *, deps: SendingDeps, now: datetime) -> None:
    """Note every message in its person's history, also one that waits or was refused."""
    for batch in batches:
        numbers = {
            recipient.contact_id: MessageNumber(batch=batch.meta.number, ordinal=ordinal)
            for ordinal, recipient in enumerate(batch.recipients)
            if recipient.contact_id is not None
        }
        deps.contacts.remember_sent(numbers, now=now)


def _refused_batches(refusals: Sequence[Refusal], route: Route) -> list[DraftBatch]:
    """Refused people of a request have a message too, so that the caller can ask why."""
    messages = tuple(
        DraftMessage(
            person=refusal.person,
            composed=Composed(message_type=MessageType.SMS, text=""),
            send=Send.refused(refusal.reason),
            case=refusal.case,
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
        waiting = (
            send in (Send.PENDING, Send.RELEASED) or state.state_of(number.ordinal).status is _HELD
        )
        return state.with_sends({number.ordinal: Send.CANCELLED}) if waiting else None

    if deps.batches.change_state(number.batch, cancelled) is None:
        _check_cancelled(find(number, deps=deps), number)


def _check_cancelled(batch: Batch, number: MessageNumber) -> None:
    status = batch.state.state_of(number.ordinal).status
    if status is not MessageStatus.CANCELLED:
        msg = f"The message is {status} and cannot be cancelled any more."
        raise Conflict(msg, code="not_cancellable")
