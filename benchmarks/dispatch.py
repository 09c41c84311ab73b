"""``make bench-dispatch``: what one message costs from the queue event to the record of its result.

CPU of our own process, split by stage, over a table server and a provider in processes of their
own whose CPU is not counted; beside it Celery with Redis, and wrk as the floor. Loopback, no TLS.
Rounds are interleaved, so that what else the machine does falls on all alike. Figures in
build/bench/dispatch.json; a peer that cannot be installed is null there.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import urllib.request
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.table import Table

from benchmarks import stack
from benchmarks.dispatching import peers, shop
from benchmarks.dispatching.http_server import running
from benchmarks.main import write
from functions.runtime.clock import utc_now
from infra.packaging.layout import REPOSITORY
from infra.progress import console, step

_RESULT = REPOSITORY / "build" / "bench" / "dispatch.json"
_ROUNDS = 3
_WARM, _MANY, _FEW = 5, 500, 5
"""Batches of 200: to warm up, and 10^5 and 10^3 messages."""
_BULK, _SINGLE = 100, 20
_PEERS = {"bulk": 20_000, "rendered": 20_000, "tuned": 2_000, "plain": 1_000}
_SERVER = "benchmarks.dispatching.table_server"
_SINK = "benchmarks.dispatching.provider_sink"
_GOALS = {
    "cpu_us_per_message": "≤ 15",
    "ratio_celery_tuned_bulk": "≥ 8",
    "ratio_celery_tuned_single": "≥ 30",
    "ratio_c_client_floor": "≤ 4.5",
    "linearity": "≤ 1.1",
}


def main() -> None:
    """Measure everything, print it, write it down as it comes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--long", type=int, default=_MANY, help="batches of the long run")
    long = parser.parse_args().long
    figures: dict[str, Any] = {"load_average": os.getloadavg()[0], "long_run": long * shop.BATCH}
    with running(_SERVER) as tables_url, running(_SINK) as provider_url:
        bench = Bench(tables_url, provider_url, long)
        with step(f"A shop of {bench.people:,} people"):
            bench.open()
        with peers_at(provider_url) as (celery, missing):
            for number in range(_ROUNDS):
                with step(f"Round {number + 1} of {_ROUNDS}"):
                    bench.round(celery)
        figures |= bench.figures() | {"peers_missing": missing}
        write(figures, _RESULT)
        with step(f"{_FEW * shop.BATCH:,} and {long * shop.BATCH:,} messages"):
            figures |= bench.growth()
        write(figures, _RESULT)
    figures |= {"messages_per_s_stack": stack.measure_campaigns()["messages_per_s"]}
    show(figures)
    write(figures, _RESULT)


@contextmanager
def peers_at(provider_url: str) -> Iterator[tuple[peers.Celery | None, list[str]]]:
    """Celery with its Redis; None, and why, where it cannot be had."""
    try:
        python = peers.celery_python()
        with peers.redis() as (url, pid):
            yield peers.Celery(python, url, pid, provider_url), []
    except peers.Missing as why:
        console.print(f"[yellow]Celery is left out: {why}[/yellow]")
        yield None, [str(why)]


@dataclass
class Bench:
    """The measured processes against a table server and a provider."""

    tables_url: str
    provider_url: str
    long: int
    samples: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    stages: list[dict[str, float]] = field(default_factory=list)

    @property
    def people(self) -> int:
        """As many as the long run writes to."""
        return (_WARM + self.long) * shop.BATCH

    def open(self) -> None:
        """Write the shop once; each run begins with it."""
        shop.enter(shop.environment(self.tables_url, self.provider_url))
        shop.open_shop(self.people, now=utc_now())
        self._tables("Keep")

    def round(self, celery: peers.Celery | None) -> None:
        """Measure ourselves and each peer once."""
        bulk = self.ours(_BULK)
        self.samples["ours_bulk"].append(bulk["cpu_us"])
        self.samples["ours_wall"].append(bulk["wall_us"])
        self.stages.append(bulk["stages_us"])
        self.samples["ours_single"].append(self.ours(_SINGLE, "--single")["cpu_us"])
        for task, count in _PEERS.items() if celery else ():
            self._peer(celery, task, count)
        try:
            self.samples["wrk"].append(peers.wrk_us(self.provider_url))
        except peers.Missing as why:
            console.print(f"[yellow]wrk is left out: {why}[/yellow]")

    def ours(self, batches: int, *options: str) -> dict[str, Any]:
        """Send so many batches in a fresh process, and have the provider check what came."""
        self._tables("Restore")
        self._provider("reset")
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "figures.json"
            command = [sys.executable, "-m", "benchmarks.dispatching.ours", "--figures", str(path)]
            sizes = ["--first", "1", "--warm", str(_WARM), "--batches", str(batches)]
            subprocess.run(
                [*command, *sizes, *options],
                check=True,
                env=os.environ | shop.environment(self.tables_url, self.provider_url),
                stdout=subprocess.DEVNULL,
            )
            figures: dict[str, Any] = json.loads(path.read_text("ascii"))
        self._check((_WARM + batches) * shop.BATCH)
        return figures

    def _peer(self, celery: peers.Celery, task: str, count: int) -> None:
        self._provider("reset")
        warm = count // 10
        # Nobody is written to twice: numbers go on from round to round.
        first = sum(_PEERS.values()) * 2 * (1 + len(self.samples[task]))
        first += 1_000_000 * list(_PEERS).index(task)
        spent = celery.measure(task, first=first, warm=warm, count=count)
        self._check(warm + count, first=first)
        self.samples[task].append(spent.sender_us)
        self.samples[f"{task}_store"].append(spent.store_us)

    def growth(self) -> dict[str, float]:
        """The cost of a message in the long run against among 10^3, and the memory that grew."""
        few = statistics.median(self.ours(_FEW)["cpu_us"] for _ in range(_ROUNDS))
        many = self.ours(self.long)
        return {
            "linearity": round(many["cpu_us"] / few, 2),
            "rss_growth_mb": round(many["rss_growth_mb"], 1),
        }

    def figures(self) -> dict[str, Any]:
        """Medians, their spreads, and the medians of each round's ratios."""
        medians = {name: round(statistics.median(each), 1) for name, each in self.samples.items()}
        spreads = {name: round(max(each) - min(each), 1) for name, each in self.samples.items()}
        stages = {
            name: round(statistics.median(each.get(name, 0.0) for each in self.stages), 2)
            for name in self.stages[0]
        }
        return {
            "cpu_us_per_message": medians["ours_bulk"],
            "cpu_us_per_message_spread": spreads["ours_bulk"],
            "stages_us": dict(sorted(stages.items(), key=lambda item: -item[1])),
            "cpu_us_single": medians["ours_single"],
            "ratio_celery_tuned_bulk": self._ratio("bulk", "ours_bulk"),
            "ratio_celery_tuned_bulk_rendered": self._ratio("rendered", "ours_bulk"),
            "ratio_celery_tuned_single": self._ratio("tuned", "ours_single"),
            "ratio_celery_plain": self._ratio("plain", "ours_single"),
            "ratio_celery_plain_to_bulk": self._ratio("plain", "ours_bulk"),
            "ratio_c_client_floor": self._ratio("ours_bulk", "wrk"),
            "ratio_c_client_floor_single": self._ratio("ours_single", "wrk"),
            "medians_us": medians,
            "spreads_us": spreads,
        }

    def _ratio(self, over: str, under: str) -> float | None:
        pairs = list(zip(self.samples.get(over, ()), self.samples.get(under, ()), strict=False))
        return round(statistics.median(a / b for a, b in pairs), 1) if pairs else None

    def _check(self, count: int, *, first: int = 0) -> None:
        found = json.loads(self._provider(f"check/{first}/{count}"))
        wrong = {name: each for name, each in found.items() if name not in ("messages", "calls")}
        if found["messages"] != count or any(wrong.values()):
            msg = f"the provider got {found}"
            raise RuntimeError(msg)

    def _provider(self, path: str) -> str:
        return _posted(f"{self.provider_url}/{path}")

    def _tables(self, operation: str) -> None:
        _posted(self.tables_url, {"X-Amz-Target": f"Bench.{operation}"})


def _posted(url: str, headers: dict[str, str] | None = None) -> str:
    request = urllib.request.Request(url, data=b"{}", headers=headers or {})
    with urllib.request.urlopen(request) as answer:
        text: str = answer.read().decode()
    return text


def show(figures: dict[str, Any]) -> None:
    """Print the tables."""
    table = Table("who", "CPU µs a message, median", "spread", title="Dispatch")
    said: Callable[[Any], str] = str
    for name, median in figures["medians_us"].items():
        table.add_row(name, said(median), said(figures["spreads_us"][name]))
    console.print(table)
    table = Table("stage", "CPU µs a message", title="Where it goes")
    for name, each in figures["stages_us"].items():
        table.add_row(name, said(each))
    console.print(table)
    table = Table("figure", "measured", "goal", title="Against the goals")
    for name, each in figures.items():
        if not isinstance(each, dict):
            table.add_row(name, said(each), _GOALS.get(name, ""))
    console.print(table)


if __name__ == "__main__":
    main()
