"""How punctual timers are: 10,000 due in one minute, by ticks that come late, twice, or die."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random

from benchmarks.chaos.fate import CALM
from benchmarks.chaos.run import MORNING, Plan, World
from benchmarks.chaos.shop import installed
from functions.contracts.codec import to_body
from functions.contracts.queues import Queue, SendJob
from functions.contracts.timer import Timer

TIMERS = 10_000
_MINUTE = timedelta(minutes=1)
_DUE = MORNING + 10 * _MINUTE
_UNTIL_S = 30 * 60
_HALF_WAY = TIMERS // 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """How the tick behaves that would move the timers: the one a minute ahead of them.

    ``late_s`` after its minute, ``times`` at once; it dies after so many requests to the queue.
    """

    name: str
    late_s: float = 0
    times: int = 1
    dies_after: int | None = None
    missed: bool = False


SCENARIOS = (
    Scenario(name="on time"),
    Scenario(name="20 s late", late_s=20),
    Scenario(name="50 s late", late_s=50),
    Scenario(name="twice at once", times=2),
    Scenario(name="dies half-way", dies_after=_HALF_WAY),
    Scenario(name="not at all", missed=True),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Punctuality:
    """How far from their moments jobs became visible in their queue, in seconds."""

    name: str
    timers: int
    lost: int
    repeated: int
    earliest_s: float
    median_s: float
    latest_s: float


def measure(scenario: Scenario, *, timers: int = TIMERS, seed: int = 1) -> Punctuality:
    """Let ticks move the timers of one minute."""
    world = World(replace(Plan(), seed=seed, rates=CALM))
    due_by_batch = _put_timers(world, timers, Random(seed))  # repeatable
    seen: list[tuple[int, float]] = []

    def put(_: Queue, body: str, *, delay_s: float = 0) -> None:
        seen.append((json.loads(body)["data"]["batch"], world.clockwork.now + delay_s))

    world.cloud.put = put  # nobody works the queue off here
    with installed(world):
        _tick_every_minute(world, scenario)
        world.clockwork.run(until=MORNING.timestamp() + _UNTIL_S)
        world.clockwork.stop()
    return _punctuality(scenario, due_by_batch, seen)


def _put_timers(world: World, count: int, random: Random) -> dict[int, float]:
    due_by_batch = {}
    for batch in range(1, count + 1):
        due = _DUE + timedelta(seconds=random.uniform(0, 59.9))
        timer = Timer(
            timer_id=f"t{batch}",
            due=due,
            queue=Queue.DISPATCH_SMS,
            body=to_body(SendJob(batch=batch)),
        )
        world.stores.timers.put(timer)
        due_by_batch[batch] = due.timestamp()
    return due_by_batch


def _tick_every_minute(world: World, scenario: Scenario) -> None:
    for minute in range(1, _UNTIL_S // 60):
        moment = MORNING + minute * _MINUTE
        usual = moment != _DUE - _MINUTE
        for _ in range(1 if usual else 0 if scenario.missed else scenario.times):
            late_s = 0 if usual else scenario.late_s
            at = moment.timestamp() + 0.5 + late_s
            world.clockwork.at(at, _tick(world, None if usual else scenario.dies_after))


def _tick(world: World, dies_after: int | None) -> Callable[[], None]:
    doom = None if dies_after is None else ("sqs.send", "after")
    return lambda: world.invoke_tick(doom=doom, passes=dies_after or 1)


def _punctuality(
    scenario: Scenario, due_by_batch: dict[int, float], seen: list[tuple[int, float]]
) -> Punctuality:
    first: dict[int, float] = {}
    for batch, at in seen:
        first[batch] = min(at, first.get(batch, at))
    errors = sorted(first[batch] - due_by_batch[batch] for batch in first)
    return Punctuality(
        name=scenario.name,
        timers=len(due_by_batch),
        lost=len(due_by_batch) - len(first),
        repeated=sum(count > 1 for count in Counter(batch for batch, _ in seen).values()),
        earliest_s=round(errors[0], 2),
        median_s=round(errors[len(errors) // 2], 2),
        latest_s=round(errors[-1], 2),
    )
