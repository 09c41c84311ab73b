"""The hour at which somebody is most likely to open a link, by when they and others did.

What a person opened is one count for each hour of the week, in UTC: the same on the clocks of any
zone. It is counted when it is asked for, from the rows of the messages that the person got lately
(``domain/openings.py``), so nothing is written for it. People with few openings are told by the
others of the same part: what those did counts as if it were a few openings more of their own.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from functions.domain.closed_hours import Hours, open_from
from functions.domain.ids import ContactId

HOURS_A_WEEK = 168
HOUR = timedelta(hours=1)
_OTHERS_COUNT = 4
"""So many openings of a person's own weigh as much as what all others did."""
_ENOUGH = 30
"""Openings of all together below which nothing is known, and nobody waits."""
_BESIDE = 0.5
"""What an opening says of the hour before it and of the one after it."""


def hour_of_week(moment: datetime) -> int:
    """Which hour of the week, in UTC, from Monday 00:00 on.

    >>> hour_of_week(datetime(2026, 11, 24, 3, 59, tzinfo=UTC))
    27
    """
    utc = moment.astimezone(UTC)
    return utc.weekday() * 24 + utc.hour


@dataclass(frozen=True, slots=True)
class ClickHours:
    """How often somebody opened a link in each hour of the week (UTC)."""

    counts: tuple[int, ...] = (0,) * HOURS_A_WEEK

    @classmethod
    def of(cls, openings: Iterable[datetime]) -> "ClickHours":
        """Count these openings."""
        found = Counter(map(hour_of_week, openings))
        return cls(tuple(found[hour] for hour in range(HOURS_A_WEEK)))

    def around(self, hour: int) -> float:
        """How much speaks for an hour of the week: what was opened in it, and half of beside it."""
        return _around(self.counts, hour)

    @property
    def total(self) -> int:
        """How many openings are known."""
        return sum(self.counts)


class Because(StrEnum):
    """What an hour was chosen by."""

    OWN_OPENINGS = "own_openings"
    OTHERS_OPENINGS = "others_openings"
    NOT_ENOUGH = "not_enough_openings"
    """Too few are known; the message does not wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """When somebody's message should leave, by what, and how many openings of their own said so."""

    at: datetime
    because: Because
    openings: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BestTime:
    """Chooses the hour of each person of a part, from ``after`` on until ``within`` later.

    ``hours`` are the openings of those people of whom any are known.
    """

    after: datetime
    within: timedelta
    hours: Mapping[ContactId, ClickHours] = field(default_factory=dict, repr=False)
    _others: tuple[float, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_others", _weights(self.hours.values()))

    def choose(
        self, contact_id: ContactId | None, *, closed: Hours, zones: tuple[ZoneInfo, ...]
    ) -> Choice | None:
        """Choose among the beginning and the full hours after it: the earliest of equally good.

        None where all of them are within the closed hours of one of the zones.
        """
        moments = _open_moments(self.after, self.within, closed, zones)
        own = ClickHours() if contact_id is None else self.hours.get(contact_id, ClickHours())
        scores = [own.around(hour_of_week(each)) + self._of_others(each) for each in moments]
        best = max(scores, default=None)
        if best is None:
            return None
        return Choice(
            at=moments[scores.index(best)], because=self._because(own, best), openings=own.total
        )

    def _because(self, own: ClickHours, best: float) -> Because:
        if not best:
            return Because.NOT_ENOUGH
        mine = own.total >= _OTHERS_COUNT or not any(self._others)
        return Because.OWN_OPENINGS if mine else Because.OTHERS_OPENINGS

    def _of_others(self, moment: datetime) -> float:
        return self._others[hour_of_week(moment)]


@lru_cache(maxsize=64)
def _open_moments(
    after: datetime, within: timedelta, closed: Hours, zones: tuple[ZoneInfo, ...]
) -> tuple[datetime, ...]:
    first = after.replace(minute=0, second=0, microsecond=0) + HOUR
    full = range((after + within - first) // HOUR + 1)
    moments = (after, *(first + HOUR * hour for hour in full))
    return tuple(each for each in moments if open_from(each, closed, zones) == each)


def _weights(people: Iterable[ClickHours]) -> tuple[float, ...]:
    """What the openings of all say for each hour; nothing where there are too few."""
    counts = [sum(hour) for hour in zip(*(each.counts for each in people), strict=True)]
    total = sum(counts)
    if total < _ENOUGH:
        return (0.0,) * HOURS_A_WEEK
    around = [_around(counts, hour) for hour in range(HOURS_A_WEEK)]
    return tuple(_OTHERS_COUNT * each / total for each in around)


def _around(counts: Sequence[int], hour: int) -> float:
    """What is counted at an hour, and half of what is beside it."""
    beside = counts[hour - 1] + counts[(hour + 1) % HOURS_A_WEEK]
    return counts[hour] + _BESIDE * beside
