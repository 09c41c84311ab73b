"""Has webhooks told of batches in which something was recorded.

With none that listens nothing is done; whether one does is read once in 15 seconds, and never
where the stack has no webhooks. A job waits some seconds in its queue, so that it stands for all
that is recorded of its batch in that time.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from functools import cache

from functions.contracts.queues import Queue
from functions.contracts.webhook_jobs import TellJob
from functions.domain.batch import Batch
from functions.domain.clicks import BatchClicks
from functions.domain.ids import BatchNumber
from functions.domain.message import BatchState, Send
from functions.domain.webhook import WebhookId
from functions.runtime import queues
from functions.runtime.clock import wall_now
from functions.runtime.settings import webhooks_are_on
from functions.storage.batches import BatchStore
from functions.storage.webhooks import ListeningWebhooks

WAIT_S = 5
"""So long a job waits for more to be recorded of its batch."""
_STANDS_FOR = timedelta(seconds=WAIT_S - 1)
"""A second less: what is recorded now is certainly recorded when the job looks."""
_MOST = 10_000
SendJobs = Callable[[Sequence[TellJob]], None]


class Announcer:
    """Tells of batches, each once in some seconds. To be called after the fact is recorded."""

    def __init__(
        self,
        listening: Callable[[], Sequence[WebhookId]] | None = None,
        send: SendJobs | None = None,
        clock: Callable[[], datetime] = wall_now,
    ) -> None:
        self._listening = listening or _listening()
        self._send = send or _to_queue
        self._clock = clock
        self._told: dict[tuple[WebhookId, BatchNumber], datetime] = {}
        self._collected: dict[BatchNumber, None] = {}

    def __call__(self, numbers: Iterable[BatchNumber]) -> None:
        """Have webhooks told. Raises Unavailable."""
        now, listening = self._clock(), self._listening()
        if not listening:
            return
        fresh = [
            (webhook_id, number)
            for number in dict.fromkeys(numbers)
            for webhook_id in listening
            if not self._stands(webhook_id, number, now)
        ]
        if not fresh:
            return
        self._send([TellJob(webhook_id=each, batch=number) for each, number in fresh])
        if len(self._told) > _MOST:
            self._told.clear()
        self._told.update(dict.fromkeys(fresh, now))

    def collect(self, numbers: Iterable[BatchNumber]) -> None:
        """Keep batches for ``tell_collected``."""
        self._collected.update(dict.fromkeys(numbers))

    def tell_collected(self) -> None:
        """Tell of what was collected, at the end of an invocation. Raises Unavailable."""
        collected, self._collected = self._collected, {}
        self(collected)

    def _stands(self, webhook_id: WebhookId, number: BatchNumber, now: datetime) -> bool:
        told = self._told.get((webhook_id, number))
        return told is not None and timedelta(0) <= now - told < _STANDS_FOR


@cache
def announcer() -> Announcer:
    """The one of this process."""
    return Announcer()


def announce(numbers: Iterable[BatchNumber]) -> None:
    """Have webhooks told that something was recorded of these batches. Raises Unavailable."""
    announcer()(numbers)


def collect(numbers: Iterable[BatchNumber]) -> None:
    """Have webhooks told at the end of this invocation, by ``tell_collected``."""
    announcer().collect(numbers)


def tell_collected() -> None:
    """Have webhooks told of what was collected. Raises Unavailable."""
    announcer().tell_collected()


class AnnouncingBatches(BatchStore):
    """The store of batches, which has webhooks told of each change.

    It does so after the change, and also where there was nothing left to change: so whoever dies
    between the two and comes again makes good for it.
    """

    def __init__(self, announce: Callable[[Iterable[BatchNumber]], None] = announce) -> None:
        super().__init__()
        self._announce = announce

    def create(self, batches: Iterable[Batch]) -> None:
        """Write new batches, some of whose messages may be refused already."""
        made = tuple(batches)
        super().create(made)
        self._announce(
            [each.meta.number for each in made if any(map(Send.settles, each.state.sends()))]
        )

    def change_state(
        self,
        number: BatchNumber,
        change: Callable[[BatchState], BatchState | None],
        *,
        known: BatchState | None = None,
    ) -> BatchState | None:
        """See ``BatchStore``."""
        changed = super().change_state(number, change, known=known)
        self._announce([number])
        return changed

    def change_clicks(
        self, number: BatchNumber, size: int, change: Callable[[BatchClicks], BatchClicks]
    ) -> None:
        """See ``BatchStore``."""
        super().change_clicks(number, size, change)
        self._announce([number])


def _listening() -> Callable[[], Sequence[WebhookId]]:
    return ListeningWebhooks() if webhooks_are_on() else tuple


def _to_queue(jobs: Sequence[TellJob]) -> None:
    queues.send(jobs, to=Queue.WEBHOOKS, delay_s=WAIT_S)
