"""Reads an uploaded file into contacts and consents, chunk by chunk, or pretends to.

After every chunk the progress is stored under a condition: a worker that takes over goes on from
there, and of two workers on one import the slower stops. Everything written in between may be
written twice without harm.

A dry run does the same over stores that pretend to write. What it pretended is known to its own
worker only, so its progress is stored at the end of a turn.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from functools import partial
from itertools import islice

from functions.content import contact_source
from functions.content.phone import InvalidPhone, parse_phone
from functions.content.record import Record, RecordSource
from functions.contracts.queues import ImportJob
from functions.domain.contact import Phone
from functions.domain.contact_columns import read_columns
from functions.domain.contact_file import (
    Column,
    ContactImport,
    Field,
    FileFormat,
    FileProblem,
    ImportCounts,
    ImportKind,
    ImportStatus,
    Position,
)
from functions.domain.contact_row import ContactRow, RowReader, marked, rejected
from functions.domain.ids import ImportId
from functions.domain.import_undo import Image, ImageChunk
from functions.domain.pinpoint_endpoint import EndpointReader, endpoint_columns
from functions.domain.seen_keys import SeenKeys
from functions.imports.error_list import HEAD, error_lines
from functions.imports.pretending import PretendedPeople
from functions.imports.service import ImportDeps
from functions.imports.upserting import RowOutcome, Upsert, Upserter

CHUNK_ROWS = 500


class Step(StrEnum):
    """How a worker's turn ended."""

    FINISHED = "finished"
    REFUSED = "refused"
    HANDED_OVER = "handed_over"
    SUPERSEDED = "superseded"
    NOT_RUNNING = "not_running"


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What one turn of a worker did; ``counts`` are those of the whole import so far."""

    step: Step
    counts: ImportCounts = field(default_factory=ImportCounts)


def read_file(
    import_id: ImportId, *, deps: ImportDeps, clock: Callable[[], datetime], until: datetime
) -> Turn:
    """Take a turn at reading: to the end of the file, or until ``clock`` passes ``until``.

    Raises what storage raises; the job is then delivered again and goes on.
    """
    current = deps.imports.get(import_id)
    if current is None or not current.is_reading:
        return Turn(step=Step.NOT_RUNNING)
    reading = _Reading(current, deps=deps)
    try:
        step = reading.run(clock=clock, until=until)
    except FileProblem as problem:
        step = reading.refuse(problem)
    return Turn(step=step, counts=reading.current.counts)


class _Reading:
    """One worker's turn at one file."""

    def __init__(self, current: ContactImport, *, deps: ImportDeps) -> None:
        self.current = self._stored = current
        self.deps = deps
        self._freed = SeenKeys()

    def run(self, *, clock: Callable[[], datetime], until: datetime) -> Step:
        source = contact_source.source_of(self._chunks, self._file_format())
        head = source.header()
        columns = self._columns(head)
        self.current = replace(self.current, columns=columns)
        seen = SeenKeys(self.deps.files.load_seen(self.current))
        if self.current.is_dry:
            self._freed = SeenKeys(self.deps.files.load_freed(self.current))
        rows = self._rows(source, head, columns, seen)
        now = clock()
        while chunk := list(islice(rows, CHUNK_ROWS)):
            if not self._finish_chunk(chunk, _phone_column(columns), now=now):
                return Step.SUPERSEDED
            now = clock()
            if now >= until:
                return self._hand_over(seen)
        return self._finish()

    def refuse(self, problem: FileProblem) -> Step:
        refused = replace(
            self.current,
            status=ImportStatus.REFUSED,
            fault=problem.fault,
            fault_columns=problem.columns,
        )
        if self.current.is_dry:
            refused = replace(refused, counts=ImportCounts(), error_parts=0)
        return Step.REFUSED if self._advance(refused) else Step.SUPERSEDED

    def _file_format(self) -> FileFormat:
        if self.current.file_format is None:
            found = contact_source.inspect(self._chunks, dotted=self._of_pinpoint)
            self.current = replace(self.current, file_format=found)
            return found
        return self.current.file_format

    @property
    def _of_pinpoint(self) -> bool:
        return self.current.kind is ImportKind.PINPOINT

    def _columns(self, head: Record) -> tuple[Column, ...]:
        if self._of_pinpoint:
            return endpoint_columns(head.cells)
        return read_columns(head.cells, self.current.mapping)

    def _chunks(self, start: int) -> Iterator[bytes]:
        return self.deps.files.chunks(self.current, start=start)

    def _rows(
        self,
        source: RecordSource,
        head: Record,
        columns: tuple[Column, ...],
        seen: SeenKeys,
    ) -> Iterator[tuple[ContactRow, Position]]:
        """Rows not yet done. Those done since ``seen`` was saved are read again, to be seen."""
        start = max(self.current.remembered, head.end, key=lambda each: each.row)
        done = self.current.position.row
        reader = self._endpoint_reader(head) if self._of_pinpoint else self._row_reader(columns)
        for record in source.records(start=start, width=len(columns)):
            if record.is_blank:
                continue
            row = marked(_read(record, reader), seen, columns)
            if record.end.row > done:
                yield row, record.end

    def _row_reader(self, columns: tuple[Column, ...]) -> RowReader:
        # Dates are held against the start of the import, so that a row is read alike every time.
        return RowReader(
            columns=columns,
            read_phone=_read_phone,
            zone=self.deps.zone,
            now=self.current.started or self.current.created,
        )

    def _endpoint_reader(self, head: Record) -> EndpointReader:
        return EndpointReader(
            headers=head.cells,
            read_phone=_read_phone,
            now=self.current.started or self.current.created,
        )

    def _finish_chunk(
        self, chunk: Sequence[tuple[ContactRow, Position]], phone_column: str, *, now: datetime
    ) -> bool:
        outcomes = self._upsert(chunk, phone_column, now=now)
        problems = [each for each in outcomes if each.upsert is Upsert.REJECTED]
        parts = self.current.error_parts
        if problems:
            self.deps.files.put_error_part(self.current, parts, error_lines(problems))
        return self._note(
            replace(
                self.current,
                position=chunk[-1][1],
                counts=self.current.counts + count(outcomes),
                error_parts=parts + bool(problems),
            )
        )

    def _upsert(
        self, chunk: Sequence[tuple[ContactRow, Position]], phone_column: str, *, now: datetime
    ) -> tuple[RowOutcome, ...]:
        rows = [row for row, _ in chunk]
        upserter = Upserter(
            contact_import=self.current,
            phone_column=phone_column,
            deps=self.deps,
            now=now,
            keep=(lambda _: None)
            if self._of_pinpoint
            else partial(self._keep_images, chunk[-1][1]),
        )
        if not self.current.is_dry:
            return upserter.upsert_all(rows)
        people = PretendedPeople(self.deps.contacts, self._freed)
        pretending = replace(self.deps, contacts=people, consents=people)
        dry = replace(upserter, deps=pretending, keep=lambda _: None)
        outcomes = dry.upsert_all(rows)
        people.keep_freed()
        return outcomes

    def _keep_images(self, end: Position, images: tuple[Image, ...]) -> None:
        chunk = ImageChunk(start=self.current.position.row, images=images)
        self.deps.files.keep_images(self.current, end.row, chunk)

    def _hand_over(self, seen: SeenKeys) -> Step:
        self.deps.files.save_seen(self.current, seen.dump())
        if self.current.is_dry:
            self.deps.files.save_freed(self.current, self._freed.dump())
        if not self._advance(replace(self.current, remembered=self.current.position)):
            return Step.SUPERSEDED
        self.deps.enqueue(ImportJob(import_id=self.current.import_id))
        return Step.HANDED_OVER

    def _finish(self) -> Step:
        if self.current.error_parts:
            self.deps.files.join_errors(self.current, head=HEAD)
        done = ImportStatus.DRY_RUN_DONE if self.current.is_dry else ImportStatus.DONE
        finished = self._advance(replace(self.current, status=done))
        return Step.FINISHED if finished else Step.SUPERSEDED

    def _note(self, after: ContactImport) -> bool:
        if not self.current.is_dry:
            return self._advance(after)
        self.current = after
        return True

    def _advance(self, after: ContactImport) -> bool:
        advanced = self.deps.imports.advance(self._stored, after)
        if advanced:
            self.current = self._stored = after
        return advanced


def _phone_column(columns: Sequence[Column]) -> str:
    return next((each.name for each in columns if each.field is Field.PHONE), "")


def _read(record: Record, reader: RowReader | EndpointReader) -> ContactRow:
    if record.fault is not None:
        return rejected(record.end.row, record.fault)
    return reader.read(record.cells, row=record.end.row)


def _read_phone(text: str) -> Phone | str:
    try:
        return parse_phone(text)
    except InvalidPhone as error:
        return error.code


def count(outcomes: Sequence[RowOutcome]) -> ImportCounts:
    """Count what became of these rows."""
    upserts = Counter(each.upsert for each in outcomes)
    return ImportCounts(
        rows=len(outcomes),
        created=upserts[Upsert.CREATED],
        updated=upserts[Upsert.UPDATED],
        unchanged=upserts[Upsert.UNCHANGED],
        rejected=upserts[Upsert.REJECTED],
        consents_granted=sum(each.granted for each in outcomes),
        consents_withdrawn=sum(each.withdrawn for each in outcomes),
        problems=_by_code([p.code for each in outcomes for p in each.problems]),
        warnings=_by_code([code for each in outcomes for code in each.warnings]),
    )


def _by_code(codes: Sequence[str]) -> Mapping[str, int]:
    return {str(code): number for code, number in sorted(Counter(codes).items())}
