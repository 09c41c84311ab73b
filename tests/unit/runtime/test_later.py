from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from functions.contracts.queues import Job, Queue, SendJob
from functions.runtime import queues
from functions.runtime.later import send_at
from tests.builders import NOON

JOB = SendJob(batch=7)


@dataclass
class World:
    sent: list[tuple[Job, Queue, int]] = field(default_factory=list)
    kept: list[tuple[Job, Queue, datetime]] = field(default_factory=list)

    def send(self, jobs: Iterable[Job], *, to: Queue, delay_s: int = 0) -> None:
        self.sent += [(job, to, delay_s) for job in jobs]

    def send_at(self, at: datetime | None) -> None:
        send_at(JOB, to=Queue.DISPATCH_SMS, at=at, now=NOON, keep=self.keep)

    def keep(self, job: Job, queue: Queue, at: datetime) -> None:
        self.kept.append((job, queue, at))


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    made = World()
    monkeypatch.setattr(queues, "send", made.send)
    return made


@pytest.mark.parametrize(
    ("at", "delay_s"),
    [
        (None, 0),
        (NOON - timedelta(days=1), 0),
        (NOON, 0),
        (NOON + timedelta(milliseconds=1), 1),
        (NOON + timedelta(seconds=1), 1),
        (NOON + timedelta(seconds=59, milliseconds=1), 60),
        (NOON + timedelta(minutes=15), 900),
    ],
)
def test_near_moment_is_waited_for_in_the_queue(
    world: World, at: datetime | None, delay_s: int
) -> None:
    world.send_at(at)

    assert world.sent == [(JOB, Queue.DISPATCH_SMS, delay_s)]
    assert world.kept == []


@pytest.mark.parametrize("wait", [timedelta(seconds=900, milliseconds=1), timedelta(days=2)])
def test_far_moment_is_left_to_a_timer(world: World, wait: timedelta) -> None:
    world.send_at(NOON + wait)

    assert world.kept == [(JOB, Queue.DISPATCH_SMS, NOON + wait)]
    assert world.sent == []
