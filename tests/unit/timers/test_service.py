from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.contracts.queues import Queue
from functions.contracts.timer import Timer
from functions.timers.service import TimerDeps, tick
from tests.fakes.dying import Death, Killed
from tests.fakes.timers import FakeTimers

MINUTE = timedelta(minutes=1)
TICK = datetime(2026, 11, 22, 23, 0, 3, tzinfo=UTC)
"""Ticks come some seconds into their minute."""
THIS_MINUTE = TICK.replace(second=0)


def a_timer(name: str, due: datetime, *, queue: Queue = Queue.DISPATCH_SMS) -> Timer:
    return Timer(timer_id=name, due=due, queue=queue, body=f"job-{name}")


@dataclass
class World:
    """A table of timers and the queues, with what was put into them: body, queue, delay."""

    timers: FakeTimers
    sent: list[tuple[str, Queue, int]] = field(default_factory=list)
    requests: int = 0

    def tick(self, *, now: datetime = TICK, **replaced: Any) -> dict[Queue, int]:
        ports = {"timers": self.timers, "send": self.send, "clock": lambda: now}
        return tick(deps=TimerDeps(**(ports | replaced)), now=now)

    def send(self, bodies: Sequence[str], queue: Queue, delay_s: int) -> None:
        self.requests += 1
        self.sent += [(body, queue, delay_s) for body in bodies]

    def left(self) -> set[str]:
        return {timer.timer_id for timer in self.timers.timers.values()}

    def bodies(self) -> list[str]:
        return [body for body, _, _ in self.sent]


def a_world(*timers: Timer) -> World:
    """A world in which the minute before was worked off."""
    world = World(timers=FakeTimers.of(*timers))
    world.timers.advance(THIS_MINUTE - MINUTE)
    return world


def test_timer_of_this_minute_goes_into_its_queue_and_is_deleted() -> None:
    world = a_world(a_timer("a", TICK))

    moved = world.tick()

    assert world.sent == [("job-a", Queue.DISPATCH_SMS, 0)]
    assert moved == {Queue.DISPATCH_SMS: 1}
    assert world.left() == set()


@pytest.mark.parametrize(
    ("due", "delay_s"),
    [
        (TICK - timedelta(seconds=2), 0),
        (TICK, 0),
        (TICK + timedelta(milliseconds=1), 1),
        (TICK + timedelta(seconds=1), 1),
        (TICK + timedelta(seconds=56, milliseconds=500), 57),
        (THIS_MINUTE + MINUTE, 57),
        (THIS_MINUTE + MINUTE + timedelta(seconds=59), 116),
    ],
)
def test_job_waits_in_its_queue_to_the_second_it_is_due(due: datetime, delay_s: int) -> None:
    world = a_world(a_timer("a", due))

    world.tick()

    assert [delay for _, _, delay in world.sent] == [delay_s]


def test_timer_of_the_minute_after_next_stays() -> None:
    world = a_world(a_timer("a", THIS_MINUTE + 2 * MINUTE))

    assert world.tick() == {}
    assert world.left() == {"a"}


def test_jobs_go_to_their_own_queues() -> None:
    world = a_world(
        a_timer("a", TICK),
        a_timer("b", TICK, queue=Queue.DISPATCH_KAKAO),
        a_timer("c", TICK + timedelta(seconds=5)),
    )

    moved = world.tick()

    assert sorted(world.sent) == [
        ("job-a", Queue.DISPATCH_SMS, 0),
        ("job-b", Queue.DISPATCH_KAKAO, 0),
        ("job-c", Queue.DISPATCH_SMS, 5),
    ]
    assert moved == {Queue.DISPATCH_SMS: 2, Queue.DISPATCH_KAKAO: 1}


def test_jobs_of_one_queue_and_second_go_together() -> None:
    world = a_world(*(a_timer(str(number), TICK) for number in range(150)))

    world.tick()

    assert world.requests == 1
    assert len(world.sent) == 150


def test_what_is_due_first_goes_first_whatever_it_is_called() -> None:
    seconds = (50, 3, 40, 20)
    world = a_world(*(a_timer(f"{s:02}", THIS_MINUTE + timedelta(seconds=s)) for s in seconds))

    world.tick()

    assert world.bodies() == ["job-03", "job-20", "job-40", "job-50"]


def test_late_tick_works_off_every_minute_it_missed() -> None:
    missed = [THIS_MINUTE - timedelta(minutes=ago) for ago in range(10)]
    world = World(timers=FakeTimers.of(*(a_timer(f"{due:%H:%M}", due) for due in missed)))
    world.timers.advance(missed[-1])

    world.tick()

    assert sorted(world.bodies()) == sorted(f"job-{due:%H:%M}" for due in missed)
    assert {delay for _, _, delay in world.sent} == {0}
    assert world.left() == set()


def test_minute_already_worked_off_is_looked_at_once_more() -> None:
    world = a_world()
    world.timers.put(a_timer("late", THIS_MINUTE - MINUTE))

    world.tick()

    assert world.bodies() == ["job-late"]


def test_first_tick_looks_back_an_hour() -> None:
    world = World(
        timers=FakeTimers.of(
            a_timer("an hour ago", THIS_MINUTE - timedelta(hours=1)),
            a_timer("now", TICK),
        )
    )

    world.tick()

    assert sorted(world.bodies()) == ["job-an hour ago", "job-now"]


def test_second_tick_of_a_minute_finds_nothing_more() -> None:
    world = a_world(a_timer("a", TICK))
    world.tick()

    assert world.tick(now=TICK + timedelta(seconds=5)) == {}
    assert world.bodies() == ["job-a"]


def test_tick_notes_the_minute_that_was_worked_off() -> None:
    world = a_world()

    world.tick()

    assert world.timers.cursor() == THIS_MINUTE


def test_slow_tick_does_not_turn_the_cursor_back() -> None:
    world = a_world()
    world.timers.advance(THIS_MINUTE + 5 * MINUTE)

    world.tick()

    assert world.timers.cursor() == THIS_MINUTE + 5 * MINUTE


def test_timers_leave_also_where_the_clock_was_set_back() -> None:
    world = a_world(a_timer("a", TICK))
    world.timers.advance(THIS_MINUTE + timedelta(hours=5))

    world.tick()

    assert world.bodies() == ["job-a"]


def test_after_a_long_outage_progress_is_noted_by_the_hour() -> None:
    world = World(timers=FakeTimers())
    world.timers.advance(THIS_MINUTE - timedelta(days=2))
    died_at = THIS_MINUTE - timedelta(hours=40, minutes=30)

    class Slow(FakeTimers):
        def due_in(self, slot: datetime) -> Any:
            if slot == died_at:
                raise Killed
            return super().due_in(slot)

    slow = Slow(world.timers.timers, world.timers.worked_off)
    with pytest.raises(Killed):
        world.tick(timers=slow)

    assert slow.cursor() == THIS_MINUTE - timedelta(hours=41)


def test_many_timers_of_a_minute_are_deleted_as_they_go() -> None:
    world = a_world(*(a_timer(f"{number:04d}", TICK) for number in range(1000)))

    def dies_after_the_second_request(bodies: Sequence[str], queue: Queue, delay_s: int) -> None:
        if world.requests == 2:
            raise Killed
        world.send(bodies, queue, delay_s)

    with pytest.raises(Killed):
        world.tick(send=dies_after_the_second_request)

    assert len(world.left()) == 600


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("dies_at", range(1, 11))
def test_tick_that_died_anywhere_loses_no_job(dies_at: int, *, after: bool) -> None:
    timers = [
        a_timer("missed", THIS_MINUTE - MINUTE),
        a_timer("due", TICK),
        a_timer("kakao", TICK, queue=Queue.DISPATCH_KAKAO),
        a_timer("soon", THIS_MINUTE + MINUTE),
    ]
    world = a_world(*timers)
    death = Death(dies_at, after=after)

    with pytest.raises(Killed):
        world.tick(timers=death.port(world.timers), send=death.function(world.send))
    world.tick(now=TICK + MINUTE)

    assert set(world.bodies()) == {"job-missed", "job-due", "job-kakao", "job-soon"}
    assert max(map(world.bodies().count, world.bodies())) <= 2
    assert world.left() == set()


def test_queue_that_refuses_leaves_the_timer_where_it_is() -> None:
    world = a_world(a_timer("a", TICK))

    def refuses(*_: object) -> None:
        msg = "refused"
        raise RuntimeError(msg)

    with pytest.raises(RuntimeError):
        world.tick(send=refuses)

    assert world.left() == {"a"}
    assert world.timers.cursor() == THIS_MINUTE - MINUTE


def test_ten_thousand_timers_of_one_minute_are_on_time_though_moving_them_takes_long() -> None:
    """A request to the queue takes 10 ms: the last one is made half a minute after the first."""
    due_by_name = {
        f"{n}": THIS_MINUTE + MINUTE + timedelta(milliseconds=6 * n) for n in range(10_000)
    }
    world = a_world(*(a_timer(name, due) for name, due in due_by_name.items()))
    clock, arrived = [TICK], {}

    def send(bodies: Sequence[str], queue: Queue, delay_s: int) -> None:
        for body in bodies:
            arrived[body.removeprefix("job-")] = clock[0] + timedelta(seconds=delay_s)
        clock[0] += timedelta(milliseconds=10) * -(-len(bodies) // 10)

    world.tick(send=send, clock=lambda: clock[0])

    late = [(arrived[name] - due).total_seconds() for name, due in due_by_name.items()]
    assert len(late) == 10_000
    assert min(late) >= 0
    assert max(late) <= 2
    assert world.left() == set()


def hourly(world: World, now: datetime) -> int:
    """How often the hourly body was sent by a tick at this moment."""
    world.sent.clear()
    world.tick(now=now, hourly=((Queue.PLAN, "look"),))
    return world.bodies().count("look")


def test_hourly_work_is_sent_once_an_hour() -> None:
    world = a_world()
    minutes = [TICK + MINUTE * number for number in range(121)]

    sent = [hourly(world, minute) for minute in minutes]

    assert [minute for minute, times in enumerate(sent) if times] == [0, 60, 120]
    assert max(sent) == 1


@pytest.mark.parametrize(
    "late", [timedelta(minutes=1), timedelta(minutes=59), timedelta(days=2)], ids=str
)
def test_hourly_work_that_was_missed_is_made_good_once(late: timedelta) -> None:
    world = a_world()

    assert hourly(world, TICK + late) == 1
    assert hourly(world, TICK + late) == 0


def test_tick_that_dies_after_the_hourly_work_sends_it_again() -> None:
    world = a_world()
    death = Death(5)

    with suppress(Killed):
        world.tick(timers=death.port(world.timers), hourly=((Queue.PLAN, "look"),))
    assert world.bodies() == ["look"]
    assert hourly(world, TICK + MINUTE) == 1
