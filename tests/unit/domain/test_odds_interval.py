"""The interval of a difference against SciPy, against the test it turns round, by simulation."""

from math import exp, inf, log
from random import Random

import pytest
from hypothesis import given, settings, strategies as st
from scipy.stats import nchypergeom_fisher

from functions.domain.odds_interval import Bounds, difference
from functions.domain.odds_process import LOG_ODDS_RATIOS, Block, log_e

EVEN = (Block(1_000, 110, 1_000, 80), Block(1_000, 102, 1_000, 85), Block(1_000, 97, 1_000, 90))


@st.composite
def blocks(draw, most: int = 40) -> Block:
    people, others = draw(st.integers(1, most)), draw(st.integers(1, most))
    return Block(people, draw(st.integers(0, people)), others, draw(st.integers(0, others)))


def within(bounds: Bounds, value: float) -> bool:
    low = -inf if bounds.low is None else bounds.low
    return low <= value <= (inf if bounds.high is None else bounds.high)


def chance(block: Block, odds: float) -> float:
    """SciPy's, of one block."""
    all_people, hits = block.people + block.other_people, block.hits + block.other_hits
    found = nchypergeom_fisher.logpmf(block.hits, all_people, block.people, hits, exp(odds))
    return float(found)


def test_bounds_are_where_scipys_likelihoods_refute_them() -> None:
    found = difference(EVEN, error=0.05)

    assert found is not None
    assert found.odds_ratio.low is not None
    own = log(found.odds_ratio.low)
    quotients = [
        exp(sum(chance(block, own + more) - chance(block, own) for block in EVEN))
        for more in LOG_ODDS_RATIOS
    ]
    assert sum(quotients) / len(quotients) == pytest.approx(2 / 0.05, rel=1e-3)


@settings(deadline=None)
@given(st.lists(blocks(), min_size=1, max_size=4), st.sampled_from([0.5, 0.05, 0.0001]))
def test_no_difference_is_refuted_exactly_when_the_test_does(
    found: list[Block], error: float
) -> None:
    known, evidence = difference(tuple(found), error=error), log_e(found)

    # Numbers of a hair's breadth apart are the same.
    if known is not None and abs(evidence - log(2 / error)) > 1e-6:
        low = known.odds_ratio.low
        assert (low is not None and low > 1) == (evidence > log(2 / error))


@settings(deadline=None)
@given(st.lists(blocks(), min_size=1, max_size=4))
def test_interval_holds_what_was_seen_and_turns_round_with_the_variants(found: list[Block]) -> None:
    turned = [Block(b.other_people, b.other_hits, b.people, b.hits) for b in found]

    one, other = (difference(tuple(each), error=0.05) for each in (found, turned))

    if one is None or other is None:
        assert one is other
        return
    points = one.points
    assert points.seen is not None
    assert -1 <= (points.low or 0) <= points.seen + 1e-6 <= (points.high or 0) + 2e-6 <= 1 + 1e-5
    assert other.points.low == pytest.approx(-(points.high or 0), abs=1e-3)
    assert other.points.seen == pytest.approx(-points.seen, abs=1e-3)
    if one.odds_ratio.seen is not None:
        assert within(one.odds_ratio, one.odds_ratio.seen)


def test_difference_that_was_seen_is_that_of_the_rates() -> None:
    found = difference((Block(2_000, 190, 2_000, 170),), error=0.05)

    assert found is not None
    assert found.points.seen == pytest.approx(0.01, abs=1e-4)


def test_all_against_none_has_no_upper_end() -> None:
    found = difference((Block(15, 15, 15, 0),), error=0.05)

    assert found is not None
    assert found.odds_ratio.seen is found.odds_ratio.high is None
    assert found.odds_ratio.low == pytest.approx(9.48, abs=0.01)
    assert found.points.seen == found.points.high == pytest.approx(1.0)
    assert found.points.low == pytest.approx(0.51, abs=0.01)


@pytest.mark.parametrize(
    "block", [Block(0, 0, 0, 0), Block(9, 0, 9, 0), Block(9, 9, 9, 9), Block(0, 0, 9, 3)]
)
def test_where_all_or_none_were_hits_nothing_is_said(block: Block) -> None:
    assert difference((block,), error=0.05) is None


def test_who_looks_after_every_block_is_missed_no_more_often_than_said() -> None:
    """Rates of 10 % and 13.5 %: 100 experiments of 10 blocks, a look after each, 5 % may miss."""
    dice, missed = Random(11), 0
    truth = (0.135 / 0.865) / (0.1 / 0.9)
    for _ in range(100):
        seen: list[Block] = []
        for _ in range(10):
            hits, other = (sum(dice.random() < rate for _ in range(40)) for rate in (0.135, 0.1))
            seen.append(Block(40, hits, 40, other))
            found = difference(tuple(seen), error=0.05)
            if found is not None and not within(found.odds_ratio, truth):
                missed += 1
                break

    assert missed / 100 <= 0.05
