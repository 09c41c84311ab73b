"""Has a campaign's parts looked at for the steps that follow it."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from functions.campaigns.ports import CampaignDeps
from functions.contracts.follow_looks import first_looks, looks_again
from functions.domain.batch import BatchMeta
from functions.domain.campaign import Campaign, CampaignStatus, Part
from functions.domain.family import child_of
from functions.domain.follow_up import walk


def arm(
    campaign: Campaign,
    part: Part,
    metas: Sequence[BatchMeta] | None,
    *,
    deps: CampaignDeps,
    now: datetime,
) -> None:
    """Have a planned part looked at in time by its new batches; without them, now.

    Doing so twice is harmless.
    """
    if not campaign.follow_ups or not part.batches:
        return
    for step in campaign.follow_ups:
        child = child_of(campaign, step, now=now)
        # From now on it can be paused and cancelled by its id.
        if deps.campaigns.get(child.campaign_id) is None:
            deps.campaigns.ensure(child)
        # A check that found everyone looked at has forgotten the step.
        deps.campaigns.mark_open(child)
    looks = (
        looks_again(campaign.campaign_id, part.part, campaign.follow_ups, now=now)
        if metas is None
        else first_looks(campaign.campaign_id, part.part, campaign.follow_ups, metas, now=now)
    )
    for job, at in looks:
        deps.enqueue_at(job, at, now)


def running_below(campaign: Campaign, *, deps: CampaignDeps) -> Iterator[Campaign]:
    """The steps below a campaign that run and are followed themselves."""
    for campaign_id, step in walk(campaign.campaign_id, campaign.follow_ups):
        known = deps.campaigns.get(campaign_id) if step.follow_ups else None
        if known is not None and known.status is CampaignStatus.LAUNCHED:
            yield known
