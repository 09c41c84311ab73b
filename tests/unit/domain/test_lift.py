"""What a campaign brought about, counted from the rows of its batches."""

from datetime import timedelta

import pytest
from hypothesis import given, strategies as st

from functions.domain.difference import of_means, of_shares
from functions.domain.lift import LEAST_BUYERS, LEAST_PEOPLE, Group, group_of, lift_of
from functions.domain.outcome import HAPPENED, NO_OUTCOMES, BatchOutcomes, Credit

DAY = timedelta(days=1)
DAY_S = 86_400


def a_credit(
    ordinal: int, mark: int = 1, *, after: int = 60, place: int = 0, of: int = 1, minor: int = 100
) -> Credit:
    return Credit(
        ordinal=ordinal, mark=mark, elapsed_s=after, look=1, place=place, of=of, minor=minor
    )


def outcomes(*credits_: Credit) -> BatchOutcomes:
    return NO_OUTCOMES.merged(credits_)


def test_people_count_who_bought_in_the_window_whatever_touched_them() -> None:
    found = group_of(
        200,
        outcomes(
            a_credit(0),
            a_credit(0, 2, place=HAPPENED, of=0, minor=50),
            a_credit(1, place=1, of=3, minor=30),
            a_credit(2, after=DAY_S - 1, place=HAPPENED, of=0, minor=7),
            a_credit(3, after=DAY_S),
            a_credit(4, of=0),
        ),
        window=DAY,
    )

    assert found == Group(people=200, converted=3, minor=187, squares=150**2 + 30**2 + 7**2)


def test_without_a_goal_only_people_are_counted() -> None:
    assert group_of(5, outcomes(a_credit(0)), window=None) == Group(people=5)


amounts = st.lists(st.integers(0, 10**9), max_size=30)


@given(first=amounts, second=amounts)
def test_batches_add_up(first: list[int], second: list[int]) -> None:
    def group(values: list[int]) -> Group:
        found = outcomes(*(a_credit(i, minor=each) for i, each in enumerate(values)))
        return group_of(len(values), found, window=DAY)

    assert group(first) + group(second) == group([*first, *second])


TREATED = Group(people=9_000, converted=900, minor=27_000_000, squares=900 * 30_000**2)
BASE = Group(people=1_000, converted=60, minor=1_800_000, squares=60 * 30_000**2)


def test_the_lift_is_what_the_others_would_not_have_done() -> None:
    found = lift_of(TREATED, BASE, cost=162_000)

    assert found.conversion is not None
    assert found.conversion.each == of_shares(900, 9_000, 60, 1_000)
    assert found.conversion.each.seen == pytest.approx(0.04)
    assert found.conversion.relative == pytest.approx(2 / 3)
    assert found.conversion.all.seen == pytest.approx(360)
    assert found.revenue is not None
    assert found.revenue.each == of_means(TREATED.sums, BASE.sums)
    assert found.revenue.all.seen == pytest.approx(10_800_000)
    assert found.roi is not None
    assert found.roi.seen == pytest.approx((10_800_000 - 162_000) / 162_000)
    assert found.roi.low < found.roi.seen < found.roi.high
    assert found.roi.low == pytest.approx((found.revenue.all.low - 162_000) / 162_000)


def test_nothing_is_said_of_groups_that_are_too_small() -> None:
    few = Group(people=LEAST_PEOPLE - 1, converted=LEAST_BUYERS - 1, minor=5, squares=25)
    enough = Group(people=LEAST_PEOPLE, converted=LEAST_BUYERS - 1, minor=5, squares=25)

    assert lift_of(TREATED, few, cost=1).conversion is None
    found = lift_of(TREATED, enough, cost=1)
    assert found.conversion is not None
    assert (found.revenue, found.roi) == (None, None)
    assert lift_of(Group(), Group(), cost=0).conversion is None


def test_without_a_cost_there_is_no_return_on_it() -> None:
    found = lift_of(TREATED, BASE, cost=0)

    assert found.revenue is not None
    assert found.roi is None


def test_nothing_is_relative_to_nothing() -> None:
    found = lift_of(TREATED, Group(people=1_000), cost=1)

    assert found.conversion is not None
    assert found.conversion.relative is None
