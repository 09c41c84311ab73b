"""How many people an audience would have: counted, or told from a part of them."""

from dataclasses import dataclass
from datetime import date
from math import ceil, sqrt

from functions.domain.ids import ContactId

_Z = 1.96
"""Of the normal distribution: 95 times of a hundred the truth lies within."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """``count`` of ``people``, give or take ``margin`` (0: exact), as of ``day``; some of them."""

    count: int
    margin: int
    people: int
    day: date
    sample: tuple[ContactId, ...]


def estimated(
    found: int, *, asked: int, people: int, day: date, sample: tuple[ContactId, ...]
) -> Preview:
    """Conclude from ``found`` of ``asked`` people, put into shards by a hash, to all people.

    The margin is that of a sample without replacement, at 95 %; of a share of 0 or 1 that of the
    rule of three.
    """
    if asked >= people or not asked:
        return Preview(count=found, margin=0, people=people, day=day, sample=sample)
    share = found / asked
    spread = _Z * sqrt(share * (1 - share) / asked * (people - asked) / (people - 1))
    margin = spread if 0 < share < 1 else 3 / asked
    return Preview(
        count=round(share * people),
        margin=ceil(margin * people),
        people=people,
        day=day,
        sample=sample,
    )
