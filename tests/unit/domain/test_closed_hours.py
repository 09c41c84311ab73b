from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from functions.domain.channel import Channel, Purpose
from functions.domain.closed_hours import BRAND_NIGHT, Hours, next_slot, open_from
from functions.domain.policy import Window
from tests.builders import SEOUL
from tests.worlds import ZONES

NEW_YORK, APIA = ZoneInfo("America/New_York"), ZoneInfo("Pacific/Apia")
NIGHT = (time(21), time(8))
WEEKEND = frozenset({5, 6})


def at(text: str, zone: ZoneInfo = SEOUL) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def a_window(starts: str, ends: str, **values: object) -> Window:
    days = {} if "on_holidays" in values else {"weekdays": frozenset(range(7))}
    facts = {"name": "w", "starts": time.fromisoformat(starts), "ends": time.fromisoformat(ends)}
    return Window(**(facts | days | values))  # type: ignore[arg-type]


def some_hours(*windows: Window, nights: tuple = (), holidays: frozenset = frozenset()) -> Hours:
    return Hours(nights=nights, windows=windows, holidays=holidays)


@pytest.mark.parametrize(
    ("hours", "now", "opens"),
    [
        (some_hours(), "2026-11-27T03:00", "2026-11-27T03:00"),
        (some_hours(nights=(NIGHT,)), "2026-11-27T21:00", "2026-11-28T08:00"),
        (some_hours(nights=(NIGHT,)), "2026-11-27T08:00", "2026-11-27T08:00"),
        (some_hours(nights=(NIGHT, BRAND_NIGHT)), "2026-11-27T20:50", "2026-11-28T08:00"),
        (some_hours(a_window("12:00", "13:00")), "2026-11-27T12:30", "2026-11-27T13:00"),
        (some_hours(a_window("12:00", "13:00")), "2026-11-27T13:00", "2026-11-27T13:00"),
        (some_hours(a_window("19:00", "10:00")), "2026-11-27T09:59", "2026-11-27T10:00"),
        (
            some_hours(a_window("19:00", "10:00"), nights=(NIGHT,)),
            "2026-11-27T21:30",
            "2026-11-28T10:00",
        ),
        (
            some_hours(a_window("00:00", "00:00", weekdays=WEEKEND)),
            "2026-11-28T11:00",
            "2026-11-30T00:00",
        ),
        (
            some_hours(a_window("00:00", "00:00", weekdays=WEEKEND), nights=(NIGHT,)),
            "2026-11-27T22:00",
            "2026-11-30T08:00",
        ),
        (
            some_hours(a_window("18:00", "06:00", weekdays=frozenset({4}))),
            "2026-11-28T05:00",
            "2026-11-28T06:00",
        ),
        (
            some_hours(a_window("18:00", "06:00", weekdays=frozenset({5}))),
            "2026-11-28T05:00",
            "2026-11-28T05:00",
        ),
        (
            some_hours(
                a_window("00:00", "00:00", on_holidays=True),
                holidays=frozenset({date(2027, 2, 8), date(2027, 2, 9)}),
            ),
            "2027-02-08T09:00",
            "2027-02-10T00:00",
        ),
        (
            some_hours(a_window("00:00", "00:00", on_holidays=True)),
            "2027-02-08T09:00",
            "2027-02-08T09:00",
        ),
    ],
)
def test_a_message_waits_for_the_end_of_all_hours(hours: Hours, now: str, opens: str) -> None:
    assert open_from(at(now), hours, (SEOUL,)) == at(opens)


def test_somebody_who_may_be_in_two_zones_is_spared_in_both() -> None:
    hours = some_hours(nights=(NIGHT,))

    opens = open_from(at("2026-11-27T12:00"), hours, (SEOUL, NEW_YORK))

    assert opens is None or all(
        time(8) <= opens.astimezone(zone).time() < time(21) for zone in (SEOUL, NEW_YORK)
    )


def test_hours_that_never_end_are_told() -> None:
    assert (
        open_from(at("2026-11-27T12:00"), some_hours(a_window("00:00", "00:00")), (SEOUL,)) is None
    )


def test_a_window_ends_with_the_clocks_also_when_they_are_set_back() -> None:
    hours = some_hours(a_window("00:30", "01:30"))
    first = at("2026-11-01T01:15", NEW_YORK)
    second = first + timedelta(hours=1)

    assert open_from(first, hours, (NEW_YORK,)) == first + timedelta(minutes=15)
    assert open_from(second, hours, (NEW_YORK,)) == second + timedelta(minutes=15)


def test_the_day_that_samoa_left_out_does_not_hold_anything_up() -> None:
    now = datetime(2011, 12, 30, 9, 0, tzinfo=UTC)

    opens = open_from(now, some_hours(nights=(NIGHT,)), (APIA,))

    assert opens is not None
    assert opens.astimezone(APIA).time() == time(8)


windows = st.builds(
    Window,
    name=st.just("w"),
    starts=st.builds(time, st.integers(0, 23), st.sampled_from([0, 30])),
    ends=st.builds(time, st.integers(0, 23), st.sampled_from([0, 30])),
    weekdays=st.frozensets(st.integers(0, 6), max_size=4),
    on_holidays=st.booleans(),
)
moments = st.integers(0, 2 * 366 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


@given(st.lists(windows, max_size=3), st.sampled_from(ZONES), moments)
def test_what_opens_stays_open_at_that_moment(
    found: list[Window], zone: ZoneInfo, now: datetime
) -> None:
    hours = some_hours(*found, nights=(NIGHT,), holidays=frozenset({date(2027, 2, 7)}))

    opens = open_from(now, hours, (zone,))

    assert opens is not None
    assert opens >= now
    assert open_from(opens, hours, (zone,)) == opens


@given(st.lists(windows, max_size=2), st.sampled_from(ZONES), moments)
def test_a_slot_is_a_sending_time_outside_all_hours(
    found: list[Window], zone: ZoneInfo, now: datetime
) -> None:
    hours, slots = some_hours(*found, nights=(NIGHT,)), (time(10), time(18, 30))

    slot = next_slot(now, slots, hours, (zone,))

    if slot is not None:
        assert slot >= now
        assert open_from(slot, hours, (zone,)) == slot


@pytest.mark.parametrize(
    ("now", "slot"),
    [
        ("2026-11-27T09:59", "2026-11-27T10:00"),
        ("2026-11-27T10:00", "2026-11-27T10:00"),
        ("2026-11-27T10:01", "2026-11-27T18:30"),
        ("2026-11-27T18:31", "2026-11-30T10:00"),
    ],
)
def test_the_next_slot_is_the_first_that_is_allowed(now: str, slot: str) -> None:
    hours = some_hours(a_window("00:00", "00:00", weekdays=WEEKEND), nights=(NIGHT,))

    assert next_slot(at(now), (time(18, 30), time(10)), hours, (SEOUL,)) == at(slot)


def test_there_may_be_no_slot() -> None:
    hours = some_hours(nights=(NIGHT,))

    assert next_slot(at("2026-11-27T12:00"), (time(22),), hours, (SEOUL,)) is None


@pytest.mark.parametrize(
    ("values", "concerned"),
    [
        ({}, True),
        ({"classes": frozenset({Purpose.ADVERTISING})}, True),
        ({"classes": frozenset({Purpose.TRANSACTIONAL})}, False),
        ({"channels": frozenset({Channel.SMS})}, True),
        ({"channels": frozenset({Channel.EMAIL})}, False),
    ],
)
def test_a_window_is_for_its_classes_and_channels(values: dict, concerned: bool) -> None:
    window = a_window("12:00", "13:00", **values)

    assert window.concerns(Purpose.ADVERTISING, Channel.SMS) is concerned
