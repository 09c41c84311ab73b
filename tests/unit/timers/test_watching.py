"""What an alarm on each queue told before is still told, for the price of a look."""

from datetime import UTC, datetime

import pytest

from functions.contracts.queues import Queue
from functions.timers.watching import Depth, WatchDeps, Watched, look

NOW = datetime(2026, 11, 26, 9, 10, 2, tzinfo=UTC)
EMPTY = Depth(waiting=0, in_flight=0)


def looked(
    *, work: dict[Queue, Depth] | None = None, dead: dict[Queue, Depth] | None = None
) -> Watched | None:
    deps = WatchDeps(
        depth_of=lambda queue: (work or {}).get(queue, EMPTY),
        dead_in=lambda queue: (dead or {}).get(queue, EMPTY),
    )
    return look(deps=deps, now=NOW)


def test_where_nothing_is_amiss_nothing_is_told() -> None:
    assert looked() == Watched(dead={}, stalled=())


@pytest.mark.parametrize("queue", Queue)
def test_a_dead_letter_of_any_queue_is_told(queue: Queue) -> None:
    assert looked(dead={queue: Depth(waiting=3, in_flight=0)}) == Watched(
        dead={queue: 3}, stalled=()
    )


def test_dead_letters_that_somebody_looks_at_are_still_told() -> None:
    watched = looked(dead={Queue.PLAN: Depth(waiting=0, in_flight=2)})

    assert watched == Watched(dead={Queue.PLAN: 2}, stalled=())


@pytest.mark.parametrize("queue", Queue)
def test_a_queue_that_nobody_takes_is_told(queue: Queue) -> None:
    assert looked(work={queue: Depth(waiting=1, in_flight=0)}) == Watched(dead={}, stalled=(queue,))


@pytest.mark.parametrize(
    "depth", [Depth(waiting=5_000, in_flight=10), Depth(waiting=0, in_flight=1)]
)
def test_a_busy_queue_is_not_stalled(depth: Depth) -> None:
    assert looked(work={Queue.DISPATCH_SMS: depth}) == Watched(dead={}, stalled=())


def test_queues_are_looked_at_every_five_minutes() -> None:
    deps = WatchDeps(depth_of=lambda _: EMPTY, dead_in=lambda _: EMPTY)

    minutes = [
        minute
        for minute in range(60)
        if look(deps=deps, now=NOW.replace(minute=minute)) is not None
    ]

    assert minutes == list(range(0, 60, 5))
