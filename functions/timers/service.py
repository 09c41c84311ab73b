"""The minute tick: moves jobs that are due soon into their queues.

A tick may be late, run twice, or die midway: every minute since the newest one worked off is
worked off again, and all jobs are safe to repeat. A timer is deleted only after its job is in
the queue.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from functions.contracts.queues import Job, Queue
from functions.contracts.timer import Timer

MINUTE = timedelta(minutes=1)
_FIRST_LOOK_BACK = timedelta(hours=1)


class Timers(Protocol):
    """The store of timers."""

    def due_in(self, slot: datetime) -> Iterator[Timer]:
        """Timers of one minute."""

    def remove(self, slot: datetime, timers: Iterable[Timer]) -> None:
        """Delete timers that are in their queues."""

    def cursor(self) -> datetime | None:
        """The newest minute that was worked off."""

    def advance(self, slot: datetime) -> None:
        """Note that this minute was worked off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerDeps:
    """What a tick needs."""

    timers: Timers
    send: Callable[[Job, Queue, int], None]


def tick(*, deps: TimerDeps, now: datetime) -> Counter[Queue]:
    """Work off every minute up to the current one; returns how many jobs went to which queue."""
    moved: Counter[Queue] = Counter()
    current = now.replace(second=0, microsecond=0)
    done = deps.timers.cursor() or current - _FIRST_LOOK_BACK
    slot = done
    # One minute ahead, so that each job waits in its queue to the second it is due.
    while slot <= current + MINUTE:
        moved += _work_off(slot, deps=deps, now=now)
        slot += MINUTE
    deps.timers.advance(current)
    return moved


def _work_off(slot: datetime, *, deps: TimerDeps, now: datetime) -> Counter[Queue]:
    moved: Counter[Queue] = Counter()
    timers = list(deps.timers.due_in(slot))
    for timer in timers:
        wait_s = max(0, -int(-(timer.due - now).total_seconds() // 1))
        deps.send(timer.job, timer.queue, wait_s)
        moved[timer.queue] += 1
    if timers:
        deps.timers.remove(slot, timers)
    return moved
