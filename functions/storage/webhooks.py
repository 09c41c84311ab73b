"""Webhooks: ten rows at most, below one key, so that all are read at once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from functions.contracts.errors import Unavailable
from functions.contracts.webhook_document import webhook_from_json, webhook_to_json
from functions.domain.webhook import MAX_WEBHOOKS, Webhook, WebhookId
from functions.runtime.clock import wall_now
from functions.storage.base import unchanged, written
from functions.storage.webhook_rows import WebhookItem

_ALL = "WEBHOOKS"
FRESH = timedelta(seconds=15)
_MAX_TRIES = 20


class WebhookStore:
    """Reads and writes webhooks."""

    def all(self) -> tuple[Webhook, ...]:
        """Read all, consistently, the oldest first."""
        found = self._by_place().values()
        return tuple(sorted(found, key=lambda each: (each.created, each.webhook_id)))

    def get(self, webhook_id: WebhookId) -> Webhook | None:
        """Read one, consistently."""
        return next((each for each in self.all() if each.webhook_id == webhook_id), None)

    def add(self, webhook: Webhook) -> bool:
        """Write a new one; False when there are as many as there may be."""
        taken = self._by_place()
        return any(
            written(lambda p=place: _row(p, webhook).save(WebhookItem.kind.does_not_exist()))  # type: ignore[misc]  # place is bound now
            for place in map(str, range(MAX_WEBHOOKS))
            if place not in taken
        )

    def change(self, webhook_id: WebhookId, change: Callable[[Webhook], Webhook]) -> Webhook | None:
        """Apply ``change`` to the newest and store it, starting over when others wrote.

        Gives it as it is then; None when there is no such webhook. Raises Unavailable.
        """
        for _ in range(_MAX_TRIES):
            place, old = self._place_of(webhook_id)
            if old is None:
                return None
            new = change(old)
            if new == old:
                return old
            new = replace(new, version=old.version + 1)
            same = unchanged(WebhookItem.version, old.version)
            if written(lambda n=new, p=place, s=same: _row(p, n).save(condition=s)):  # type: ignore[misc]  # bound now
                return new
        msg = "the webhook is being changed by others"
        raise Unavailable(msg)

    def remove(self, webhook_id: WebhookId) -> bool:
        """Delete one; False when there is none. What it was told expires by itself."""
        for _ in range(_MAX_TRIES):
            place, known = self._place_of(webhook_id)
            if known is None:
                return False
            same = unchanged(WebhookItem.version, known.version)
            if written(lambda p=place, s=same: WebhookItem(_ALL, p).delete(condition=s)):  # type: ignore[misc]  # bound now
                return True
        msg = "the webhook is being changed by others"
        raise Unavailable(msg)

    def _place_of(self, webhook_id: WebhookId) -> tuple[str, Webhook | None]:
        for place, webhook in self._by_place().items():
            if webhook.webhook_id == webhook_id:
                return place, webhook
        return "", None

    def _by_place(self) -> dict[str, Webhook]:
        rows = WebhookItem.query(_ALL, consistent_read=True)
        return {
            row.kind: webhook_from_json(row.document or {}, version=int(row.version or 0))
            for row in rows
        }


class ListeningWebhooks:
    """The webhooks that are switched on, remembered by each process for 15 seconds.

    A clock that is moved on the local stage moves them not.
    """

    def __init__(
        self,
        read: Callable[[], tuple[Webhook, ...]] | None = None,
        clock: Callable[[], datetime] = wall_now,
    ) -> None:
        self._read = read or WebhookStore().all
        self._clock = clock
        self._known: tuple[tuple[WebhookId, ...], datetime] | None = None

    def __call__(self) -> tuple[WebhookId, ...]:
        """Give their ids."""
        now = self._clock()
        if self._known is None or not timedelta(0) <= now - self._known[1] < FRESH:
            ids = tuple(each.webhook_id for each in self._read() if each.enabled)
            self._known = ids, now
        return self._known[0]


def _row(place: str, webhook: Webhook) -> WebhookItem:
    return WebhookItem(_ALL, place, document=webhook_to_json(webhook), version=webhook.version)
