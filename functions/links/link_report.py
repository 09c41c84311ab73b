"""What a standalone link came to: openings by day and by hour, on the company's clock."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import reduce
from zoneinfo import ZoneInfo

from functions.contracts.errors import InvalidInput
from functions.domain.link_openings import Counted, added_up
from functions.domain.local_time import moment_of
from functions.links.counting import Openings, counted_between

_USUAL = timedelta(days=29)
MOST_DAYS = 31
"""A link that is opened every minute has 1,440 counts a day."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """From the first day to the last one, both included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkReport:
    """All openings of some days; days and hours without any are left out."""

    span: Days
    total: Counted
    days: Mapping[date, Counted]
    hours: Mapping[datetime, Counted]


def span_of(first: str | None, last: str | None, *, zone: ZoneInfo, now: datetime) -> Days:
    """Read which days are asked for: the last 30 where nothing is said. Raises InvalidInput."""
    to = _day("to", last) or now.astimezone(zone).date()
    start = _day("from", first) or to - _USUAL
    if not _DAY <= to - start + _DAY <= MOST_DAYS * _DAY:
        message = f"Ask for 1 to {MOST_DAYS} days."
        raise InvalidInput.field("/query/from", "out_of_range", message)
    return Days(first=start, last=to)


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


def _day(name: str, text: str | None) -> date | None:
    if text is None:
        return None
    pointer = f"/query/{name}"
    try:
        found = date.fromisoformat(text)
    except ValueError as error:
        message = "Use a day such as 2026-11-27."
        raise InvalidInput.field(pointer, "invalid_format", message) from error
    if not date(2000, 1, 1) <= found < date(2100, 1, 1):
        raise InvalidInput.field(pointer, "out_of_range", "Use a year from 2000 to 2099.")
    return found
