"""What came of the steps that follow a campaign: the tree of the report, counted from the rows."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from functions.campaigns.report import Report, report
from functions.campaigns.unfollowed import still_looking
from functions.domain.campaign import Campaign, Part
from functions.domain.follow_up import FollowUp, child_id
from functions.domain.ids import BatchNumber, CampaignId
from functions.domain.standing import Standing


class Campaigns(Protocol):
    """The store of campaigns."""

    def get(self, campaign_id: CampaignId) -> Campaign | None:
        """Read one campaign."""

    def parts_between(self, campaign_id: CampaignId, first: int, last: int) -> tuple[Part, ...]:
        """Read the parts of these numbers."""

    def parts(self, campaign_id: CampaignId) -> tuple[Part, ...]:
        """Read all parts."""


Standings = Callable[[Sequence[BatchNumber]], Iterable[Standing]]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepReport:
    """A step, whom it looked at, and what it sent; ``counted`` is None before its first look.

    ``seen`` messages were judged: of a step at once only those that matched.
    """

    campaign_id: CampaignId
    step: FollowUp
    seen: int
    counted: Report | None
    below: tuple["StepReport", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """What is counted from, at a moment."""

    campaigns: Campaigns
    standings: Standings
    now: datetime


def standing_of(campaign: Campaign, counted: Report, rows: Rows) -> Report:
    """The same figures; a follow-up is not over while it may find more people."""
    looking = counted.status == "finished" and still_looking(
        campaign, campaigns=rows.campaigns, now=rows.now
    )
    return replace(counted, status="running", resolved=False) if looking else counted


def tree(parent: CampaignId, follow_ups: Sequence[FollowUp], rows: Rows) -> tuple[StepReport, ...]:
    """Count every step below a campaign."""
    return tuple(_step(child_id(parent, each.branch), each, rows) for each in follow_ups)


def _step(own: CampaignId, step: FollowUp, rows: Rows) -> StepReport:
    campaign = rows.campaigns.get(own)
    parts = () if campaign is None else rows.campaigns.parts(own)
    counted = None
    if campaign is not None:
        counted = standing_of(campaign, report(campaign, parts, rows.standings), rows)
    return StepReport(
        campaign_id=own,
        step=step,
        seen=sum(part.seen for part in parts),
        counted=counted,
        below=tree(own, step.follow_ups, rows),
    )
