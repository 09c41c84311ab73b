"""``make bench-pace``: are limits kept, by the clock of the provider? Into build/bench/pace.json.

The simulator's ledger says when each message was accepted. Two runs a rate:

- *workers*: dispatch's own code with the lanes in the emulator's DynamoDB and calls to the
  simulator over HTTP; batches in memory, eight threads, a queue that delays by whole seconds as
  SQS does, where some jobs come up to a second late;
- *stack*: a campaign through the whole deployed local stack.

And how soon a pause holds (``benchmarks/pause.py``).
"""

from __future__ import annotations

import heapq
import json
import os
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from rich.table import Table

from benchmarks import pause
from benchmarks.paced_world import World, batches_of
from functions.contracts.queues import SendJob
from functions.dispatch import service
from functions.domain.pace import SECOND_US, Lane, LaneKind, Per, Rate, micros, spread
from functions.runtime.clock import utc_now
from infra.demo.api import Api
from infra.demo.story import OPT_OUT_NUMBER, SENDER_NUMBER
from infra.local.carrier.client import wait_until
from infra.local.session import LocalSystem, Settings, local_system
from infra.packaging.layout import REPOSITORY
from infra.progress import console, step

RESULT = REPOSITORY / "build" / "bench" / "pace.json"
_WORKER_RATES, _STACK_RATES = (10, 100, 1_000), (10,)
_SECONDS, _SKIPPED_S, _MEASURED_S = 75, 8, 60
_THREADS = 8
_PATIENCE_S = 600.0


def main() -> None:
    """Measure, print, write down.

    ``--workers`` leaves out the campaigns on the stack, ``--pauses`` all but the pauses.
    """
    settings = Settings(
        aws_port=int(os.environ.get("AWS_PORT", "4588")),
        carrier_port=int(os.environ.get("CARRIER_PORT", "4722")),
        data_dir=REPOSITORY / "build" / "bench" / "pace",
    )
    figures: dict[str, Any] = {"load_average": os.getloadavg()[0]}
    with local_system(settings) as system:
        system.carrier.add_sender(SENDER_NUMBER.replace("-", ""))
        if "--pauses" in sys.argv:
            figures["pauses"] = pause.measure(system, _api(system), a_sender(_api(system)))
            write(figures)
            console.print_json(data=figures["pauses"])
            return
        with _no_reports(system):
            figures["workers"] = {each: _workers(system, each) for each in _WORKER_RATES}
        write(figures)
        if "--workers" not in sys.argv:
            figures["stack"] = _campaigns(system)
            write(figures)
            figures["pauses"] = pause.measure(system, _api(system), a_sender(_api(system)))
            write(figures)
    show(figures)


def write(figures: dict[str, Any]) -> None:
    """Write the figures for programs, with how busy the machine was."""
    figures["load_average_after"] = os.getloadavg()[0]
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(figures, indent=2) + "\n", "utf-8")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """How a limit was kept, by the moments at which the provider accepted messages."""

    rate: int
    sizes: Mapping[float, int]

    @classmethod
    def of(cls, rate: int, ledger: Iterable[Mapping[str, Any]]) -> Kept:
        """Read the ledger of one run."""
        began: dict[str, float] = {}
        calls = Counter[str]()
        for item in ledger:
            at = datetime.fromisoformat(item["acceptedAt"]).timestamp()
            began[item["groupId"]] = min(at, began.get(item["groupId"], at))
            calls[item["groupId"]] += 1
        sizes = Counter[float]()
        for call, count in calls.items():
            sizes[began[call]] += count
        return cls(rate=rate, sizes=sizes)

    def figures(self) -> dict[str, Any]:
        """Error over a minute in the middle, the worst window, and the fullest second."""
        ordered = sorted(self.sizes.items())
        begin = ordered[0][0] + _SKIPPED_S
        counts = [
            sum(n for at, n in ordered if start <= at < start + _MEASURED_S)
            for start in (begin, begin + 2, begin + 4)
        ]
        wanted = self.rate * _MEASURED_S
        errors = [round(count / wanted - 1, 5) for count in counts]
        return {
            "messages": sum(self.sizes.values()),
            "largest_batch": max(self.sizes.values()),
            "error_over_60_s": max(errors, key=abs),
            "error_over_60_s_windows": errors,
            "above_the_limit_at_worst": round(self.excess, 2),
            "fullest_second": self._fullest(ordered),
        }

    @property
    def excess(self) -> float:
        """By how many messages the worst of all windows is above rate times its length."""
        ordered = sorted(self.sizes.items())
        worst = running = 0.0
        last = ordered[0][0]
        for at, messages in ordered:
            running = max(running - (at - last) * self.rate, 0) + messages
            worst, last = max(worst, running), at
        return worst

    def _fullest(self, ordered: Sequence[tuple[float, int]]) -> int:
        return max(sum(n for at, n in ordered if start <= at < start + 1) for start, _ in ordered)


class _no_reports:  # noqa: N801  # reads as a statement
    """Nobody is told of deliveries meanwhile: their batches are not in the store."""

    def __init__(self, system: LocalSystem) -> None:
        self._system = system

    def __enter__(self) -> None:
        self._system.carrier.configure(report_delay_s=3_600)

    def __exit__(self, *_: object) -> None:
        self._system.carrier.reset(keep_registry=True)


@dataclass
class _Queue:
    """Gives jobs at their second or a little later, as SQS does."""

    jobs: list[tuple[float, int, SendJob]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    dice: random.Random = field(default_factory=lambda: random.Random(1))
    count: int = 0

    def put(self, job: SendJob, delay_s: int) -> None:
        with self.lock:
            self.count += 1
            late_s = self.dice.expovariate(20) + (1.0 if self.dice.random() < 0.02 else 0.0)
            heapq.heappush(self.jobs, (time.monotonic() + delay_s + late_s, self.count, job))

    def take(self) -> SendJob | None:
        with self.lock:
            if self.jobs and self.jobs[0][0] <= time.monotonic():
                return heapq.heappop(self.jobs)[2]
        return None


def _workers(system: LocalSystem, per_second: int) -> dict[str, Any]:
    rate = Rate(messages=per_second, per=Per.SECOND)
    size = max(min(per_second // 2, 200), 1)
    queue, outcomes, waits = _Queue(), Counter[str](), list[float]()
    world = World.at(system, rate=rate, waits=waits)
    batches = batches_of(per_second * _SECONDS // size, size, source=f"cmp_{per_second}")
    world.batches.create(batches)
    before = len(system.carrier.ledger(status="any"))

    def later(job: SendJob, _: object, at: datetime, now: datetime) -> None:
        queue.put(job, max(0, -int(-(at - now).total_seconds() // 1)))

    deps = replace(world.deps(), later=later)
    lane = Lane(kind=LaneKind.CAMPAIGN, name=f"cmp_{per_second}", rate=rate)
    cost_us = rate.cost_us(size * len(batches))
    with step(f"{per_second}/s with {_THREADS} workers") as current:
        now_us = micros(utc_now())
        # By one write, before the threads begin: what they share is set up then.
        turns = spread([size] * len(batches), world.lanes.book(lane, cost_us, now_us), rate)
        for batch, turn in zip(batches, turns, strict=True):
            job = SendJob(batch=batch.meta.number, turn=turn)
            queue.put(job, -(-(turn - now_us) // SECOND_US))
        _run(queue, deps, outcomes, want=len(batches))
        current.note = str(dict(outcomes))
    found = Kept.of(per_second, system.carrier.ledger(status="any")[before:]).figures()
    return found | {
        "batches": len(batches),
        "outcomes": dict(outcomes),
        "above_by_places": round(Kept(rate=per_second, sizes=world.lanes.places(size)).excess, 2),
        "lane_writes_per_batch": round(world.lanes.writes / len(batches), 3),
        "lane_reads_per_batch": round(world.lanes.reads / len(batches), 3),
        "waited_s_per_batch": round(sum(waits) / len(batches), 3),
        "longest_wait_s": round(max(waits, default=0), 3),
        "late_to_call_ms": _spread([1000 * each for each in world.provider.late_s]),
    }


def _spread(values: Sequence[float]) -> dict[str, float]:
    ordered = sorted(values)
    shares = {"p50": 0.5, "p99": 0.99, "most": 1.0}
    return {
        name: round(ordered[min(int(len(ordered) * share), len(ordered) - 1)], 1)
        for name, share in shares.items()
    }


def _run(queue: _Queue, deps: Any, outcomes: Counter[str], *, want: int) -> None:  # noqa: ANN401
    def work() -> None:
        while outcomes["sent"] < want:
            job = queue.take()
            if job is None:
                time.sleep(0.005)
                continue
            report = service.send_batch(job, deps=deps, now=utc_now())
            outcomes[report.outcome] += 1

    threads = [threading.Thread(target=work, daemon=True) for _ in range(_THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(_PATIENCE_S)


def _campaigns(system: LocalSystem) -> dict[int, dict[str, Any]]:
    api = _api(system)
    most = max(_STACK_RATES) * _SECONDS
    with step(f"{most:,} people, a sender, a template"):
        sender_id = a_sender(api)
        facts = {"name": "bench", "channel": "sms", "purpose": "transactional"}
        facts |= {"body": "{{ contact.name }}님, 배송이 시작됩니다"}
        template_id = api.post("/v1/templates", facts)["template_id"]
        for move in ("submit", "approve"):
            api.post(f"/v1/templates/{template_id}/{move}", {"version": 1})
        for start in range(0, most, 100):
            contacts = [_contact(n) for n in range(start, min(start + 100, most))]
            api.post("/v1/contacts/batch", {"contacts": contacts})
    return {each: _campaign(system, api, sender_id, template_id, each) for each in _STACK_RATES}


def _api(system: LocalSystem) -> Api:
    return Api(system.deployment.api_url, token=system.api_key)


def a_sender(api: Api) -> str:
    """Register and approve a sender."""
    sender = {"channel": "sms", "address": SENDER_NUMBER, "display_name": "알림상점"}
    sender |= {"opt_out_number": OPT_OUT_NUMBER}
    sender_id: str = api.post("/v1/senders", sender)["sender_id"]
    api.post(f"/v1/senders/{sender_id}/review", {"status": "approved", "note": "bench"})
    return sender_id


def _contact(number: int) -> dict[str, Any]:
    phone = f"010-0{number // 10_000:03d}-{number % 10_000:04d}"
    return {"contact_id": f"p{number}", "phone": phone, "attributes": {"name": "김하늘"}}


def _campaign(
    system: LocalSystem, api: Api, sender_id: str, template_id: str, per_second: int
) -> dict[str, Any]:
    people = per_second * _SECONDS
    before = len(system.carrier.ledger(status="any"))
    body = {
        "name": "bench",
        "template_id": template_id,
        "template_version": 1,
        "sender_id": sender_id,
        "recipients": {"direct": [f"p{number}" for number in range(people)]},
        "rate": {"messages": per_second, "per": "second"},
    }
    campaign_id = api.post("/v1/campaigns", body)["campaign_id"]
    with step(f"{per_second}/s on the stack"):
        launched = api.post(f"/v1/campaigns/{campaign_id}/launch")
        path = f"/v1/campaigns/{campaign_id}/report"
        time.sleep(_SECONDS)

        def all_sent() -> bool:
            time.sleep(2)
            report = api.get(path)
            return bool(report["recipients_final"] and report["sent"] == people)

        wait_until(all_sent, deadline_s=_PATIENCE_S)
    promised = timedelta(seconds=launched["estimate"]["seconds"])
    found = Kept.of(per_second, system.carrier.ledger(status="any")[before:])
    took = max(found.sizes) - min(found.sizes)
    return found.figures() | {
        "promised_s": promised.total_seconds(),
        "took_s": round(took, 1),
    }


def show(figures: Mapping[str, Any]) -> None:
    """Print the tables."""
    names = (
        "messages",
        "largest_batch",
        "error_over_60_s",
        "above_by_places",
        "above_the_limit_at_worst",
        "fullest_second",
        "lane_writes_per_batch",
        "waited_s_per_batch",
        "took_s",
    )
    table = Table("run", "limit", *names, title="Limits by the provider's clock")
    for run in ("workers", "stack"):
        for rate, found in figures.get(run, {}).items():
            table.add_row(run, f"{rate}/s", *(str(found.get(name, "")) for name in names))
    console.print(table)
    if "pauses" in figures:
        console.print_json(data=figures["pauses"])


if __name__ == "__main__":
    main()
