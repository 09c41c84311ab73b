"""What would become of a campaign's people: counts by outcome, hour, type and price."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from functions.domain.holdout import withheld
from functions.domain.message import BatchState, MessageStatus
from functions.domain.planning import Plan
from functions.domain.pricing import unit_price


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What would become of some people.

    ``hours`` counts messages by the local hour (``2026-11-27T09``) in which they may start,
    ``types`` by message type, ``choices`` by what the best time of each was chosen by,
    ``channels`` by channel, ``chosen_by`` by what the best channel of each was chosen by;
    ``cost_minor`` is what all of them would cost, held ones too.
    ``skipped`` counts those who stand in a source and would be no recipients.
    """

    recipients: int = 0
    ready: int = 0
    held: Mapping[str, int] = field(default_factory=dict)
    refused: Mapping[str, int] = field(default_factory=dict)
    hours: Mapping[str, int] = field(default_factory=dict)
    types: Mapping[str, int] = field(default_factory=dict)
    cost_minor: int = 0
    skipped: Mapping[str, int] = field(default_factory=dict)
    choices: Mapping[str, int] = field(default_factory=dict)
    channels: Mapping[str, int] = field(default_factory=dict)
    chosen_by: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, drafted: Plan, *, now: datetime, zone: ZoneInfo) -> "Forecast":
        """Count a plan that was drafted at ``now``; hours are those of the zone."""
        ready, held = 0, Counter[str]()
        hours, types, choices = Counter[str](), Counter[str](), Counter[str]()
        channels, chosen_by = Counter[str](), Counter[str]()
        cost_minor = 0
        refused = Counter({str(reason): count for reason, count in drafted.refused.items()})
        for batch in drafted.batches:
            size = len(batch.messages)
            if (reason := withheld(batch.arm)) is not None:
                refused[str(reason)] += size
                continue
            start = (batch.start_at or now).astimezone(zone)
            hours[start.strftime("%Y-%m-%dT%H")] += size
            types[str(batch.message_type)] += size
            choices.update(str(each.choice.because) for each in batch.messages if each.choice)
            channels[str(batch.route.channel)] += size
            chosen_by.update(str(each.channel.by) for each in batch.messages if each.channel)
            cost_minor += size * unit_price(batch.message_type).minor
            state = BatchState.fresh((each.send for each in batch.messages), now=now)
            for (status, why), count in state.tally().items():
                if status is MessageStatus.HELD:
                    held[str(why)] += count
                else:
                    ready += count
        return cls(
            recipients=ready + held.total() + refused.total(),
            ready=ready,
            held=dict(held),
            refused=dict(refused),
            hours=dict(hours),
            types=dict(types),
            choices=dict(choices),
            channels=dict(channels),
            chosen_by=dict(chosen_by),
            cost_minor=cost_minor,
        )


def together(forecasts: Iterable[Forecast]) -> Forecast:
    """Add up the forecasts of all parts."""
    parts = tuple(forecasts)
    return Forecast(
        recipients=sum(each.recipients for each in parts),
        ready=sum(each.ready for each in parts),
        held=_added(each.held for each in parts),
        refused=_added(each.refused for each in parts),
        hours=_added(each.hours for each in parts),
        types=_added(each.types for each in parts),
        cost_minor=sum(each.cost_minor for each in parts),
        skipped=_added(each.skipped for each in parts),
        choices=_added(each.choices for each in parts),
        channels=_added(each.channels for each in parts),
        chosen_by=_added(each.chosen_by for each in parts),
    )


def _added(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for each in counts:
        total.update(each)
    return dict(sorted(total.items()))
