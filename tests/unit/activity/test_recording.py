"""Each event is counted once: whatever dies, comes twice, comes early or comes late."""

import itertools
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from functions.activity.recording import RecordDeps, record_all, settle
from functions.contracts.activity_document import events_to_text
from functions.contracts.codec import ContractError
from functions.contracts.errors import Unavailable
from functions.contracts.queues import EventsReported, EventsWaiting
from functions.domain.activity import ActivityKey
from functions.domain.event import Event, PersonEvents
from functions.domain.ids import ContactId
from functions.domain.person_activity import EventOutcome, PersonActivity
from tests.builders import NOON, SEOUL
from tests.fakes.activities import FakeActivities
from tests.fakes.dying import Death, Killed

C1, C2 = ContactId("c1"), ContactId("c2")
BUY = ActivityKey("purchase")
DAY = timedelta(days=1)


@dataclass
class World:
    activities: FakeActivities = field(default_factory=lambda: FakeActivities(known={C1, C2}))
    reminders: list[tuple[EventsWaiting, datetime]] = field(default_factory=list)
    attributed: list[tuple[ContactId, list[int]]] = field(default_factory=list)

    @property
    def deps(self) -> RecordDeps:
        return self.deps_dying(Death(at=0))

    def deps_dying(self, death: Death) -> RecordDeps:
        return RecordDeps(
            activities=death.port(self.activities),
            remind=death.function(lambda job, at: self.reminders.append((job, at))),
            attribute=death.function(
                lambda who, events, _now: self.attributed.append((who, [e.key for e in events]))
            ),
            zone=SEOUL,
        )

    def counted(self, contact_id: ContactId = C1) -> tuple[int, int]:
        totals = [
            total
            for (key, _), total in self.activities.rows[contact_id].cells.items()
            if key == BUY
        ]
        return sum(each.count for each in totals), sum(each.sum_minor for each in totals)


def an_event(key: int, *, at: datetime = NOON, minor: int = 100, **properties: str) -> Event:
    pairs = tuple(properties.items())
    return Event(key=key, name="purchase", at=at, minor=minor, properties=pairs)


def a_job(
    *keys: int, to: ContactId = C1, received: datetime = NOON, **facts: Any
) -> EventsReported:
    events = tuple(an_event(key, **facts) for key in keys)
    people = events_to_text([PersonEvents(contact_id=to, events=events)])
    return EventsReported(received=int(received.timestamp()), people=people)


def test_events_of_several_jobs_are_one_write_a_person() -> None:
    world = World()

    outcomes = record_all([a_job(1, 2), a_job(3), a_job(4, to=C2)], deps=world.deps, now=NOON)

    assert outcomes == {EventOutcome.COUNTED: 4}
    assert (world.counted(C1), world.counted(C2)) == ((3, 300), (1, 100))
    assert {row.version for row in world.activities.rows.values()} == {1}


def test_the_same_event_is_counted_once_in_a_job_and_over_jobs() -> None:
    world = World()

    first = record_all([a_job(1, 1), a_job(1)], deps=world.deps, now=NOON)
    again = record_all([a_job(1)], deps=world.deps, now=NOON)

    assert first == {EventOutcome.COUNTED: 1, EventOutcome.REPEATED: 2}
    assert again[EventOutcome.REPEATED] == 1
    assert world.counted() == (1, 100)
    assert world.activities.rows[C1].version == 1


def test_the_same_id_of_another_day_is_the_same_event() -> None:
    world = World()
    record_all([a_job(1, at=NOON - 25 * DAY)], deps=world.deps, now=NOON)

    record_all([a_job(1)], deps=world.deps, now=NOON)

    assert world.counted() == (1, 100)


@pytest.mark.parametrize(
    ("later", "count"), [(timedelta(days=7), 1), (timedelta(days=11), 1), (timedelta(days=12), 2)]
)
def test_an_id_is_known_for_seven_days_and_four_in_the_queue(later: timedelta, count: int) -> None:
    world = World()
    record_all([a_job(1)], deps=world.deps, now=NOON)

    record_all([a_job(1, received=NOON + later)], deps=world.deps, now=NOON + later)

    assert world.counted()[0] == count


def test_a_job_that_waited_too_long_is_not_counted() -> None:
    world = World()

    outcomes = record_all([a_job(1, 2)], deps=world.deps, now=NOON + timedelta(days=4, seconds=1))

    assert outcomes == {EventOutcome.STALE: 2}
    assert world.activities.rows == {}


def test_events_of_known_people_are_attributed_also_when_they_come_again() -> None:
    world = World(activities=FakeActivities(known={C1}))

    for _ in range(2):
        record_all([a_job(1), a_job(2), a_job(3, to=C2)], deps=world.deps, now=NOON)

    assert world.attributed == [(C1, [1, 2]), (C1, [1, 2])]


def test_dying_anywhere_and_coming_back_counts_once() -> None:
    for at, after in itertools.product((1, 2, 3, 4, 5), (False, True)):
        world = World(activities=FakeActivities(known={C1}))
        jobs = [a_job(1, 2), a_job(3, to=C2)]

        with pytest.raises(Killed):
            record_all(jobs, deps=world.deps_dying(Death(at=at, after=after)), now=NOON)
        record_all(jobs, deps=world.deps, now=NOON)

        assert world.counted() == (2, 200), (at, after)
        assert len(world.activities.rows[C2].waiting) == 1
        assert world.reminders
        assert world.attributed[-1] == (C1, [1, 2])


def test_a_write_lost_to_a_rival_is_made_on_what_the_rival_wrote() -> None:
    world = World()
    world.activities = LosingOnce(known={C1}, rival=a_job(1, 2), world=world)

    record_all([a_job(2, 3)], deps=world.deps, now=NOON)

    assert world.counted() == (3, 300)


@dataclass
class LosingOnce(FakeActivities):
    rival: EventsReported | None = None
    world: World | None = None

    def save(self, contact_id: ContactId, activity: PersonActivity, **facts: Any) -> bool:
        if self.rival is not None and self.world is not None:
            job, self.rival = self.rival, None
            record_all([job], deps=self.world.deps, now=NOON)
        return super().save(contact_id, activity, **facts)


@dataclass
class NeverSaving(FakeActivities):
    def save(self, contact_id: ContactId, activity: PersonActivity, **facts: Any) -> bool:
        return False


def test_who_always_loses_comes_back_later() -> None:
    world = World(activities=NeverSaving(known={C1}))

    with pytest.raises(Unavailable):
        record_all([a_job(1)], deps=world.deps, now=NOON)


def test_a_job_that_nobody_wrote_is_refused() -> None:
    for people in ("[[1]]", '[["c1",[[1,2,3,4,5]]]]', '[["c1",[[1,"a",1,1]]]]', "x", "[3]"):
        job = EventsReported(received=int(NOON.timestamp()), people=people)
        with pytest.raises(ContractError):
            record_all([job], deps=World().deps, now=NOON)


def test_events_of_somebody_unknown_wait_and_are_counted_with_the_next() -> None:
    world = World(activities=FakeActivities())
    waiting = record_all([a_job(1, 2)], deps=world.deps, now=NOON)
    again = record_all([a_job(2)], deps=world.deps, now=NOON)
    world.activities.known = {C1}

    counted = record_all([a_job(3)], deps=world.deps, now=NOON)

    assert (waiting[EventOutcome.WAITING], again[EventOutcome.REPEATED]) == (2, 1)
    assert counted[EventOutcome.COUNTED] == 3
    assert world.counted() == (3, 300)
    assert [at for _, at in world.reminders] == [NOON + DAY]


def test_after_a_day_what_waited_is_counted_for_who_appeared() -> None:
    world = World(activities=FakeActivities())
    record_all([a_job(1)], deps=world.deps, now=NOON)
    world.activities.known = {C1}

    outcomes = [settle(EventsWaiting(contact_id=C1), deps=world.deps, now=NOON + DAY) for _ in "12"]

    assert outcomes == [Counter({EventOutcome.COUNTED: 1}), Counter()]
    assert world.counted() == (1, 100)
    assert world.activities.rows[C1].waiting == ()


def test_after_a_day_what_waited_for_nobody_is_gone() -> None:
    world = World(activities=FakeActivities())
    record_all([a_job(1)], deps=world.deps, now=NOON)

    outcomes = settle(EventsWaiting(contact_id=C1), deps=world.deps, now=NOON + DAY)

    assert outcomes == {EventOutcome.UNKNOWN: 1}
    assert world.activities.rows == {}


def test_what_has_waited_for_less_than_a_day_waits_on() -> None:
    world = World(activities=FakeActivities())
    record_all([a_job(1)], deps=world.deps, now=NOON)
    record_all([a_job(2)], deps=world.deps, now=NOON + 0.9 * DAY)

    outcomes = settle(EventsWaiting(contact_id=C1), deps=world.deps, now=NOON + DAY)

    assert outcomes == {EventOutcome.UNKNOWN: 1}
    assert [each.event.key for each in world.activities.rows[C1].waiting] == [2]
    assert world.reminders[-1][1] == NOON + 1.9 * DAY


def test_dying_while_giving_up_leaves_a_reminder() -> None:
    for at, after in itertools.product((1, 2, 3), (False, True)):
        world = World(activities=FakeActivities())
        record_all([a_job(1)], deps=world.deps, now=NOON)
        record_all([a_job(2)], deps=world.deps, now=NOON + 0.9 * DAY)
        job = EventsWaiting(contact_id=C1)

        with pytest.raises(Killed):
            settle(job, deps=world.deps_dying(Death(at=at, after=after)), now=NOON + DAY)
        settle(job, deps=world.deps, now=NOON + DAY)

        assert [each.event.key for each in world.activities.rows[C1].waiting] == [2]
        assert world.reminders[-1][1] == NOON + 1.9 * DAY
