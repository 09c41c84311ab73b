"""Finds the number of a code without an index: codes of a row lie within bounds, which are kept.

A row of codes is sorted and never changes, so a process reads each once and remembers its first
and last code. After that a look-up reads the one or few rows whose bounds fit.
"""

from bisect import bisect_left
from dataclasses import dataclass, field

from functions.coupons.ports import Pools
from functions.domain.ids import CouponPoolId


@dataclass(frozen=True, slots=True)
class _Bounds:
    first: int
    end: int
    low: str = field(repr=False)
    high: str = field(repr=False)


@dataclass(slots=True, kw_only=True)
class Lookup:
    """Looks codes up."""

    pools: Pools
    _known: dict[CouponPoolId, list[_Bounds]] = field(default_factory=dict)

    def __call__(self, pool_id: CouponPoolId, code: str) -> int | None:
        """The number of a code; None when the pool does not have it."""
        for bounds in self._read_on(pool_id):
            if bounds.low <= code <= bounds.high:
                numbers = range(bounds.first, bounds.end)
                codes = [each for _, each in sorted(self.pools.codes(pool_id, numbers).items())]
                place = bisect_left(codes, code)
                if codes[place] == code:
                    return bounds.first + place
        return None

    def _read_on(self, pool_id: CouponPoolId) -> list[_Bounds]:
        known = self._known.setdefault(pool_id, [])
        start = known[-1].end if known else 0
        for chunk in self.pools.chunks(pool_id, start=start):
            codes = chunk.codes
            known.append(_Bounds(chunk.first, chunk.end, codes[0], codes[-1]))
        return known
