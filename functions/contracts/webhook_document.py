"""What webhooks are sent, and the rows that keep them."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from functions.contracts.event_document import event_to_json, moment_text
from functions.domain.message_event import MessageEvent
from functions.domain.webhook import OffReason, Webhook, WebhookId

BATCH_TYPE, TEST_TYPE = "message.events", "webhook.test"
"""Types of messages that are no event: several events in one, and a test."""
_ID_BYTES = 15

_write = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One request: an id that stays the same when it is repeated, and a body."""

    message_id: str
    body: bytes


def of_event(event: MessageEvent) -> Outgoing:
    """One event alone."""
    body = _message(event.type, moment_text(event.at), event_to_json(event))
    return Outgoing(message_id=event.event_id, body=body)


def of_events(events: Sequence[MessageEvent]) -> Outgoing:
    """Several events in one; its id is made of theirs."""
    ids = "\n".join(sorted(each.event_id for each in events)).encode()
    name = hashlib.blake2s(ids, digest_size=_ID_BYTES).hexdigest()
    newest = max(each.at for each in events)
    data = {"events": [event_to_json(each) for each in events]}
    return Outgoing(message_id=f"evs_{name}", body=_message(BATCH_TYPE, moment_text(newest), data))


def of_test(test_id: str, *, now: datetime) -> Outgoing:
    """A message by which a receiver can be tried out."""
    moment = moment_text(int(now.timestamp()))
    data = {"message": "This is a test. Nothing happened."}
    return Outgoing(message_id=test_id, body=_message(TEST_TYPE, moment, data))


def _message(kind: str, timestamp: str, data: Mapping[str, object]) -> bytes:
    return _write({"type": kind, "timestamp": timestamp, "data": data}).encode()


def webhook_to_json(webhook: Webhook) -> dict[str, Any]:
    """Write a webhook as its row keeps it; its secrets are nowhere, they are derived."""
    return {
        "id": webhook.webhook_id,
        "url": webhook.url,
        "since": dict(webhook.since_by_type),
        "created": int(webhook.created.timestamp()),
        "enabled": webhook.enabled,
        "description": webhook.description,
        "batched": webhook.batched,
        "secret": webhook.secret,
        "overlap_until": webhook.overlap_until,
        "off": None if webhook.off is None else webhook.off.value,
        "off_since": webhook.off_since,
        "failing_since": webhook.failing_since,
    }


def webhook_from_json(stored: Mapping[str, Any], *, version: int) -> Webhook:
    """Read what ``webhook_to_json`` wrote."""
    return Webhook(
        webhook_id=WebhookId(stored["id"]),
        url=stored["url"],
        since_by_type=dict(stored["since"]),
        created=datetime.fromtimestamp(stored["created"], tz=UTC),
        enabled=stored["enabled"],
        description=stored["description"],
        batched=stored["batched"],
        secret=stored["secret"],
        overlap_until=stored["overlap_until"],
        off=None if stored["off"] is None else OffReason(stored["off"]),
        off_since=stored["off_since"],
        failing_since=stored["failing_since"],
        version=version,
    )
