"""Replays: one row a webhook, with the newest."""

from datetime import date, timedelta
from typing import Any

from functions.domain.ids import BatchNumber
from functions.domain.webhook import WebhookId
from functions.domain.webhook_replay import Replay, ReplayStatus
from functions.storage.base import unchanged, written
from functions.storage.webhook_rows import WebhookItem

_REPLAY = "REPLAY"
_KEPT = timedelta(days=40)


class ReplayStore:
    """Reads and writes replays."""

    def of(self, webhook_id: WebhookId) -> Replay | None:
        """Read the newest of a webhook, consistently."""
        try:
            row = WebhookItem.get(webhook_id, _REPLAY, consistent_read=True)
        except WebhookItem.DoesNotExist:
            return None
        return _from_json(row.document or {}, version=int(row.version or 0))

    def save(self, webhook_id: WebhookId, replay: Replay) -> bool:
        """Write it in place of its version; False when somebody else wrote."""
        row = WebhookItem(
            webhook_id,
            _REPLAY,
            document=_to_json(replay),
            version=replay.version + 1,
            expires_at=replay.started + int(_KEPT.total_seconds()),
        )
        same = unchanged(WebhookItem.version, replay.version)
        return written(lambda: row.save(condition=same))


def _to_json(replay: Replay) -> dict[str, Any]:
    return {
        "id": replay.replay_id,
        "range": [replay.first, replay.last],
        "types": sorted(replay.types),
        "started": replay.started,
        "status": replay.status.value,
        "ended": replay.ended,
        "numbers": [replay.low, replay.high],
        "days": [replay.day.isoformat(), replay.last_day.isoformat()],
        "batch": replay.batch,
        "after": None if replay.after is None else list(replay.after),
        "events": replay.events,
        "step": replay.step,
    }


def _from_json(stored: dict[str, Any], *, version: int) -> Replay:
    first, last = stored["range"]
    low, high = map(BatchNumber, stored["numbers"])
    day, last_day = map(date.fromisoformat, stored["days"])
    at, event_id = stored["after"] or (0, "")
    return Replay(
        replay_id=stored["id"],
        first=first,
        last=last,
        types=frozenset(stored["types"]),
        started=stored["started"],
        low=low,
        high=high,
        day=day,
        last_day=last_day,
        status=ReplayStatus(stored["status"]),
        ended=stored["ended"],
        batch=BatchNumber(stored["batch"]),
        after=None if stored["after"] is None else (at, event_id),
        events=stored["events"],
        step=stored["step"],
        version=version,
    )
