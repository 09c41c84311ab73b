"""Follow-ups as JSON, as a campaign's row has them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from functions.domain.campaign import Campaign
from functions.domain.follow_up import Condition, FollowUp
from functions.domain.ids import CampaignId, SenderId, TemplateId


def family_to_json(campaign: Campaign) -> dict[str, Any] | None:
    """Write what follows a campaign and what it follows; None for one that stands alone."""
    if not campaign.follow_ups and campaign.parent is None:
        return None
    return {
        "follow_ups": [_from_step(each) for each in campaign.follow_ups],
        "parent": campaign.parent,
        "step": campaign.step,
    }


def family_from_json(stored: Mapping[str, Any] | None) -> dict[str, Any]:
    """Read it back, as the values of the campaign's fields."""
    if stored is None:
        return {}
    parent = stored["parent"]
    return {
        "follow_ups": tuple(_to_step(each) for each in stored["follow_ups"]),
        "parent": None if parent is None else CampaignId(parent),
        "step": stored["step"],
    }


def _from_step(step: FollowUp) -> dict[str, Any]:
    return {
        "if": str(step.condition),
        "after_s": int(step.after.total_seconds()),
        "link": step.link,
        "template": [step.template_id, step.template_version],
        "sender": step.sender_id,
        "variables": dict(step.variables),
        "follow_ups": [_from_step(each) for each in step.follow_ups],
    }


def _to_step(stored: Mapping[str, Any]) -> FollowUp:
    template_id, version = stored["template"]
    return FollowUp(
        condition=Condition(stored["if"]),
        after=timedelta(seconds=stored["after_s"]),
        link=stored["link"],
        template_id=TemplateId(template_id),
        template_version=version,
        sender_id=SenderId(stored["sender"]),
        variables=stored["variables"],
        follow_ups=tuple(_to_step(each) for each in stored["follow_ups"]),
    )


def bits_to_bytes(bits: int) -> bytes:
    """Write which messages of a part were judged."""
    return bits.to_bytes(bits.bit_length() // 8 + 1, "little")


def bits_from_bytes(packed: bytes | None) -> int:
    """Read it back."""
    return int.from_bytes(bytes(packed or b""), "little")
