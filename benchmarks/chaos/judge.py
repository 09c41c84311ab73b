"""Holds what the rows say against what the phones got.

What counts is read off the phones: a text names its campaign, and the ledger says how often a
number got it. Nobody may get one twice; nobody who should get it may be missing; and the rows
must say of everyone what really happened.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from benchmarks.chaos.carrier import Ledger
from benchmarks.chaos.shop import Stores
from functions.campaigns.report import Report, report
from functions.domain.campaign import Campaign, CampaignStatus
from functions.domain.contact import Phone
from functions.domain.ids import BatchNumber
from functions.domain.message import MessageStatus
from functions.domain.reason import FailureReason

_ARRIVED = (MessageStatus.SENT, MessageStatus.DELIVERED)
_WAITING = (MessageStatus.PENDING, MessageStatus.HELD)
_KEPT = (MessageStatus.REFUSED, MessageStatus.CANCELLED)
_EXAMPLES = 5
PAUSE_LIMIT_S = 5.0


@dataclass(kw_only=True)
class Findings:
    """What was found wrong, and of how many messages."""

    messages: int = 0
    duplicates: int = 0
    losses: int = 0
    unknown: int = 0
    identity_breaks: int = 0
    examples: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Whether all promises were kept."""
        return not (self.duplicates or self.losses or self.unknown or self.identity_breaks)


@dataclass(kw_only=True)
class Verdict(Findings):
    """What the judge found. ``calls_while_paused`` began later than five seconds after a pause."""

    calls_while_paused: int = 0
    pause_latency_s: float = 0.0
    statuses: Counter[str] = field(default_factory=Counter)

    @property
    def clean(self) -> bool:
        """Whether all promises were kept, that of a pause as well."""
        return super().clean and not self.calls_while_paused

    def note(self, kind: str, what: str) -> None:
        """Count a broken promise, and keep the first few."""
        setattr(self, kind, getattr(self, kind) + 1)
        if len(self.examples) < _EXAMPLES:
            self.examples.append(f"{kind}: {what}")


def report_of(campaign: Campaign, stores: Stores) -> Report:
    """A campaign in figures, as the API gives them."""
    parts = stores.campaigns.parts(campaign.campaign_id)
    return report(campaign, parts, stores.batches.standings)


def judge(stores: Stores, ledger: Ledger, *, people: int) -> Verdict:
    """Judge a run that has come to its end."""
    verdict = Verdict(messages=sum(ledger.taken.values()))
    numbers: defaultdict[str, set[str]] = defaultdict(set)
    for (name, number), count in ledger.taken.items():
        numbers[name].add(number)
        verdict.duplicates += count - 1
        if count > 1:
            verdict.examples.append(f"{name} came to {number} {count} times")
    for campaign in stores.campaigns.campaigns.values():
        _check_report(campaign, stores, verdict, people=people)
        told = _check_rows(campaign, stores, ledger, verdict)
        for number in numbers[campaign.campaign_id] - told:
            verdict.note("identity_breaks", f"{campaign.campaign_id}: no row of {number}")
    del verdict.examples[_EXAMPLES:]
    return verdict


def _check_report(campaign: Campaign, stores: Stores, verdict: Verdict, *, people: int) -> None:
    found = report_of(campaign, stores)
    name = campaign.campaign_id
    if found.accounted != found.recipients:
        verdict.note("identity_breaks", f"{name}: {found.accounted} of {found.recipients}")
    if campaign.status is CampaignStatus.LAUNCHED and found.recipients != people:
        verdict.note("losses", f"{name} came to {found.recipients} of {people} people")
    if found.status not in ("finished", "cancelled"):
        verdict.note("identity_breaks", f"{name} is {found.status}")


def _check_rows(campaign: Campaign, stores: Stores, ledger: Ledger, verdict: Verdict) -> set[str]:
    """Look at each message; gives the numbers that the rows know."""
    told: set[str] = set()
    for number, phone, status, reason in _rows(campaign, stores):
        digits = "" if phone is None else phone.national
        told.add(digits)
        verdict.statuses[str(status)] += 1
        key = campaign.campaign_id, digits
        taken, got = key in ledger.taken, bool(ledger.got.get(key))
        what = f"{campaign.campaign_id} batch {number}: {status} {reason or ''}"
        if status is MessageStatus.UNKNOWN:
            verdict.note("unknown", what)
        elif status in _WAITING or (status in _ARRIVED and not taken):
            verdict.note("losses", what)
        elif _contradicts(status, reason, taken=taken, got=got):
            verdict.note("identity_breaks", f"{what}, but taken {taken}, got {got}")
    return told


def _contradicts(status: MessageStatus, reason: object, *, taken: bool, got: bool) -> bool:
    """Whether the phone knows better than the row."""
    if status in _KEPT:
        return taken
    if status is MessageStatus.DELIVERED:
        return not got
    return status is MessageStatus.FAILED and (got or reason in (None, FailureReason.EXPIRED))


def _rows(
    campaign: Campaign, stores: Stores
) -> Iterator[tuple[BatchNumber, Phone | None, MessageStatus, object]]:
    for part in stores.campaigns.parts(campaign.campaign_id):
        for number in part.batches:
            batch = stores.batches.batches[number]
            for ordinal, recipient in enumerate(batch.recipients):
                state = batch.state.state_of(ordinal)
                yield number, recipient.phone, state.status, state.reason


def check_pauses(
    pauses: Iterable[tuple[str, float, float]], ledger: Ledger, verdict: Verdict
) -> None:
    """See that nothing began while a campaign was paused; each pause has a beginning and end."""
    for campaign, begin, end in pauses:
        for at, owner in ledger.calls:
            if owner == campaign and begin < at < end:
                verdict.pause_latency_s = max(verdict.pause_latency_s, at - begin)
                if at - begin > PAUSE_LIMIT_S:
                    verdict.note("calls_while_paused", f"{campaign} {at - begin:.1f} s later")
