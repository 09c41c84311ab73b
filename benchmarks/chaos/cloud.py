"""SQS and Lambda as they are at their worst: at least once, out of order, and late.

A message is hidden while a worker has it and comes back when it was not deleted in time; after
five times it is a dead letter. Copies come as well, also of what was deleted.
"""

from __future__ import annotations

import heapq
import itertools
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from benchmarks.chaos.boundary import Boundaries, Worker
from benchmarks.chaos.clockwork import Clockwork
from benchmarks.chaos.fate import Fate
from functions.contracts.queues import Queue
from tests.fakes.dying import Killed

MAX_RECEIVES = 5
_SKEW_S, _STEP_S = 0.05, 4.0
_JITTER_S = 1.0
_DELAY_S, _MUCH_LATER_S, _COPY_S = (1, 60), (300, 3_000), (0, 240)
_START_S = 0.3


class QueueDown(Exception):
    """The queue did not answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """A Lambda that works off a queue, as template.yaml declares it."""

    handler: Callable[[dict[str, Any], object], Mapping[str, Any]]
    timeout_s: float
    visibility_s: float
    batch_size: int = 1
    concurrency: int = 20


@dataclass(slots=True, kw_only=True)
class Environment:
    """What a Lambda keeps between two invocations: its ports with what they remember, its clock."""

    deps: Mapping[str, Any]
    skew_s: float


@dataclass(slots=True, kw_only=True)
class _Message:
    message_id: str
    body: str
    receives: int = 0
    deleted: bool = False


@dataclass(slots=True, kw_only=True)
class _Lane:
    """A queue with its function's warm environments."""

    queue: Queue
    function: Function
    waiting: list[tuple[float, int, _Message]] = field(default_factory=list)
    warm: list[Environment] = field(default_factory=list)
    dead: list[_Message] = field(default_factory=list)
    running: int = 0


class Cloud:
    """Runs the functions on what is in their queues."""

    def __init__(
        self,
        clockwork: Clockwork,
        fate: Fate,
        boundaries: Boundaries,
        *,
        make_deps: Callable[[], Mapping[str, Any]],
        functions: Mapping[Queue, Function],
    ) -> None:
        self.clockwork, self.fate, self.boundaries = clockwork, fate, boundaries
        self._make_deps = make_deps
        self._lanes = {queue: _Lane(queue=queue, function=f) for queue, f in functions.items()}
        self._numbers = itertools.count(1)
        self._release = 0
        self.invocations: Counter[str] = Counter()
        self.ignored: Counter[str] = Counter()
        """Messages to queues that nobody works off here."""

    # SQS

    def send_message_batch(
        self,
        *,
        QueueUrl: str,  # noqa: N803  # AWS's own spelling
        Entries: Sequence[Mapping[str, Any]],  # noqa: N803
    ) -> dict[str, Any]:
        """Take messages, all, some, or none of them. Raises QueueDown."""
        worker: Worker | None = self.clockwork.current
        if worker is not None:
            self.boundaries.die_here(worker, "sqs.send", "before")
            self.boundaries.wait(worker, self.fate.between(0.002, 0.02))
        refused = [each for each in Entries if self.fate.strikes("send_refused")]
        for entry in Entries:
            if entry not in refused:
                self.put(Queue(QueueUrl), entry["MessageBody"], delay_s=entry["DelaySeconds"])
        if self.fate.strikes("send_answer_lost"):
            raise QueueDown
        if worker is not None:
            self.boundaries.die_here(worker, "sqs.send", "after")
        return {"Failed": [{"Id": each["Id"]} for each in refused]} if refused else {}

    def put(self, queue: Queue, body: str, *, delay_s: float = 0) -> None:
        """Put a message into a queue; it comes once at least."""
        if queue not in self._lanes:
            self.ignored[queue] += 1
            return
        message = _Message(message_id=f"q-{next(self._numbers)}", body=body)
        self._show(queue, message, after_s=delay_s + self._delay())
        if self.fate.strikes("duplicated"):
            self._copy(queue, message, after_s=delay_s + self._copy_delay())

    def _copy(self, queue: Queue, message: _Message, *, after_s: float) -> None:
        copy = _Message(message_id=message.message_id, body=message.body)
        self._show(queue, copy, after_s=after_s)

    def _copy_delay(self) -> float:
        soon = self.fate.random.random() < 0.5  # half of them meet the original
        return self.fate.between(0, _JITTER_S) if soon else self.fate.between(*_COPY_S)

    def _delay(self) -> float:
        if self.fate.strikes("delayed"):
            return self.fate.between(*_DELAY_S)
        if self.fate.strikes("much_later"):
            return self.fate.between(*_MUCH_LATER_S)
        return self.fate.between(0, _JITTER_S)

    def _show(self, queue: Queue, message: _Message, *, after_s: float) -> None:
        lane, at = self._lanes[queue], self.clockwork.now + after_s
        heapq.heappush(lane.waiting, (at, next(self._numbers), message))
        self.clockwork.at(at, lambda: self._pump(lane))

    # Lambda

    def _pump(self, lane: _Lane) -> None:
        while lane.running < lane.function.concurrency:
            messages = self._received(lane)
            if not messages:
                return
            lane.running += 1
            self._invoke(lane, messages)

    def _received(self, lane: _Lane) -> list[_Message]:
        now, found = self.clockwork.now, list[_Message]()
        while lane.waiting and lane.waiting[0][0] <= now and len(found) < lane.function.batch_size:
            message = heapq.heappop(lane.waiting)[2]
            if message.deleted:
                continue
            if message.receives >= MAX_RECEIVES:
                lane.dead.append(message)
                continue
            message.receives += 1
            self._show(lane.queue, message, after_s=lane.function.visibility_s)
            found.append(message)
        return found

    def _invoke(self, lane: _Lane, messages: Sequence[_Message]) -> None:
        environment = lane.warm.pop() if lane.warm else self._environment()
        worker = self.worker(lane.queue, environment, timeout_s=lane.function.timeout_s)
        release = self._release

        def work() -> None:
            try:
                self._handle(lane, messages, worker)
            except Killed:
                worker.died = True
            if not worker.died and release == self._release:
                lane.warm.append(environment)
            lane.running -= 1
            self.clockwork.at(self.clockwork.now, lambda: self._pump(lane))

        self.clockwork.start(worker, work)

    def _handle(self, lane: _Lane, messages: Sequence[_Message], worker: Worker) -> None:
        self.invocations[lane.queue] += 1
        self.boundaries.wait(worker, self.fate.between(0, 0.02))
        answer = lane.function.handler(_event(messages), None)
        # Also after the last line of our code a worker can die, before SQS hears of it.
        self.boundaries.die_here(worker, "sqs.delete", "before")
        failed = {each["itemIdentifier"] for each in answer["batchItemFailures"]}
        for message in messages:
            message.deleted = message.message_id not in failed

    def worker(self, name: str, environment: Environment, *, timeout_s: float) -> Worker:
        """Somebody who runs now, and may be doomed."""
        made = Worker(name=name, deadline=self.clockwork.now + timeout_s, environment=environment)
        self.boundaries.doom(made)
        return made

    def environment(self) -> Environment:
        """A process that just started."""
        return self._environment()

    def _environment(self) -> Environment:
        random = self.fate.random
        skew = random.gauss(0, _SKEW_S)
        if self.fate.strikes("clock_stepped"):
            skew += random.uniform(-_STEP_S, _STEP_S)
        return Environment(deps=self._make_deps(), skew_s=skew)

    def deploy(self) -> None:
        """New code: whoever runs ends what it does, then nothing is warm any more."""
        self._release += 1
        self.fate.counts["deployed"] += 1
        for lane in self._lanes.values():
            lane.warm.clear()

    def now(self) -> datetime:
        """What the clock of the running worker says."""
        worker: Worker | None = self.clockwork.current
        if worker is None:
            return datetime.fromtimestamp(self.clockwork.now, tz=UTC)
        if self.fate.random.random() < self.fate.rates.clock_stepped / 20:
            self.fate.counts["clock_stepped"] += 1
            worker.environment.skew_s = self.fate.between(-_STEP_S, _STEP_S)
        return datetime.fromtimestamp(self.clockwork.now + worker.environment.skew_s, tz=UTC)

    # What operators do

    def redrive(self) -> int:
        """Put dead letters back, as ``./allim dlq redrive`` does."""
        moved = 0
        for lane in self._lanes.values():
            for message in lane.dead:
                fresh = _Message(message_id=f"q-{next(self._numbers)}", body=message.body)
                self._show(lane.queue, fresh, after_s=0)
                moved += 1
            lane.dead.clear()
        self.fate.counts["dead_letters_redriven"] += moved
        return moved

    @property
    def busy(self) -> bool:
        """Whether anything waits in a queue or runs."""
        return any(
            lane.running or any(not each.deleted for _, _, each in lane.waiting)
            for lane in self._lanes.values()
        )


def _event(messages: Sequence[_Message]) -> dict[str, Any]:
    records = [
        {
            "messageId": each.message_id,
            "receiptHandle": each.message_id,
            "body": each.body,
            "attributes": {"ApproximateReceiveCount": str(each.receives)},
        }
        for each in messages
    ]
    return {"Records": records}


def report_bodies(reports: Sequence[Mapping[str, Any]]) -> str:
    """A callback's body as SOLAPI posts it."""
    return json.dumps([{"eventDataId": "e", "data": each, "retryCount": 0} for each in reports])
