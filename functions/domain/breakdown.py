"""A campaign's messages in figures: whole, by what they have in common, and over time.

All of it is counted from the rows of batches, and adds up: the figures of the parts are together
those of the whole.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, tzinfo
from typing import NamedTuple, TypeVar

from functions.domain.batch import BatchMeta
from functions.domain.clicks import Visitor
from functions.domain.ids import TemplateId
from functions.domain.message import MessageStatus
from functions.domain.outcome import Model
from functions.domain.reaction import Reaction
from functions.domain.standing import Standing

Key = TypeVar("Key", bound=Hashable)


class Told(NamedTuple):
    """A batch as a report reads it: what never changes of it, and how it stands."""

    meta: BatchMeta
    standing: Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Messages in figures. ``sent`` includes ``delivered``; money is in minor units.

    ``converted`` are messages that an event is put down to by the last touch, ``conversions``
    those events, of this ``value``.
    """

    messages: int = 0
    sent: int = 0
    delivered: int = 0
    held: int = 0
    refused: int = 0
    failed: int = 0
    unknown: int = 0
    pending: int = 0
    cancelled: int = 0
    human_clicks: int = 0
    machine_clicks: int = 0
    opted_out: int = 0
    converted: int = 0
    conversions: int = 0
    value: int = 0
    cost: int = 0

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(**{name: getattr(self, name) + getattr(other, name) for name in _NAMES})


_NAMES = tuple(each.name for each in fields(Figures))
_UNDER_WAY_OR_NOT = (
    MessageStatus.HELD,
    MessageStatus.REFUSED,
    MessageStatus.FAILED,
    MessageStatus.UNKNOWN,
    MessageStatus.PENDING,
    MessageStatus.CANCELLED,
)


def figures_of(standing: Standing) -> Figures:
    """Count a batch."""
    by_status: Counter[MessageStatus] = Counter()
    for (status, _), count in standing.state.tally().items():
        by_status[status] += count
    sent = by_status[MessageStatus.SENT] + by_status[MessageStatus.DELIVERED]
    return Figures(
        messages=len(standing.state),
        sent=sent,
        delivered=by_status[MessageStatus.DELIVERED],
        **{str(status): by_status[status] for status in _UNDER_WAY_OR_NOT},
        human_clicks=standing.clicks.count(Visitor.HUMAN),
        machine_clicks=standing.clicks.count(Visitor.MACHINE),
        opted_out=standing.reactions.count(Reaction.OPTED_OUT),
        converted=standing.outcomes.people(),
        conversions=int(standing.outcomes.events()),
        value=standing.outcomes.minor(),
        # Carriers do not charge for what they report as failed (SOLAPI refunds it).
        cost=sent * standing.unit_price.minor,
    )


class Counted(NamedTuple):
    """A batch and its figures."""

    meta: BatchMeta
    figures: Figures


def counted(batches: Iterable[Told]) -> list[Counted]:
    """Count each batch."""
    return [Counted(meta, figures_of(standing)) for meta, standing in batches]


def figures_by(batches: Iterable[Counted], key: Callable[[BatchMeta], Key]) -> dict[Key, Figures]:
    """Sum up batches by what they have in common, in the order in which it is met."""
    found: dict[Key, Figures] = {}
    for each in batches:
        place = key(each.meta)
        found[place] = found.get(place, Figures()) + each.figures
    return found


class LinkKey(NamedTuple):
    """A link: of which template version, at which place in its text."""

    template_id: TemplateId
    version: int
    place: int


def people_by_link(batches: Iterable[Told]) -> dict[LinkKey, int]:
    """Count the messages in which people opened each link that anybody opened."""
    found: Counter[LinkKey] = Counter()
    for meta, standing in batches:
        for place, bits in enumerate(standing.clicks.people):
            found[LinkKey(meta.template_id, meta.template_version, place)] += bits.bit_count()
    return {key: count for key, count in sorted(found.items()) if count}


Seconds = Counter[int]
"""How often something happened, by epoch second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """When messages were sent, delivered, opened by people for the first time, and converted.

    Exact to the second for nine hours after their batch began, then to the minute for 22 days.
    """

    sent: Seconds = field(default_factory=Counter)
    delivered: Seconds = field(default_factory=Counter)
    opened: Seconds = field(default_factory=Counter)
    converted: Seconds = field(default_factory=Counter)

    def each(self) -> tuple[Seconds, ...]:
        """All of them."""
        return (self.sent, self.delivered, self.opened, self.converted)


def moments_of(batches: Iterable[Told]) -> Moments:
    """Note when what happened to messages."""
    found = Moments()
    for _, standing in batches:
        sent, delivered = standing.state.moments()
        found.sent.update(sent)
        found.delivered.update(delivered)
        created = standing.state.created
        found.opened.update(created + after for after in standing.clicks.times(Visitor.HUMAN))
        found.converted.update(
            created + credit.elapsed_s
            for credit in standing.outcomes.credits
            if credit.counts(Model.LAST)
        )
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Hour:
    """What happened in an hour of the clock."""

    start: datetime
    sent: int
    delivered: int
    opened: int
    converted: int


def by_hour(moments: Moments, zone: tzinfo) -> tuple[Hour, ...]:
    """Sum up by hours of a zone's clock, those in which something happened, in order."""
    sums = [_by_hour(each, zone) for each in moments.each()]
    starts = sorted(set().union(*sums))
    sent, delivered, opened, converted = sums
    return tuple(
        Hour(
            start=start,
            sent=sent[start],
            delivered=delivered[start],
            opened=opened[start],
            converted=converted[start],
        )
        for start in starts
    )


def _by_hour(seconds: Seconds, zone: tzinfo) -> Counter[datetime]:
    found: Counter[datetime] = Counter()
    for minute, count in folded(seconds, 60).items():
        local = datetime.fromtimestamp(minute, tz=UTC).astimezone(zone)
        found[local.replace(minute=0).astimezone(UTC)] += count
    return found


def folded(seconds: Mapping[int, int], step_s: int) -> Seconds:
    """Sum up by steps of so many seconds, each by its beginning."""
    found: Seconds = Counter()
    for at, count in seconds.items():
        found[at - at % step_s] += count
    return found
