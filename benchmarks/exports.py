"""``make bench-exports``: what an export reads, how fast it is, and how large its files are.

A campaign runs in process on moto, through the code that runs in Lambda, and is exported; requests
are counted with their units (``benchmarks/capacity.py``). Then many events are written in each
format. CPU time is that of our own code and of DuckDB, the emulator's left out.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

from rich.table import Table

from benchmarks.capacity import Meter, attach
from benchmarks.spent import Spent
from benchmarks.units import NOON, Run, an_account, looker
from functions.content.event_file import write_events
from functions.contracts.export_jobs import ExportScanJob, ExportWriteJob
from functions.contracts.queues import Queue
from functions.domain.channel import Purpose
from functions.domain.export import SUFFIX_BY_FORMAT, Export, ExportFormat
from functions.domain.ids import BatchNumber, ContactId
from functions.domain.message_event import BatchFacts, MessageEvent, events_of
from functions.exports import running, service, wiring
from functions.runtime.aws import session
from functions.storage.export_files import EventSpool, write_lines
from infra.packaging.layout import REPOSITORY
from infra.progress import console, step
from tests import reported
from tests.integration.account import Account

RESULT = REPOSITORY / "build" / "bench" / "exports.json"
RECIPIENTS = 4_000
COPIES = 30
_DAY, _MILLION = timedelta(days=1), 1_000_000


def reads() -> dict[str, float]:
    """Read units and CPU of a million messages: of those with events, and of those without."""
    spent = Spent()
    with an_account() as account, spent.without_the_emulator():
        meter = Meter()
        attach(meter, session(), spent.aside(looker(account)), aside=spent.aside)
        account.take_jobs = spent.aside(account.take_jobs)
        run = Run(account, meter, recipients=RECIPIENTS, purpose=Purpose.ADVERTISING)
        run.prepare()
        run.plan()
        run.dispatch()
        run.receipts()
        run.clicks()
        account.take_jobs(Queue.AUDIENCES)
        wiring.deps.cache_clear()
        service.put(Export(name="all", format=ExportFormat.PARQUET), deps=wiring.deps(), now=NOON)
        told = _exported(account, meter, spent, NOON)
        in_vain = _exported(account, meter, spent, NOON + 9 * _DAY)
    return {f"{name}_with_events": value for name, value in told.items()} | {
        f"{name}_without": value for name, value in in_vain.items()
    }


def _exported(account: Account, meter: Meter, spent: Spent, at: datetime) -> dict[str, float]:
    """One day's run, to a million messages."""
    deps, day = wiring.deps(), at.astimezone(wiring.deps().zone).date()
    meter.reset()
    spent.began()
    run = service.start("all", day, day, deps=deps, now=at + timedelta(hours=1))
    while jobs := account.take_jobs(Queue.AUDIENCES):
        for job in jobs:
            if isinstance(job, ExportScanJob):
                running.scan(job, deps=deps, now=at)
            elif isinstance(job, ExportWriteJob):
                running.write(job, deps=deps, now=at)
    done = service.find_run("all", run.run_id, deps=deps)
    batches = sum(reads for name, reads in meter.rru_by_table.items() if "batches" in name)
    return {
        "read_units": batches * _MILLION / RECIPIENTS,
        "cpu_s": spent.taken() * _MILLION / RECIPIENTS,
        "events": done.events * _MILLION / RECIPIENTS,
    }


def files() -> dict[str, float]:
    """Events told a second, written a second, and bytes an event, by format."""
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        began = time.process_time()
        count, lines = _spooled(folder)
        found["events"] = count
        found["told_a_second"] = count / (time.process_time() - began)
        for format_ in ExportFormat:
            path = folder / f"all.{SUFFIX_BY_FORMAT[format_]}"
            began = time.process_time()
            write_lines(write_events, lines, path, format_)
            found[f"{format_}_written_a_second"] = count / (time.process_time() - began)
            found[f"{format_}_bytes_an_event"] = path.stat().st_size / count
    return found


def _spooled(folder: Path) -> tuple[int, list[Path]]:
    spool, count = EventSpool(folder), 0
    for event in _events():
        spool.add(date(2026, 11, 20), event)
        count += 1
    return count, spool.close()


def _events() -> Iterator[MessageEvent]:
    told = list(reported.told())
    for copy in range(COPIES):
        for place, (meta, standing) in enumerate(told):
            number = BatchNumber(1 + copy * len(told) + place)
            people = [ContactId(f"c-{number * 7919 + n * 104_729:08d}") for n in range(meta.size)]
            numbered = replace(meta, number=number)
            yield from events_of(
                BatchFacts(meta=numbered, contact_ids=people, standing=standing, goal="order")
            )


def main() -> None:
    """Measure, print and keep."""
    with step("Exporting a campaign"):
        found = reads()
    with step("Writing events"):
        found |= files()
    table = Table("figure", "value")
    for name, value in found.items():
        table.add_row(name, f"{value:,.1f}")
    console.print(table)
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(found, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
