"""Counting by day: in bounded space, whatever is counted, and on the day that clocks showed."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from functions.contracts.activity_document import cells_from_bytes, cells_to_bytes
from functions.domain.activity import ActivityKey, DayTotal
from functions.domain.day_totals import (
    MAX_ALL_VALUES,
    MAX_EVENTS,
    MAX_VALUES,
    OTHER,
    DayTotals,
)
from functions.domain.event import Event
from functions.domain.person_activity import (
    MAX_SEEN,
    MAX_WAITING,
    EventOutcome,
    PersonActivity,
    pack_seen,
    record,
    unpack_seen,
)
from tests.builders import NOON, SEOUL

NEW_YORK = ZoneInfo("America/New_York")
_FIRST, _LAST = (datetime(2026, month, 1) for month in (10, 12))  # noqa: DTZ001  # given one later
_EVENTS = st.builds(
    Event,
    key=st.integers(0, 50),
    name=st.sampled_from(["a", "b"]),
    at=st.datetimes(_FIRST, _LAST, timezones=st.just(UTC)).map(
        lambda at: at.replace(microsecond=0)
    ),
    minor=st.integers(-100, 100),
    properties=st.lists(
        st.tuples(st.just("p"), st.sampled_from(["x", "y", OTHER])), max_size=1
    ).map(tuple),
)


@given(st.lists(_EVENTS), st.randoms())
def test_the_order_of_events_does_not_matter(events: list[Event], dice: object) -> None:
    mixed = list(events)
    dice.shuffle(mixed)  # type: ignore[attr-defined]

    assert counted(events) == counted(mixed)


@given(st.lists(_EVENTS))
def test_nothing_is_lost_and_bytes_give_it_back(events: list[Event]) -> None:
    cells = counted(events)

    plain = [total for (key, _), total in cells.items() if not key.name]
    assert sum(each.count for each in plain) == len(events)
    assert sum(each.sum_minor for each in plain) == sum(each.minor for each in events)
    assert cells_from_bytes(cells_to_bytes(cells)) == cells


@given(st.lists(_EVENTS), st.lists(_EVENTS))
def test_counting_again_changes_nothing(first: list[Event], second: list[Event]) -> None:
    def done(activity: PersonActivity, events: list[Event]) -> PersonActivity:
        return record(activity, events, known=True, now=NOON, zone=SEOUL).activity

    once = done(done(PersonActivity(), first), second)

    assert done(done(once, first), second) == once


def counted(events: list[Event]) -> object:
    totals = DayTotals()
    for event in events:
        totals.count(event, zone=SEOUL)
    return totals.cells


@pytest.mark.parametrize(
    ("moment", "zone", "day"),
    [
        ("2026-11-20T14:59:59+00:00", SEOUL, date(2026, 11, 20)),
        ("2026-11-20T15:00:00+00:00", SEOUL, date(2026, 11, 21)),
        ("2026-11-01T03:59:59+00:00", NEW_YORK, date(2026, 10, 31)),
        ("2026-11-01T04:00:00+00:00", NEW_YORK, date(2026, 11, 1)),
        ("2026-11-02T04:59:59+00:00", NEW_YORK, date(2026, 11, 1)),
        ("2026-11-02T05:00:00+00:00", NEW_YORK, date(2026, 11, 2)),
    ],
)
def test_the_day_ends_at_midnight_of_the_zone(moment: str, zone: ZoneInfo, day: date) -> None:
    assert Event(key=1, name="a", at=datetime.fromisoformat(moment)).day(zone) == day


def test_a_value_too_many_counts_as_other() -> None:
    events = [
        Event(key=n, name="a", at=NOON, minor=1, properties=(("p", str(n)),))
        for n in range(MAX_VALUES + 20)
    ]

    cells = counted(events)

    other = cells[ActivityKey("a", "p", OTHER), NOON.date()]  # type: ignore[index]
    assert (other.count, other.sum_minor) == (20, 20)
    assert len(cells) == MAX_VALUES + 2  # type: ignore[arg-type]


def test_values_of_all_properties_together_are_bounded() -> None:
    events = [
        Event(key=n, name=f"e{n % 40}", at=NOON, properties=(("p", str(n)),)) for n in range(2_000)
    ]

    cells = counted(events)

    values = {key for key, _ in cells if key.name and key.value != OTHER}  # type: ignore[attr-defined]
    assert len(values) == MAX_ALL_VALUES
    assert sum(each.count for (key, _), each in cells.items() if key.name) == 2_000  # type: ignore[attr-defined]


def test_an_event_too_many_counts_as_other() -> None:
    events = [
        Event(key=n, name=f"e{n}", at=NOON, properties=(("p", "x"),)) for n in range(MAX_EVENTS + 5)
    ]

    cells = counted(events)

    assert cells[ActivityKey(OTHER), NOON.date()].count == 5  # type: ignore[index]
    assert len(cells) == 2 * MAX_EVENTS + 1  # type: ignore[arg-type]


def test_totals_of_a_day_keep_the_latest_moment() -> None:
    totals = DayTotals()
    for at in (NOON, NOON - timedelta(hours=1)):
        totals.count(Event(key=1, name="a", at=at, minor=2), zone=SEOUL)

    expected = DayTotal(day=NOON.date(), count=2, sum_minor=4, last=NOON)
    assert totals.cells == {(ActivityKey("a"), NOON.date()): expected}


def test_what_is_before_the_closed_days_is_too_late() -> None:
    activity = PersonActivity(first_day=date(2026, 10, 15))
    events = [Event(key=n, name="a", at=NOON - timedelta(days=n)) for n in (35, 36, 37)]

    done = record(activity, events, known=True, now=NOON, zone=SEOUL)

    assert done.outcomes == {EventOutcome.TOO_LATE: 1, EventOutcome.COUNTED: 2}


def test_ids_and_what_waits_are_bounded() -> None:
    events = [Event(key=n, name="a", at=NOON) for n in range(MAX_SEEN + 5)]

    known = record(PersonActivity(), events, known=True, now=NOON, zone=SEOUL).activity
    unknown = record(PersonActivity(), events, known=False, now=NOON, zone=SEOUL)

    assert list(known.seen)[:1] == [5]
    assert len(known.seen) == MAX_SEEN
    assert unpack_seen(pack_seen(known.seen)) == known.seen
    assert len(unknown.activity.waiting) == MAX_WAITING
    assert unknown.outcomes[EventOutcome.CROWDED_OUT] == MAX_SEEN + 5 - MAX_WAITING


def test_long_events_that_wait_are_bounded_by_their_length() -> None:
    events = [
        Event(key=n, name="a", at=NOON, properties=tuple((f"p{i}", "x" * 64) for i in range(10)))
        for n in range(200)
    ]

    done = record(PersonActivity(), events, known=False, now=NOON, zone=SEOUL)

    assert 0 < len(done.activity.waiting) < 100
    assert done.activity.waiting[-1].event.key == 199
