"""The log of tries of each webhook: a row a try, for some days."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from functions.domain.webhook import WebhookId
from functions.domain.webhook_try import Try
from functions.runtime.ids import fresh_word
from functions.storage.webhook_rows import WebhookItem

_LOG, _LOG_END = "LOG#", "LOG~"
_KEPT = timedelta(days=3)


class TryLog:
    """Reads and writes tries. ``fresh`` tells those of one moment apart."""

    def __init__(self, fresh: Callable[[], str] = fresh_word) -> None:
        self._fresh = fresh

    def add(self, webhook_id: WebhookId, entry: Try) -> None:
        """Write one."""
        kind = f"{_LOG}{int(entry.at.timestamp()):011d}#{self._fresh()}"
        expires_at = int((entry.at + _KEPT).timestamp())
        WebhookItem(webhook_id, kind, document=_to_json(entry), expires_at=expires_at).save()

    def newest(self, webhook_id: WebhookId, *, limit: int) -> Sequence[Try]:
        """Read the newest, the last one first."""
        rows = WebhookItem.query(
            webhook_id,
            WebhookItem.kind.between(_LOG, _LOG_END),
            scan_index_forward=False,
            limit=limit,
        )
        return [_from_json(row.document or {}) for row in rows]


def _to_json(entry: Try) -> dict[str, Any]:
    return {
        "at": int(entry.at.timestamp()),
        "about": entry.about,
        "attempt": entry.attempt,
        "posts": entry.posts,
        "events": entry.events,
        "status": entry.status,
        "trouble": entry.trouble,
        "ms": entry.ms,
        "again": None if entry.again is None else int(entry.again.timestamp()),
    }


def _from_json(stored: Mapping[str, Any]) -> Try:
    again = stored["again"]
    return Try(
        at=datetime.fromtimestamp(stored["at"], tz=UTC),
        about=stored["about"],
        attempt=stored["attempt"],
        posts=stored["posts"],
        events=stored["events"],
        status=stored["status"],
        trouble=stored["trouble"],
        ms=stored["ms"],
        again=None if again is None else datetime.fromtimestamp(again, tz=UTC),
    )
