"""How much more of one group than of another, and how sure that is.

Shares: R. G. Newcombe's hybrid score interval ("Interval estimation for the difference between
independent proportions", Statistics in Medicine 17, 1998, method 10), made of Wilson's intervals
(``domain/interval.py``). It is right for rare events and few people too.

Means: B. L. Welch's interval ("The generalization of Student's problem when several different
population variances are involved", Biometrika 34, 1947), for groups whose values spread
differently. It needs sums and sums of squares only.
"""

from dataclasses import dataclass
from math import sqrt

from functions.domain.interval import critical, share_of

_LEAST_DEGREES = 5.0
"""Of freedom, from which on the expansion of Student's quantile is right to three digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A value as it was seen, and the interval in which it truly is 19 times of 20."""

    seen: float
    low: float
    high: float

    def times(self, factor: float) -> "Estimate":
        """The same of so many, at least 0."""
        return Estimate(seen=self.seen * factor, low=self.low * factor, high=self.high * factor)

    def beyond(self, cost: float) -> "Estimate":
        """What is gained beyond a cost above 0, in units of the cost."""
        return Estimate(
            seen=(self.seen - cost) / cost,
            low=(self.low - cost) / cost,
            high=(self.high - cost) / cost,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """Values of so many people: their sum, and the sum of their squares; whole numbers."""

    count: int
    total: int
    squares: int

    @property
    def mean(self) -> float:
        """On average; there must be somebody."""
        return self.total / self.count

    @property
    def variance_of_mean(self) -> float:
        """Of the mean, not biased; there must be two people or more. Exact before the division."""
        spread = self.count * self.squares - self.total * self.total
        return spread / (self.count * self.count * (self.count - 1))


def of_shares(hits: int, of: int, base_hits: int, base_of: int) -> Estimate | None:
    """How much larger a share is than another; None where one of the groups is empty.

    >>> found = of_shares(56, 70, 48, 80)  # Newcombe's example (a): 0.2, 0.0524 to 0.3339
    >>> [round(each, 4) for each in (found.seen, found.low, found.high)]
    [0.2, 0.0524, 0.3339]
    """
    one, base = share_of(hits, of), share_of(base_hits, base_of)
    if one is None or base is None:
        return None
    seen = one.seen - base.seen
    return Estimate(
        seen=seen,
        low=seen - sqrt((one.seen - one.low) ** 2 + (base.high - base.seen) ** 2),
        high=seen + sqrt((one.high - one.seen) ** 2 + (base.seen - base.low) ** 2),
    )


def of_means(one: Sums, base: Sums) -> Estimate | None:
    """How much larger a mean is than another; None where too little is known of how they spread."""
    if min(one.count, base.count) < 2:  # noqa: PLR2004  # who spreads needs company
        return None
    parts = one.variance_of_mean, base.variance_of_mean
    variance = sum(parts)
    degrees = _degrees(parts, (one.count, base.count))
    if degrees is None or degrees < _LEAST_DEGREES:
        return None
    half = student(degrees) * sqrt(variance)
    seen = one.mean - base.mean
    return Estimate(seen=seen, low=seen - half, high=seen + half)


def _degrees(variances: tuple[float, float], counts: tuple[int, int]) -> float | None:
    """Of freedom, by Welch and Satterthwaite; None where nobody differs."""
    weighed = sum(v * v / (n - 1) for v, n in zip(variances, counts, strict=True))
    return sum(variances) ** 2 / weighed if weighed else None


def student(degrees: float) -> float:
    """Student's quantile for the interval, by its expansion about the normal one.

    Abramowitz, Stegun, Handbook of Mathematical Functions, 26.7.5.
    """
    z = critical()
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92_160,
    )
    return z + sum(term / degrees**power for power, term in enumerate(terms, start=1))
