"""How sure a share is that was seen among so many."""

from dataclasses import dataclass
from functools import lru_cache
from math import sqrt
from statistics import NormalDist

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A share of 0 to 1 as it was seen, and the interval in which it truly is 19 times of 20."""

    seen: float
    low: float
    high: float


def share_of(hits: int, of: int) -> Share | None:
    """The share with its interval; None where there was nothing to see.

    The interval is the score interval of E. B. Wilson ("Probable Inference, the Law of Succession,
    and Statistical Inference", JASA 22, 1927). It is right for few messages and rare hits too, and
    stays within 0 and 1.

    >>> share_of(0, 10)
    Share(seen=0.0, low=0.0, high=0.27753279986288926)
    """
    if not of:
        return None
    z = critical()
    seen = hits / of
    scale = 1 + z * z / of
    middle = (seen + z * z / (2 * of)) / scale
    half = z * sqrt(seen * (1 - seen) / of + z * z / (4 * of * of)) / scale
    # At the ends the interval reaches them exactly, which floats miss by a hair.
    low = 0.0 if hits == 0 else max(middle - half, 0.0)
    high = 1.0 if hits == of else min(middle + half, 1.0)
    return Share(seen=seen, low=low, high=high)


@lru_cache(maxsize=1)
def critical() -> float:
    """How many deviations the interval reaches to each side, of what is normally distributed."""
    return NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
