"""What was seen of a campaign's experiment: one row a look, or a draw, each written once."""

from functions.contracts.experiment_record import (
    Draw,
    draw_from_json,
    draw_to_json,
    look_from_json,
    look_to_json,
)
from functions.domain.experiment_look import Look
from functions.domain.ids import CampaignId
from functions.storage.base import written
from functions.storage.campaigns import CampaignItem

_LOOK, _DRAW = "LOOK#", "DRAW#"


class ExperimentStore:
    """Reads and adds what was seen."""

    def looks(self, campaign_id: CampaignId) -> tuple[Look, ...]:
        """Read all looks, in order, consistently."""
        rows = CampaignItem.query(
            campaign_id, CampaignItem.kind.startswith(_LOOK), consistent_read=True
        )
        return tuple(look_from_json(row.experiment) for row in rows)

    def add_look(self, campaign_id: CampaignId, look: Look) -> bool:
        """Write a look; False when there is one of this number."""
        kind = f"{_LOOK}{look.number:06d}"
        item = CampaignItem(campaign_id, kind, experiment=look_to_json(look))
        return written(lambda: item.save(condition=CampaignItem.kind.does_not_exist()))

    def draws(self, campaign_id: CampaignId) -> tuple[Draw, ...]:
        """Read what was drawn for each part, in order, consistently."""
        rows = CampaignItem.query(
            campaign_id, CampaignItem.kind.startswith(_DRAW), consistent_read=True
        )
        return tuple(draw_from_json(row.experiment) for row in rows)

    def draw(self, campaign_id: CampaignId, part: str) -> Draw | None:
        """Read what was drawn for a part, consistently."""
        try:
            item = CampaignItem.get(campaign_id, _DRAW + part, consistent_read=True)
        except CampaignItem.DoesNotExist:
            return None
        return draw_from_json(item.experiment)

    def add_draw(self, campaign_id: CampaignId, draw: Draw) -> bool:
        """Write what was drawn for a part; False when that was done."""
        item = CampaignItem(campaign_id, _DRAW + draw.part, experiment=draw_to_json(draw))
        return written(lambda: item.save(condition=CampaignItem.kind.does_not_exist()))
