"""The night, read from wall clocks that are set forward and back."""

from datetime import UTC, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings, strategies as st

from functions.domain.quiet_hours import night_until

APIA = ZoneInfo("Pacific/Apia")
LONDON = ZoneInfo("Europe/London")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
NEW_YORK = ZoneInfo("America/New_York")
SEOUL = ZoneInfo("Asia/Seoul")
KST = timezone(timedelta(hours=9))

MINUTE = timedelta(minutes=1)


def kst(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=KST)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def is_night(moment: datetime, zone: ZoneInfo, starts: time, ends: time) -> bool:
    """Say the same in other words: minutes counted from the start of the night."""
    clock = moment.astimezone(zone)
    since_start = (clock.hour - starts.hour) * 60 + clock.minute - starts.minute
    length = (ends.hour - starts.hour) * 60 + ends.minute - starts.minute
    return since_start % 1440 < length % 1440


@pytest.mark.parametrize(
    ("now", "until"),
    [
        pytest.param("2026-03-02 20:59:59.999999", None, id="last-moment-of-the-evening"),
        pytest.param("2026-03-02 21:00", "2026-03-03 08:00", id="night-begins"),
        pytest.param("2026-03-02 23:59:59", "2026-03-03 08:00", id="before-midnight"),
        pytest.param("2026-03-03 00:00", "2026-03-03 08:00", id="midnight"),
        pytest.param("2026-03-03 07:59:59.999999", "2026-03-03 08:00", id="last-moment-of-night"),
        pytest.param("2026-03-03 08:00", None, id="night-is-over"),
        pytest.param("2026-03-03 12:00", None, id="noon"),
        pytest.param("2028-02-28 22:00", "2028-02-29 08:00", id="into-the-leap-day"),
        pytest.param("2028-02-29 22:00", "2028-03-01 08:00", id="out-of-the-leap-day"),
        pytest.param("2026-12-31 22:00", "2027-01-01 08:00", id="new-year"),
    ],
)
def test_keeps_the_legal_night_in_seoul(now: str, until: str | None) -> None:
    expected = None if until is None else kst(until)

    assert night_until(kst(now), zone=SEOUL) == expected


def test_answers_in_utc_whatever_the_offset_of_now() -> None:
    until = night_until(kst("2026-03-02 22:00"), zone=SEOUL)

    assert until is not None
    assert until.tzinfo is UTC
    assert until.isoformat() == "2026-03-02T23:00:00+00:00"


@pytest.mark.parametrize(
    ("now", "until"),
    [
        pytest.param("2026-03-02 20:49:59", None, id="before"),
        pytest.param("2026-03-02 20:50", "2026-03-03 08:00", id="stricter-start"),
    ],
)
def test_keeps_the_stricter_night_of_a_channel(now: str, until: str | None) -> None:
    expected = None if until is None else kst(until)

    assert night_until(kst(now), zone=SEOUL, starts=time(20, 50)) == expected


@pytest.mark.parametrize(
    ("now", "until"),
    [
        pytest.param("2026-03-02 11:59:59", None, id="before"),
        pytest.param("2026-03-02 12:00", "2026-03-02 13:30", id="begins"),
        pytest.param("2026-03-02 13:30", None, id="ends"),
    ],
)
def test_keeps_a_window_within_one_day(now: str, until: str | None) -> None:
    expected = None if until is None else kst(until)

    found = night_until(kst(now), zone=SEOUL, starts=time(12), ends=time(13, 30))

    assert found == expected


def test_keeps_a_window_that_ends_at_midnight() -> None:
    found = night_until(kst("2026-03-02 21:00"), zone=SEOUL, ends=time(0))

    assert found == kst("2026-03-03 00:00")


@pytest.mark.parametrize(
    ("zone", "now", "until"),
    [
        # 2026-03-08: 02:00 EST becomes 03:00 EDT.
        pytest.param(NEW_YORK, "2026-03-08 03:00", "2026-03-08 12:00", id="new-york-forward"),
        # 2026-11-01: 02:00 EDT becomes 01:00 EST.
        pytest.param(NEW_YORK, "2026-11-01 02:00", "2026-11-01 13:00", id="new-york-back"),
        # 2026-03-29: 01:00 GMT becomes 02:00 BST.
        pytest.param(LONDON, "2026-03-28 22:00", "2026-03-29 07:00", id="london-forward"),
        # 2026-10-25: 02:00 BST becomes 01:00 GMT.
        pytest.param(LONDON, "2026-10-24 21:00", "2026-10-25 08:00", id="london-back"),
        # 2026-10-04: 02:00 (+10:30) becomes 02:30 (+11:00), half an hour.
        pytest.param(LORD_HOWE, "2026-10-03 12:00", "2026-10-03 21:00", id="lord-howe-forward"),
        # 2026-04-05: 02:00 (+11:00) becomes 01:30 (+10:30).
        pytest.param(LORD_HOWE, "2026-04-04 12:00", "2026-04-04 21:30", id="lord-howe-back"),
        # Apia skipped 30 December 2011: 24:00 on the 29th was 00:00 on the 31st.
        pytest.param(APIA, "2011-12-30 08:00", "2011-12-30 18:00", id="apia-without-a-day"),
    ],
)
def test_ends_by_the_new_clock_when_clocks_are_set_at_night(
    zone: ZoneInfo, now: str, until: str
) -> None:
    assert night_until(utc(now), zone=zone) == utc(until)


def test_ends_when_clocks_are_set_forward_over_its_end() -> None:
    # New York has no 02:30 on this day: 01:59:59 EST is followed by 03:00 EDT (07:00 UTC).
    found = night_until(utc("2026-03-08 04:00"), zone=NEW_YORK, ends=time(2, 30))

    assert found == utc("2026-03-08 07:00")


def test_ends_at_the_first_of_two_equal_clock_times() -> None:
    # 01:30 comes twice: at 05:30 UTC (EDT) and at 06:30 UTC (EST).
    found = night_until(utc("2026-11-01 04:00"), zone=NEW_YORK, ends=time(1, 30))

    assert found == utc("2026-11-01 05:30")


def test_begins_again_when_clocks_are_set_back_into_it() -> None:
    # 01:00 EST (06:00 UTC), after half an hour out of the night.
    found = night_until(utc("2026-11-01 06:00"), zone=NEW_YORK, ends=time(1, 30))

    assert found == utc("2026-11-01 06:30")


def test_is_over_when_clocks_are_set_back_before_its_start() -> None:
    # The window 01:30 to 08:00 begins at 01:30 EDT and is left when 02:00 EDT becomes 01:00 EST.
    found = night_until(utc("2026-11-01 05:45"), zone=NEW_YORK, starts=time(1, 30), ends=time(8))

    assert found == utc("2026-11-01 06:00")


def test_ends_with_the_clock_change_that_falls_on_its_end() -> None:
    # The night ends at 02:00, which is 03:00 at once.
    found = night_until(utc("2026-03-08 06:59:59.5"), zone=NEW_YORK, ends=time(2))

    assert found == utc("2026-03-08 07:00")


def test_needs_an_aware_moment() -> None:
    with pytest.raises(ValueError, match="aware"):
        night_until(datetime(2026, 3, 2, 22), zone=SEOUL)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("starts", "ends"),
    [(time(8), time(8)), (time(21, tzinfo=UTC), time(8)), (time(21), time(8, tzinfo=UTC))],
    ids=["equal", "start-with-zone", "end-with-zone"],
)
def test_needs_two_different_wall_times(starts: time, ends: time) -> None:
    with pytest.raises(ValueError, match="different wall times"):
        night_until(utc("2026-03-02 22:00"), zone=SEOUL, starts=starts, ends=ends)


ZONES = st.sampled_from([APIA, LONDON, LORD_HOWE, NEW_YORK, SEOUL])
CLOCKS = st.builds(time, st.integers(0, 23), st.sampled_from([0, 1, 29, 30, 59]))
CLOCK_CHANGES = st.sampled_from(
    [
        utc("2026-03-08 07:00"),  # New York
        utc("2026-11-01 06:00"),
        utc("2026-03-29 01:00"),  # London
        utc("2026-10-25 01:00"),
        utc("2026-04-04 15:00"),  # Lord Howe
        utc("2026-10-03 15:30"),
        utc("2011-12-30 10:00"),  # Apia
        utc("2012-03-31 14:00"),
        utc("1988-05-07 17:00"),  # Seoul
        utc("2028-02-28 15:00"),  # leap day in Seoul
    ]
)
NEAR_CHANGES = st.builds(
    lambda change, minutes: change + minutes * MINUTE,
    CLOCK_CHANGES,
    st.integers(-30 * 60, 30 * 60),
)
MOMENTS = NEAR_CHANGES | st.datetimes(
    datetime(1990, 1, 1),  # noqa: DTZ001
    datetime(2037, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
).map(lambda moment: moment.replace(second=0, microsecond=0))


@settings(deadline=None)
@given(MOMENTS, ZONES, CLOCKS, CLOCKS)
def test_ends_at_the_first_moment_outside_the_night(
    now: datetime, zone: ZoneInfo, starts: time, ends: time
) -> None:
    if starts == ends:
        return

    until = night_until(now, zone=zone, starts=starts, ends=ends)

    # Clocks are set on whole minutes in these years, so looking at each minute misses nothing.
    first = now
    while is_night(first, zone, starts, ends):
        first += MINUTE
    assert until == (None if first == now else first)


@given(MOMENTS, st.integers(0, 59_999_999), ZONES)
def test_seconds_do_not_move_the_end(now: datetime, microseconds: int, zone: ZoneInfo) -> None:
    within_the_minute = now + timedelta(microseconds=microseconds)

    assert night_until(within_the_minute, zone=zone) == night_until(now, zone=zone)


@given(MOMENTS, ZONES)
def test_the_end_is_outside_the_night(now: datetime, zone: ZoneInfo) -> None:
    until = night_until(now, zone=zone)

    assert until is None or night_until(until, zone=zone) is None
