"""Changes a campaign under its version, starting over when somebody else was quicker."""

from collections.abc import Callable

from functions.campaigns.finding import find
from functions.campaigns.ports import CampaignDeps
from functions.contracts.errors import Conflict
from functions.domain.campaign import Campaign
from functions.domain.campaign_control import Immovable
from functions.domain.ids import CampaignId

Move = Callable[[Campaign], Campaign | Immovable]
_MAX_TRIES = 10
_TEXT_BY_WHY = {
    Immovable.NOT_LAUNCHED: "The campaign is not launched yet.",
    Immovable.ALREADY_LAUNCHED: "The campaign is launched already.",
    Immovable.CAMPAIGN_CANCELLED: "The campaign is cancelled.",
    Immovable.CAMPAIGN_EXPIRED: "The campaign missed its moment and was given up.",
    Immovable.SERIES_ENDED: "The campaign recurs no more.",
}


def moved(campaign_id: CampaignId, move: Move, *, deps: CampaignDeps) -> Campaign:
    """Move a campaign. Raises NotFound, Conflict."""
    for _ in range(_MAX_TRIES):
        campaign = find(campaign_id, deps=deps)
        after = move(campaign)
        if isinstance(after, Immovable):
            raise Conflict(_TEXT_BY_WHY[after], code=str(after))
        if after == campaign:
            return campaign
        if _change(campaign, after, deps=deps):
            return find(campaign_id, deps=deps)
    msg = "Others change the campaign at the moment."
    raise Conflict(msg, code="busy")


def _change(before: Campaign, after: Campaign, *, deps: CampaignDeps) -> bool:
    if before.safety.budget == after.safety.budget:
        return deps.campaigns.change(before, after)
    return deps.safety.store.change_budget(before, after)
