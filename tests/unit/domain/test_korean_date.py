"""Dates as they are written."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from functions.domain.korean_date import read_date

SEOUL = ZoneInfo("Asia/Seoul")


@pytest.mark.parametrize(
    "text",
    [
        "2024-03-05 14:30:00",
        "2024-03-05 14:30",
        "2024-03-05T14:30:00",
        "2024-03-05T14:30:00.123",
        "2024-03-05T05:30:00Z",
        "2024-03-05T07:30:00+02:00",
        "2024-03-05 14:30:00+0900",
        "2024/3/5 14:30",
        "2024.03.05 14:30",
        "2024. 3. 5. 14:30",
        "2024. 3. 5. 오후 2:30",
        "2024-03-05 오후 2:30:00",
        "2024-03-05 PM 2:30",
        "2024-03-05 2:30 pm",
        "2024년 3월 5일 14시 30분",
        "2024년 3월 5일 오후 2시 30분 00초",
        "２０２４－０３－０５ １４：３０",
        "202403051430",
        "20240305 143000",
        "20240305T143000",
    ],
)
def test_reads_a_moment_however_it_is_written(text: str) -> None:
    found = read_date(text, zone=SEOUL)

    assert found == datetime(2024, 3, 5, 5, 30, tzinfo=UTC)
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    ["2024-03-05", "2024/3/5", "2024.3.5", "2024. 3. 5.", "2024년 3월 5일", "20240305"],
)
def test_a_day_alone_is_its_first_moment(text: str) -> None:
    assert read_date(text, zone=SEOUL) == datetime(2024, 3, 4, 15, 0, tzinfo=UTC)


def test_reads_noon_and_midnight_of_the_twelve_hour_clock() -> None:
    assert read_date("2024-03-05 오전 12:05", zone=UTC) == datetime(2024, 3, 5, 0, 5, tzinfo=UTC)
    assert read_date("2024-03-05 오후 12:05", zone=UTC) == datetime(2024, 3, 5, 12, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "어제",
        "Y",
        "24-03-05",
        "45356",
        "2024-13-01",
        "2024-02-30",
        "2024-03-05 25:00",
        "2024-03-05 오후 14:30",
        "2024-03-05 14",
        "0000-00-00",
        "1970-01-01",
        "2024-03-05 14:30+99:99",
        "9999-12-31 23:59:59-23:59",
        "2024-03-05 14:30 외",
    ],
)
def test_does_not_guess_at_anything_else(text: str) -> None:
    assert read_date(text, zone=SEOUL) is None


@given(st.text() | st.from_regex(r"[0-9./\- :TZ+년월일오후]{4,30}", fullmatch=True))
def test_gives_an_aware_moment_or_nothing_for_any_text(text: str) -> None:
    found = read_date(text, zone=SEOUL)

    assert found is None or found.tzinfo is UTC


@given(st.integers(min_value=0, max_value=2_000_000_000))
def test_reads_back_what_iso_writes(seconds: int) -> None:
    moment = datetime(1980, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)

    assert read_date(moment.replace(tzinfo=None).isoformat(" "), zone=UTC) == moment
