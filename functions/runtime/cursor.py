"""Opaque list cursors: signed, bound to one list, and good for a day."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from functions.contracts.errors import InvalidInput
from functions.runtime.aws import derived_key

_LIFETIME = timedelta(days=1)
_MAC_BYTES = 16
Position = Mapping[str, Any]


def seal(position: Position | None, *, of: str, now: datetime) -> str | None:
    """Make a cursor that continues the list ``of`` after this position; None ends the list."""
    if position is None:
        return None
    payload = json.dumps([of, int(now.timestamp()), dict(position)]).encode()
    return base64.urlsafe_b64encode(_mac(payload) + payload).decode().rstrip("=")


def unseal(cursor: str | None, *, of: str, now: datetime) -> dict[str, Any] | None:
    """Read a cursor back. Raises InvalidInput when it is forged, of another list, or old."""
    if cursor is None:
        return None
    try:
        sealed = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except ValueError as error:
        raise _invalid("is not a cursor of this list") from error
    mac, payload = sealed[:_MAC_BYTES], sealed[_MAC_BYTES:]
    if not hmac.compare_digest(mac, _mac(payload)):
        raise _invalid("is not a cursor of this list")
    list_name, issued, position = json.loads(payload)
    if list_name != of:
        raise _invalid("is not a cursor of this list")
    if now.timestamp() - issued > _LIFETIME.total_seconds():
        raise _invalid("has expired")
    return dict(position)


def _mac(payload: bytes) -> bytes:
    return hmac.digest(derived_key("cursor"), payload, hashlib.sha256)[:_MAC_BYTES]


def _invalid(why: str) -> InvalidInput:
    return InvalidInput.field("/query/cursor", "invalid_cursor", f"The cursor {why}.")
