"""NHN Cloud SMS, as the keeper of an 080 number: its webhook tells who called it.

Facts: TOAST-DOCS/SMS ko/webhook.md, event ``UNSUBSCRIBE``.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from functions.channels.base import Heard, OptOutEvent
from functions.channels.moments import believable
from functions.content.phone import InvalidPhone, parse_phone
from functions.domain.reason import SuppressionReason

_UNSUBSCRIBE = "UNSUBSCRIBE"


class NhnCallbacks:
    """Reads the webhook: an envelope with one event and its list of hooks."""

    def hear(self, body: str, *, now: datetime) -> tuple[Heard, ...]:
        """Read a callback; see ``HearingReader.hear``. Other events than refusals are skipped."""
        envelope = json.loads(body)
        hooks = envelope.get("hooks") if isinstance(envelope, dict) else None
        if not isinstance(hooks, list):
            msg = "not an event with hooks"
            raise ValueError(msg)  # noqa: TRY004  # a wrong value from outside, not a wrong type
        if envelope.get("event") != _UNSUBSCRIBE:
            return ()
        events = (_event(hook, now) for hook in hooks if isinstance(hook, dict))
        return tuple(event for event in events if event is not None)


def _event(hook: Mapping[str, Any], now: datetime) -> OptOutEvent | None:
    try:
        phone = parse_phone(str(hook.get("recipientNo")))
    except InvalidPhone:
        return None
    return OptOutEvent(
        key=str(hook.get("hookId")),
        phone=phone,
        reason=SuppressionReason.OPT_OUT_CALL,
        at=believable(hook.get("createdDateTime"), now=now),
    )
