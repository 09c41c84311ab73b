"""Protected hours against a count of every minute, where clocks are set and days left out."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings, strategies as st

from functions.domain.closed_hours import Hours, next_slot, open_from
from functions.domain.policy import Window

APIA = ZoneInfo("Pacific/Apia")
LONDON = ZoneInfo("Europe/London")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
NEW_YORK = ZoneInfo("America/New_York")
SEOUL = ZoneInfo("Asia/Seoul")
MINUTE = timedelta(minutes=1)
EVERY_DAY = frozenset(range(7))
SEOLLAL = frozenset({date(2026, 2, 16), date(2026, 2, 17), date(2026, 2, 18)})
"""The lunar new year of 2026, with the days before and after."""


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def a_window(starts: time, ends: time, **values: object) -> Window:
    facts: dict[str, object] = {"name": "rest", "starts": starts, "ends": ends}
    return Window(**(facts | values))  # type: ignore[arg-type]


LEGAL = (time(21), time(8))


def test_a_window_whose_end_the_clocks_leave_out_ends_when_they_are_set() -> None:
    window = a_window(time(22), time(2, 30), weekdays=EVERY_DAY)

    # 01:59:59 EST is followed by 03:00 EDT, which is 07:00 UTC.
    opens = open_from(utc("2026-03-08 05:00"), Hours(windows=(window,)), (NEW_YORK,))

    assert opens == utc("2026-03-08 07:00")


ZONES = st.lists(
    st.sampled_from([APIA, LONDON, LORD_HOWE, NEW_YORK, SEOUL]), min_size=1, max_size=2, unique=True
).map(tuple)
CLOCKS = st.builds(time, st.integers(0, 23), st.sampled_from([0, 1, 29, 30, 59]))
WINDOWS = st.builds(
    a_window,
    CLOCKS,
    CLOCKS,
    weekdays=st.frozensets(st.integers(0, 6)),
    on_holidays=st.booleans(),
)
CHANGES = [
    utc("2026-03-08 07:00"),  # New York
    utc("2026-11-01 06:00"),
    utc("2026-03-29 01:00"),  # London
    utc("2026-10-25 01:00"),
    utc("2026-04-04 15:00"),  # Lord Howe
    utc("2026-10-03 15:30"),
    utc("2011-12-30 10:00"),  # Apia
    utc("2028-02-28 15:00"),  # the leap day in Seoul
    utc("2026-02-16 15:00"),  # the lunar new year
]
MOMENTS = st.builds(
    lambda change, minutes: change + minutes * MINUTE,
    st.sampled_from(CHANGES),
    st.integers(-36 * 60, 36 * 60),
)
HOLIDAYS = SEOLLAL | {date(2011, 12, 30), date(2026, 3, 8), date(2026, 11, 1)}


def is_closed(moment: datetime, hours: Hours, zones: tuple[ZoneInfo, ...]) -> bool:
    """Say the same in other words: by weekday and minutes of the wall clock alone."""
    return any(_covers(moment.astimezone(zone), hours) for zone in zones)


def _covers(clock: datetime, hours: Hours) -> bool:
    for starts, ends in hours.nights:
        in_it = starts <= clock.time() or clock.time() < ends
        if starts < ends:
            in_it = starts <= clock.time() < ends
        if in_it:
            return True
    return any(_window_covers(clock, window, hours.holidays) for window in hours.windows)


def _window_covers(clock: datetime, window: Window, holidays: frozenset[date]) -> bool:
    today = clock.date()
    begins, began = (
        day.weekday() in window.weekdays or (window.on_holidays and day in holidays)
        for day in (today, today - timedelta(days=1))
    )
    if window.starts < window.ends:
        return begins and window.starts <= clock.time() < window.ends
    return (begins and clock.time() >= window.starts) or (began and clock.time() < window.ends)


@settings(deadline=None)
@given(MOMENTS, ZONES, st.lists(WINDOWS, max_size=2), st.booleans())
def test_it_opens_at_the_first_minute_outside_all_hours(now, zones, windows, at_night) -> None:
    nights = (LEGAL,) if at_night else ()
    hours = Hours(nights=nights, windows=tuple(windows), holidays=HOLIDAYS)

    opens = open_from(now, hours, zones)

    # Clocks are set on whole minutes in these years, so looking at each minute misses nothing.
    end = now + timedelta(days=9) if opens is None else opens
    first = now
    while first < end and is_closed(first, hours, zones):
        first += MINUTE
    assert first == end
    assert opens is None or not is_closed(opens, hours, zones)


@settings(deadline=None)
@given(MOMENTS, ZONES, st.lists(WINDOWS, max_size=2), st.lists(CLOCKS, min_size=1, max_size=3))
def test_a_slot_is_a_sending_time_outside_all_hours(now, zones, windows, slots) -> None:
    hours = Hours(nights=(LEGAL,), windows=tuple(windows), holidays=HOLIDAYS)

    found = next_slot(now, slots, hours, zones)

    if found is None:
        return
    clock = found.astimezone(zones[0])
    moved = {
        datetime.combine(clock.date(), slot, zones[0]).astimezone(UTC).astimezone(zones[0]).time()
        for slot in slots
    }
    assert clock.time() in moved
    assert found >= now
    assert not is_closed(found, hours, zones)
