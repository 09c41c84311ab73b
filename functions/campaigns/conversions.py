"""What came of a campaign by model and variant, counted from the rows of its batches."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from functions.domain.campaign import Part
from functions.domain.clicks import Visitor
from functions.domain.ids import BatchNumber
from functions.domain.message import MessageStatus
from functions.domain.outcome import Model
from functions.domain.standing import Standing

_SENT = (MessageStatus.SENT, MessageStatus.DELIVERED)


@dataclass(slots=True, kw_only=True)
class Figures:
    """Messages, and what came of them. ``sent`` includes ``delivered``.

    ``converted`` are messages that an event or more is put down to, ``conversions`` the events,
    ``minor`` their value in minor units.
    """

    sent: int = 0
    delivered: int = 0
    human_clicks: int = 0
    converted: int = 0
    conversions: Fraction = field(default_factory=Fraction)
    minor: int = 0

    @property
    def rate(self) -> float | None:
        """Which part of the delivered messages converted; None without any."""
        return self.converted / self.delivered if self.delivered else None

    def add(self, standing: Standing, model: Model) -> None:
        """Count a batch in."""
        for (status, _), number in standing.state.tally().items():
            self.sent += number if status in _SENT else 0
            self.delivered += number if status is MessageStatus.DELIVERED else 0
        self.human_clicks += standing.clicks.count(Visitor.HUMAN)
        self.converted += standing.outcomes.people(model)
        self.conversions += standing.outcomes.events(model)
        self.minor += standing.outcomes.minor(model)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversions:
    """Of a whole campaign, and of each of its variants (one, without a name, where it has none)."""

    total: Figures
    by_variant: Mapping[str, Figures]


def conversions(
    parts: Sequence[Part],
    standings: Callable[[Sequence[BatchNumber]], Iterable[Standing]],
    *,
    model: Model,
) -> Conversions:
    """Count what came of a campaign. ``standings`` must give outcomes too."""
    variant_of = {
        number: variant
        for part in parts
        for number, variant in zip(part.batches, _variants(part), strict=True)
    }
    total = Figures()
    by_variant = {each: Figures() for each in sorted(set(variant_of.values()) or {""})}
    for standing in standings(list(variant_of)):
        total.add(standing, model)
        by_variant[variant_of[standing.number]].add(standing, model)
    return Conversions(total=total, by_variant=by_variant)


def _variants(part: Part) -> Sequence[str]:
    return part.batch_variants or ("",) * len(part.batches)
