"""An event of a message as a flat JSON document, schema version 1 (``event_schema``).

Webhooks carry it and exports write it. No number, no name, no text: people appear by contact id.
"""

from datetime import UTC, datetime

from functions.domain.follow_up import origin_of
from functions.domain.message_event import EventType, Message, MessageEvent
from functions.domain.pricing import CURRENCY

VERSION = 1
Value = str | int | bool | None
EventDocument = dict[str, Value]
_MONEY = frozenset({EventType.SENT, EventType.FAILED, EventType.CONVERTED})


def event_to_json(event: MessageEvent) -> EventDocument:
    """Write an event; each has every field, in the order of the schema."""
    kind = event.type
    return {
        "schema_version": VERSION,
        "event_id": event.event_id,
        "type": kind.value,
        "occurred_at": moment_text(event.at),
        **message_to_json(event.message),
        "reason": None if event.reason is None else event.reason.value,
        "had_left": event.had_left if kind is EventType.FAILED else None,
        "links": ",".join(map(str, event.links)) if kind is EventType.CLICKED else None,
        "goal": (event.goal or None) if kind is EventType.CONVERTED else None,
        "value_minor": event.value_minor if kind is EventType.CONVERTED else None,
        "price_minor": None if kind not in _PRICED else event.price_minor,
        "currency": CURRENCY if kind in _MONEY else None,
    }


_PRICED = frozenset({EventType.SENT, EventType.FAILED})


def message_to_json(message: Message) -> EventDocument:
    """Write what is true of every event of a message."""
    meta = message.meta
    origin, step = origin_of(meta.source.source_id)
    return {
        "message_id": str(message.number),
        "contact_id": message.contact_id,
        "source": meta.source.kind,
        "source_id": meta.source.source_id,
        "origin_id": origin,
        "step": step or None,
        "channel": meta.channel.value,
        "purpose": meta.purpose.value,
        "message_type": meta.message_type.value,
        "sender_id": meta.sender_id,
        "template_id": meta.template_id,
        "template_version": meta.template_version,
        "variant": meta.variant or None,
        "account": message.account,
    }


def moment_text(epoch_s: int) -> str:
    """Write a moment.

    >>> moment_text(0)
    '1970-01-01T00:00:00Z'
    """
    return datetime.fromtimestamp(epoch_s, tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
