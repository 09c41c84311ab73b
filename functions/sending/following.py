"""Has a request followed: as a campaign whose only part is planned."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from functions.contracts.campaign_jobs import FollowJob
from functions.contracts.follow_looks import first_looks
from functions.domain.batch import Batch
from functions.domain.campaign import Campaign, Part
from functions.domain.family import child_of, part_of_request, request_as_campaign
from functions.sending.ports import SendRequest


class Campaigns(Protocol):
    """The store of campaigns."""

    def ensure(self, campaign: Campaign) -> bool:
        """Write a new campaign, where it is not there."""

    def add_part(self, part: Part) -> bool:
        """Write a part, where it is not there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowPorts:
    """What it needs. ``look_at`` has a step looked at, at a moment (given now)."""

    campaigns: Campaigns
    look_at: Callable[[FollowJob, datetime, datetime], None]


def follow(
    request: SendRequest, batches: Sequence[Batch], *, ports: FollowPorts, now: datetime
) -> None:
    """Write what the looks will read, before anything leaves; doing so twice is harmless."""
    if not request.follow_ups or not batches:
        return
    metas = [each.meta for each in batches]
    campaign = request_as_campaign(
        metas[0], request.follow_ups, variables=request.variables, now=now
    )
    part = part_of_request(request.request_id, metas)
    ports.campaigns.add_part(part)
    ports.campaigns.ensure(campaign)
    for step in campaign.follow_ups:
        ports.campaigns.ensure(child_of(campaign, step, now=now))
    looks = first_looks(campaign.campaign_id, part.part, campaign.follow_ups, metas, now=now)
    for job, at in looks:
        ports.look_at(job, at, now)
