"""Workbooks (Office Open XML, ECMA-376): the first sheet, read row by row.

A workbook is a zip, which is read from any place; so it is put into a temporary file first. Rows
cannot be entered in the middle: going on from a row, those before it are read again.
"""

import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import IO, Any
from xml.etree.ElementTree import ParseError

from functions.content.record import OpenFile, Record, fitted
from functions.domain.contact_file import (
    FileFault,
    FileFormat,
    FileKind,
    FileProblem,
    Position,
)

MAGIC = b"PK\x03\x04"
MAX_WORKBOOK_BYTES = 100 << 20
"""A Lambda has 512 MB for temporary files."""
MAX_TEXTS_BYTES = 256 << 20
"""The table of shared texts, which is held in memory."""
MAX_SHEET_BYTES = 2 << 30
MAX_ROWS = 300_000
"""Reading a million rows again, at 17,000 a second, would take up most of a worker's turn."""
_TEXTS = "xl/sharedStrings.xml"
_ERRORS = frozenset({"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A"})
_DAMAGED = (zipfile.BadZipFile, ParseError, KeyError, ValueError, TypeError, EOFError, OSError)


def inspect(open_file: OpenFile) -> FileFormat:
    """Look at the workbook without reading its rows.

    Raises FileProblem: ``damaged_file``, ``workbook_too_large``, ``unpacks_too_large``,
    ``too_many_rows`` when the sheet says so itself.
    """
    with _opened(open_file) as sheet:
        rows = sheet.max_row or 0
    if rows > MAX_ROWS:
        raise FileProblem(FileFault.TOO_MANY_ROWS)
    return FileFormat(kind=FileKind.XLSX, encoding="", length=rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class XlsxSource:
    """Reads the first sheet. A place's ``offset`` is the number of the row."""

    open_file: OpenFile

    def header(self) -> Record:
        """Read the first row that is not blank. Raises FileProblem ``empty_file``."""
        for record in self._rows(Position(), width=None):
            if not record.is_blank:
                names = "\0".join(record.cells).rstrip("\0").split("\0")
                return Record(cells=tuple(names), end=record.end)
        raise FileProblem(FileFault.EMPTY_FILE)

    def records(self, *, start: Position, width: int) -> Iterator[Record]:
        """Give the cells of each row as texts."""
        return self._rows(start, width=width)

    def _rows(self, start: Position, *, width: int | None) -> Iterator[Record]:
        with _opened(self.open_file) as sheet:
            for row, values in enumerate(_values(sheet), start=1):
                if row > MAX_ROWS:
                    raise FileProblem(FileFault.TOO_MANY_ROWS)
                if row > start.row:
                    yield _record(values, row, width)


def _record(values: tuple[object, ...], row: int, width: int | None) -> Record:
    cells = tuple(_text(value) for value in values)
    if width is not None and len(cells) < width:
        cells += ("",) * (width - len(cells))
    cells, fault = fitted(cells, width)
    return Record(cells=cells, fault=fault, end=Position(row=row, offset=row))


def _values(sheet: Any) -> Iterator[tuple[object, ...]]:  # noqa: ANN401  # openpyxl is untyped
    sheet.reset_dimensions()  # they need not be true, and cut or widen rows
    rows = sheet.iter_rows(values_only=True)
    while True:
        try:
            values = next(rows, None)
        except _DAMAGED as error:
            raise FileProblem(FileFault.DAMAGED_FILE) from error
        if values is None:
            return
        yield values


@contextmanager
def _opened(open_file: OpenFile) -> Iterator[Any]:
    """Open the first sheet. What is wrong with the workbook is raised as FileProblem."""
    import openpyxl  # type: ignore[import-untyped] # noqa: PLC0415  # only workbooks cost it

    with tempfile.TemporaryFile() as copy:
        _copy(open_file, copy)
        _check(copy)
        try:
            # Values, not formulas.
            book = openpyxl.load_workbook(copy, read_only=True, data_only=True, keep_links=False)
            sheet = book.worksheets[0]
        except (*_DAMAGED, IndexError) as error:
            raise FileProblem(FileFault.DAMAGED_FILE) from error
        try:
            yield sheet
        finally:
            book.close()


def _copy(open_file: OpenFile, copy: IO[bytes]) -> None:
    size_bytes = 0
    for chunk in open_file(0):
        size_bytes += len(chunk)
        if size_bytes > MAX_WORKBOOK_BYTES:
            raise FileProblem(FileFault.WORKBOOK_TOO_LARGE)
        copy.write(chunk)


def _check(copy: IO[bytes]) -> None:
    """Refuse what unpacks to too much; zipfile gives no more than what is written here."""
    try:
        with zipfile.ZipFile(copy) as archive:
            sizes = {each.filename: each.file_size for each in archive.infolist()}
    except _DAMAGED as error:
        raise FileProblem(FileFault.DAMAGED_FILE) from error
    if sizes.get(_TEXTS, 0) > MAX_TEXTS_BYTES or sum(sizes.values()) > MAX_SHEET_BYTES:
        raise FileProblem(FileFault.UNPACKS_TOO_LARGE)


def _text(value: object) -> str:
    """A cell as a person would write it; a formula's error is blank."""
    match value:
        case str():
            return "" if value in _ERRORS else value
        case bool():
            return "true" if value else "false"
        case float():
            return str(int(value)) if value.is_integer() else format(value, ".15g")
        case datetime():
            return _moment(value)
        case date() | time():
            return value.isoformat()
        case _:
            return "" if value is None else str(value)


def _moment(value: datetime) -> str:
    if value.time() == time.min:
        return value.date().isoformat()
    return value.replace(microsecond=0).isoformat(sep=" ")
