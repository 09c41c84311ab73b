"""A run: find events slice by slice, write files part by part, put them in use day by day.

Every step may die, come twice, or run twice at once. What a slice found counts once its row
says so, under a condition; a file is the same whenever it is written from the same chunks; a day
changes from one set of whole files to another in one conditional write. Readers follow the
manifest, which is written after that, so they never see half a day.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta

from functions.contracts.export_jobs import (
    ExportJob,
    ExportLookJob,
    ExportScanJob,
    ExportTidyJob,
    ExportWriteJob,
)
from functions.domain.export import (
    EARLY,
    DayFiles,
    EventFile,
    Part,
    Run,
    RunStatus,
    Switch,
    parts_of,
    start_of,
    switch,
)
from functions.domain.follow_up import origin_of
from functions.domain.message_event import BatchFacts, MessageEvent, events_of
from functions.exports.ports import ExportDeps, Spool

LOOK_AGAIN = timedelta(hours=1)
"""A run that takes longer may have lost a job; the jobs of a sound one are not done twice."""
GIVEN_UP_AFTER = timedelta(hours=12)
STALE_FOR = timedelta(days=1)
"""So long readers can finish reading files of before."""
_DAY = timedelta(days=1)


def open_jobs(run: Run, *, deps: ExportDeps) -> list[ExportJob]:
    """What is still to be done of a run."""
    name, run_id = run.export.name, run.run_id
    if run.status is RunStatus.SCANNING:
        done = deps.exports.slices(run)
        left = [each for each in run.slices() if each not in done]
        return [ExportScanJob(export=name, run_id=run_id, slice=each) for each in left]
    if run.status is RunStatus.WRITING:
        written = _places(deps.exports.files(run))
        parts = [each for each in _parts(run, deps) if (each.day, each.number) not in written]
        return [
            ExportWriteJob(export=name, run_id=run_id, day=each.day.isoformat(), part=each.number)
            for each in parts
        ]
    return []


def scan(job: ExportScanJob, *, deps: ExportDeps, now: datetime) -> int:
    """Find the events of a slice; tells how many there are."""
    run = deps.exports.run(job.export, job.run_id)
    if run is None or run.status is not RunStatus.SCANNING:
        _wake(run, deps=deps, now=now)
        return 0
    if job.slice in deps.exports.slices(run):
        _write_when_scanned(run, deps=deps, now=now)
        return 0
    span = range(*run.covers(deps.zone))
    with deps.files.spool() as spool:
        for facts in deps.facts.read(_numbers(run, job.slice, deps), span):
            _take(facts, run, span, spool, deps)
        chunks = spool.save(job.export, job.run_id)
    if not deps.exports.save_slice(run, job.slice, chunks):
        deps.files.drop(each.key for each in chunks)
    _write_when_scanned(run, deps=deps, now=now)
    return sum(each.events for each in chunks)


def _numbers(run: Run, slice_: int, deps: ExportDeps) -> range | list[int]:
    if slice_ != EARLY:
        return run.numbers(slice_)
    before = run.export.look_back_days
    count = (run.last - run.first).days + 1 + before
    days = (run.last - n * _DAY for n in range(count))
    return list(deps.facts.looked_at(days, below=run.low))


def _take(facts: BatchFacts, run: Run, span: range, spool: Spool, deps: ExportDeps) -> None:
    source_id = facts.meta.source.source_id
    if not run.export.wants_source(source_id, origin_of(source_id)[0]):
        return
    for event in events_of(facts):
        if event.at in span and run.export.wants(event):
            spool.add(_day_of(event, deps), event)


def _day_of(event: MessageEvent, deps: ExportDeps) -> date:
    return datetime.fromtimestamp(event.at, tz=deps.zone).date()


def _write_when_scanned(run: Run, *, deps: ExportDeps, now: datetime) -> None:
    if len(deps.exports.slices(run)) < len(run.slices()):
        return
    deps.exports.move_run(run, to=RunStatus.WRITING, now=now)
    _wake(replace(run, status=RunStatus.WRITING), deps=deps, now=now)


def _wake(run: Run | None, *, deps: ExportDeps, now: datetime) -> None:
    """Have done what is left; whoever moved the run on may have died before it said so."""
    if run is None:
        return
    jobs = open_jobs(run, deps=deps)
    deps.enqueue(jobs)
    if run.status is RunStatus.WRITING and not jobs:
        _finish(run, deps.exports.files(run), deps=deps, now=now)


def _parts(run: Run, deps: ExportDeps) -> list[Part]:
    found = deps.exports.slices(run)
    return parts_of(chunk for slice_ in sorted(found) for chunk in found[slice_])


def write(job: ExportWriteJob, *, deps: ExportDeps, now: datetime) -> EventFile | None:
    """Write a file of a day; None when that is done already."""
    run = deps.exports.run(job.export, job.run_id)
    if run is None or run.status is not RunStatus.WRITING:
        return None
    parts = {(each.day, each.number): each for each in _parts(run, deps)}
    wanted = (date.fromisoformat(job.day), job.part)
    files, file = deps.exports.files(run), None
    if wanted not in _places(files):
        file = deps.files.write(parts[wanted], run)
        deps.exports.save_file(run, file)
        # Others wrote meanwhile: whoever saves last sees all.
        files = deps.exports.files(run)
    if parts.keys() <= _places(files):
        _finish(run, files, deps=deps, now=now)
    return file


def _places(files: Iterable[EventFile]) -> set[tuple[date, int]]:
    return {(each.day, each.number) for each in files}


def _finish(run: Run, files: Iterable[EventFile], *, deps: ExportDeps, now: datetime) -> None:
    by_day: dict[date, list[EventFile]] = {}
    for file in files:
        by_day.setdefault(file.day, []).append(file)
    for day in run.days():
        _put_in_use(run, day, by_day.get(day, []), deps=deps, now=now)
    events = sum(sum(each.counts.values()) for of_day in by_day.values() for each in of_day)
    slices = deps.exports.slices(run)
    deps.files.drop(chunk.key for chunks in slices.values() for chunk in chunks)
    deps.exports.move_run(run, to=RunStatus.DONE, now=now, events=events)


def _put_in_use(
    run: Run, day: date, files: list[EventFile], *, deps: ExportDeps, now: datetime
) -> None:
    name, complete = run.export.name, run.started >= start_of(day + _DAY, deps.zone)
    while True:
        known = deps.exports.day(name, day)
        decision = switch(known, files, run, complete=complete)
        if decision is not Switch.USE:
            break
        if deps.exports.change_day(name, _next(known, run, files, complete=complete), now=now):
            break
    if decision in {Switch.SAME, Switch.OLDER}:
        deps.files.drop(each.key for each in files)
    show(name, day, deps=deps)
    if decision is Switch.USE and known.files:
        tidy = ExportTidyJob(export=name, day=day.isoformat())
        deps.later(tidy, now + STALE_FOR, now)


def _next(known: DayFiles, run: Run, files: list[EventFile], *, complete: bool) -> DayFiles:
    return DayFiles(
        day=known.day,
        revision=known.revision + 1,
        run_id=run.run_id,
        format=run.export.format,
        derived=run.started,
        complete=complete,
        files=tuple(files),
        stale=(*known.stale, *(each.key for each in known.files)),
        version=known.version + 1,
    )


def show(name: str, day: date, *, deps: ExportDeps) -> None:
    """Write the manifest, until it is that of the newest revision."""
    shown: DayFiles | None = None
    while (newest := deps.exports.day(name, day)) != shown:
        deps.files.put_manifest(name, newest)
        shown = newest


def look(job: ExportLookJob, *, deps: ExportDeps, now: datetime) -> RunStatus | None:
    """Wake up a run that is not done, or give it up after half a day; tells how far it is."""
    run = deps.exports.run(job.export, job.run_id)
    if run is None or not run.is_open:
        return None if run is None else run.status
    if now >= run.started + GIVEN_UP_AFTER:
        deps.exports.move_run(run, to=RunStatus.FAILED, now=now)
        return RunStatus.FAILED
    deps.later(job, now + LOOK_AGAIN, now)
    _wake(run, deps=deps, now=now)
    return run.status


def tidy(job: ExportTidyJob, *, deps: ExportDeps, now: datetime) -> int:
    """Delete the files of a day that are in use no more; tells how many."""
    day = deps.exports.day(job.export, date.fromisoformat(job.day))
    if not day.stale:
        return 0
    deps.files.drop(day.stale)
    # Where a run was quicker, what it left has a job of its own.
    deps.exports.change_day(job.export, replace(day, stale=(), version=day.version + 1), now=now)
    return len(day.stale)
