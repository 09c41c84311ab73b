"""``make cost``: what AWS charges for our own requests; figures in build/bench/cost.json.

Everything runs in process on moto, through the code that runs in Lambda, and every request is
counted with its units (``benchmarks/capacity.py``). Requests, units and chunks are counted; the
time of functions and the bytes of logs follow from ``prices.toml``, whose CPU times this command
also measures anew and prints beside the written ones. Counts do not depend on the machine, so the
baseline is compared exactly, with 2 % allowed.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.table import Table

from benchmarks import idle, refreshing
from benchmarks.capacity import Meter, attach
from benchmarks.prices import Prices, Step
from benchmarks.spent import Spent
from benchmarks.units import RECIPIENTS, Run, an_account, looker
from functions.domain.channel import Purpose
from functions.runtime.aws import session
from infra.packaging.layout import REPOSITORY
from infra.progress import console, step
from tests.integration.template import load

RESULT = REPOSITORY / "build" / "bench" / "cost.json"
BASELINE = Path(__file__).with_name("cost_baseline.json")
MOST_RISE = 0.02
_MILLION = 1_000_000
_TARGETS = {
    "usd_per_million_advertising": 1.2,
    "usd_per_million_transactional": 0.6,
    "usd_idle_month": 1.0,
}
NOT_COUNTED = (
    "the provider's fee",
    "free tier (one more line for the idle month)",
    "storage of rows, files and logs after their first month, point-in-time recovery",
    "traffic out to the internet, Route 53, certificates",
    "custom metrics while messages are sent: about 15 at $0.30 a month",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A kind of work, counted: how many things, what units, how much CPU each function took."""

    things: int
    units: Counter[str]
    cpu_ms: Mapping[str, float] = field(default_factory=dict)

    def usd_per_million(self, prices: Prices) -> dict[str, float]:
        """Dollars of each kind of unit for a million things."""
        bill = prices.bill(self.units)
        return {unit: usd * _MILLION / self.things for unit, usd in bill.items() if usd}


def measure(*, recipients: int = RECIPIENTS) -> dict[str, Work]:
    """Run campaigns of both purposes, the clicks on them, and a refresh; count each."""
    prices = Prices.read()
    advertising, clicks = _campaign(Purpose.ADVERTISING, recipients, prices)
    transactional, _ = _campaign(Purpose.TRANSACTIONAL, recipients, prices)
    return {
        "advertising": advertising,
        "transactional": transactional,
        "clicks": clicks,
        "refreshed": _refreshed(recipients, prices),
    }


def _campaign(purpose: Purpose, recipients: int, prices: Prices) -> tuple[Work, Work]:
    spent = Spent()
    with an_account() as account, spent.without_the_emulator():
        meter = Meter()
        attach(meter, session(), spent.aside(looker(account)), aside=spent.aside)
        account.take_jobs = spent.aside(account.take_jobs)
        run = Run(account, meter, recipients=recipients, purpose=purpose)
        run.prepare()
        stage = _Stage(meter, run.jobs, spent, prices)
        stage.begin()
        run.plan()
        stage.end({"Plan": recipients})
        run.dispatch()
        stage.end({"DispatchSms": recipients}, provider_calls=run.jobs["DispatchSms"])
        run.receipts()
        stage.end(
            {"APIHandler": run.jobs["APIHandler"], "Receipts": recipients}, by_api="APIHandler"
        )
        messages = stage.work(recipients)
        opened = run.clicks()
        stage.end({"Redirect": opened, "Clicks": opened}, by_api="Redirect")
        return messages, stage.work(opened)


class _Stage:
    """Turns what the meter saw since the last look into units."""

    def __init__(self, meter: Meter, jobs: Counter[str], spent: Spent, prices: Prices) -> None:
        self._meter, self._jobs, self._spent, self._prices = meter, jobs, spent, prices
        self._units: Counter[str] = Counter()
        self._cpu_ms: dict[str, float] = {}

    def begin(self) -> None:
        self._meter.reset()
        self._spent.began()

    def end(
        self, things: Mapping[str, int], *, by_api: str | None = None, provider_calls: int = 0
    ) -> None:
        """Count a stage of these functions; the one behind the API only put into queues."""
        cpu_s, meter = self._spent.taken(), self._meter
        worker = next(name for name in things if name != by_api)
        self._cpu_ms[worker] = round(cpu_s * 1000 / things[worker], 3)
        queued = sum(n for name, n in meter.requests.items() if name.startswith("sqs.Send"))
        requests = {worker: sum(meter.requests.values())}
        if by_api is not None:
            requests = {by_api: queued, worker: requests[worker] - queued}
            self._units["api_request"] += self._jobs[by_api]
        self._units += counted(meter)
        for name, number in things.items():
            done = Step(
                function=name,
                memory_mb=memory_mb(name),
                invocations=self._jobs[name],
                things=number,
                requests=requests[name],
                provider_calls=provider_calls,
            )
            self._units += done.units(self._prices.lambda_, self._prices.log)
        self.begin()

    def work(self, things: int) -> Work:
        """What was counted since the last ``work``."""
        work = Work(things=things, units=self._units, cpu_ms=self._cpu_ms)
        self._units, self._cpu_ms = Counter(), {}
        return work


def counted(meter: Meter) -> Counter[str]:
    """The meter's figures by their names in the price file."""
    return Counter(
        dynamodb_write=meter.wru,
        dynamodb_read=meter.rru,
        sqs_request=meter.sqs,
        s3_put=meter.s3_put,
        s3_get=meter.s3_get,
    )


def memory_mb(function: str) -> int:
    """The memory of a function, as template.yaml has it."""
    return int(load()["Resources"][function]["Properties"]["MemorySize"])


def _refreshed(people: int, prices: Prices) -> Work:
    found = refreshing.measure(people)
    done = Step(
        function="Audiences",
        memory_mb=memory_mb("Audiences"),
        invocations=found.jobs,
        things=found.people / 1000,
        requests=sum(found.requests.values()),
    )
    units = found.units + done.units(prices.lambda_, prices.log)
    return Work(things=found.people, units=units, cpu_ms={"Audiences": found.cpu_ms_per_thousand})


def figures(measured: Mapping[str, Work], prices: Prices) -> dict[str, Any]:
    """Dollars per million of each, and of a month in which nothing happens."""
    bills = {name: work.usd_per_million(prices) for name, work in measured.items()}
    month = idle.month(prices)
    free = prices.bill(prices.beyond_free(month))
    totals = {f"usd_per_million_{name}": _sum(bill) for name, bill in bills.items()}
    totals["usd_idle_month"] = _sum(prices.bill(month))
    totals["usd_idle_month_beyond_free_tier"] = _sum(free)
    return totals | {
        "breakdown": bills | {"idle_month": prices.bill(month)},
        "units": {name: _per_thing(work) for name, work in measured.items()}
        | {"idle_month": month},
        "cpu_ms_measured": {k: v for work in measured.values() for k, v in work.cpu_ms.items()},
        "not_counted": NOT_COUNTED,
    }


def _sum(bill: Mapping[str, float]) -> float:
    return round(sum(bill.values()), 4)


def _per_thing(work: Work) -> dict[str, float]:
    return {unit: round(n / work.things, 6) for unit, n in work.units.items() if n}


def rises(now: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, float]:
    """Totals that rose by more than 2 %, as a share of what they were; a new total is no rise."""
    return {
        name: round(now[name] / usd - 1, 4)
        for name, usd in before.items()
        if name.startswith("usd_") and now[name] > usd * (1 + MOST_RISE)
    }


def main() -> None:
    """Count, print, compare with the committed baseline; ``--accept`` makes this the baseline."""
    prices = Prices.read()
    with step("Counting the requests of campaigns, clicks and a refresh"):
        found = figures(measure(), prices)
    show(found, prices)
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(found, indent=2) + "\n", "utf-8")
    if "--accept" in sys.argv:
        accept()
    elif rose := rises(found, json.loads(BASELINE.read_text("utf-8"))["full"]):
        console.print(f"[red]Dearer than the baseline by more than 2 %:[/red] {rose}")
        sys.exit(1)


def accept() -> None:
    """Write the baseline anew: these figures, and those of the small run that the tests make."""
    prices = Prices.read()
    small = figures(measure(recipients=SMALL), prices)
    full = json.loads(RESULT.read_text("utf-8"))
    kept = {"full": _totals(full), "small": _totals(small), "units": full["units"]}
    BASELINE.write_text(json.dumps(kept, indent=2) + "\n", "utf-8")


SMALL = 400
"""Recipients of the run that the tests compare; two batches."""


def _totals(found: Mapping[str, Any]) -> dict[str, float]:
    return {name: value for name, value in found.items() if name.startswith("usd_")}


def show(found: Mapping[str, Any], prices: Prices) -> None:
    """Print what a million costs, and of what that is made."""
    units = list(dict.fromkeys(unit for bill in found["breakdown"].values() for unit in bill))
    table = Table("$", *found["breakdown"], title="us-east-1, list prices; per million, per month")
    for unit in units:
        cells = (found["breakdown"][name].get(unit, 0) for name in found["breakdown"])
        table.add_row(unit, *(f"{usd:.4f}" if usd else "" for usd in cells))
    console.print(table)
    for name in (name for name in found if name.startswith("usd_")):
        target = f" (target {_TARGETS[name]})" if name in _TARGETS else ""
        console.print(f"{name}: {found[name]}{target}", markup=False, highlight=False)
    for name, ms in found["cpu_ms_measured"].items():
        said = prices.lambda_["cpu_ms"][name]
        console.print(f"CPU of {name}: {ms} ms here, {said} in prices.toml", highlight=False)
    console.print("Not counted: " + "; ".join(NOT_COUNTED), markup=False)


if __name__ == "__main__":
    main()
