"""What came of the steps that follow a campaign: the tree of the report, and the family's totals.

However many steps there are, their campaigns are read at once, then all their parts, then all
rows of their batches: three rounds of requests.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from functions.campaigns.report import Report, report
from functions.campaigns.reporting import Batches, Rows, WholeReport
from functions.campaigns.unfollowed import (
    Campaigns as Known,
    done_by_part,
    left_of,
    still_looking,
)
from functions.domain.breakdown import Figures, figures_of
from functions.domain.campaign import Campaign, Gate, Part, gate_of, narrowest
from functions.domain.follow_up import FOLLOWED_FOR, FollowUp, child_id, walk
from functions.domain.ids import CampaignId
from functions.domain.next_look import Ahead, Seen, ahead
from functions.domain.stop_rules import StopReason


class Families(Protocol):
    """The store of campaigns, for several at once."""

    def campaigns(self, ids: Sequence[CampaignId]) -> Mapping[CampaignId, Campaign]:
        """Read those of these campaigns that there are."""

    def parts(self, ids: Sequence[CampaignId]) -> Mapping[CampaignId, Sequence[Part]]:
        """Read all parts of each, in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyDeps:
    """What counting a family needs."""

    families: Families
    batches: Batches


@dataclass(frozen=True, slots=True, kw_only=True)
class StepReport:
    """A step, why it paused itself, whom it looked at, and what it sent.

    ``counted`` is None before its first look.

    ``seen`` messages were judged: of a step at once only those that matched. ``ahead`` is what it
    has still to look at; None for a step at once, and while what it follows is not followed.
    """

    campaign_id: CampaignId
    step: FollowUp
    because: StopReason | None
    seen: int
    counted: Report | None
    figures: Figures
    ahead: Ahead | None
    below: tuple["StepReport", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """The steps of a campaign; ``own`` are its own messages, ``below`` those of all its steps."""

    own: Figures
    below: Figures
    steps: tuple[StepReport, ...]

    @property
    def whole(self) -> Figures:
        """All messages. An event is put down to one of them, so values sum up."""
        return self.own + self.below


def standing_of(campaign: Campaign, counted: Report, *, campaigns: Known, now: datetime) -> Report:
    """The same figures; a follow-up is not over while it may find more people."""
    looking = counted.status == "finished" and still_looking(campaign, campaigns=campaigns, now=now)
    return _looking(counted) if looking else counted


def _looking(counted: Report) -> Report:
    return replace(counted, status="running", resolved=False)


def family_of(
    campaign: Campaign, whole: WholeReport, *, deps: FamilyDeps, now: datetime
) -> Family | None:
    """Count every step below a campaign; None where none follows. Raises Unavailable."""
    if not campaign.follow_ups:
        return None
    members = _read(campaign, whole.rows, deps=deps)
    steps = tuple(_steps(campaign.campaign_id, campaign.follow_ups, members, now=now))
    return Family(own=whole.figures, below=sum(map(_figures, steps), Figures()), steps=steps)


def _figures(step: StepReport) -> Figures:
    return sum(map(_figures, step.below), step.figures)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Member:
    """A campaign of the family and its rows; ``gate`` counts those that it follows."""

    campaign: Campaign
    rows: Rows
    gate: Gate


def _read(campaign: Campaign, rows: Rows, *, deps: FamilyDeps) -> dict[CampaignId, _Member]:
    ids = [own for own, _ in walk(campaign.campaign_id, campaign.follow_ups)]
    known = deps.families.campaigns(ids)
    parts = deps.families.parts(list(known))
    numbers = [number for found in parts.values() for part in found for number in part.batches]
    told = {
        each.meta.number: each
        for each in deps.batches.read(numbers, outcomes=campaign.goal is not None)
    }
    own = _Member(campaign=campaign, rows=rows, gate=gate_of(campaign.status))
    members = {campaign.campaign_id: own}
    for campaign_id in ids:
        found = known.get(campaign_id)
        above = None if found is None or found.parent is None else members.get(found.parent)
        if found is not None and above is not None:
            its = [n for part in parts[campaign_id] for n in part.batches if n in told]
            members[campaign_id] = _Member(
                campaign=found,
                rows=Rows(parts=tuple(parts[campaign_id]), told=[told[n] for n in its]),
                gate=narrowest((above.gate, gate_of(found.status))),
            )
    return members


def _steps(
    parent: CampaignId,
    follow_ups: Sequence[FollowUp],
    members: Mapping[CampaignId, _Member],
    *,
    now: datetime,
) -> Iterator[StepReport]:
    for step in follow_ups:
        own = child_id(parent, step.branch)
        yield _step(own, step, members.get(parent), members, now=now)


def _step(
    own: CampaignId,
    step: FollowUp,
    parent: _Member | None,
    members: Mapping[CampaignId, _Member],
    *,
    now: datetime,
) -> StepReport:
    member = members.get(own)
    rows = Rows() if member is None else member.rows
    counted = None
    if member is not None:
        counted = report(
            member.campaign, rows.parts, lambda _: [each.standing for each in rows.told]
        )
        if counted.status == "finished" and _looks_on(member, step, parent, now=now):
            counted = _looking(counted)
    return StepReport(
        campaign_id=own,
        step=step,
        because=None if member is None else member.campaign.safety.because,
        seen=sum(part.seen for part in rows.parts),
        counted=counted,
        figures=sum((figures_of(each.standing) for each in rows.told), Figures()),
        ahead=None if parent is None else _ahead(step, parent, rows, now=now),
        below=tuple(_steps(own, step.follow_ups, members, now=now)),
    )


def _looks_on(member: _Member, step: FollowUp, parent: _Member | None, *, now: datetime) -> bool:
    if parent is None or gate_of(parent.campaign.status) is Gate.GONE:
        return False
    if step.at_once:
        return now < member.campaign.created + FOLLOWED_FOR
    return bool(left_of(parent.rows.parts, member.rows.parts))


def _ahead(step: FollowUp, parent: _Member, looks: Rows, *, now: datetime) -> Ahead | None:
    if step.at_once or parent.gate is Gate.GONE:
        return None
    found = ahead(_seen(parent.rows, looks.parts), step, now=now)
    # Nobody looks while it is paused.
    return found if parent.gate is Gate.OPEN else replace(found, next_at=None)


def _seen(group: Rows, looks: Sequence[Part]) -> Iterator[Seen]:
    done = done_by_part(looks)
    told = {each.meta.number: each for each in group.told}
    for part in group.parts:
        bits = done.get(part.part, 0)
        for number, size in zip(part.batches, part.batch_sizes, strict=True):
            if number in told:
                yield Seen(told[number], bits & ((1 << size) - 1))
            bits >>= size
