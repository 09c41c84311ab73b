"""Intervals of differences: against published figures, SciPy, and by how often they are right."""

import random
from math import exp, sqrt

import pytest
from hypothesis import given, strategies as st
from scipy import stats

from functions.domain.difference import Estimate, Sums, of_means, of_shares, student
from functions.domain.lift import LEAST_BUYERS


def sums(values: list[int]) -> Sums:
    return Sums(count=len(values), total=sum(values), squares=sum(each * each for each in values))


@pytest.mark.parametrize(
    ("one", "base", "low", "high"),
    [
        # Newcombe 1998, table II, method 10.
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((0, 10), (0, 10), -0.2775, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_shares_differ_as_newcombe_published(
    one: tuple[int, int], base: tuple[int, int], low: float, high: float
) -> None:
    found = of_shares(*one, *base)

    assert found is not None
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@given(of=st.integers(1, 5_000), base_of=st.integers(1, 5_000), data=st.data())
def test_shares_differ_by_the_intervals_of_scipy(of: int, base_of: int, data) -> None:
    hits, base_hits = data.draw(st.integers(0, of)), data.draw(st.integers(0, base_of))
    one, base = (
        stats.binomtest(k, n).proportion_ci(method="wilson")
        for k, n in ((hits, of), (base_hits, base_of))
    )
    p, q = hits / of, base_hits / base_of

    found = of_shares(hits, of, base_hits, base_of)

    assert found is not None
    low = p - q - sqrt((p - one.low) ** 2 + (base.high - q) ** 2)
    high = p - q + sqrt((one.high - p) ** 2 + (q - base.low) ** 2)
    assert (found.low, found.high) == (pytest.approx(low, abs=1e-9), pytest.approx(high, abs=1e-9))
    assert found.low <= found.seen <= found.high


values = st.lists(st.integers(-(10**9), 10**9), min_size=2, max_size=60)


@given(one=values, base=values)
def test_means_differ_as_scipy_says(one: list[int], base: list[int]) -> None:
    found = of_means(sums(one), sums(base))

    if found is None:
        return
    expected = stats.ttest_ind(one, base, equal_var=False).confidence_interval(0.95)
    wide = expected.high - expected.low
    assert found.low == pytest.approx(expected.low, abs=2e-3 * wide + 1e-6)
    assert found.high == pytest.approx(expected.high, abs=2e-3 * wide + 1e-6)


def test_sums_of_large_amounts_lose_nothing() -> None:
    one = [10**12 + place for place in range(100)]
    base = [10**12 + 2 * place for place in range(100)]

    found = of_means(sums(one), sums(base))

    assert found is not None
    expected = stats.ttest_ind(range(100), range(0, 200, 2), equal_var=False)
    low, high = expected.confidence_interval(0.95)
    assert (found.low, found.high) == (pytest.approx(low, rel=1e-3), pytest.approx(high, rel=1e-3))


@pytest.mark.parametrize("degrees", [5, 7.3, 12, 30, 100, 10_000])
def test_students_quantile_is_that_of_scipy(degrees: float) -> None:
    assert student(degrees) == pytest.approx(stats.t.ppf(0.975, degrees), abs=4e-4)


@pytest.mark.parametrize(
    ("one", "base"), [([], [1, 2]), ([1], [1, 2]), ([5, 5, 5], [3, 3, 3]), ([1, 9], [1, 2])]
)
def test_nothing_is_said_where_too_little_is_known(one: list[int], base: list[int]) -> None:
    assert of_means(sums(one), sums(base)) is None
    assert of_shares(0, 0, 1, 2) is None


def test_a_difference_is_carried_over_to_all_and_to_a_cost() -> None:
    each = Estimate(seen=2.0, low=-1.0, high=4.0)

    assert each.times(10) == Estimate(seen=20.0, low=-10.0, high=40.0)
    assert each.times(10).beyond(8) == Estimate(seen=1.5, low=-2.25, high=4.0)


def orders(chance: random.Random, people: int, rate: float) -> list[int]:
    """What people spend: most nothing, a few a lot."""
    return [
        round(30_000 * exp(chance.gauss(0, 0.8))) if chance.random() < rate else 0
        for _ in range(people)
    ]


@pytest.mark.parametrize(("rate", "base_rate"), [(0.06, 0.06), (0.08, 0.06)])
def test_intervals_are_right_as_often_as_they_say(rate: float, base_rate: float) -> None:
    chance = random.Random(20261127)
    mean = 30_000 * exp(0.8**2 / 2)
    right_shares = right_means = said = 0
    for _ in range(400):
        one, base = orders(chance, 1_600, rate), orders(chance, 500, base_rate)
        bought, base_bought = (sum(each > 0 for each in group) for group in (one, base))
        shares = of_shares(bought, len(one), base_bought, len(base))
        means = of_means(sums(one), sums(base))
        assert shares is not None
        assert means is not None
        right_shares += shares.low <= rate - base_rate <= shares.high
        if min(bought, base_bought) >= LEAST_BUYERS:
            said += 1
            right_means += means.low <= mean * (rate - base_rate) <= means.high

    assert 0.93 <= right_shares / 400 <= 0.98
    assert said > 380
    assert 0.92 <= right_means / said <= 0.98
