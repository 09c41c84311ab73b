"""Days as the government published them (관공서의 공휴일에 관한 규정; 월력요항 of each year)."""

from datetime import date

import pytest

from functions.content.holidays import public_holidays

_LUNAR_AND_SUBSTITUTE = {
    2026: [
        "2026-02-16",
        "2026-02-17",
        "2026-02-18",
        "2026-03-02",
        "2026-05-25",
        "2026-08-17",
        "2026-09-24",
        "2026-09-25",
        "2026-09-26",
        "2026-10-05",
    ],
    2027: [
        "2027-02-06",
        "2027-02-07",
        "2027-02-08",
        "2027-02-09",
        "2027-09-14",
        "2027-09-15",
        "2027-09-16",
        "2027-10-11",
    ],
    2028: ["2028-01-26", "2028-01-27", "2028-01-28", "2028-05-02", "2028-10-05"],
}


@pytest.mark.parametrize("day", [day for days in _LUNAR_AND_SUBSTITUTE.values() for day in days])
def test_lunar_and_substitute_holidays_are_known(day: str) -> None:
    holiday = date.fromisoformat(day)

    assert holiday in public_holidays(holiday.year)


@pytest.mark.parametrize("day", ["2026-02-19", "2026-05-08", "2027-02-10", "2028-05-03"])
def test_working_days_are_none(day: str) -> None:
    assert date.fromisoformat(day) not in public_holidays(int(day[:4]))


def test_the_years_around_are_known_as_well() -> None:
    found = public_holidays(2026)

    assert {date(2025, 12, 25), date(2026, 12, 25), date(2027, 1, 1)} <= found
