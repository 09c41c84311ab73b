"""Exports: which events go into files, for which days, and how the work is cut.

A run writes some days anew. It reads all batches whose messages can have events in them, in slices
of their numbers, which grow with time; what it finds of a day is then written in files of bounded
size. What a slice and a file consist of depends on the rows alone, so unchanged rows give the same
files.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from functions.domain.message_event import EventType, MessageEvent

USUAL_REWRITE_DAYS, MAX_REWRITE_DAYS = 3, 31
USUAL_LOOK_BACK_DAYS, MAX_LOOK_BACK_DAYS = 31, 120
MAX_DAYS_A_RUN = 31
NUMBERS_A_SLICE = 10_000
EVENTS_A_FILE = 1_000_000
EARLY = -1
"""The slice of batches that were made before the others, and left within the days looked at."""
_DAY = timedelta(days=1)
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?", re.ASCII)


def is_name(text: str) -> bool:
    """Whether an export may be called so: 1 to 40 small letters, digits and inner hyphens.

    >>> is_name("all-events"), is_name("All"), is_name("-x"), is_name("")
    (True, False, False, False)
    """
    return _NAME.fullmatch(text) is not None


class ExportFormat(StrEnum):
    """How files are written; CSV and JSON are compressed by gzip."""

    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


SUFFIX_BY_FORMAT = {
    ExportFormat.CSV: "csv.gz",
    ExportFormat.JSON: "json.gz",
    ExportFormat.PARQUET: "parquet",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """What is exported: events of these types and campaigns or requests (empty: of all).

    ``hour`` is when it runs each day (None: on demand only). Then it writes the last
    ``rewrite_days`` days anew. ``look_back_days`` before a day batches can have been made whose
    events are looked for. ``version`` counts changes. One that is ``deleted`` is remembered, for
    there may be files of it.
    """

    name: str
    format: ExportFormat
    types: frozenset[EventType] = frozenset()
    sources: frozenset[str] = frozenset()
    hour: int | None = None
    rewrite_days: int = USUAL_REWRITE_DAYS
    look_back_days: int = USUAL_LOOK_BACK_DAYS
    version: int = 0
    deleted: bool = False

    def wants(self, event: MessageEvent) -> bool:
        """Whether an event is exported."""
        return not self.types or event.type in self.types

    def wants_source(self, source_id: str, origin_id: str) -> bool:
        """Whether events of a campaign, request or step are exported."""
        return not self.sources or bool(self.sources & {source_id, origin_id})


def next_due(export: Export, *, now: datetime, zone: ZoneInfo) -> datetime | None:
    """When it runs next by itself; None: never."""
    if export.hour is None or export.deleted:
        return None
    today = now.astimezone(zone).date()
    at_hour = (datetime.combine(today + days * _DAY, time(export.hour), zone) for days in range(3))
    return next(moment for moment in at_hour if moment > now)


def days_due(export: Export, day: date) -> tuple[date, date]:
    """The first and last day that the run of a day writes: whole days, so not that day itself."""
    return day - export.rewrite_days * _DAY, day - _DAY


def start_of(day: date, zone: ZoneInfo) -> datetime:
    """When a day begins by the clocks of a zone."""
    return datetime.combine(day, time(0), zone)


class RunStatus(StrEnum):
    """How far a run is."""

    SCANNING = "scanning"
    WRITING = "writing"
    DONE = "done"
    FAILED = "failed"
    """Something kept it from coming to an end; the files of before stay in use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """The days from ``first`` to ``last`` being written anew.

    It reads batches of numbers from ``low`` up to, not including, ``high``. ``export`` is what
    was asked for when it started.
    """

    export: Export
    run_id: str
    first: date
    last: date
    started: datetime
    low: int
    high: int
    status: RunStatus = RunStatus.SCANNING
    finished: datetime | None = None
    events: int = 0

    @property
    def is_open(self) -> bool:
        """Whether something is still to be done."""
        return self.status in {RunStatus.SCANNING, RunStatus.WRITING}

    def slices(self) -> tuple[int, ...]:
        """The slices to read. They begin at whole multiples, so those of other runs are alike."""
        if self.high <= self.low:
            return (EARLY,)
        last = (self.high - 1) // NUMBERS_A_SLICE
        return (EARLY, *range(self.low // NUMBERS_A_SLICE, last + 1))

    def numbers(self, slice_: int) -> range:
        """The numbers of a slice that is not ``EARLY``."""
        start = slice_ * NUMBERS_A_SLICE
        return range(max(start, self.low), min(start + NUMBERS_A_SLICE, self.high))

    def days(self) -> Iterator[date]:
        """One after the other."""
        return (self.first + n * _DAY for n in range((self.last - self.first).days + 1))

    def covers(self, zone: ZoneInfo) -> tuple[int, int]:
        """From which epoch second on, and before which, events are in it."""
        end = start_of(self.last + _DAY, zone)
        return int(start_of(self.first, zone).timestamp()), int(end.timestamp())


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Events of a day that a slice found, on their way into a file."""

    day: date
    key: str
    counts: Mapping[EventType, int]

    @property
    def events(self) -> int:
        """How many."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A file to be written of these chunks: the ``number``-th of its day."""

    day: date
    number: int
    chunks: tuple[Chunk, ...]


def parts_of(chunks: Iterable[Chunk], *, most: int = EVENTS_A_FILE) -> list[Part]:
    """Gather chunks into files of at most so many events; no chunk has more."""
    parts: list[Part] = []
    by_day: dict[date, list[Chunk]] = {}
    for chunk in chunks:
        by_day.setdefault(chunk.day, []).append(chunk)
    for day, of_day in sorted(by_day.items()):
        parts += (
            Part(day=day, number=number, chunks=group)
            for number, group in enumerate(_groups(of_day, most))
        )
    return parts


def _groups(chunks: Sequence[Chunk], most: int) -> Iterator[tuple[Chunk, ...]]:
    group: list[Chunk] = []
    events = 0
    for chunk in chunks:
        if group and events + chunk.events > most:
            yield tuple(group)
            group, events = [], 0
        group.append(chunk)
        events += chunk.events
    yield tuple(group)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFile:
    """A file that was written."""

    day: date
    number: int
    key: str
    size_bytes: int
    sha256: str
    counts: Mapping[EventType, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFiles:
    """The files of a day that are in use, and in which ``revision`` of it.

    ``derived`` is when the run that wrote them began. ``stale`` are keys of files of before.
    ``version`` guards changes.
    """

    day: date
    revision: int = 0
    run_id: str = ""
    format: ExportFormat = ExportFormat.PARQUET
    derived: datetime | None = None
    complete: bool = False
    files: tuple[EventFile, ...] = ()
    stale: tuple[str, ...] = ()
    version: int = 0

    def counts(self) -> dict[EventType, int]:
        """How many events of each type, in the order of types."""
        total = sum((Counter(dict(each.counts)) for each in self.files), Counter[EventType]())
        return {kind: total[kind] for kind in EventType if total[kind]}

    def same_content(self, files: Sequence[EventFile]) -> bool:
        """Whether these files say the same."""
        return [each.sha256 for each in self.files] == [each.sha256 for each in files]


class Switch(StrEnum):
    """What a run's files of a day come to."""

    USE = "use"
    SAME = "same"
    """Nothing changed: the files in use stay."""
    OLDER = "older"
    """A run that began later was quicker."""
    DONE = "done"
    """They are in use already."""


def switch(known: DayFiles, files: Sequence[EventFile], run: Run, *, complete: bool) -> Switch:
    """Decide whether a run's files of a day are used from now on."""
    if known.run_id == run.run_id:
        return Switch.DONE
    if known.derived is not None and known.derived > run.started:
        return Switch.OLDER
    unchanged = known.same_content(files) and known.complete == complete
    if known.revision and unchanged and known.format is run.export.format:
        return Switch.SAME
    return Switch.USE
