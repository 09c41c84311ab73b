"""Exports: what is exported, the runs, what their steps found, and which files are each day."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from pynamodb.attributes import (
    BooleanAttribute,
    JSONAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UTCDateTimeAttribute,
)
from pynamodb.expressions.update import Action

from functions.contracts.export_document import (
    chunk_from_json,
    chunk_to_json,
    export_from_json,
    export_to_json,
    file_from_json,
    file_to_json,
)
from functions.contracts.page import Page, Position
from functions.domain.export import (
    Chunk,
    DayFiles,
    EventFile,
    Export,
    ExportFormat,
    Run,
    RunStatus,
)
from functions.storage.base import Item, position_of, start_key, unchanged, written

_DEFINITIONS = "#exports"
_RUN, _SLICE, _FILE, _DAY_ROW = "run#", "slice#", "file#", "day#"
_KEPT_FOR = timedelta(days=90)


class ExportItem(Item):
    """Definitions share a partition; runs and days are under the name, steps under name and run."""

    class Meta:
        """Short name of the table."""

        table = "exports"

    name = UnicodeAttribute(hash_key=True)
    kind = UnicodeAttribute(range_key=True)
    definition = JSONAttribute(null=True)
    version = NumberAttribute(null=True)
    first = UnicodeAttribute(null=True)
    last = UnicodeAttribute(null=True)
    low = NumberAttribute(null=True)
    high = NumberAttribute(null=True)
    status = UnicodeAttribute(null=True)
    started = UTCDateTimeAttribute(null=True)
    finished = UTCDateTimeAttribute(null=True)
    events = NumberAttribute(null=True)
    chunks = JSONAttribute(null=True)
    files = JSONAttribute(null=True)
    stale = JSONAttribute(null=True)
    run_id = UnicodeAttribute(null=True)
    revision = NumberAttribute(null=True)
    complete = BooleanAttribute(null=True)
    expires_at = NumberAttribute(null=True)


class ExportStore:
    """Reads and writes them."""

    def get(self, name: str) -> Export | None:
        """Read what is exported, consistently."""
        item = _get(_DEFINITIONS, name)
        return None if item is None else export_from_json(item.definition)

    def put(self, export: Export) -> bool:
        """Write the version after the one that is known; False when others wrote."""
        item = ExportItem(
            _DEFINITIONS,
            export.name,
            definition=export_to_json(export),
            version=export.version,
        )
        same = unchanged(ExportItem.version, export.version - 1)
        return written(lambda: item.save(condition=same))

    def names(self) -> tuple[str, ...]:
        """The names of all exports that there ever were, consistently."""
        rows = ExportItem.query(_DEFINITIONS, consistent_read=True)
        return tuple(row.kind for row in rows)

    def page(self, *, limit: int, position: Position | None) -> Page[Export]:
        """Read some definitions, by name, without those that were deleted."""
        rows = ExportItem.query(
            _DEFINITIONS, limit=limit, page_size=limit, last_evaluated_key=start_key(position)
        )
        items = (export_from_json(row.definition) for row in rows)
        found = tuple(each for each in items if not each.deleted)
        return Page(items=found, after=position_of(rows.last_evaluated_key))

    def add_run(self, run: Run) -> bool:
        """Write a new run; False when there is one of this id."""
        item = ExportItem(
            run.export.name,
            _RUN + run.run_id,
            definition=export_to_json(run.export),
            first=run.first.isoformat(),
            last=run.last.isoformat(),
            low=run.low,
            high=run.high,
            status=run.status.value,
            started=run.started,
            expires_at=_expiry(run.started),
        )
        return written(lambda: item.save(condition=ExportItem.name.does_not_exist()))

    def run(self, name: str, run_id: str) -> Run | None:
        """Read a run, consistently."""
        item = _get(name, _RUN + run_id)
        return None if item is None else _to_run(item)

    def newest_runs(self, name: str, *, limit: int) -> tuple[Run, ...]:
        """Read the newest runs of the last 90 days, newest first."""
        rows = ExportItem.query(
            name, ExportItem.kind.startswith(_RUN), scan_index_forward=False, limit=limit
        )
        return tuple(map(_to_run, rows))

    def move_run(self, run: Run, *, to: RunStatus, now: datetime, events: int = 0) -> bool:
        """Move a run on from the status it has; False when somebody else did."""
        item = ExportItem(run.export.name, _RUN + run.run_id)
        actions: list[Action] = [ExportItem.status.set(to.value)]
        if to in {RunStatus.DONE, RunStatus.FAILED}:
            actions += [ExportItem.finished.set(now), ExportItem.events.set(events)]
        same = ExportItem.status == run.status.value
        return written(lambda: item.update(actions=actions, condition=same))

    def save_slice(self, run: Run, slice_: int, chunks: Sequence[Chunk]) -> bool:
        """Keep what a slice found; False when that is known."""
        item = ExportItem(
            _steps(run),
            f"{_SLICE}{slice_}",
            chunks=[chunk_to_json(each) for each in chunks],
            expires_at=_expiry(run.started),
        )
        return written(lambda: item.save(condition=ExportItem.name.does_not_exist()))

    def slices(self, run: Run) -> dict[int, tuple[Chunk, ...]]:
        """Read what the slices found so far, consistently."""
        rows = ExportItem.query(
            _steps(run), ExportItem.kind.startswith(_SLICE), consistent_read=True
        )
        return {
            int(row.kind.removeprefix(_SLICE)): tuple(map(chunk_from_json, row.chunks or ()))
            for row in rows
        }

    def save_file(self, run: Run, file: EventFile) -> None:
        """Keep that a file was written; again it is the same."""
        ExportItem(
            _steps(run),
            f"{_FILE}{file.day.isoformat()}#{file.number:06d}",
            files=[file_to_json(file)],
            expires_at=_expiry(run.started),
        ).save()

    def files(self, run: Run) -> tuple[EventFile, ...]:
        """Read which files were written so far, by day and number, consistently."""
        rows = ExportItem.query(
            _steps(run), ExportItem.kind.startswith(_FILE), consistent_read=True
        )
        return tuple(file_from_json(each) for row in rows for each in row.files or ())

    def day(self, name: str, day: date) -> DayFiles:
        """Read which files are a day, consistently; of revision 0 when none are."""
        item = _get(name, _DAY_ROW + day.isoformat())
        return DayFiles(day=day) if item is None else _to_day(item)

    def days(self, name: str, first: date, last: date) -> tuple[DayFiles, ...]:
        """Read some days, those that were ever written."""
        between = ExportItem.kind.between(_DAY_ROW + first.isoformat(), _DAY_ROW + last.isoformat())
        return tuple(map(_to_day, ExportItem.query(name, between)))

    def change_day(self, name: str, new: DayFiles, *, now: datetime) -> bool:
        """Write a day's next version; False when somebody else did."""
        item = ExportItem(
            name,
            _DAY_ROW + new.day.isoformat(),
            run_id=new.run_id,
            revision=new.revision,
            definition={"format": new.format.value},
            started=new.derived or now,
            complete=new.complete,
            files=[file_to_json(each) for each in new.files],
            stale=list(new.stale),
            version=new.version,
        )
        same = unchanged(ExportItem.version, new.version - 1)
        return written(lambda: item.save(condition=same))


def _get(name: str, kind: str) -> ExportItem | None:
    try:
        return ExportItem.get(name, kind, consistent_read=True)
    except ExportItem.DoesNotExist:
        return None


def _steps(run: Run) -> str:
    return f"{run.export.name}#{run.run_id}"


def _expiry(started: datetime) -> int:
    return int((started + _KEPT_FOR).timestamp())


def _to_run(item: ExportItem) -> Run:
    definition: Mapping[str, Any] = item.definition or {}
    if item.started is None:
        msg = "a run without a beginning"
        raise ValueError(msg)
    return Run(
        export=export_from_json(definition),
        run_id=item.kind.removeprefix(_RUN),
        first=date.fromisoformat(item.first or ""),
        last=date.fromisoformat(item.last or ""),
        started=item.started,
        low=int(item.low or 0),
        high=int(item.high or 0),
        status=RunStatus(item.status or ""),
        finished=item.finished,
        events=int(item.events or 0),
    )


def _to_day(item: ExportItem) -> DayFiles:
    definition: Mapping[str, Any] = item.definition or {}
    return DayFiles(
        day=date.fromisoformat(item.kind.removeprefix(_DAY_ROW)),
        revision=int(item.revision or 0),
        run_id=item.run_id or "",
        format=ExportFormat(definition["format"]),
        derived=item.started,
        complete=bool(item.complete),
        files=tuple(map(file_from_json, item.files or ())),
        stale=tuple(item.stale or ()),
        version=int(item.version or 0),
    )
