"""Taking reports of what people did: declared properties, checks, and jobs for the queue.

Nothing is counted here. A call that dies midway, or is repeated, has put some events into the
queue twice; the worker knows them by their ids.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from functions.contracts.activity_document import events_to_text
from functions.contracts.errors import Conflict, FieldError, InvalidInput, NotFound
from functions.contracts.queues import EventsReported
from functions.domain.contact import AttributeValue
from functions.domain.event import (
    CLOCK_SKEW,
    MAX_AGE,
    MAX_VALUE_CHARS,
    Event,
    EventTypes,
    PersonEvents,
    event_key,
)
from functions.domain.ids import ContactId

MAX_TYPES = 200
_MAX_TRIES = 8
_JOB_BYTES = 20_000
"""Ten jobs go to SQS in one request, which takes 256 KB."""


class Types(Protocol):
    """The store of declarations."""

    def current(self) -> EventTypes:
        """Read those in force."""

    def add(self, types: EventTypes, *, actor: str, now: datetime) -> bool:
        """Write the next version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportDeps:
    """What the use cases need. ``declared`` gives the declarations, some seconds old perhaps."""

    types: Types
    declared: Callable[[], EventTypes]
    enqueue: Callable[[Sequence[EventsReported]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """An event as the caller gave it; without ``at`` it is of now."""

    event_id: str
    contact_id: ContactId
    name: str
    at: datetime | None = None
    minor: int = 0
    properties: Mapping[str, AttributeValue] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """How many events are in the queue, and how many of their properties were left out."""

    events: int
    undeclared: int


def declare(
    name: str, properties: Sequence[str], *, actor: str, deps: ReportDeps, now: datetime
) -> None:
    """Break out these properties of an event from now on. Raises Conflict."""
    for _ in range(_MAX_TRIES):
        known = deps.types.current()
        if known.properties_by_name.get(name) == tuple(properties):
            return
        if name not in known.properties_by_name and len(known.properties_by_name) >= MAX_TYPES:
            msg = f"There are {MAX_TYPES} event types, which is the most."
            raise Conflict(msg, code="too_many_event_types")
        if deps.types.add(known.changed(name, properties), actor=actor, now=now):
            return
    msg = "The event types are being changed by others; try again."
    raise Conflict(msg, code="busy")


def declared(name: str, *, deps: ReportDeps) -> tuple[str, ...]:
    """Which properties of an event are broken out. Raises NotFound."""
    properties = deps.types.current().properties_by_name.get(name)
    if properties is None:
        msg = "There is no such event type."
        raise NotFound(msg)
    return properties


def accept(reported: Sequence[Reported], *, deps: ReportDeps, now: datetime) -> Accepted:
    """Queue events to be counted. Raises InvalidInput naming all that cannot be.

    Raises Unavailable when the queue takes them only in part: repeat the call.
    """
    types = deps.declared()
    errors = [each for i, event in enumerate(reported) for each in _errors(i, event, types, now)]
    if errors:
        raise InvalidInput.of(*errors)
    by_person: defaultdict[ContactId, list[Event]] = defaultdict(list)
    for each in reported:
        by_person[each.contact_id].append(_event(each, types, now))
    received = int(now.timestamp())
    texts = map(events_to_text, _portions(by_person))
    deps.enqueue([EventsReported(received=received, people=text) for text in texts])
    given = sum(len(each.properties) for each in reported)
    kept = sum(len(event.properties) for events in by_person.values() for event in events)
    return Accepted(events=len(reported), undeclared=given - kept)


def _errors(i: int, event: Reported, types: EventTypes, now: datetime) -> Iterator[FieldError]:
    place = f"/events/{i}"
    if event.at is not None and event.at > now + CLOCK_SKEW:
        message = "An event cannot lie in the future."
        yield FieldError(f"{place}/time", "in_the_future", message)
    if event.at is not None and event.at < now - MAX_AGE:
        message = f"Events are taken for {MAX_AGE.days} days."
        yield FieldError(f"{place}/time", "too_old", message)
    for name, value in types.declared(event.name, event.properties):
        if len(value) > MAX_VALUE_CHARS:
            message = f"Values of declared properties have at most {MAX_VALUE_CHARS} characters."
            yield FieldError(f"{place}/properties/{name}", "too_long", message)


def _event(reported: Reported, types: EventTypes, now: datetime) -> Event:
    return Event(
        key=event_key(reported.event_id),
        name=reported.name,
        # What a clock ahead of ours says would else begin a day that is not there yet.
        at=min(reported.at or now, now).replace(microsecond=0),
        minor=reported.minor,
        properties=types.declared(reported.name, reported.properties),
    )


def _portions(by_person: Mapping[ContactId, Iterable[Event]]) -> Iterator[list[PersonEvents]]:
    """Split events so that each portion fits a job; a person's stay together where they can."""
    portion: dict[ContactId, list[Event]] = {}
    size = 0
    for contact_id, events in by_person.items():
        for event in events:
            added = _size(contact_id, event)
            if portion and size + added > _JOB_BYTES:
                yield _people(portion)
                portion, size = {}, 0
            portion.setdefault(contact_id, []).append(event)
            size += added
    if portion:
        yield _people(portion)


def _people(portion: Mapping[ContactId, Sequence[Event]]) -> list[PersonEvents]:
    return [PersonEvents(contact_id=each, events=tuple(known)) for each, known in portion.items()]


def _size(contact_id: ContactId, event: Event) -> int:
    """At most so many bytes in a body, where a character may take twelve (an emoji)."""
    texts = [contact_id, event.name, *(text for pair in event.properties for text in pair)]
    return 80 + sum(8 + (len(each) if each.isascii() else 12 * len(each)) for each in texts)
