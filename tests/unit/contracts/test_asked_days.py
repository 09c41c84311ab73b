from datetime import date

import pytest
from hypothesis import given, strategies as st

from functions.contracts.asked_days import MOST_DAYS, Days, asked_day, asked_days
from functions.contracts.errors import InvalidInput

TODAY = date(2026, 11, 26)


def test_the_usual_days_are_taken_where_nothing_is_said() -> None:
    assert asked_days({}, last=TODAY, count=7) == Days(first=date(2026, 11, 20), last=TODAY)


def test_the_first_day_follows_from_the_last_one() -> None:
    found = asked_days({"to": "2026-03-01"}, last=TODAY, count=2)

    assert found == Days(first=date(2026, 2, 28), last=date(2026, 3, 1))


@given(st.dates(date(2000, 1, 1), date(2099, 11, 1)), st.integers(1, MOST_DAYS))
def test_days_that_are_given_are_taken_each_once(first: date, count: int) -> None:
    last = date.fromordinal(first.toordinal() + count - 1)
    query = {"from": first.isoformat(), "to": last.isoformat()}

    each = list(asked_days(query, last=TODAY, count=1).each())

    assert (each[0], each[-1], len(each)) == (first, last, count)


@pytest.mark.parametrize(
    ("query", "pointer", "code"),
    [
        ({"from": "yesterday"}, "/query/from", "invalid_format"),
        ({"to": "2026-13-01"}, "/query/to", "invalid_format"),
        ({"to": "0001-01-03"}, "/query/to", "out_of_range"),
        ({"from": "1969-01-01"}, "/query/from", "out_of_range"),
        ({"from": "2026-10-26", "to": "2026-11-26"}, "/query/to", "out_of_range"),
        ({"from": "2026-11-27"}, "/query/to", "out_of_range"),
    ],
)
def test_what_is_no_day_or_too_many_is_named(
    query: dict[str, str], pointer: str, code: str
) -> None:
    with pytest.raises(InvalidInput) as error:
        asked_days(query, last=TODAY, count=7)

    assert [(each.pointer, each.code) for each in error.value.errors] == [(pointer, code)]


def test_a_day_that_must_be_said_is_missed() -> None:
    with pytest.raises(InvalidInput) as error:
        asked_day("", name="day")

    assert error.value.errors[0].pointer == "/query/day"
