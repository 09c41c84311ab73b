"""A job for later."""

from dataclasses import dataclass
from datetime import datetime

from functions.contracts.queues import Job, Queue


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """A job that goes into a queue at ``due``. ``timer_id`` makes setting it twice harmless."""

    timer_id: str
    due: datetime
    queue: Queue
    job: Job
