"""What each webhook was told of a batch: a row of less than 1 KB, and so one write, a batch."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from functions.contracts.errors import Unavailable
from functions.domain.ids import BatchNumber
from functions.domain.webhook import TOLD_WITHIN, WebhookId
from functions.domain.webhook_told import NOTHING_TOLD, Told
from functions.storage.base import unchanged, written
from functions.storage.webhook_rows import WebhookItem

_MAX_TRIES = 8
_KEPT = TOLD_WITHIN + timedelta(days=10)
"""Of what is forgotten, all happened too long ago to be told again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What was told; until the epoch second ``due`` others leave the rest to a job that waits."""

    told: Told = NOTHING_TOLD
    due: int = 0
    version: int = 0


class MarkStore:
    """Reads and writes marks."""

    def of(self, webhook_id: WebhookId, batch: BatchNumber) -> Mark:
        """Read one, consistently."""
        try:
            row = WebhookItem.get(webhook_id, _kind(batch), consistent_read=True)
        except WebhookItem.DoesNotExist:
            return Mark()
        return Mark(
            told=Told.unpack(bytes(row.told or b"")),
            due=int(row.due or 0),
            version=int(row.version or 0),
        )

    def add(
        self, webhook_id: WebhookId, batch: BatchNumber, told: Told, *, due: int, now: datetime
    ) -> None:
        """Note what was told as well, and when the rest is due. Raises Unavailable."""
        for _ in range(_MAX_TRIES):
            known = self.of(webhook_id, batch)
            joined = Mark(told=known.told.joined_by(told), due=due, version=known.version)
            if joined == known or _stored(webhook_id, batch, joined, now):
                return
        msg = "the mark is being changed by others"
        raise Unavailable(msg)


def _stored(webhook_id: WebhookId, batch: BatchNumber, mark: Mark, now: datetime) -> bool:
    row = WebhookItem(
        webhook_id,
        _kind(batch),
        told=mark.told.pack(),
        due=mark.due or None,
        version=mark.version + 1,
        expires_at=int((now + _KEPT).timestamp()),
    )
    same = unchanged(WebhookItem.version, mark.version)
    return written(lambda: row.save(condition=same))


def _kind(batch: BatchNumber) -> str:
    return f"TOLD#{batch}"
