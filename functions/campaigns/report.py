"""What became of a campaign, counted from the rows themselves.

There are no counters that could drift: people are counted in their part until it is planned,
then as refused there or as messages of its batches. So everyone is counted once, at any moment:

    recipients = sent + held + refused + failed + unknown + pending + cancelled
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from functions.domain.campaign import Campaign, CampaignStatus, Part
from functions.domain.clicks import Visitor
from functions.domain.ids import BatchNumber
from functions.domain.message import MessageStatus, is_open
from functions.domain.pricing import Money
from functions.domain.reaction import Reaction
from functions.domain.standing import Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A campaign in figures. ``sent`` includes ``delivered``.

    ``skipped`` stood in a source and are no recipients. ``opted_out`` and ``complained`` count
    messages that people answered so.
    """

    recipients: int
    sent: int
    delivered: int
    held: int
    refused: Mapping[str, int]
    failed: Mapping[str, int]
    unknown: int
    pending: int
    cancelled: int
    human_clicks: int
    machine_clicks: int
    unknown_clicks: int
    cost: Money
    resolved: bool
    status: str
    batches: int = field(default=0)
    skipped: Mapping[str, int] = field(default_factory=dict)
    opted_out: int = 0
    complained: int = 0
    held_by_reason: Mapping[str, int] = field(default_factory=dict)

    @property
    def accounted(self) -> int:
        """Everyone counted by what became of them; equals ``recipients``."""
        return (
            self.sent
            + self.held
            + sum(self.refused.values())
            + sum(self.failed.values())
            + self.unknown
            + self.pending
            + self.cancelled
        )


@dataclass(slots=True)
class _Sums:
    by_status: Counter[MessageStatus] = field(default_factory=Counter)
    held: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    human: int = 0
    machine: int = 0
    unclear: int = 0
    opted_out: int = 0
    complained: int = 0
    cost_minor: int = 0
    waiting: int = 0

    def add(self, standing: Standing) -> None:
        charged = 0
        for (status, reason), count in standing.state.tally().items():
            self.by_status[status] += count
            self.waiting += count if is_open(status, reason) else 0
            if status is MessageStatus.HELD:
                self.held[str(reason)] += count
            if status is MessageStatus.REFUSED:
                self.refused[str(reason)] += count
            if status is MessageStatus.FAILED:
                self.failed[str(reason)] += count
            if status in (MessageStatus.SENT, MessageStatus.DELIVERED):
                charged += count
        # Carriers do not charge for what they report as failed (SOLAPI refunds it).
        self.cost_minor += charged * standing.unit_price.minor
        self.human += standing.clicks.count(Visitor.HUMAN)
        self.machine += standing.clicks.count(Visitor.MACHINE)
        self.unclear += standing.clicks.count(Visitor.UNKNOWN)
        self.opted_out += standing.reactions.count(Reaction.OPTED_OUT)
        self.complained += standing.reactions.count(Reaction.COMPLAINED)


def report(
    campaign: Campaign,
    parts: Sequence[Part],
    standings: Callable[[Sequence[BatchNumber]], Iterable[Standing]],
) -> Report:
    """Count a campaign from its parts and the standings of their batches."""
    numbers = [number for part in parts for number in part.batches]
    sums = _Sums()
    for standing in standings(numbers):
        sums.add(standing)
    for part in parts:
        sums.refused.update({str(reason): count for reason, count in part.refused.items()})
    recipients = sum(part.size for part in parts)
    refused_when_planned = sum(sum(part.refused.values()) for part in parts)
    unplanned = sum(part.size for part in parts if not part.planned)
    resolved = bool(parts) and parts[-1].next_cursor is None
    by_status = sums.by_status
    by_status[MessageStatus.PENDING] += unplanned
    by_status[MessageStatus.CANCELLED] += sum(part.cancelled for part in parts)
    whole = sum(by_status.values()) + refused_when_planned == recipients
    return Report(
        recipients=recipients,
        sent=by_status[MessageStatus.SENT] + by_status[MessageStatus.DELIVERED],
        delivered=by_status[MessageStatus.DELIVERED],
        held=by_status[MessageStatus.HELD],
        refused=dict(sums.refused),
        failed=dict(sums.failed),
        unknown=by_status[MessageStatus.UNKNOWN],
        pending=by_status[MessageStatus.PENDING],
        cancelled=by_status[MessageStatus.CANCELLED],
        human_clicks=sums.human,
        machine_clicks=sums.machine,
        unknown_clicks=sums.unclear,
        cost=Money(minor=sums.cost_minor),
        resolved=resolved,
        # Nothing is over while somebody is not accounted for.
        status=_status(campaign, waiting=sums.waiting + unplanned, resolved=resolved and whole),
        batches=len(numbers),
        skipped=_skipped(parts),
        opted_out=sums.opted_out,
        complained=sums.complained,
        held_by_reason=dict(sums.held),
    )


_AS_STORED = (
    CampaignStatus.DRAFT,
    CampaignStatus.SCHEDULED,
    CampaignStatus.EXPIRED,
    CampaignStatus.ENDED,
)


def _status(campaign: Campaign, *, waiting: int, resolved: bool) -> str:
    if campaign.status in _AS_STORED:
        return str(campaign.status)
    if campaign.status is CampaignStatus.CANCELLED:
        return "cancelling" if waiting else "cancelled"
    if resolved and not waiting:
        return "finished"
    return "paused" if campaign.status is CampaignStatus.PAUSED else "running"


def _skipped(parts: Sequence[Part]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for part in parts:
        total.update({str(reason): count for reason, count in part.skipped.items() if count})
    return dict(total)
