"""How a campaign's messages may go, and what becomes of whom a cap keeps back, as JSON."""

from collections.abc import Sequence
from typing import Any

from functions.domain.campaign import Campaign, Way
from functions.domain.ids import SenderId, TemplateId
from functions.domain.policy import WhenCapped

_ONE_WAY = (0, ())


def ways_to_json(campaign: Campaign) -> list[Any]:
    """Write it."""
    swap = campaign.swap
    several = [campaign.explore, [_from_way(each) for each in campaign.ways]]
    return [
        campaign.priority,
        str(campaign.when_capped),
        None if swap is None else _from_way(swap),
        # The release before reads no more than these.
        *(several if campaign.ways else ()),
    ]


def ways_from_json(stored: Sequence[Any]) -> dict[str, Any]:
    """Read it back, as the values of the campaign's fields."""
    priority, when_capped, swap, *several = stored
    explore, ways = several or _ONE_WAY
    return {
        "priority": priority,
        "when_capped": WhenCapped(when_capped),
        "swap": None if swap is None else _to_way(swap),
        "explore": explore,
        "ways": tuple(map(_to_way, ways)),
    }


def _from_way(way: Way) -> list[Any]:
    return [way.template_id, way.template_version, way.sender_id]


def _to_way(stored: Sequence[Any]) -> Way:
    template_id, version, sender_id = stored
    return Way(
        template_id=TemplateId(template_id),
        template_version=version,
        sender_id=SenderId(sender_id),
    )
