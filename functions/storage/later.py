"""Puts batches on their way at their moment, by a timer when that is far off."""

from datetime import datetime

from functions.contracts.codec import to_body
from functions.contracts.dispatch_queue import QUEUE_BY_CHANNEL
from functions.contracts.queues import Job, Queue, SendJob
from functions.contracts.timer import Timer
from functions.domain.batch import BatchMeta
from functions.domain.pace import moment_of
from functions.runtime.later import send_at
from functions.storage.timers import TimerStore


def send_batch_at(job: SendJob, meta: BatchMeta, at: datetime | None, now: datetime) -> None:
    """Put a batch on its way at ``at`` (None: at once); doing so twice is harmless."""
    send_at(job, to=QUEUE_BY_CHANNEL[meta.channel], at=at, now=now, keep=_keep)


def send_job_at(job: Job, *, to: Queue, at: datetime, now: datetime) -> None:
    """Put a job into a queue at ``at``; doing so twice is harmless where the job is."""
    send_at(job, to=to, at=at, now=now, keep=_keep)


def start_batch(meta: BatchMeta, now: datetime) -> None:
    """Put a new batch on its way at its own moment."""
    send_batch_at(SendJob(batch=meta.number), meta, meta.not_before, now)


def start_batch_in_turn(meta: BatchMeta, turn_us: int, now: datetime) -> None:
    """Put a new batch on its way at the moment that a limit gives it."""
    job = SendJob(batch=meta.number, turn=turn_us)
    send_batch_at(job, meta, moment_of(turn_us), now)


def _keep(job: Job, queue: Queue, at: datetime) -> None:
    timer_id = f"{job.KIND}#{job.batch}" if isinstance(job, SendJob) else repr(job)
    TimerStore().put(Timer(timer_id=timer_id, due=at, queue=queue, body=to_body(job)))
