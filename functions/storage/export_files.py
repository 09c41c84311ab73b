"""Files of exports in the data bucket: events on their way, the files, which of them are used.

``exports/<name>/v1/day=<day>/_manifest.json`` names the files of a day; they stand below the run
that wrote them.
"""

import hashlib
import json
import tempfile
import zlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import IO
from zoneinfo import ZoneInfo

from functions.contracts.event_document import VERSION, event_to_json
from functions.contracts.event_schema import FIELDS, ValueType
from functions.contracts.export_document import manifest
from functions.domain.export import (
    EVENTS_A_FILE,
    SUFFIX_BY_FORMAT,
    Chunk,
    DayFiles,
    EventFile,
    ExportFormat,
    Part,
    Run,
)
from functions.domain.message_event import EventType, MessageEvent
from functions.runtime import quick_json
from functions.runtime.ids import fresh_id, fresh_word
from functions.storage.objects import GZIP, ObjectStore

_ORDER = ("occurred_at", "event_id")
_SQL_BY_TYPE = {
    ValueType.TEXT: "VARCHAR",
    ValueType.INTEGER: "BIGINT",
    ValueType.BOOLEAN: "BOOLEAN",
    ValueType.MOMENT: "TIMESTAMP",
}
_QUICK = 1
"""The level of compression of what only the next step reads."""


WriteEvents = Callable[[Sequence[Path], Path, ExportFormat, Mapping[str, str], Sequence[str]], None]
"""Writes files of lines into one file of a format, with these columns, in this order."""
WriteWithout = Callable[
    [Collection[str], Path, Path, ExportFormat, Mapping[str, str], Sequence[str]], int
]
"""Writes a file anew without people; tells in how many events they were, and writes if any."""


class EventSpool:
    """Events on the disk of this worker, day by day."""

    def __init__(self, folder: Path, *, most: int = EVENTS_A_FILE) -> None:
        self._folder, self._most = folder, most
        self._open: dict[date, _Lines] = {}
        self._full: list[_Lines] = []

    def add(self, day: date, event: MessageEvent) -> None:
        """Take in an event of a day."""
        lines = self._open.get(day)
        if lines is None:
            path = self._folder / f"{day}-{len(self._full) + len(self._open)}"
            lines = self._open[day] = _Lines(day, path)
        lines.add(event)
        if lines.events >= self._most:
            self._full.append(self._open.pop(day))

    def save(self, name: str, run_id: str) -> tuple[Chunk, ...]:
        """Keep what was taken in below new keys."""
        lines = self._closed()
        return tuple(each.save(f"exports-work/{name}/{run_id}/{fresh_id('l')}") for each in lines)

    def close(self) -> list[Path]:
        """End the files; gives them."""
        return [each.path for each in self._closed()]

    def _closed(self) -> list["_Lines"]:
        lines = [*self._full, *self._open.values()]
        for each in lines:
            each.close()
        return lines


class _Lines:
    """Events of one day, written as they come."""

    def __init__(self, day: date, path: Path) -> None:
        self._day, self.path = day, path
        self._file: IO[bytes] = path.open("wb")
        self._packer = zlib.compressobj(_QUICK, wbits=GZIP)
        self._counts: Counter[EventType] = Counter()
        self.events = 0

    def add(self, event: MessageEvent) -> None:
        line = quick_json.write(event_to_json(event)) + b"\n"
        self._file.write(self._packer.compress(line))
        self._counts[event.type] += 1
        self.events += 1

    def close(self) -> None:
        self._file.write(self._packer.flush())
        self._file.close()

    def save(self, key: str) -> Chunk:
        ObjectStore().upload(key, self.path)
        return Chunk(day=self._day, key=key, counts=dict(self._counts))


class ExportFiles:
    """Reads and writes them."""

    def __init__(self, zone: ZoneInfo, write: WriteEvents, write_without: WriteWithout) -> None:
        self._zone, self._write, self._write_without = zone, write, write_without

    @contextmanager
    def spool(self) -> Iterator[EventSpool]:
        """Begin to take in events, on a disk of their own."""
        with tempfile.TemporaryDirectory(prefix="export-") as folder:
            yield EventSpool(Path(folder))

    def drop(self, keys: Iterable[str]) -> None:
        """Delete files; repeating it is harmless."""
        for key in keys:
            ObjectStore().delete(key)

    def write(self, part: Part, run: Run) -> EventFile:
        """Write a file; from the same chunks it is the same."""
        suffix = SUFFIX_BY_FORMAT[run.export.format]
        name = f"part-{part.number:04d}.{suffix}"
        key = f"{_folder(run.export.name, part.day)}{run.run_id}/{name}"
        with tempfile.TemporaryDirectory(prefix="export-") as scratch:
            folder = Path(scratch)
            lines = [folder / f"{place:06d}" for place in range(len(part.chunks))]
            for chunk, path in zip(part.chunks, lines, strict=True):
                ObjectStore().download(chunk.key, path)
            write_lines(self._write, lines, folder / name, run.export.format)
            ObjectStore().upload(key, folder / name)
            return _written(part, key, folder / name)

    def without(
        self, ids: Collection[str], file: EventFile, format_: ExportFormat
    ) -> EventFile | None:
        """Write a file anew without the ids of these people; None when it has none of them."""
        folder, name = file.key.rsplit("/", 1)
        key = f"{folder}-{fresh_word()}/{name}"
        with tempfile.TemporaryDirectory(prefix="export-") as scratch:
            old, new = Path(scratch, "old"), Path(scratch, name)
            ObjectStore().download(file.key, old)
            if not self._write_without(ids, old, new, format_, _columns(format_), _ORDER):
                return None
            ObjectStore().upload(key, new)
            size, digest = _measured(new)
        return replace(file, key=key, size_bytes=size, sha256=digest)

    def put_manifest(self, name: str, found: DayFiles) -> None:
        """Say to readers which files are a day."""
        document = manifest(name, found, zone=self._zone.key)
        body = json.dumps(document, indent=1).encode()
        key = f"{_folder(name, found.day)}_manifest.json"
        ObjectStore().put_bytes(key, body, content_type="application/json")

    def link(self, key: str) -> str:
        """A URL from which anybody who has it may GET a file for 15 minutes."""
        return ObjectStore().download_url(key)


def write_lines(write: WriteEvents, lines: Sequence[Path], to: Path, format_: ExportFormat) -> None:
    """Write files of lines into one file of a format, in the order of moments."""
    write(lines, to, format_, _columns(format_), _ORDER)


def _folder(name: str, day: date) -> str:
    return f"exports/{name}/v{VERSION}/day={day.isoformat()}/"


def _columns(format_: ExportFormat) -> dict[str, str]:
    """Only Parquet has moments; elsewhere they are the same texts as everywhere."""
    types = dict(_SQL_BY_TYPE)
    if format_ is not ExportFormat.PARQUET:
        types[ValueType.MOMENT] = types[ValueType.TEXT]
    return {each.name: types[each.type] for each in FIELDS}


def _written(part: Part, key: str, path: Path) -> EventFile:
    counts: Counter[EventType] = Counter()
    for chunk in part.chunks:
        counts.update(dict(chunk.counts))
    size, digest = _measured(path)
    return EventFile(
        day=part.day,
        number=part.number,
        key=key,
        size_bytes=size,
        sha256=digest,
        counts=dict(counts),
    )


def _measured(path: Path) -> tuple[int, str]:
    with path.open("rb") as file:
        return path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest()
