"""Exports in memory."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from hashlib import sha256

from functions.contracts.event_document import event_to_json
from functions.domain.export import Chunk, DayFiles, EventFile, Export, Part, Run, RunStatus
from functions.domain.message_event import BatchFacts, MessageEvent


@dataclass
class FakeExports:
    definitions: dict[str, Export] = field(default_factory=dict)
    runs: dict[tuple[str, str], Run] = field(default_factory=dict)
    found: dict[tuple[str, str], dict[int, tuple[Chunk, ...]]] = field(default_factory=dict)
    written: dict[tuple[str, str], dict[tuple[date, int], EventFile]] = field(default_factory=dict)
    day_files: dict[tuple[str, date], DayFiles] = field(default_factory=dict)

    def get(self, name: str) -> Export | None:
        return self.definitions.get(name)

    def put(self, export: Export) -> bool:
        known = self.definitions.get(export.name)
        if export.version != (known.version if known else 0) + 1:
            return False
        self.definitions[export.name] = export
        return True

    def names(self) -> tuple[str, ...]:
        return tuple(self.definitions)

    def newest_runs(self, name: str, *, limit: int) -> tuple[Run, ...]:
        found = [run for (each, _), run in self.runs.items() if each == name]
        return tuple(sorted(found, key=lambda run: run.run_id, reverse=True)[:limit])

    def add_run(self, run: Run) -> bool:
        return self.runs.setdefault(_key(run), run) is run

    def run(self, name: str, run_id: str) -> Run | None:
        return self.runs.get((name, run_id))

    def move_run(self, run: Run, *, to: RunStatus, now: datetime, events: int = 0) -> bool:
        known = self.runs[_key(run)]
        if known.status is not run.status:
            return False
        ended = now if to in {RunStatus.DONE, RunStatus.FAILED} else None
        self.runs[_key(run)] = replace(known, status=to, finished=ended, events=events)
        return True

    def save_slice(self, run: Run, slice_: int, chunks: Sequence[Chunk]) -> bool:
        known = self.found.setdefault(_key(run), {})
        if slice_ in known:
            return False
        known[slice_] = tuple(chunks)
        return True

    def slices(self, run: Run) -> dict[int, tuple[Chunk, ...]]:
        return dict(self.found.get(_key(run), {}))

    def save_file(self, run: Run, file: EventFile) -> None:
        self.written.setdefault(_key(run), {})[file.day, file.number] = file

    def files(self, run: Run) -> tuple[EventFile, ...]:
        known = self.written.get(_key(run), {})
        return tuple(known[place] for place in sorted(known))

    def day(self, name: str, day: date) -> DayFiles:
        return self.day_files.get((name, day), DayFiles(day=day))

    def change_day(self, name: str, new: DayFiles, *, now: datetime) -> bool:
        if new.version != self.day(name, new.day).version + 1:
            return False
        self.day_files[name, new.day] = new
        return True


def _key(run: Run) -> tuple[str, str]:
    return (run.export.name, run.run_id)


@dataclass
class FakeFacts:
    batches: dict[int, BatchFacts] = field(default_factory=dict)
    early: list[int] = field(default_factory=list)
    first: int = 1
    meanwhile: list[Callable[[], None]] = field(default_factory=list)

    def numbers(self, since: datetime, until: datetime) -> tuple[int, int]:
        return self.first, max(self.batches, default=0) + 1

    def looked_at(self, days: Iterable[date], *, below: int) -> Sequence[int]:
        return [number for number in self.early if number < below]

    def read(self, numbers: Sequence[int], span: range) -> Iterator[BatchFacts]:
        if self.meanwhile:
            self.meanwhile.pop()()
        return (self.batches[number] for number in numbers if number in self.batches)


@dataclass
class FakeSpool:
    files: "FakeEventFiles"
    most: int = 5
    taken: dict[date, list[MessageEvent]] = field(default_factory=dict)

    def add(self, day: date, event: MessageEvent) -> None:
        self.taken.setdefault(day, []).append(event)

    def save(self, name: str, run_id: str) -> tuple[Chunk, ...]:
        return tuple(
            self._chunk(day, events[at : at + self.most])
            for day, events in self.taken.items()
            for at in range(0, len(events), self.most)
        )

    def _chunk(self, day: date, events: list[MessageEvent]) -> Chunk:
        self.files.count += 1
        key = f"work/{self.files.count}"
        self.files.objects[key] = [event_to_json(each) for each in events]
        counts = {each.type: 0 for each in events}
        for each in events:
            counts[each.type] += 1
        return Chunk(day=day, key=key, counts=counts)


@dataclass
class FakeEventFiles:
    objects: dict[str, list[dict]] = field(default_factory=dict)
    manifests: dict[tuple[str, date], DayFiles] = field(default_factory=dict)
    meanwhile: list[Callable[[], None]] = field(default_factory=list)
    count: int = 0

    @contextmanager
    def spool(self) -> Iterator[FakeSpool]:
        yield FakeSpool(self)

    def drop(self, keys: Iterable[str]) -> None:
        for key in keys:
            self.objects.pop(key, None)

    def write(self, part: Part, run: Run) -> EventFile:
        if self.meanwhile:
            self.meanwhile.pop()()
        rows = [row for chunk in part.chunks for row in self.objects[chunk.key]]
        rows.sort(key=lambda row: (row["occurred_at"], row["event_id"]))
        key = f"exports/{run.export.name}/{part.day}/{run.run_id}/{part.number}"
        self.objects[key] = rows
        body = repr(rows).encode()
        counts: dict = {}
        for chunk in part.chunks:
            for kind, count in chunk.counts.items():
                counts[kind] = counts.get(kind, 0) + count
        return EventFile(
            day=part.day,
            number=part.number,
            key=key,
            size_bytes=len(body),
            sha256=sha256(body).hexdigest(),
            counts=counts,
        )

    def without(self, ids: Collection[str], file: EventFile, format_: object) -> EventFile | None:
        rows = self.objects[file.key]
        left = [row | {"contact_id": None} if row["contact_id"] in ids else row for row in rows]
        if left == rows:
            return None
        self.count += 1
        key = f"{file.key}-{self.count}"
        self.objects[key] = left
        return replace(file, key=key, sha256=sha256(repr(left).encode()).hexdigest())

    def put_manifest(self, name: str, found: DayFiles) -> None:
        self.manifests[name, found.day] = found

    def read(self, name: str, day: date) -> list[dict]:
        """What a reader gets who follows the manifest."""
        found = self.manifests.get((name, day))
        return [] if found is None else [row for f in found.files for row in self.objects[f.key]]
