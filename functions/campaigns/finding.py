"""Reads a campaign that must be there."""

from functions.campaigns.ports import CampaignDeps
from functions.contracts.errors import NotFound
from functions.domain.campaign import Campaign
from functions.domain.ids import CampaignId


def find(campaign_id: CampaignId, *, deps: CampaignDeps) -> Campaign:
    """Read a campaign. Raises NotFound."""
    campaign = deps.campaigns.get(campaign_id)
    if campaign is None:
        msg = "There is no such campaign."
        raise NotFound(msg)
    return campaign
