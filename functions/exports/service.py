"""What is exported, and when: definitions, and the start of runs."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from functions.contracts.errors import Conflict, InvalidInput, NotFound
from functions.contracts.export_jobs import ExportDueJob, ExportLookJob
from functions.domain.export import (
    MAX_DAYS_A_RUN,
    Export,
    Run,
    days_due,
    next_due,
    start_of,
)
from functions.exports.ports import ExportDeps
from functions.exports.running import LOOK_AGAIN, open_jobs

_DAY = timedelta(days=1)


def put(export: Export, *, deps: ExportDeps, now: datetime) -> Export:
    """Make an export, or change it; from then on it runs by its new definition. Raises Conflict."""
    known = deps.exports.get(export.name)
    new = replace(export, version=1 if known is None else known.version + 1)
    if not deps.exports.put(new):
        msg = "The export is being changed by somebody else."
        raise Conflict(msg)
    _plan_next(new, deps=deps, now=now)
    return new


def find(name: str, *, deps: ExportDeps) -> Export:
    """Read an export. Raises NotFound."""
    export = deps.exports.get(name)
    if export is None or export.deleted:
        msg = "There is no such export."
        raise NotFound(msg)
    return export


def delete(name: str, *, deps: ExportDeps) -> None:
    """Have an export run no more; its files stay. Raises NotFound, Conflict."""
    export = find(name, deps=deps)
    if not deps.exports.put(replace(export, deleted=True, version=export.version + 1)):
        msg = "The export is being changed by somebody else."
        raise Conflict(msg)


def find_run(name: str, run_id: str, *, deps: ExportDeps) -> Run:
    """Read a run. Raises NotFound."""
    run = deps.exports.run(name, run_id)
    if run is None:
        msg = "There is no such run."
        raise NotFound(msg)
    return run


def start(name: str, first: date, last: date, *, deps: ExportDeps, now: datetime) -> Run:
    """Have some days written anew. Raises NotFound, InvalidInput."""
    export = find(name, deps=deps)
    today = now.astimezone(deps.zone).date()
    if not 0 <= (last - first).days < MAX_DAYS_A_RUN:
        msg = f"Ask for 1 to {MAX_DAYS_A_RUN} days."
        raise InvalidInput.field("/last_day", "out_of_range", msg)
    if last > today:
        msg = "Ask for days up to today."
        raise InvalidInput.field("/last_day", "out_of_range", msg)
    run_id = f"{today:%Y%m%d}-{deps.fresh()}"
    return _start(export, run_id, first, last, deps=deps, now=now)


def run_due(job: ExportDueJob, *, deps: ExportDeps, now: datetime) -> Run | None:
    """Start the run of a day; None when the export was changed since, which has a job of its own.

    The next day's is planned first: whatever becomes of this run, that one comes.
    """
    export = deps.exports.get(job.export)
    if export is None or export.version != job.version:
        return None
    _plan_next(export, deps=deps, now=now)
    day = date.fromisoformat(job.day)
    first, last = days_due(export, day)
    return _start(export, f"{day:%Y%m%d}-daily", first, last, deps=deps, now=now)


def _plan_next(export: Export, *, deps: ExportDeps, now: datetime) -> None:
    at = next_due(export, now=now, zone=deps.zone)
    if at is not None:
        day = at.astimezone(deps.zone).date().isoformat()
        deps.later(ExportDueJob(export=export.name, version=export.version, day=day), at, now)


def _start(
    export: Export, run_id: str, first: date, last: date, *, deps: ExportDeps, now: datetime
) -> Run:
    known = deps.exports.run(export.name, run_id)
    if known is None:
        since = start_of(first - export.look_back_days * _DAY, deps.zone)
        until = min(now, start_of(last + _DAY, deps.zone))
        low, high = deps.facts.numbers(since, until)
        run = Run(
            export=export,
            run_id=run_id,
            first=first,
            last=last,
            started=now,
            low=low,
            high=high,
        )
        known = run if deps.exports.add_run(run) else find_run(export.name, run_id, deps=deps)
    # Whoever made it may have died before it put the steps into the queue.
    look = ExportLookJob(export=export.name, run_id=run_id)
    deps.later(look, known.started + LOOK_AGAIN, now)
    deps.enqueue(open_jobs(known, deps=deps))
    return known
