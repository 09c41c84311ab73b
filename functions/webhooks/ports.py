"""What the use cases of webhooks need from outside."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from functions.contracts.webhook_jobs import TellJob
from functions.domain.breaker import Breaker, Jitter
from functions.domain.ids import BatchNumber
from functions.domain.message_event import BatchFacts
from functions.domain.webhook import Webhook, WebhookId
from functions.domain.webhook_told import Told
from functions.domain.webhook_try import Try


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What came of one request: a status, or in a word why there is none.

    ``asked_s`` is how long the receiver wants to be left alone.
    """

    status: int = 0
    trouble: str = ""
    asked_s: int | None = None

    @property
    def taken(self) -> bool:
        """Whether the receiver has it."""
        return 200 <= self.status < 300  # noqa: PLR2004  # as HTTP says

    @property
    def gone(self) -> bool:
        """Whether it wants nothing any more."""
        return self.status == 410  # noqa: PLR2004  # as HTTP says


class Line(Protocol):
    """A connection to one receiver."""

    def post(self, body: bytes, headers: Mapping[str, str]) -> Said:
        """Send one request. Never raises for what the other side does."""

    def close(self) -> None:
        """End it."""


class Webhooks(Protocol):
    """The store of webhooks."""

    def all(self) -> tuple[Webhook, ...]:
        """Read all, consistently."""

    def get(self, webhook_id: WebhookId) -> Webhook | None:
        """Read one, consistently."""

    def add(self, webhook: Webhook) -> bool:
        """Write a new one; False when there are as many as there may be."""

    def change(self, webhook_id: WebhookId, change: Callable[[Webhook], Webhook]) -> Webhook | None:
        """Apply ``change``, perhaps several times; None when there is no such webhook."""

    def remove(self, webhook_id: WebhookId) -> bool:
        """Delete one."""


class Breakers(Protocol):
    """The store of breakers."""

    def look(self, lane: str, *, now: datetime) -> Breaker:
        """What a breaker was within the last two seconds."""

    def change(
        self, lane: str, change: Callable[[Breaker], Breaker | None], *, now: datetime
    ) -> Breaker | None:
        """Apply ``change``; None when nothing was stored."""


class KnownMark(Protocol):
    """What was told of a batch, and until when others leave the rest to a job that waits."""

    @property
    def told(self) -> Told:
        """The events."""

    @property
    def due(self) -> int:
        """Epoch seconds, 0 for none."""


class Marks(Protocol):
    """The store of marks."""

    def of(self, webhook_id: WebhookId, batch: BatchNumber) -> KnownMark:
        """Read one, consistently."""

    def add(
        self, webhook_id: WebhookId, batch: BatchNumber, told: Told, *, due: int, now: datetime
    ) -> None:
        """Note what was told as well, and when the rest is due. Raises Unavailable."""


class Log(Protocol):
    """The log of tries."""

    def add(self, webhook_id: WebhookId, entry: Try) -> None:
        """Write one; it is kept for some days."""

    def newest(self, webhook_id: WebhookId, *, limit: int) -> Sequence[Try]:
        """Read the newest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostDeps:
    """What sending needs. ``keys_of`` gives the secrets that sign now; ``clock`` is never moved."""

    connect: Callable[[str], Line]
    keys_of: Callable[[Webhook, datetime], Sequence[bytes]]
    webhooks: Webhooks
    breakers: Breakers
    jitter: Jitter
    clock: Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class TellDeps:
    """What telling needs.

    ``later`` brings a job at a moment, ``given_up`` leaves it to people.
    """

    post: PostDeps
    marks: Marks
    facts: Callable[[BatchNumber], BatchFacts | None]
    log: Log
    later: Callable[[TellJob, datetime, datetime], None]
    given_up: Callable[[TellJob], None]
