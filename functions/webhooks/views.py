"""Webhooks as callers see them; secrets are never among it."""

from collections.abc import Sequence
from datetime import UTC, datetime

from functions.domain.webhook import Webhook
from functions.domain.webhook_replay import Replay
from functions.domain.webhook_try import Try
from functions.runtime.http import Json
from functions.webhooks.service import Tried


def webhook_view(webhook: Webhook) -> Json:
    """A webhook."""
    return {
        "webhook_id": webhook.webhook_id,
        "url": webhook.url,
        "types": sorted(webhook.since_by_type),
        "enabled": webhook.enabled,
        "description": webhook.description,
        "batch": webhook.batched,
        "created": webhook.created.isoformat(),
        "disabled_reason": webhook.off,
        "disabled_at": _moment(webhook.off_since),
        "failing_since": _moment(webhook.failing_since),
        "old_secret_until": _moment(webhook.overlap_until),
    }


def tried_view(tried: Tried) -> Json:
    """What came of a test."""
    return {
        "webhook_message_id": tried.message_id,
        "delivered": tried.said.taken,
        "status": tried.said.status or None,
        "trouble": tried.said.trouble or None,
        "ms": tried.ms,
    }


def log_view(tries: Sequence[Try]) -> Json:
    """The newest tries."""
    return {"items": [_try_view(each) for each in tries], "next_cursor": None}


def replay_view(replay: Replay) -> Json:
    """A replay."""
    return {
        "replay_id": replay.replay_id,
        "from": _moment(replay.first),
        "to": _moment(replay.last),
        "types": sorted(replay.types),
        "status": replay.status,
        "events": replay.events,
        "started": _moment(replay.started),
        "ended": _moment(replay.ended),
    }


def _try_view(entry: Try) -> Json:
    return {
        "at": entry.at.isoformat(),
        "about": entry.about,
        "attempt": entry.attempt + 1,
        "requests": entry.posts,
        "events": entry.events,
        "status": entry.status or None,
        "trouble": entry.trouble or None,
        "ms": entry.ms,
        "next_attempt": None if entry.again is None else entry.again.isoformat(),
    }


def _moment(epoch_s: int) -> str | None:
    return datetime.fromtimestamp(epoch_s, tz=UTC).isoformat() if epoch_s else None
