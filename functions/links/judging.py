"""Judges a campaign's openings again, by the rules of now."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from functions.contracts.errors import NotFound
from functions.contracts.queues import JudgeClicksJob
from functions.domain.campaign import Part
from functions.domain.ids import CampaignId
from functions.links.service import LinksDeps, judge_again


class Campaigns(Protocol):
    """The store of campaigns."""

    def part(self, campaign_id: CampaignId, part: str) -> Part | None:
        """Read one part."""
        ...

    def parts(self, campaign_id: CampaignId) -> tuple[Part, ...]:
        """Read all parts."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgingDeps:
    """What judging again needs."""

    campaigns: Campaigns
    links: LinksDeps
    enqueue: Callable[[Sequence[JudgeClicksJob]], None]


def start(campaign_id: CampaignId, *, deps: JudgingDeps) -> int:
    """Have every part judged again; tells how many there are. Raises NotFound without any."""
    parts = deps.campaigns.parts(campaign_id)
    if not parts:
        msg = "There is no such campaign, or it was not launched."
        raise NotFound(msg)
    deps.enqueue([JudgeClicksJob(campaign_id=campaign_id, part=each.part) for each in parts])
    return len(parts)


def judge_part(job: JudgeClicksJob, *, deps: JudgingDeps) -> int:
    """Judge the openings of a part's batches again; tells how many there are."""
    part = deps.campaigns.part(CampaignId(job.campaign_id), job.part)
    batches = () if part is None else part.batches
    return sum(judge_again(number, deps=deps.links) for number in batches)
