"""What a standalone link came to: openings by day and by hour, on the company's clock."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import reduce
from zoneinfo import ZoneInfo

from functions.contracts.asked_days import Days
from functions.domain.link_openings import Counted, added_up
from functions.domain.local_time import moment_of
from functions.links.counting import Openings, counted_between

USUAL_DAYS = 30
"""Of at most 31: a link that is opened every minute has 1,440 counts a day."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkReport:
    """All openings of some days; days and hours without any are left out."""

    span: Days
    total: Counted
    days: Mapping[date, Counted]
    hours: Mapping[datetime, Counted]


def report(
    slug: str, span: Days, *, openings: Openings, zone: ZoneInfo, now: datetime
) -> LinkReport:
    """Add up what was opened on these days."""
    start, end = _midnight(span.first, zone), _midnight(span.last + _DAY, zone)
    slices = counted_between(slug, start, end, openings=openings, now=now)

    def local(epoch_s: int) -> datetime:
        return datetime.fromtimestamp(epoch_s, tz=UTC).astimezone(zone)

    return LinkReport(
        span=span,
        total=reduce(Counted.plus, slices.values(), Counted()),
        days=added_up(slices, by=lambda start: local(start).date()),
        hours=added_up(slices, by=lambda start: local(start).replace(minute=0)),
    )


def _midnight(day: date, zone: ZoneInfo) -> int:
    return int(moment_of(datetime.combine(day, time()), zone).timestamp())
