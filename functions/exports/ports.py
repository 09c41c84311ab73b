"""What exports need from outside."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from functions.contracts.export_jobs import ExportJob
from functions.domain.export import (
    Chunk,
    DayFiles,
    EventFile,
    Export,
    ExportFormat,
    Part,
    Run,
    RunStatus,
)
from functions.domain.message_event import BatchFacts, MessageEvent


class Exports(Protocol):
    """The store of exports, their runs and days. Every change is conditional."""

    def get(self, name: str) -> Export | None:
        """Read what is exported."""

    def put(self, export: Export) -> bool:
        """Write the version after the one that is known; False when others wrote."""

    def add_run(self, run: Run) -> bool:
        """Write a new run; False when there is one of this id."""

    def run(self, name: str, run_id: str) -> Run | None:
        """Read a run."""

    def names(self) -> tuple[str, ...]:
        """The names of all exports that there ever were."""

    def newest_runs(self, name: str, *, limit: int) -> tuple[Run, ...]:
        """Read the newest runs of an export, newest first."""

    def move_run(self, run: Run, *, to: RunStatus, now: datetime, events: int = 0) -> bool:
        """Move a run on from the status it has; False when somebody else did."""

    def save_slice(self, run: Run, slice_: int, chunks: Sequence[Chunk]) -> bool:
        """Keep what a slice found; False when that is known."""

    def slices(self, run: Run) -> dict[int, tuple[Chunk, ...]]:
        """Read what the slices found so far."""

    def save_file(self, run: Run, file: EventFile) -> None:
        """Keep that a file was written; again it is the same."""

    def files(self, run: Run) -> tuple[EventFile, ...]:
        """Read which files were written so far, by day and number."""

    def day(self, name: str, day: date) -> DayFiles:
        """Read which files are a day; of revision 0 when none are."""

    def change_day(self, name: str, new: DayFiles, *, now: datetime) -> bool:
        """Write a day's next version; False when somebody else did."""


class Facts(Protocol):
    """The batches."""

    def numbers(self, since: datetime, until: datetime) -> tuple[int, int]:
        """The numbers, from the first up to and not including the last, of what was made so."""

    def looked_at(self, days: Iterable[date], *, below: int) -> Sequence[int]:
        """Batches of lower numbers that the door looked at on these days."""

    def read(self, numbers: Sequence[int], span: range) -> Iterator[BatchFacts]:
        """Read those that can have events in these epoch seconds."""


class Spool(Protocol):
    """Events on their way, on the disk of this worker."""

    def add(self, day: date, event: MessageEvent) -> None:
        """Take in an event of a day."""

    def save(self, name: str, run_id: str) -> tuple[Chunk, ...]:
        """Keep what was taken in where the next step finds it."""


class Files(Protocol):
    """The files of exports."""

    def spool(self) -> AbstractContextManager[Spool]:
        """Begin to take in events."""

    def drop(self, keys: Iterable[str]) -> None:
        """Delete files; repeating it is harmless."""

    def write(self, part: Part, run: Run) -> EventFile:
        """Write a file; from the same chunks it is the same."""

    def without(
        self, ids: Collection[str], file: EventFile, format_: ExportFormat
    ) -> EventFile | None:
        """Write a file anew without the ids of these people; None when it has none of them."""

    def put_manifest(self, name: str, found: DayFiles) -> None:
        """Say to readers which files are a day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportDeps:
    """What the use cases need.

    ``later`` has a job done at a moment; doing so twice is harmless. ``fresh`` makes a new word.
    """

    exports: Exports
    facts: Facts
    files: Files
    enqueue: Callable[[Sequence[ExportJob]], None]
    later: Callable[[ExportJob, datetime, datetime], None]
    fresh: Callable[[], str]
    zone: ZoneInfo
