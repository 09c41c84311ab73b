"""Which parts of a campaign a timed step has not looked at to the end."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from functions.domain.campaign import Campaign, Gate, Part, gate_of
from functions.domain.follow_up import FOLLOWED_FOR, step_of
from functions.domain.ids import CampaignId

LAST_PART, PART_DIGITS = 999_999, 6
"""The highest number of a part of a campaign that follows none, and its length."""


class Campaigns(Protocol):
    """The store of campaigns."""

    def get(self, campaign_id: CampaignId) -> Campaign | None:
        """Read one campaign."""

    def parts_between(self, campaign_id: CampaignId, first: int, last: int) -> tuple[Part, ...]:
        """Read the parts of these numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfollowed:
    """The parts of the campaign that is followed; ``since`` then, at the earliest, one was due."""

    parts: tuple[str, ...]
    since: datetime


def unfollowed(campaign: Campaign, *, campaigns: Campaigns) -> Unfollowed | None:
    """What a campaign still has to look at; None for one that looks at nothing at its time."""
    parent = None if campaign.parent is None else campaigns.get(campaign.parent)
    if parent is None or gate_of(parent.status) is Gate.GONE:
        return None
    step = step_of(parent.follow_ups, campaign.step[-1])
    if step is None or step.at_once:
        return None
    looks = campaigns.parts_between(campaign.campaign_id, 0, LAST_PART)
    groups = campaigns.parts_between(parent.campaign_id, 0, LAST_PART)
    left = left_of(groups, looks)
    return Unfollowed(parts=left, since=campaign.created + step.after) if left else None


def done_by_part(looks: Iterable[Part]) -> dict[str, int]:
    """Which messages of each part of the parent were judged, a bit each."""
    # In order, so that the newest look at a part stays.
    return {look.part.rpartition("-")[0]: look.done for look in looks}


def left_of(groups: Iterable[Part], looks: Iterable[Part]) -> tuple[str, ...]:
    """The parts of the parent of which not all messages were judged."""
    done = done_by_part(looks)
    return tuple(
        each.part for each in groups if done.get(each.part, 0).bit_count() < sum(each.batch_sizes)
    )


def still_looking(campaign: Campaign, *, campaigns: Campaigns, now: datetime) -> bool:
    """Whether a follow-up may find more people."""
    parent = None if campaign.parent is None else campaigns.get(campaign.parent)
    if parent is None or gate_of(parent.status) is Gate.GONE:
        return False
    step = step_of(parent.follow_ups, campaign.step[-1])
    if step is not None and step.at_once:
        return now < campaign.created + FOLLOWED_FOR
    return unfollowed(campaign, campaigns=campaigns) is not None
