"""Rows of activity: one conditional write a person, whoever else writes."""

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from functions.activity.recording import RecordDeps, record_all
from functions.contracts.activity_document import events_to_text
from functions.contracts.queues import EventsReported
from functions.domain.activity import ActivityKey
from functions.domain.day_totals import DayTotals
from functions.domain.event import Event, PersonEvents
from functions.domain.ids import ContactId
from functions.domain.person_activity import PersonActivity, record
from functions.storage.activities import ACTIVITY, ActivityStore, is_activity, pairs_in
from functions.storage.contacts import ContactItem, ContactStore
from tests.builders import NOON, SEOUL, a_contact
from tests.fakes.activities import FakeActivities
from tests.integration.account import Account
from tests.integration.storage.item_size import WRITE_UNIT_BYTES, item_size

C1 = ContactId("c1")
BUY = ActivityKey("purchase")
DAY = timedelta(days=1)
TODAY = date(2026, 11, 20)


def an_event(key: int, at: datetime = NOON, **properties: str) -> Event:
    return Event(key=key, name="purchase", at=at, minor=100, properties=tuple(properties.items()))


def with_events(activity: PersonActivity, *events: Event, now: datetime = NOON) -> PersonActivity:
    return record(activity, events, known=True, now=now, zone=SEOUL).activity


@pytest.fixture(params=[FakeActivities, ActivityStore], ids=["fake", "real"])
def activities(request: pytest.FixtureRequest) -> Any:
    return request.param()


def test_activity_is_read_as_it_was_written(activities: Any) -> None:
    counted = with_events(PersonActivity(), an_event(1, category="신발"), an_event(2, NOON - DAY))
    waiting = record(counted, [an_event(3)], known=False, now=NOON, zone=SEOUL).activity

    assert activities.save(C1, waiting, today=TODAY)

    found = activities.look_up([C1, ContactId("c2")])
    assert found[C1].activity == replace(waiting, version=1)
    assert found[ContactId("c2")].activity == PersonActivity()


def test_a_write_needs_the_row_that_was_looked_at(activities: Any) -> None:
    first = with_events(PersonActivity(), an_event(1))

    assert activities.save(C1, first, today=TODAY)
    assert not activities.save(C1, first, today=TODAY)
    assert not activities.delete(C1, first)
    assert activities.save(C1, replace(first, version=1), today=TODAY)
    assert activities.delete(C1, replace(first, version=2))
    assert activities.look_up([C1])[C1].activity == PersonActivity()


def test_only_people_with_a_profile_are_known() -> None:
    ContactStore().save(a_contact(1, contact_id=C1), replacing=None)

    found = ActivityStore().look_up([C1, ContactId("c2")], consistent=True)

    assert {each: standing.known for each, standing in found.items()} == {C1: True, "c2": False}


def test_workers_that_race_count_every_event_once(one_request_at_a_time: None) -> None:
    ContactStore().save(a_contact(1, contact_id=C1), replacing=None)
    store = ActivityStore()
    deps = RecordDeps(
        activities=store, remind=lambda *_: None, attribute=lambda *_: None, zone=SEOUL
    )
    store.look_up([C1])

    def work(first: int) -> None:
        # Each job shares two events with the next.
        events = tuple(an_event(key) for key in range(first, first + 5))
        people = events_to_text([PersonEvents(contact_id=C1, events=events)])
        job = EventsReported(received=int(NOON.timestamp()), people=people)
        record_all([job], deps=deps, now=NOON)

    with ThreadPoolExecutor(max_workers=4) as pool:
        list(pool.map(work, [0, 3, 6, 9, 0, 3]))

    (total,) = store.of(C1, first=TODAY, last=TODAY, zone=SEOUL)[BUY]
    assert (total.count, total.sum_minor) == (14, 1_400)


def a_year() -> PersonActivity:
    """A person who buys each day, written each day; the last state."""
    store, activity = ActivityStore(), PersonActivity()
    for number in range(100):
        now = NOON - timedelta(days=99 - number)
        activity = with_events(store.look_up([C1])[C1].activity, an_event(number, now), now=now)
        assert store.save(C1, activity, today=now.astimezone(SEOUL).date())
    return store.look_up([C1])[C1].activity


def test_days_that_are_done_move_to_their_months_and_none_is_lost() -> None:
    activity = a_year()

    kinds = [row.kind for row in ContactItem.query(C1)]
    assert kinds == [ACTIVITY, "ACTIVITY#202608", "ACTIVITY#202609", "ACTIVITY#202610"]
    assert len(activity.cells) <= 44
    totals = ActivityStore().of(C1, first=date.min, last=date.max, zone=SEOUL)[BUY]
    assert [each.day for each in totals] == [TODAY - timedelta(days=n) for n in range(99, -1, -1)]
    assert {each.count for each in totals} == {1}


def test_a_span_is_read_without_the_other_months() -> None:
    a_year()

    first, last = date(2026, 9, 30), date(2026, 10, 2)
    totals = ActivityStore().of(C1, first=first, last=last, zone=SEOUL)[BUY]

    assert [each.day.day for each in totals] == [30, 1, 2]


def test_dying_between_month_and_row_doubles_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    store = ActivityStore()
    long_ago = NOON - timedelta(days=60)
    old = with_events(PersonActivity(), an_event(1, long_ago), now=long_ago)
    store.save(C1, old, today=long_ago.date())
    fresh = with_events(replace(old, version=1), an_event(2))
    month = ContactItem(C1, "ACTIVITY#202609")
    store._close(
        C1,
        "202609",
        {cell: each for cell, each in fresh.cells.items() if cell[1].month == 9},
        version=1,
    )
    assert month.kind in [row.kind for row in ContactItem.query(C1)]

    before = store.of(C1, first=date.min, last=date.max, zone=SEOUL)[BUY]
    assert store.save(C1, fresh, today=TODAY)
    after = store.of(C1, first=date.min, last=date.max, zone=SEOUL)[BUY]

    assert [each.count for each in before] == [1]
    assert [each.count for each in after] == [1, 1]


def test_who_read_an_older_row_does_not_write_into_a_month() -> None:
    store = ActivityStore()
    cells = with_events(PersonActivity(), an_event(1, NOON - 80 * DAY)).cells
    assert store._close(C1, "202609", cells, version=6)

    assert not store._close(C1, "202609", {}, version=5)
    assert store._close(C1, "202609", cells, version=6)


def test_a_scan_tells_activity_from_other_rows_and_counts_what_waits() -> None:
    ContactStore().save(a_contact(1, contact_id=C1), replacing=None)
    waiting = record(PersonActivity(), [an_event(1)], known=False, now=NOON, zone=SEOUL).activity
    ActivityStore().save(C1, waiting, today=TODAY)

    (row,) = (row for row in ContactItem.scan() if is_activity(row))

    ((key, total),) = pairs_in(row, zone=SEOUL)
    assert (key, total.day, total.count) == (BUY, TODAY, 1)


def test_history_is_erased_with_the_person() -> None:
    a_year()

    assert ContactStore().erase_history(C1) == 4
    assert list(ContactItem.query(C1)) == []


def raw_row(account: Account) -> dict[str, Any]:
    found = account.dynamodb.get_item(
        TableName=account.environment()["TABLE_CONTACTS"],
        Key={"contact_id": {"S": C1}, "kind": {"S": ACTIVITY}},
    )["Item"]
    return dict(found)


def test_thirty_events_a_month_with_two_properties_are_one_write_unit(account: Account) -> None:
    activity = PersonActivity()
    for number in range(30):
        at = NOON - timedelta(days=number, hours=number % 5)
        event = an_event(number * 7919, at, category=f"c{number % 5}", branch=f"b{number % 3}")
        activity = with_events(activity, event)
    ActivityStore().save(C1, activity, today=TODAY)

    assert item_size(raw_row(account)) <= WRITE_UNIT_BYTES


def test_the_worst_row_stays_far_below_what_a_row_may_have(account: Account) -> None:
    ActivityStore().save(C1, worst(), today=TODAY)

    assert item_size(raw_row(account)) < 350_000


def worst() -> PersonActivity:
    totals, dice = DayTotals(), random.Random(1)
    for event in noise(dice):
        totals.count(event, zone=SEOUL)
    return PersonActivity(cells=totals.cells, seen={dice.getrandbits(48): 1 for _ in range(10_000)})


def noise(dice: random.Random) -> Iterator[Event]:
    for number in range(43 * 60):
        day, name = number % 43, number // 43
        properties = tuple(
            (f"p{each}", "".join(chr(dice.randrange(0xAC00, 0xD7A3)) for _ in range(64)))
            for each in range(10)
        )
        at = NOON - day * DAY + timedelta(seconds=dice.randrange(30_000))
        yield Event(
            key=number,
            name=f"event{name}",
            at=at,
            minor=dice.randrange(10**9),
            properties=properties,
        )
