"""Received texts in a form of our own, for relays: whoever gets them posts them here.

A body is one JSON object or an array of them: ``{"id", "from", "to", "text", "at"}``; ``at`` is
ISO 8601 with an offset, ``to`` the number of ours that was written to. The names are those that
providers' pushes have in common (project notes on Korean messaging, section 5.2).
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from functions.channels.base import Heard, InboundMessage
from functions.channels.moments import believable
from functions.content.phone import InvalidPhone, parse_phone

_NEEDED = ("id", "from", "text")


class InboundCallbacks:
    """Reads what a relay posts."""

    def hear(self, body: str, *, now: datetime) -> tuple[Heard, ...]:
        """Read a callback; see ``HearingReader.hear``.

        An item without id, sender or text is skipped beside others, and no callback alone.
        """
        document = json.loads(body)
        items = document if isinstance(document, list) else [document]
        whole = [item for item in items if isinstance(item, dict) and _is_whole(item)]
        if items and not whole:
            msg = "no message has an id, a sender and a text"
            raise ValueError(msg)
        messages = (_message(item, now) for item in whole)
        return tuple(message for message in messages if message is not None)


def _is_whole(item: Mapping[str, Any]) -> bool:
    return all(isinstance(item.get(name), str) for name in _NEEDED) and item["id"] != ""


def _message(item: Mapping[str, Any], now: datetime) -> InboundMessage | None:
    try:
        sender = parse_phone(item["from"])
    except InvalidPhone:
        # A short code or a landline: nobody whom we write to.
        return None
    at = believable(item.get("at"), now=now)
    return InboundMessage(key=item["id"], sender=sender, text=item["text"], at=at)
