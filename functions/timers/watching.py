"""Looks at all queues: for dead letters, and for work that nobody takes.

A queue whose consumer lives has messages in flight whenever some wait: pollers take them at once.
One that has messages waiting and none in flight, look after look, has no consumer. Work that is
taken but late is told by its consumer (``runtime/lateness.py``).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from functions.contracts.queues import Queue

_EVERY_MINUTES = 5
"""A request costs as much as the poll of a queue: each minute they would be $0.49 a month."""


class Depth(NamedTuple):
    """How many messages of a queue wait, and how many are with a consumer; about right."""

    waiting: int
    in_flight: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchDeps:
    """``depth_of`` tells how many messages a queue has, ``dead_in`` its dead-letter queue."""

    depth_of: Callable[[Queue], Depth]
    dead_in: Callable[[Queue], Depth]


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """How many dead letters each queue has, where it has any, and which queues nobody takes."""

    dead: Mapping[Queue, int]
    stalled: tuple[Queue, ...]


def look(*, deps: WatchDeps, now: datetime) -> Watched | None:
    """Look at every queue; None at minutes that have no look."""
    if now.minute % _EVERY_MINUTES:
        return None
    dead = {queue: deps.dead_in(queue) for queue in Queue}
    depths = {queue: deps.depth_of(queue) for queue in Queue}
    return Watched(
        # Those that somebody looks at with `./allim dlq` are in flight meanwhile.
        dead={queue: sum(depth) for queue, depth in dead.items() if sum(depth)},
        stalled=tuple(
            queue for queue, depth in depths.items() if depth.waiting and not depth.in_flight
        ),
    )
