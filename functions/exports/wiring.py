"""Puts exports together."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path

from functions.contracts.codec import to_body
from functions.contracts.export_jobs import ExportJob
from functions.contracts.queues import Job, Queue
from functions.contracts.timer import Timer
from functions.domain.export import ExportFormat
from functions.exports.ports import ExportDeps
from functions.runtime import queues
from functions.runtime.ids import fresh_word
from functions.runtime.later import send_at
from functions.runtime.settings import tenant_zone
from functions.storage.batches_between import BatchesBetween
from functions.storage.export_files import ExportFiles
from functions.storage.exports import ExportStore
from functions.storage.timers import TimerStore


@cache
def deps() -> ExportDeps:
    """What the use cases need."""
    return ExportDeps(
        exports=ExportStore(),
        facts=BatchesBetween(),
        files=files(),
        enqueue=_enqueue,
        later=_later,
        fresh=fresh_word,
        zone=tenant_zone(),
    )


@cache
def exports() -> ExportStore:
    """The store, for lists."""
    return ExportStore()


@cache
def files() -> ExportFiles:
    """The files, for links."""
    return ExportFiles(tenant_zone(), _write, _write_without)


def _write(
    lines: Sequence[Path],
    to: Path,
    format_: ExportFormat,
    columns: Mapping[str, str],
    order: Sequence[str],
) -> None:
    # DuckDB is in the layer of the functions that write, and costs 100 ms to import.
    from functions.content.event_file import write_events

    write_events(lines, to, format_, columns, order)


def _write_without(
    ids: Collection[str],
    file: Path,
    to: Path,
    format_: ExportFormat,
    columns: Mapping[str, str],
    order: Sequence[str],
) -> int:
    from functions.content.event_file import write_without

    return write_without(ids, file, to, format_, columns, order)


def _enqueue(jobs: Sequence[ExportJob]) -> None:
    queues.send(jobs, to=Queue.AUDIENCES)


def _later(job: ExportJob, at: datetime, now: datetime) -> None:
    send_at(job, to=Queue.AUDIENCES, at=at, now=now, keep=_keep)


def _keep(job: Job, queue: Queue, at: datetime) -> None:
    timer = Timer(timer_id=to_body(job), due=at, queue=queue, body=to_body(job))
    TimerStore().put(timer)
