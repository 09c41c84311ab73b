"""How channels compare: what was delivered, opened and converted on each, and what that cost.

It is counted from the rows of all batches that were sent in a time, campaigns and single messages
alike. People are not the same on each channel, and neither is what they are told: the figures
compare what was done, and no experiment.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from functions.contracts.asked_days import Days
from functions.contracts.errors import InvalidInput
from functions.domain.breakdown import Figures, Told, counted, figures_by
from functions.domain.channel import Channel
from functions.domain.ids import BatchNumber
from functions.domain.interval import Share, share_of

MOST_BATCHES = 5_000
"""A million messages, or some seconds."""
_PAGE = 1_000


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
    """What comparing channels needs; days are those of ``zone``."""

    batches: Batches
    told: Figured
    zone: ZoneInfo


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


def compare(days: Days, *, deps: ChannelDeps) -> Mapping[Channel, ChannelFigures]:
    """Count what was sent in these days, by channel. Raises InvalidInput, Unavailable."""
    numbers = _sent_in(days, deps=deps)
    read = deps.told.read(numbers, outcomes=True)
    told = (each for each in read if _was_sent_in(days, each, zone=deps.zone))
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


def _was_sent_in(days: Days, batch: Told, *, zone: ZoneInfo) -> bool:
    """Whether sending began then; the door may have looked at it, and held it, days before."""
    rounds = batch.standing.state.rounds
    if not rounds:
        return False
    return days.first <= datetime.fromtimestamp(rounds[0], tz=zone).date() <= days.last


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
