"""When a message may not be delivered: the law's night, a channel's, and the company's own hours.

The three are looked at together: where one ends inside another, the message waits for the end of
all. Zones that a person may be in are looked at together as well.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from functions.domain.policy import Window
from functions.domain.quiet_hours import next_offset_change, night_until

BRAND_NIGHT = (time(20, 50), time(8))
"""Kakao takes no brand message from 20:50 to 08:00 (domain/korea.md 2.6: NHN, SENS)."""
_DAY = timedelta(days=1)
_FURTHEST = timedelta(days=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """What has to be minded: nights (start and end, every day) and windows of the calendar."""

    nights: tuple[tuple[time, time], ...] = ()
    windows: tuple[Window, ...] = ()
    holidays: frozenset[date] = frozenset()

    def __hash__(self) -> int:
        # Enough to tell those of one policy apart, and done for every message.
        return hash(self.nights)


def open_from(now: datetime, hours: Hours, zones: Sequence[ZoneInfo]) -> datetime | None:
    """The first moment from ``now`` on outside all protected hours of all zones.

    None when there is none within sixty days.
    """
    moment = now
    while moment - now <= _FURTHEST:
        end = _closed_until(moment, hours, zones)
        if end is None:
            return moment
        moment = end
    return None


def next_slot(
    moment: datetime, slots: Sequence[time], hours: Hours, zones: Sequence[ZoneInfo]
) -> datetime | None:
    """The first of the daily sending times from ``moment`` on that is outside all hours.

    The times are of the first zone. One that its clocks leave out is as much later as they are
    set forward.
    """
    today = moment.astimezone(zones[0]).date()
    for days in range(_FURTHEST.days):
        for at in _slots_of(today + days * _DAY, slots, zones[0]):
            if at >= moment and _closed_until(at, hours, zones) is None:
                return at
    return None


def _slots_of(day: date, slots: Sequence[time], zone: ZoneInfo) -> list[datetime]:
    return sorted(datetime.combine(day, slot, zone).astimezone(UTC) for slot in slots)


def _closed_until(moment: datetime, hours: Hours, zones: Sequence[ZoneInfo]) -> datetime | None:
    """Until when the hours that cover the moment last at least; None when none does.

    All moments in between are covered as well.
    """
    ends = [
        end
        for zone in zones
        for end in (*_nights(moment, hours, zone), *_windows(moment, hours, zone))
        if end is not None
    ]
    return max(ends, default=None)


def _nights(moment: datetime, hours: Hours, zone: ZoneInfo) -> list[datetime | None]:
    return [
        night_until(moment, zone=zone, starts=starts, ends=ends) for starts, ends in hours.nights
    ]


def _windows(moment: datetime, hours: Hours, zone: ZoneInfo) -> list[datetime | None]:
    return [_window_end(moment, window, hours.holidays, zone) for window in hours.windows]


def _window_end(
    moment: datetime, window: Window, holidays: frozenset[date], zone: ZoneInfo
) -> datetime | None:
    """When the window that covers this moment ends, or the clocks are set within it.

    It may have begun the day before. As the night is, it is read from the wall clock.
    """
    wall = moment.astimezone(zone).replace(tzinfo=None)
    for day in (wall.date(), wall.date() - _DAY):
        starts = datetime.combine(day, window.starts)
        ends = datetime.combine(day if window.starts < window.ends else day + _DAY, window.ends)
        if window.begins_on(day, holidays) and starts <= wall < ends:
            end = moment.astimezone(UTC) + (ends - wall)
            return next_offset_change(moment, end, zone) or end
    return None
