"""Forgets a person in files that were written before.

The rows of messages name the person no more, so runs from now on do not either. Files of before
are written anew without the person, for the days in which they can be; the old ones go at once.
"""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta

from functions.contracts.export_jobs import ExportForgetJob
from functions.domain.export import DayFiles, EventFile, Run
from functions.domain.message_event import events_of
from functions.exports.ports import ExportDeps
from functions.exports.running import show

_ANY_TIME = range(1 << 40)
_AGAIN = timedelta(minutes=15)
"""As the two sweeps of an erasure are apart. So long a queue keeps a job by itself: the person's id
stands in no row for it."""


def forget(job: ExportForgetJob, *, deps: ExportDeps, now: datetime) -> int:
    """Write the person's days anew without them; tells how many files were changed.

    It is done once more soon after, and for as long as runs are under way that began before: they
    may have read the person's id.
    """
    names = deps.exports.names()
    if not names:
        return 0
    days = _days(json.loads(job.messages), deps)
    ids = frozenset(json.loads(job.contact_ids))
    found = sum(_forgotten(name, day, ids, deps=deps, now=now) for name in names for day in days)
    since = datetime.fromtimestamp(job.asked, tz=now.tzinfo)
    running = any(run.is_open and run.started <= since + _AGAIN for run in _runs(names, deps))
    if job.again or running:
        deps.later(replace(job, again=running), now + _AGAIN, now)
    return found


def _runs(names: Iterable[str], deps: ExportDeps) -> Iterable[Run]:
    return (run for name in names for run in deps.exports.newest_runs(name, limit=10))


def _days(messages: Iterable[tuple[int, int]], deps: ExportDeps) -> list[date]:
    """The days of all that happened to these messages; an ordinal of -1 is the whole batch."""
    wanted: dict[int, set[int]] = {}
    for batch, ordinal in messages:
        wanted.setdefault(batch, set()).add(ordinal)
    return sorted(
        {
            datetime.fromtimestamp(event.at, tz=deps.zone).date()
            for facts in deps.facts.read(sorted(wanted), _ANY_TIME)
            for event in events_of(facts)
            if wanted[facts.meta.number] & {event.message.number.ordinal, -1}
        }
    )


def _forgotten(
    name: str, day: date, ids: frozenset[str], *, deps: ExportDeps, now: datetime
) -> int:
    changed = _rewritten(name, day, ids, deps=deps, now=now)
    known = deps.exports.day(name, day)
    if known.stale:
        # Also what a worker left that died here, and earlier files, which may name the person.
        show(name, day, deps=deps)
        deps.files.drop(known.stale)
        deps.exports.change_day(name, _next(known, known.files, stale=()), now=now)
    return changed


def _rewritten(
    name: str, day: date, ids: frozenset[str], *, deps: ExportDeps, now: datetime
) -> int:
    while True:
        known = deps.exports.day(name, day)
        fresh = [deps.files.without(ids, file, known.format) for file in known.files]
        changed = [old for old, new in zip(known.files, fresh, strict=True) if new is not None]
        if not changed:
            return 0
        files = tuple(new or old for old, new in zip(known.files, fresh, strict=True))
        new = replace(known, revision=known.revision + 1)
        stale = (*known.stale, *(each.key for each in changed))
        if deps.exports.change_day(name, _next(new, files, stale=stale), now=now):
            return len(changed)
        deps.files.drop(each.key for each in fresh if each is not None)


def _next(known: DayFiles, files: tuple[EventFile, ...], *, stale: tuple[str, ...]) -> DayFiles:
    return replace(known, files=files, stale=stale, version=known.version + 1)
