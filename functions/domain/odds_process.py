"""How strongly counts speak for one variant against another, however often one looks.

People come in blocks (the parts of a campaign) in which chance decided who got which variant. Given
how many of a block's people were hits in all, the hits of one variant follow the hypergeometric
distribution if the variants do the same, and Fisher's noncentral one if the odds differ by a
ratio. The quotient of the two likelihoods is on average 1 where there is no difference, whatever
the rate of hits is, and at most 1 where the other variant is better. So is the product over
blocks, and the average of the products for several ratios: an e-process. By Ville's inequality it
ever exceeds 1/a with a chance of at most a, so looking at any time costs nothing.

Sources: J. Ville, Étude critique de la notion de collectif, 1939. H. Robbins, Statistical methods
related to the law of the iterated logarithm, Ann. Math. Statist. 41, 1970 (mixtures). P. Grünwald,
R. de Heide, W. Koolen, Safe testing, J. R. Stat. Soc. B 86, 2024. J. ter Schure, M. Pérez-Ortiz,
A. Ly, P. Grünwald, The safe logrank test, arXiv:2011.06931 (the same quotient for tied events).
R. Turner, A. Ly, P. Grünwald, Generic e-variables for exact sequential k-sample tests that allow
for optional stopping, J. Stat. Plan. Inference 230, 2024. R. A. Fisher, The logic of inductive
inference, J. R. Stat. Soc. 98, 1935.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from math import exp, inf, lgamma, log

METHOD = "conditional-odds-mixture-1"
"""Names the test and its constants in what is registered."""
_SMALLEST, _LARGEST, _COUNT = 0.03, 3.0, 12
LOG_ODDS_RATIOS = tuple(
    _SMALLEST * (_LARGEST / _SMALLEST) ** (place / (_COUNT - 1)) for place in range(_COUNT)
)
"""The differences that are looked for, equally likely: odds higher by 3 % up to twenty times."""


@dataclass(frozen=True, slots=True)
class Block:
    """Of so many people how many were hits, for one variant and for another of the same block."""

    people: int
    hits: int
    other_people: int
    other_hits: int


def log_e(blocks: Iterable[Block]) -> float:
    """The natural logarithm of the e-value for "the first variant has more hits"."""
    sums = [0.0] * _COUNT
    for block in blocks:
        for place, gain in enumerate(log_quotients(block)):
            sums[place] += gain
    return _log_sum(sums) - log(_COUNT)


@lru_cache(maxsize=4096)
def log_quotients(block: Block) -> tuple[float, ...]:
    """The logarithm of the quotient of likelihoods for each ratio of odds."""
    least, logs = _log_chances(block)
    return tuple(
        -_log_sum([each + ratio * (least + y - block.hits) for y, each in enumerate(logs)])
        for ratio in LOG_ODDS_RATIOS
    )


def _log_chances(block: Block) -> tuple[int, list[float]]:
    """The least possible hits of the first variant, and how likely each number from there is."""
    total = block.hits + block.other_hits
    least = max(0, total - block.other_people)
    most = min(block.people, total)
    ways = log_choose(block.people + block.other_people, total)
    return least, [
        log_choose(block.people, y) + log_choose(block.other_people, total - y) - ways
        for y in range(least, most + 1)
    ]


def log_choose(n: int, k: int) -> float:
    """The natural logarithm of in how many ways k of n can be chosen."""
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


def _log_sum(logs: list[float]) -> float:
    """The logarithm of a sum, from those of its terms."""
    top = max(logs, default=-inf)
    return top + log(sum(exp(each - top) for each in logs))
