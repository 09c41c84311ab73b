"""Who gets which variant: exact shares, whoever plans which part of a campaign, and how often.

Everybody has a seat, counted from the first recipient on. Seats are given to variants by the rule
of R. Tijdeman ("The chairman assignment problem", Discrete Mathematics 32, 1980): after any number
of seats no variant has more or fewer than its share by one person or more. Within the people who
are found together, the seats are taken in the order of a keyed hash of campaign and person, so it
is chance who gets what, and the same each time it is worked out.

Guaranteed: of all people found so far each variant has its share within less than one person, and
of any part's people within less than two.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import islice
from math import gcd, lcm
from typing import TypeVar

T = TypeVar("T")
Weights = tuple[int, ...]


def seats(weights: Weights, *, first: int) -> "Seats":
    """The places of the variants in the seats from ``first`` on, without end."""
    return Seats(_period(_reduced(weights)), first)


class Seats:
    """An endless row of seats that repeats itself."""

    def __init__(self, period: Weights, first: int) -> None:
        """Begin with a seat of the row."""
        self._period, self._next = period, first

    def __iter__(self) -> "Seats":
        """Itself."""
        return self

    def __next__(self) -> int:
        """The place of the variant whose seat is next."""
        found = self._period[self._next % len(self._period)]
        self._next += 1
        return found


def _reduced(weights: Weights) -> Weights:
    shared = gcd(*weights)
    return tuple(weight // shared for weight in weights)


@lru_cache(maxsize=32)
def _period(weights: Weights) -> tuple[int, ...]:
    """Seats until everybody has exactly their share; then it begins anew.

    The next seat goes to who would be due first, among those who may have one already (in the
    paper: sigma not below 1/(2k-2)). All is counted in whole numbers.
    """
    total, slack = sum(weights), max(2 * len(weights) - 2, 1)
    unit = lcm(*weights)
    given = [0] * len(weights)
    row = []
    for seat in range(1, total + 1):
        place = min(
            (
                place
                for place, weight in enumerate(weights)
                if (seat * weight - given[place] * total) * slack >= total
            ),
            key=lambda each: (((given[each] + 1) * slack - 1) * (unit // weights[each]), each),
        )
        given[place] += 1
        row.append(place)
    return tuple(row)


def in_order(people: Sequence[T], *, rank: Callable[[T], bytes]) -> list[int]:
    """The places of people by the rank of each, their keyed hash; equals as they came."""
    ranks = [rank(person) for person in people]
    return sorted(range(len(people)), key=lambda place: (ranks[place], place))


def allotted(
    people: Sequence[T], row: Sequence[int], *, rank: Callable[[T], bytes]
) -> tuple[int, ...]:
    """Give the seats of a row to people in the order of their ranks; tells whose seat is whose."""
    found = [0] * len(people)
    for place, seat in zip(in_order(people, rank=rank), row, strict=True):
        found[place] = seat
    return tuple(found)


def row_of(weights: Weights, *, first: int, count: int) -> tuple[int, ...]:
    """So many seats from ``first`` on."""
    return tuple(islice(seats(weights, first=first), count))


def row_without(weights: Weights, *, first: int, count: int, left_out: int) -> tuple[int, ...]:
    """So many seats from ``first`` on that are not those of ``left_out``."""
    row = (seat for seat in seats(weights, first=first) if seat != left_out)
    return tuple(islice(row, count))
