"""A campaign and its follow-ups, read together."""

from collections.abc import Sequence

from functions.domain.campaign import Campaign, Part
from functions.domain.ids import CampaignId
from functions.runtime.spread import spread
from functions.storage.campaigns import META, CampaignItem, CampaignStore, to_campaign


class FamilyStore:
    """Reads several campaigns at once."""

    def campaigns(self, ids: Sequence[CampaignId]) -> dict[CampaignId, Campaign]:
        """Read those of these campaigns that there are, consistently, in one request."""
        keys = [(each, META) for each in ids]
        rows = CampaignItem.batch_get(keys, consistent_read=True) if keys else ()
        return {CampaignId(row.campaign_id): to_campaign(row) for row in rows}

    def parts(self, ids: Sequence[CampaignId]) -> dict[CampaignId, tuple[Part, ...]]:
        """Read all parts of each, some campaigns at once."""
        return dict(zip(ids, spread(CampaignStore().parts, ids), strict=True))
