"""Has a campaign's audiences refreshed before it is launched, when it says so."""

from datetime import datetime, timedelta

from functions.campaigns.ports import CampaignDeps
from functions.contracts.queues import LaunchJob
from functions.domain.campaign import Campaign
from functions.domain.campaign_control import waits_for_refresh
from functions.domain.ids import AudienceId

LOOK_AGAIN_AFTER = timedelta(seconds=10)


def is_fresh(campaign: Campaign, *, deps: CampaignDeps) -> bool:
    """Whether no audience has to be refreshed any more since the campaign's moment came."""
    if not waits_for_refresh(campaign) or campaign.send_at is None:
        return True
    moment = campaign.send_at
    named = {audience_id for _, audience_id in campaign.recipients.audiences()}
    return all(_is_fresh(each, moment, deps=deps) for each in named)


def _is_fresh(audience_id: AudienceId, moment: datetime, *, deps: CampaignDeps) -> bool:
    audience = deps.audiences.get(audience_id)
    if audience is None:
        # No refresh brings it back; the launch says that it is gone.
        return True
    if audience.members is None:
        return False
    return audience.fixed or audience.members.at >= moment


def refresh_and_look_again(
    campaign: Campaign, job: LaunchJob, *, deps: CampaignDeps, now: datetime
) -> None:
    """Have a refresh made, unless it is under way, and the launch tried again soon."""
    deps.refresh(campaign.send_at or now)
    deps.enqueue_at(job, now + LOOK_AGAIN_AFTER, now)
