"""The e-process against SciPy, against the definition in whole numbers, and by simulation."""

from fractions import Fraction
from math import comb, exp, log
from random import Random

import pytest
from hypothesis import given, strategies as st
from scipy.stats import hypergeom, nchypergeom_fisher

from functions.domain.odds_process import LOG_ODDS_RATIOS, Block, log_e, log_quotients


@st.composite
def blocks(draw, most: int = 60) -> Block:
    people, others = draw(st.integers(1, most)), draw(st.integers(1, most))
    return Block(people, draw(st.integers(0, people)), others, draw(st.integers(0, others)))


@given(blocks())
def test_quotient_is_that_of_scipys_distributions(block: Block) -> None:
    all_people, hits = block.people + block.other_people, block.hits + block.other_hits

    usual = hypergeom.logpmf(block.hits, all_people, block.people, hits)
    expected = [
        nchypergeom_fisher.logpmf(block.hits, all_people, block.people, hits, exp(ratio)) - usual
        for ratio in LOG_ODDS_RATIOS
    ]

    assert log_quotients(block) == pytest.approx(expected, abs=1e-7)


@given(blocks(most=25))
def test_quotient_is_one_on_average_without_a_difference(block: Block) -> None:
    hits = block.hits + block.other_hits
    least, most = max(0, hits - block.other_people), min(block.people, hits)
    ways = comb(block.people + block.other_people, hits)

    average = [0.0] * len(LOG_ODDS_RATIOS)
    for y in range(least, most + 1):
        chance = Fraction(comb(block.people, y) * comb(block.other_people, hits - y), ways)
        for place, gain in enumerate(
            log_quotients(Block(block.people, y, block.other_people, hits - y))
        ):
            average[place] += float(chance) * exp(gain)

    assert average == pytest.approx([1.0] * len(LOG_ODDS_RATIOS))


@given(blocks(), st.integers(0, 5))
def test_more_hits_speak_more_for_a_variant(block: Block, more: int) -> None:
    moved = min(more, block.other_hits, block.people - block.hits)
    better = Block(block.people, block.hits + moved, block.other_people, block.other_hits - moved)

    assert log_e([better]) >= log_e([block]) - 1e-9


def test_without_anybody_nothing_is_said() -> None:
    assert log_e([]) == pytest.approx(0.0)
    assert log_e([Block(0, 0, 0, 0), Block(50, 7, 0, 0)]) == pytest.approx(0.0)


def test_blocks_of_a_whole_campaign_are_weighed() -> None:
    block = Block(5_000, 300, 5_000, 220)

    assert log_e([block]) > log(40)
    assert log_e([Block(5_000, 220, 5_000, 300)]) < 0
    assert log_e([Block(100_000, 90_000, 100_000, 89_000)]) > log(40)


def test_who_looks_after_every_block_is_wrong_no_more_often_than_said() -> None:
    """No difference: 2,000 experiments of 30 blocks, a look after each; 5 % in all are allowed."""
    chance, wrong = Random(7), 0
    for _ in range(2_000):
        sums = {True: [0.0] * len(LOG_ODDS_RATIOS), False: [0.0] * len(LOG_ODDS_RATIOS)}
        for _ in range(30):
            hits, other = (
                sum(chance.random() < 0.1 for _ in range(40)),
                sum(chance.random() < 0.1 for _ in range(40)),
            )
            for first, pair in ((True, (hits, other)), (False, (other, hits))):
                gains = log_quotients(Block(40, pair[0], 40, pair[1]))
                sums[first] = [a + b for a, b in zip(sums[first], gains, strict=True)]
            e_values = [sum(map(exp, each)) / len(each) for each in sums.values()]
            if max(e_values) >= 2 / 0.05:
                wrong += 1
                break

    assert wrong / 2_000 <= 0.05
