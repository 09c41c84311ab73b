"""Received messages that were worked off, so that a relay which repeats one changes nothing."""

import hashlib
from datetime import datetime, timedelta

from functions.storage.requests import RequestItem

_PREFIX = "inbound#"
_LIFETIME = timedelta(days=30)


class InboxStore:
    """Remembers keys of messages for a month, never what was in them."""

    def knows(self, key: str) -> bool:
        """Whether the message was worked off; read consistently."""
        try:
            RequestItem.get(_row(key), consistent_read=True)
        except RequestItem.DoesNotExist:
            return False
        return True

    def remember(self, key: str, *, now: datetime) -> None:
        """Note that the message was worked off."""
        RequestItem(_row(key), expires_at=int((now + _LIFETIME).timestamp())).save()


def _row(key: str) -> str:
    """A key of fixed length, whatever the relay calls its messages."""
    return _PREFIX + hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
