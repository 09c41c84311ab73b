"""The same hour on everybody's own clock."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)


def moment_of(wall: datetime, zone: ZoneInfo) -> datetime:
    """When (UTC) the zone's clocks show this wall time.

    Where they are set forward over it, as much later as they are set (02:30 becomes 03:30);
    where they show it twice, the first time.

    >>> moment_of(datetime(2026, 3, 8, 2, 30), ZoneInfo("America/New_York")).isoformat()
    '2026-03-08T07:30:00+00:00'
    >>> moment_of(datetime(2026, 11, 1, 1, 30), ZoneInfo("America/New_York")).isoformat()
    '2026-11-01T05:30:00+00:00'
    """
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC)


@lru_cache(maxsize=512)
def next_local(after: datetime, clock: time, zone: ZoneInfo) -> datetime:
    """The first moment (UTC), not before ``after``, that is this hour of a day in the zone."""
    day = after.astimezone(zone).date() - _DAY
    # The day before, too: an hour just before midnight may be moved past it.
    while (moment := moment_of(datetime.combine(day, clock), zone)) < after:
        day += _DAY
    return moment


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalHour:
    """An hour at which everybody gets a message, counted from ``after`` on."""

    after: datetime
    clock: time

    def in_zone(self, zone: ZoneInfo) -> datetime:
        """When that is in a zone."""
        return next_local(self.after, self.clock, zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetMoment:
    """A moment that is the same for everybody, in the place of an hour."""

    at: datetime

    def in_zone(self, _: ZoneInfo) -> datetime:
        """The same in every zone."""
        return self.at
