"""Puts a job into its queue at a moment: now, by the queue's own delay, or by a timer."""

from collections.abc import Callable
from datetime import datetime

from functions.contracts.queues import Job, Queue
from functions.runtime import queues

KeepForLater = Callable[[Job, Queue, datetime], None]
"""Keeps a job (for this queue, until this moment) for a tick to find."""


def send_at(job: Job, *, to: Queue, at: datetime | None, now: datetime, keep: KeepForLater) -> None:
    """Send the job at ``at`` (None or past: at once)."""
    wait_s = 0.0 if at is None else (at - now).total_seconds()
    if at is None or wait_s <= queues.MAX_DELAY_S:
        queues.send([job], to=to, delay_s=max(0, -int(-wait_s // 1)))
    else:
        keep(job, to, at)
