"""The minute tick: moves jobs that are due soon into their queues.

A tick may be late, run twice, or die midway: every minute since the newest one worked off is
worked off again, and all jobs are safe to repeat. A timer is deleted only after its job is in
the queue, and soon after, so that ticks which run out of time come to an end together.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from math import ceil
from typing import Protocol

from functions.contracts.queues import Queue
from functions.contracts.timer import Timer

MINUTE = timedelta(minutes=1)
_FIRST_LOOK_BACK = timedelta(hours=1)
_AT_ONCE = 200
"""Timers moved before they are deleted: what a tick that dies will repeat at most."""


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
    """What a tick needs. ``send`` puts bodies into a queue, invisible for some seconds.

    ``clock`` tells the time while the tick runs. ``hourly`` are bodies that go into their queues
    once an hour, or oftener: their consumers are as repeatable as timers'.
    """

    timers: Timers
    send: Callable[[Sequence[str], Queue, int], None]
    clock: Callable[[], datetime]
    hourly: Sequence[tuple[Queue, str]] = ()


def tick(*, deps: TimerDeps, now: datetime) -> Counter[Queue]:
    """Work off every minute up to the current one; returns how many jobs went to which queue."""
    moved: Counter[Queue] = Counter()
    current = now.replace(second=0, microsecond=0)
    done = deps.timers.cursor() or current - _FIRST_LOOK_BACK
    # Ahead of us is the cursor only where the clock was set back, as the local stage can do.
    slot = min(done, current)
    # One minute ahead, so that each job waits in its queue to the second it is due.
    while slot <= current + MINUTE:
        moved += _work_off(slot, deps=deps)
        if slot < current and slot.minute == 0:
            # After a long outage one tick may not be enough; the next goes on from here.
            deps.timers.advance(slot)
        slot += MINUTE
    if done < current.replace(minute=0) <= current:
        moved += _hourly(deps)
    deps.timers.advance(current)
    return moved


def _hourly(deps: TimerDeps) -> Counter[Queue]:
    """Once for all the hours that a late tick makes good."""
    for queue, body in deps.hourly:
        deps.send([body], queue, 0)
    return Counter(queue for queue, _ in deps.hourly)


def _work_off(slot: datetime, *, deps: TimerDeps) -> Counter[Queue]:
    moved: Counter[Queue] = Counter()
    # In the order of their moments: a tick that is late itself is then late for few of them.
    due = iter(sorted(deps.timers.due_in(slot), key=lambda timer: timer.due))
    while timers := list(islice(due, _AT_ONCE)):
        for (queue, due_s), bodies in _groups(timers).items():
            # By the clock of now: thousands of timers take longer than the second they may err.
            wait_s = max(0, ceil(due_s - deps.clock().timestamp()))
            deps.send(bodies, queue, wait_s)
            moved[queue] += len(bodies)
        deps.timers.remove(slot, timers)
    return moved


def _groups(timers: Iterable[Timer]) -> dict[tuple[Queue, int], list[str]]:
    """Bodies by queue and by the second (since 1970, rounded up) at which they are due."""
    groups: defaultdict[tuple[Queue, int], list[str]] = defaultdict(list)
    for timer in timers:
        groups[timer.queue, ceil(timer.due.timestamp())].append(timer.body)
    return groups
