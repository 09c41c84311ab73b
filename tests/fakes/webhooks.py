"""Webhooks without a network: stores in memory, and receivers that take what they are told."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from functions.domain.ids import BatchNumber
from functions.domain.webhook import Webhook, WebhookId
from functions.domain.webhook_replay import Replay
from functions.domain.webhook_told import NOTHING_TOLD, Told
from functions.domain.webhook_try import Try
from functions.webhooks.ports import Said
from tests.builders import NOON

OK, DOWN, GONE = Said(status=204), Said(trouble="no_answer"), Said(status=410)


def a_webhook(webhook_id: str = "whk_1", *types: str, **values: Any) -> Webhook:
    """A webhook that is told some types of what happened from ``NOON`` on."""
    since = dict.fromkeys(types or ("message.sent", "message.delivered"), int(NOON.timestamp()))
    facts = {"url": f"https://{webhook_id}.example/", "created": NOON, "since_by_type": since}
    return Webhook(webhook_id=WebhookId(webhook_id), **(facts | values))


def a_replay(**values: Any) -> Replay:
    """A replay that just began."""
    facts: dict[str, Any] = {
        "replay_id": "rpl_1",
        "first": 1,
        "last": 2,
        "types": frozenset({"message.sent"}),
        "started": 3,
        "low": BatchNumber(4),
        "high": BatchNumber(8),
        "day": date(2026, 11, 1),
        "last_day": date(2026, 11, 2),
    }
    return Replay(**(facts | values))


@dataclass
class FakeWebhooks:
    """Webhooks by id."""

    known: dict[WebhookId, Webhook] = field(default_factory=dict)
    most: int = 10

    def all(self) -> tuple[Webhook, ...]:
        return tuple(self.known.values())

    def get(self, webhook_id: WebhookId) -> Webhook | None:
        return self.known.get(webhook_id)

    def add(self, webhook: Webhook) -> bool:
        if len(self.known) >= self.most:
            return False
        self.known[webhook.webhook_id] = webhook
        return True

    def change(self, webhook_id: WebhookId, change: Callable[[Webhook], Webhook]) -> Webhook | None:
        old = self.known.get(webhook_id)
        if old is None:
            return None
        new = change(old)
        if new != old:
            self.known[webhook_id] = replace(new, version=old.version + 1)
        return self.known[webhook_id]

    def remove(self, webhook_id: WebhookId) -> bool:
        return self.known.pop(webhook_id, None) is not None


@dataclass
class FakeMark:
    told: Told = NOTHING_TOLD
    due: int = 0


@dataclass
class FakeMarks:
    """Marks, packed as they are stored."""

    rows: dict[tuple[WebhookId, BatchNumber], tuple[bytes, int]] = field(default_factory=dict)
    writes: int = 0

    def of(self, webhook_id: WebhookId, batch: BatchNumber) -> FakeMark:
        packed, due = self.rows.get((webhook_id, batch), (b"", 0))
        return FakeMark(Told.unpack(packed), due)

    def add(
        self, webhook_id: WebhookId, batch: BatchNumber, told: Told, *, due: int, now: datetime
    ) -> None:
        row = self.of(webhook_id, batch).told.joined_by(told).pack(), due
        if row != self.rows.get((webhook_id, batch)):
            self.writes += 1
            self.rows[webhook_id, batch] = row


@dataclass
class FakeLog:
    """Tries in order."""

    entries: list[Try] = field(default_factory=list)

    def add(self, webhook_id: WebhookId, entry: Try) -> None:
        self.entries.append(entry)

    def newest(self, webhook_id: WebhookId, *, limit: int) -> Sequence[Try]:
        return self.entries[::-1][:limit]


@dataclass
class FakeReplays:
    """The newest replay of each webhook."""

    known: dict[WebhookId, Replay] = field(default_factory=dict)

    def of(self, webhook_id: WebhookId) -> Replay | None:
        return self.known.get(webhook_id)

    def save(self, webhook_id: WebhookId, replay: Replay) -> bool:
        old = self.known.get(webhook_id)
        if (0 if old is None else old.version) != replay.version:
            return False
        self.known[webhook_id] = replace(replay, version=replay.version + 1)
        return True


@dataclass
class FakeReceiver:
    """Says what it is told to, and keeps what it took."""

    says: Callable[[], Said] = lambda: OK
    posts: list[tuple[Mapping[str, str], bytes]] = field(default_factory=list)
    calls: int = 0

    def post(self, body: bytes, headers: Mapping[str, str]) -> Said:
        self.calls += 1
        said = self.says()
        if said.taken:
            self.posts.append((headers, body))
        return said

    def close(self) -> None:
        return

    def event_ids(self) -> list[str]:
        """The ids of all events that it took, in order."""
        found: list[str] = []
        for _, body in self.posts:
            data = json.loads(body)["data"]
            found += [each["event_id"] for each in data.get("events", [data])]
        return found
