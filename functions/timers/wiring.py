"""Puts the tick together."""

from functools import cache

from functions.contracts.queues import Job, Queue
from functions.runtime import queues
from functions.storage.timers import TimerStore
from functions.timers.service import TimerDeps


@cache
def deps() -> TimerDeps:
    """What a tick needs."""
    return TimerDeps(timers=TimerStore(), send=_send)


def _send(job: Job, queue: Queue, delay_s: int) -> None:
    queues.send([job], to=queue, delay_s=delay_s)
