"""A job for later."""

from dataclasses import dataclass
from datetime import datetime

from functions.contracts.queues import Queue


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """A job's body that goes into a queue at ``due``, as it is: only its consumer reads it.

    ``timer_id`` makes setting it twice harmless.
    """

    timer_id: str
    due: datetime
    queue: Queue
    body: str
