"""Counting what people did, exactly once.

A person's row holds the totals and the ids that were counted, so that one conditional write does
both. Dying before it changes nothing; after it the same job finds the ids and counts nothing.
Of two workers with the same person one loses the write, and looks again.

Events of somebody unknown wait in that same row. Whoever makes the contact writes nothing for it:
readers count what waits, and the next write about the person, at the latest the one after a day,
moves it into the totals.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from functions.contracts.activity_document import events_from_text
from functions.contracts.errors import Unavailable
from functions.contracts.queues import EventsReported, EventsWaiting
from functions.domain.event import WORKED_OFF_WITHIN, Event
from functions.domain.ids import ContactId
from functions.domain.person_activity import (
    WAITS_FOR,
    EventOutcome,
    PersonActivity,
    Recorded,
    Standing,
    give_up,
    record,
)

_MAX_TRIES = 8
_PEOPLE_AT_ONCE = 50
"""A batch get takes 100 keys."""
_LOOK_AGAIN_AFTER = timedelta(hours=1)

Outcomes = Counter[EventOutcome]


class Activities(Protocol):
    """The store of activity."""

    def look_up(
        self, contact_ids: Iterable[ContactId], *, consistent: bool = False
    ) -> Mapping[ContactId, Standing]:
        """Read the recent activity of many people."""

    def save(self, contact_id: ContactId, activity: PersonActivity, *, today: date) -> bool:
        """Write it in place of its version."""

    def delete(self, contact_id: ContactId, activity: PersonActivity) -> bool:
        """Delete it when it has this version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDeps:
    """What the use cases need. ``remind`` brings a job at a moment a day away or so.

    ``attribute`` puts down a person's events that are goals to messages, once or again.
    """

    activities: Activities
    remind: Callable[[EventsWaiting, datetime], None]
    attribute: Callable[[ContactId, Sequence[Event], datetime], None]
    zone: ZoneInfo


def record_all(jobs: Sequence[EventsReported], *, deps: RecordDeps, now: datetime) -> Outcomes:
    """Count the events of some jobs, with one write a person. Raises Unavailable.

    Raises ContractError when one of the jobs is unreadable.
    """
    outcomes: Outcomes = Counter()
    by_person: defaultdict[ContactId, list[Event]] = defaultdict(list)
    for job in jobs:
        people = events_from_text(job.people)
        stale = now - datetime.fromtimestamp(job.received, tz=UTC) > WORKED_OFF_WITHIN
        for each in people:
            if stale:
                outcomes[EventOutcome.STALE] += len(each.events)
            else:
                by_person[each.contact_id] += each.events
    ids = list(by_person)
    for start in range(0, len(ids), _PEOPLE_AT_ONCE):
        for contact_id, known in deps.activities.look_up(
            ids[start : start + _PEOPLE_AT_ONCE]
        ).items():
            events = by_person[contact_id]
            outcomes += _record(contact_id, events, known, deps=deps, now=now)
            if known.known:
                # Also of repeated ones: whoever counted them may have died before this.
                deps.attribute(contact_id, events, now)
    return outcomes


def _record(
    contact_id: ContactId,
    events: Iterable[Event],
    standing: Standing,
    *,
    deps: RecordDeps,
    now: datetime,
) -> Outcomes:
    for _ in range(_MAX_TRIES):
        activity = standing.activity
        done = record(activity, events, known=standing.known, now=now, zone=deps.zone)
        if (done.activity.cells, done.activity.waiting) == (activity.cells, activity.waiting):
            return done.outcomes
        if done.activity.waiting and not activity.waiting:
            # Before the write: dying in between leaves a reminder too many, not a row too long.
            deps.remind(EventsWaiting(contact_id=contact_id), now + WAITS_FOR)
        if deps.activities.save(contact_id, done.activity, today=_today(deps, now)):
            return done.outcomes
        standing = _again(contact_id, deps)
    raise _busy()


def settle(job: EventsWaiting, *, deps: RecordDeps, now: datetime) -> Outcomes:
    """Count what waited, if the contact appeared, else drop what has waited for a day."""
    contact_id = ContactId(job.contact_id)
    for _ in range(_MAX_TRIES):
        standing = _again(contact_id, deps)
        if not standing.activity.waiting:
            return Counter()
        done = _settled(standing, deps=deps, now=now)
        if _write(contact_id, done.activity, deps=deps, now=now, known=standing.known):
            return done.outcomes
    raise _busy()


def _settled(standing: Standing, *, deps: RecordDeps, now: datetime) -> Recorded:
    if standing.known:
        return record(standing.activity, (), known=True, now=now, zone=deps.zone)
    return give_up(standing.activity, now=now)


def _write(
    contact_id: ContactId, activity: PersonActivity, *, deps: RecordDeps, now: datetime, known: bool
) -> bool:
    if not known and not activity.waiting:
        return deps.activities.delete(contact_id, activity)
    if activity.waiting:
        due = max(activity.waiting[0].arrived + WAITS_FOR, now + _LOOK_AGAIN_AFTER)
        deps.remind(EventsWaiting(contact_id=contact_id), due)
    return deps.activities.save(contact_id, activity, today=_today(deps, now))


def _again(contact_id: ContactId, deps: RecordDeps) -> Standing:
    return deps.activities.look_up([contact_id], consistent=True)[contact_id]


def _today(deps: RecordDeps, now: datetime) -> date:
    return now.astimezone(deps.zone).date()


def _busy() -> Unavailable:
    return Unavailable("A person's activity is being changed by others all the time.")
