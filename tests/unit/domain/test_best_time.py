from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from functions.domain.best_time import HOUR, Because, BestTime, ClickHours, hour_of_week
from functions.domain.channel import Channel, Purpose
from functions.domain.closed_hours import Hours, open_from
from functions.domain.eligibility import hours_of, strictest_hours
from functions.domain.ids import ContactId
from functions.domain.policy import Policy, Window
from tests.builders import a_case, some_terms

SEOUL = (ZoneInfo("Asia/Seoul"),)
NIGHT = Hours(nights=((time(21), time(8)),))
MONDAY_NINE = datetime(2026, 11, 30, 0, 0, tzinfo=UTC)
"""By the clocks of Seoul."""
KIM, LEE = ContactId("kim"), ContactId("lee")

moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001  # bounds
openings = st.lists(moments, max_size=40).map(ClickHours.of)


def evenings(number: int) -> ClickHours:
    return ClickHours.of([MONDAY_NINE + 10 * HOUR] * number)


def best(hours: dict[ContactId, ClickHours], *, within: int = 24) -> BestTime:
    return BestTime(after=MONDAY_NINE, within=within * HOUR, hours=hours)


def test_somebody_who_opens_in_the_evening_gets_it_in_the_evening() -> None:
    choice = best({KIM: evenings(5)}).choose(KIM, closed=NIGHT, zones=SEOUL)

    assert choice is not None
    assert choice.at == MONDAY_NINE + 10 * HOUR
    assert (choice.because, choice.openings) == (Because.OWN_OPENINGS, 5)


def test_somebody_of_whom_nothing_is_known_gets_it_when_the_others_open() -> None:
    choice = best({KIM: evenings(30)}).choose(LEE, closed=NIGHT, zones=SEOUL)

    assert choice is not None
    assert choice.at == MONDAY_NINE + 10 * HOUR
    assert (choice.because, choice.openings) == (Because.OTHERS_OPENINGS, 0)


def test_where_too_little_is_known_nobody_waits() -> None:
    choice = best({KIM: evenings(29)}).choose(LEE, closed=NIGHT, zones=SEOUL)

    assert choice is not None
    assert choice.at == MONDAY_NINE
    assert choice.because is Because.NOT_ENOUGH


def test_others_weigh_as_much_as_four_openings_of_ones_own() -> None:
    others = {ContactId(f"c{i}"): evenings(10) for i in range(20)}
    noon = ClickHours.of([MONDAY_NINE + 3 * HOUR] * 3)
    many = ClickHours.of([MONDAY_NINE + 3 * HOUR] * 6)

    few_own = best({**others, LEE: noon}).choose(LEE, closed=NIGHT, zones=SEOUL)
    many_own = best({**others, LEE: many}).choose(LEE, closed=NIGHT, zones=SEOUL)

    assert few_own is not None
    assert many_own is not None
    assert few_own.at == MONDAY_NINE + 10 * HOUR
    assert many_own.at == MONDAY_NINE + 3 * HOUR


def test_hour_beyond_the_time_given_is_not_waited_for() -> None:
    choice = best({KIM: evenings(50)}, within=6).choose(KIM, closed=NIGHT, zones=SEOUL)

    assert choice is not None
    assert choice.at <= MONDAY_NINE + 6 * HOUR


def test_nothing_is_chosen_where_all_hours_are_closed() -> None:
    late = BestTime(after=MONDAY_NINE + 13 * HOUR, within=3 * HOUR, hours={KIM: evenings(9)})

    assert late.choose(KIM, closed=NIGHT, zones=SEOUL) is None


@given(after=moments, within=st.integers(1, 168), own=openings, others=openings)
def test_chosen_hour_is_open_and_within_the_time(
    after: datetime, within: int, own: ClickHours, others: ClickHours
) -> None:
    found = BestTime(after=after, within=within * HOUR, hours={KIM: own, LEE: others})

    choice = found.choose(KIM, closed=NIGHT, zones=SEOUL)

    if choice is not None:
        assert after <= choice.at <= after + within * HOUR
        assert open_from(choice.at, NIGHT, SEOUL) == choice.at
        assert choice.at == after or choice.at.minute == choice.at.second == 0


@given(after=moments, own=openings, weeks=st.integers(1, 52))
def test_the_same_openings_choose_the_same_hour_of_any_week(
    after: datetime, own: ClickHours, weeks: int
) -> None:
    def chosen(begin: datetime) -> datetime | None:
        found = BestTime(after=begin, within=168 * HOUR, hours={KIM: own})
        choice = found.choose(KIM, closed=NIGHT, zones=SEOUL)
        return None if choice is None else choice.at

    later = chosen(after + timedelta(weeks=weeks))

    assert later is not None
    assert later - timedelta(weeks=weeks) == chosen(after)


@given(moments)
def test_hours_of_the_week_count_from_monday(moment: datetime) -> None:
    begin = moment.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(
        days=moment.weekday()
    )

    assert hour_of_week(moment) == (moment - begin) // HOUR
    assert 0 <= hour_of_week(moment) < 168


@pytest.mark.parametrize("channel", list(Channel))
@pytest.mark.parametrize("purpose", list(Purpose))
def test_closed_hours_of_all_are_those_of_somebody_who_agreed_to_no_night(
    channel: Channel, purpose: Purpose
) -> None:
    window = Window(name="weekend", starts=time(0), ends=time(0), weekdays=frozenset({5, 6}))
    terms = some_terms(channel=channel, purpose=purpose, policy=Policy(windows=(window,)))

    assert strictest_hours(terms) == hours_of(a_case(terms=terms, consents={}))
