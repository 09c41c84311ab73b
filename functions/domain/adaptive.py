"""Shares that follow what did better so far: Thompson sampling.

For each person a rate is drawn for every variant from what its rate may be (a beta distribution,
uniform before anything is known), and the variant of the highest gets the person. W. R. Thompson,
On the likelihood that one unknown probability exceeds another in view of the evidence of two
samples, Biometrika 25, 1933. It loses few hits on weak variants, and proves nothing: shares that
depend on outcomes break the tests for fixed ones, so none is made.
"""

from collections import Counter
from collections.abc import Mapping
from random import Random

from functions.domain.experiment_look import Count


def drawn(counts: Mapping[str, Count], *, people: int, seed: str) -> dict[str, int]:
    """How many of so many people get which variant; the same for the same seed."""
    chance = Random(seed)  # noqa: S311  # no secret
    won: Counter[str] = Counter()
    for _ in range(people):
        rates = {
            name: chance.betavariate(1 + each.hits, 1 + each.sent - each.hits)
            for name, each in counts.items()
        }
        won[max(rates, key=lambda name: rates[name])] += 1
    return {name: won[name] for name in counts}
