"""Our own sender in a process of its own: queue events in, figures out (a JSON file).

The first batches warm up what a Lambda has warm: imports, connections, what is remembered.
"""

from __future__ import annotations

import argparse
import gc
import json
import re
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.dispatching.shop import BATCH
from benchmarks.dispatching.stages import Stages
from functions.channels.base import Channel, Parcel, Taken
from functions.contracts.codec import to_body
from functions.contracts.queues import SendJob
from functions.dispatch import events, recheck, service, wiring


class _OneByOne:
    """The same adapter, called once for each message, as if the provider took no parcels."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    def send(self, parcel: Parcel, **named: Any) -> Taken:  # noqa: ANN401
        for message in parcel.messages:
            self._channel.send(replace(parcel, messages=(message,)), **named)
        return Taken(rejected={})


def main() -> None:
    """Send some batches and write down what it took."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--figures", type=Path, required=True)
    parser.add_argument("--first", type=int, required=True)
    parser.add_argument("--batches", type=int, required=True)
    parser.add_argument("--warm", type=int, default=5)
    parser.add_argument("--single", action="store_true")
    chosen = parser.parse_args()
    stages = Stages()
    handle = _wired(stages, single=chosen.single)
    numbers = range(chosen.first, chosen.first + chosen.warm + chosen.batches)
    _send(numbers[: chosen.warm], handle)
    gc.collect()
    stages.seconds.clear()
    rss, cpu, wall = _rss_mb(), time.process_time(), time.perf_counter()
    _send(numbers[chosen.warm :], handle)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    messages = chosen.batches * BATCH
    figures = {
        "cpu_us": cpu / messages * 1e6,
        "wall_us": wall / messages * 1e6,
        "stages_us": {name: each / messages * 1e6 for name, each in stages.seconds.items()},
        "rss_growth_mb": _rss_mb() - rss,
    }
    chosen.figures.write_text(json.dumps(figures), "ascii")


def _wired(stages: Stages, *, single: bool) -> Any:  # noqa: ANN401
    """The Lambda's handler, with its parts charged to stages."""
    deps = wiring.deps()
    channel = deps.channel

    def charged_channel(*account: Any) -> Any:  # noqa: ANN401
        adapter = _OneByOne(channel(*account)) if single else channel(*account)
        return stages.methods(adapter, send="provider")

    staged = replace(
        deps,
        batches=stages.methods(
            deps.batches, load="load batch", change_state="claim, record", save_evidence="evidence"
        ),
        contacts=stages.methods(deps.contacts, at_the_door="people"),
        templates=stages.methods(deps.templates, get="look-ups"),
        senders=stages.methods(deps.senders, get="look-ups"),
        breakers=stages.methods(deps.breakers, look="look-ups"),
        policy=stages.of("look-ups", deps.policy),
        gate=stages.of("look-ups", deps.gate),
        channel=charged_channel,
    )
    wiring.deps = lambda: staged
    places: Any = service
    places.take_places = stages.of("places", places.take_places)
    recheck.Recheck.verdicts = stages.of("door", recheck.Recheck.verdicts)
    return stages.of("event, log, rest", events.dispatch_sms)


def _send(numbers: Iterable[int], handle: Any) -> None:  # noqa: ANN401
    for number in numbers:
        record = {
            "messageId": str(number),
            "body": to_body(SendJob(batch=number)),
            "attributes": {"ApproximateReceiveCount": "1"},
            "eventSource": "aws:sqs",
        }
        answer = handle({"Records": [record]}, None)
        if answer["batchItemFailures"]:
            msg = f"batch {number} failed"
            raise RuntimeError(msg)


def _rss_mb() -> float:
    status = Path("/proc/self/status").read_text("ascii")
    found: Any = re.search(r"VmRSS:\s+(\d+)", status)
    return int(found[1]) / 1024


if __name__ == "__main__":
    main()
