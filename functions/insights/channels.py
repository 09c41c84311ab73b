"""How channels compare: what was delivered, opened and converted on each, and what that cost.

It is counted from the rows of all batches that were sent in a time, campaigns and single messages
alike. People are not the same on each channel, and neither is what they are told: the figures
compare what was done, and no experiment.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from functions.contracts.errors import InvalidInput
from functions.domain.breakdown import Figures, Told, counted, figures_by
from functions.domain.channel import Channel
from functions.domain.ids import BatchNumber
from functions.domain.interval import Share, share_of

MOST_DAYS = 31
MOST_BATCHES = 5_000
"""A million messages, or some seconds."""
_PAGE = 1_000
_DAY = timedelta(days=1)


class Batches(Protocol):
    """Tells which batches were sent when."""

    def looked_at(self, day: date, *, after: BatchNumber, limit: int) -> Sequence[BatchNumber]:
        """The next batches, by number, that the door looked at on a day."""


class Figured(Protocol):
    """Reads batches for reports."""

    def read(self, numbers: Sequence[BatchNumber], *, outcomes: bool) -> Sequence[Told]:
        """Read batches with what came of them. Raises Unavailable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelDeps:
    """What comparing channels needs."""

    batches: Batches
    told: Figured


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """Some days of the company's calendar, both ends included."""

    first: date
    last: date

    def each(self) -> Iterator[date]:
        """One after the other."""
        for days in range((self.last - self.first).days + 1):
            yield self.first + days * _DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What something cost each, in minor units, and the range in which that truly is.

    ``most`` is None where hardly anything came of it: there is no end to it.
    """

    seen: int
    least: int
    most: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelFigures:
    """The messages of a channel. Rates are of what was delivered, deliveries of what was sent."""

    figures: Figures
    delivered: Share | None
    clicked: Share | None
    converted: Share | None
    opted_out: Share | None
    price: Price | None


def days_of(first: str | None, last: str | None, *, today: date) -> Days:
    """Read ``?from=&to=``; the last week where they are missing. Raises InvalidInput."""
    end = _day(last, "to") or today
    days = Days(first=_day(first, "from") or end - 6 * _DAY, last=end)
    if not 0 <= (days.last - days.first).days < MOST_DAYS:
        message = f"Ask for 1 to {MOST_DAYS} days."
        raise InvalidInput.field("/query/to", "out_of_range", message)
    return days


def _day(text: str | None, name: str) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        pointer, message = f"/query/{name}", "Use a day such as 2026-11-22."
        raise InvalidInput.field(pointer, "invalid_format", message) from error


def compare(days: Days, *, deps: ChannelDeps) -> Mapping[Channel, ChannelFigures]:
    """Count what was sent in these days, by channel. Raises InvalidInput, Unavailable."""
    numbers = _sent_in(days, deps=deps)
    told = deps.told.read(numbers, outcomes=True)
    by_channel = figures_by(counted(told), lambda meta: meta.channel)
    return {channel: figured(by_channel[channel]) for channel in sorted(by_channel)}


def _sent_in(days: Days, *, deps: ChannelDeps) -> list[BatchNumber]:
    found: dict[BatchNumber, None] = {}
    for day in days.each():
        for number in _of_day(day, deps=deps):
            found[number] = None
            if len(found) > MOST_BATCHES:
                message = f"More than {MOST_BATCHES} batches were sent then; ask for fewer days."
                raise InvalidInput.field("/query/from", "too_many", message)
    return list(found)


def _of_day(day: date, *, deps: ChannelDeps) -> Iterator[BatchNumber]:
    after = BatchNumber(0)
    while page := deps.batches.looked_at(day, after=after, limit=_PAGE):
        yield from page
        after = page[-1]


def figured(figures: Figures) -> ChannelFigures:
    """Work out the rates of a channel, each with its interval."""
    converted = share_of(figures.converted, figures.delivered)
    return ChannelFigures(
        figures=figures,
        delivered=share_of(figures.delivered, figures.sent + figures.failed),
        clicked=share_of(figures.human_clicks, figures.delivered),
        converted=converted,
        opted_out=share_of(figures.opted_out, figures.delivered),
        price=_price(figures, converted),
    )


def _price(figures: Figures, converted: Share | None) -> Price | None:
    if converted is None or not figures.converted:
        return None
    each = figures.cost / figures.delivered
    return Price(
        seen=round(each / converted.seen),
        least=round(each / converted.high),
        most=round(each / converted.low) if converted.low else None,
    )
