from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from functions.content.recurrence import InvalidRule, check_rule, next_run
from tests.builders import SEOUL

FIRST = datetime(2026, 12, 7, 9, tzinfo=SEOUL)  # a Monday
NEW_YORK = ZoneInfo("America/New_York")


def times(
    rule: str, *, count: int, first: datetime = FIRST, zone: ZoneInfo = SEOUL
) -> list[str | None]:
    found, after = [], first
    for _ in range(count):
        moment = next_run(rule, first=first, after=after, zone=zone)
        if moment is None:
            return [*found, None]
        found.append(moment.astimezone(zone).strftime("%Y-%m-%d %H:%M"))
        after = moment
    return found


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("FREQ=DAILY", ["2026-12-08 09:00", "2026-12-09 09:00"]),
        ("FREQ=WEEKLY;BYDAY=MO,TH", ["2026-12-10 09:00", "2026-12-14 09:00"]),
        ("FREQ=WEEKLY;INTERVAL=2", ["2026-12-21 09:00", "2027-01-04 09:00"]),
        ("FREQ=MONTHLY;BYMONTHDAY=31", ["2026-12-31 09:00", "2027-01-31 09:00"]),
        ("FREQ=MONTHLY;BYDAY=FR;BYSETPOS=-1", ["2026-12-25 09:00", "2027-01-29 09:00"]),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", ["2028-02-29 09:00"]),
        ("FREQ=DAILY;UNTIL=20261208T235959", ["2026-12-08 09:00", None]),
    ],
)
def test_rule_gives_its_times_in_the_zone(rule: str, expected: list[str | None]) -> None:
    assert times(rule, count=len(expected)) == expected


def test_hour_stays_the_same_when_the_clocks_are_set() -> None:
    first = datetime(2026, 3, 6, 9, tzinfo=NEW_YORK)

    found = times("FREQ=DAILY", count=3, first=first, zone=NEW_YORK)

    assert found == ["2026-03-07 09:00", "2026-03-08 09:00", "2026-03-09 09:00"]


def test_hour_that_is_skipped_one_day_is_back_the_next() -> None:
    first = datetime(2026, 3, 7, 2, 30, tzinfo=NEW_YORK)

    found = times("FREQ=DAILY", count=2, first=first, zone=NEW_YORK)

    assert found == ["2026-03-08 03:30", "2026-03-09 02:30"]


def test_times_that_were_missed_are_passed_over() -> None:
    moment = next_run("FREQ=DAILY", first=FIRST, after=FIRST + timedelta(days=40), zone=SEOUL)

    assert moment == (FIRST + timedelta(days=41)).astimezone(UTC)


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "FREQ=HOURLY",
        "FREQ=SECONDLY;BYMONTH=2",
        "FREQ=DAILY;COUNT=3",
        "FREQ=DAILY;FREQ=WEEKLY",
        "FREQ=DAILY;BYHOUR=9",
        "FREQ=DAILY;BYDAY=XX",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=x",
        "FREQ=DAILY;UNTIL=yesterday",
        "FREQ=DAILY;UNTIL=20261208T000000Z",
        "FREQ=DAILY;UNTIL=20200101T000000",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "DTSTART=20261208T000000;FREQ=DAILY",
        "BYDAY=MO",
    ],
)
def test_rule_that_cannot_be_kept_is_refused(rule: str) -> None:
    with pytest.raises(InvalidRule):
        check_rule(rule, first=FIRST, zone=SEOUL)
