"""By how much one variant differs from another, told so that looking often does not mislead.

It is the test of ``domain/odds_process`` turned round. For every ratio of odds r there is an
e-process for "the true ratio is r or less": the quotient of likelihoods for ratios above r, mixed
alike, divided by the likelihood of r. As long as it stays below 2/a, r is not refuted. What is not
refuted from below nor from above is an interval which at all looks together holds the true ratio
with a chance of at least 1 - a (a confidence sequence; J. Ville 1939, H. Robbins 1970, A. Ramdas,
P. Grünwald, V. Vovk, G. Shafer, Game-theoretic statistics and safe anytime-valid inference, Stat.
Sci. 38, 2023). At r = 1 the e-value is that of the test, so both say the same. Where the ratio
differs from part to part, the interval meets the range of the ratios.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import exp, inf, log, sqrt

from functions.domain.odds_process import LOG_ODDS_RATIOS, Block, log_choose

_WIDEST = 12.0
"""Log odds beyond which a bound is none."""
_CERTAIN = 60.0
"""Log odds that leave one of two rates at its end."""
_CLOSE, _HALVINGS = 1e-5, 50
_SLIGHT, _WEIGHTLESS = 1e-13, 40.0
"""A chance beside the likeliest, and its logarithm, that changes no sum."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """A figure as it was seen, and what it truly may be; None: without bound."""

    seen: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """How a variant differs from another.

    ``odds_ratio`` is the ratio of their odds, ``points`` the difference of their rates (-1 to 1)
    that goes with it, given how many hits there were in all.
    """

    odds_ratio: Bounds
    points: Bounds


@lru_cache(maxsize=64)
def difference(blocks: tuple[Block, ...], *, error: float) -> Difference | None:
    """How the first variant differs from the other; None where all or none were hits.

    ``error`` is the chance, over all looks, that the interval misses.
    """
    telling = [block for block in blocks if _tells(block)]
    if not telling:
        return None
    limit = log(2 / error)
    turned = [Block(b.other_people, b.other_hits, b.people, b.hits) for b in telling]
    seen, low, high = _likeliest(telling), _refuted(telling, limit), -_refuted(turned, limit)
    return Difference(
        odds_ratio=Bounds(seen=_ratio(seen), low=_ratio(low), high=_ratio(high)),
        points=Bounds(
            **{
                name: _points(blocks, odds)
                for name, odds in (("seen", seen), ("low", low), ("high", high))
            }
        ),
    )


def _tells(block: Block) -> bool:
    hits, people = block.hits + block.other_hits, block.people + block.other_people
    return 0 < hits < people and bool(block.people and block.other_people)


def _refuted(blocks: Sequence[Block], limit: float) -> float:
    """Up to which log odds ratio "it is this or less" is refuted; -inf: none is."""

    def evidence(odds: float) -> tuple[float, float]:
        own, slope = _log_likelihood(blocks, odds)
        gains: list[tuple[float, float]] = []
        top = -inf
        for more in LOG_ODDS_RATIOS:
            higher, its_slope = _log_likelihood(blocks, odds + more)
            gains.append((higher - own, its_slope - slope))
            # Likelihoods have one peak: whatever is further beyond it weighs nothing.
            top = max(top, higher - own)
            if higher - own < top - _WEIGHTLESS:
                break
        weights = [exp(gain - top) for gain, _ in gains]
        total = sum(weights)
        slopes = sum(w * each for w, (_, each) in zip(weights, gains, strict=True))
        return top + log(total / len(LOG_ODDS_RATIOS)) - limit, slopes / total

    return _falls_to_zero(evidence)


def _likeliest(blocks: Sequence[Block]) -> float:
    """The log odds ratio under which what was seen is likeliest."""
    return _falls_to_zero(lambda odds: (_log_likelihood(blocks, odds)[1], 0.0))


def _falls_to_zero(falling: Callable[[float], tuple[float, float]]) -> float:
    """Where a falling function (given with its slope) is zero; without end where that is too far.

    By Newton's steps, and halving where one leaves what is left.
    """
    low, high = -_WIDEST, _WIDEST
    if falling(low)[0] <= 0:
        return -inf
    if falling(high)[0] >= 0:
        return inf
    place = 0.0
    while high - low > _CLOSE:
        value, slope = falling(place)
        low, high = (place, high) if value > 0 else (low, place)
        step = -value / slope if slope else inf
        after = place + step
        if abs(step) < _CLOSE:
            return after
        place = after if low < after < high else (low + high) / 2
    return place


def _log_likelihood(blocks: Sequence[Block], odds: float) -> tuple[float, float]:
    """Up to a constant that is the same for all ratios; and its slope."""
    value, slope = 0.0, 0.0
    for block in blocks:
        log_weights, mean = _chances(block, odds)
        value += odds * block.hits - log_weights
        slope += block.hits - mean
    return value, slope


def _chances(block: Block, odds: float) -> tuple[float, float]:
    """Fisher's noncentral distribution: the log of its sum of weights, and its mean.

    Summed from the likeliest number of hits outwards.
    """
    people, others, hits = block.people, block.other_people, block.hits + block.other_hits
    ratio, mode = exp(odds), _mode(block, exp(odds))
    total, moment, weight = 1.0, 0.0, 1.0
    for y in range(mode, min(people, hits)):
        weight *= ratio * (people - y) * (hits - y) / ((y + 1) * (others - hits + y + 1))
        total, moment = total + weight, moment + weight * (y + 1 - mode)
        if weight < _SLIGHT:
            break
    weight = 1.0
    for y in range(mode, max(0, hits - others), -1):
        weight *= y * (others - hits + y) / (ratio * (people - y + 1) * (hits - y + 1))
        total, moment = total + weight, moment + weight * (y - 1 - mode)
        if weight < _SLIGHT:
            break
    ways = log_choose(people, mode) + log_choose(others, hits - mode)
    return ways + odds * mode + log(total), mode + moment / total


def _mode(block: Block, ratio: float) -> int:
    """The likeliest number of hits.

    A. Fog, Sampling methods for Wallenius' and Fisher's noncentral hypergeometric distributions,
    Commun. Stat. Simul. Comput. 37, 2008.
    """
    people, others, hits = block.people, block.other_people, block.hits + block.other_hits
    a = ratio - 1
    b = people + hits - (people + others) - (people + hits + 2) * ratio
    c = (people + 1) * (hits + 1) * ratio
    mode = int(-2 * c / (b - sqrt(b * b - 4 * a * c)))
    return min(max(mode, 0, hits - others), people, hits)


def _ratio(odds: float) -> float | None:
    return None if abs(odds) == inf else exp(odds)


def _points(blocks: Sequence[Block], odds: float) -> float:
    """By how much the rates differ at this ratio of odds, if there are as many hits in all."""
    people, others = sum(b.people for b in blocks), sum(b.other_people for b in blocks)
    hits = sum(b.hits + b.other_hits for b in blocks)
    apart = max(-_CERTAIN, min(odds, _CERTAIN))
    low, high = -2 * _CERTAIN, 2 * _CERTAIN
    for _ in range(_HALVINGS):
        base = (low + high) / 2
        more = people * _rate(base + apart) + others * _rate(base) < hits
        low, high = (base, high) if more else (low, base)
    return _rate(low + apart) - _rate(low)


def _rate(log_odds: float) -> float:
    return 1 / (1 + exp(-log_odds))
