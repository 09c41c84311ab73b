from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from functions.domain.local_time import LocalHour, moment_of, next_local
from tests.worlds import ZONES

NINE = time(9)
NEW_YORK = ZoneInfo("America/New_York")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("Asia/Seoul", "2026-12-01T00:00:00+00:00"),
        ("Asia/Tokyo", "2026-12-01T00:00:00+00:00"),
        ("Europe/London", "2026-12-01T09:00:00+00:00"),
        ("America/New_York", "2026-12-01T14:00:00+00:00"),
        ("Pacific/Apia", "2026-12-01T20:00:00+00:00"),
    ],
)
def test_everybody_gets_it_at_nine_on_their_own_clock(zone: str, expected: str) -> None:
    hour = LocalHour(after=datetime(2026, 11, 30, 23, tzinfo=UTC), clock=NINE)

    assert hour.in_zone(ZoneInfo(zone)).isoformat() == expected


def test_hour_that_begins_just_now_is_now() -> None:
    now = datetime(2026, 12, 1, 0, 0, tzinfo=UTC)

    assert next_local(now, NINE, ZoneInfo("Asia/Seoul")) == now
    assert next_local(now + timedelta(seconds=1), NINE, ZoneInfo("Asia/Seoul")) == now + timedelta(
        days=1
    )


def test_hour_that_a_zone_skips_comes_as_much_later_as_its_clocks_are_set() -> None:
    before = datetime(2026, 3, 8, 0, tzinfo=NEW_YORK)

    moment = next_local(before, time(2, 30), NEW_YORK)

    assert moment.astimezone(NEW_YORK).isoformat() == "2026-03-08T03:30:00-04:00"


def test_hour_that_a_zone_has_twice_comes_the_first_time() -> None:
    before = datetime(2026, 11, 1, 0, tzinfo=NEW_YORK)

    moment = next_local(before, time(1, 30), NEW_YORK)

    assert moment.astimezone(NEW_YORK).isoformat() == "2026-11-01T01:30:00-04:00"


def test_hour_that_half_an_hour_skips() -> None:
    wall = datetime(2026, 10, 4, 2, 15)  # noqa: DTZ001  # a wall clock

    assert moment_of(wall, LORD_HOWE).astimezone(LORD_HOWE).time() == time(2, 45)


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)),  # noqa: DTZ001  # UTC below
    st.times().map(lambda clock: clock.replace(second=0, microsecond=0)),
    st.sampled_from(ZONES),
)
def test_moment_is_the_first_of_its_hour_and_never_behind(
    after: datetime, clock: time, zone: ZoneInfo
) -> None:
    after = after.replace(tzinfo=UTC)

    moment = next_local(after, clock, zone)

    shown = moment.astimezone(zone)
    assert after <= moment <= after + timedelta(hours=26)
    behind = datetime.combine(shown.date(), clock)
    assert shown.replace(tzinfo=None) - behind in (
        timedelta(0),
        timedelta(minutes=30),
        timedelta(hours=1),
    )
