"""What never changes of a batch, as it stands in its META row."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from functions.domain.batch import BatchMeta, Source
from functions.domain.channel import Channel, Purpose
from functions.domain.holdout import Arm
from functions.domain.ids import BatchNumber, SenderId, TemplateId
from functions.domain.policy import WhenCapped
from functions.domain.pricing import Money
from functions.domain.text_size import MessageType


def meta_to_json(meta: BatchMeta) -> dict[str, Any]:
    """Write it; what few batches have is there only where they have it."""
    rare = {"variant": meta.variant, "triggers": meta.triggers, "arm": meta.arm or ""}
    return {name: value for name, value in rare.items() if value} | {
        "source": [meta.source.kind, meta.source.source_id, meta.source.part],
        "channel": meta.channel,
        "purpose": meta.purpose,
        "type": meta.message_type,
        "price": [meta.unit_price.minor, meta.unit_price.currency],
        "sender": meta.sender_id,
        "template": [meta.template_id, meta.template_version],
        "size": meta.size,
        "created": int(meta.created.timestamp()),
        "not_before": None if meta.not_before is None else int(meta.not_before.timestamp()),
        "expires": int(meta.expires.timestamp()),
        "caps": [meta.priority, meta.when_capped],
    }


def meta_from_json(number: BatchNumber, stored: Mapping[str, Any]) -> BatchMeta:
    """Read what ``meta_to_json`` wrote."""
    kind, source_id, part = stored["source"]
    minor, currency = stored["price"]
    template_id, version = stored["template"]
    priority, when_capped = stored["caps"]
    return BatchMeta(
        number=number,
        source=Source(kind=kind, source_id=source_id, part=part),
        channel=Channel(stored["channel"]),
        purpose=Purpose(stored["purpose"]),
        message_type=MessageType(stored["type"]),
        unit_price=Money(minor=minor, currency=currency),
        sender_id=SenderId(stored["sender"]),
        template_id=TemplateId(template_id),
        template_version=version,
        size=stored["size"],
        created=_moment(stored["created"]),
        not_before=None if stored["not_before"] is None else _moment(stored["not_before"]),
        expires=_moment(stored["expires"]),
        priority=priority,
        when_capped=WhenCapped(when_capped),
        variant=stored.get("variant", ""),
        triggers=stored.get("triggers", ""),
        arm=Arm(arm) if (arm := stored.get("arm")) else None,
    )


def _moment(epoch_s: int) -> datetime:
    return datetime.fromtimestamp(epoch_s, tz=UTC)
