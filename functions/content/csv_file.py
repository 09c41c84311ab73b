"""CSV files as shops and spreadsheets write them, from bytes to rows in constant memory.

Separated by comma, tab or semicolon, in UTF-8 or CP949 (``text_lines``).
"""

import codecs
import csv
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from functions.content.record import OpenFile, Record, fitted
from functions.content.text_lines import encoding_of, lines_of
from functions.domain.contact_file import (
    FileFault,
    FileFormat,
    FileKind,
    FileProblem,
    Position,
    RowFault,
)

_MAX_QUOTED_BYTES = 1 << 16
"""A record whose quote is still open after so many bytes has none that closes it."""

_DELIMITERS = ",\t;"
_LINE_END = "\r\n"


def inspect(open_file: OpenFile) -> FileFormat:
    """Find encoding and delimiter. Raises FileProblem as ``encoding_of``, or ``empty_file``."""
    encoding, size_bytes = encoding_of(open_file)
    return FileFormat(
        kind=FileKind.CSV,
        encoding=encoding,
        delimiter=_delimiter(open_file(0), encoding),
        length=size_bytes,
    )


def _delimiter(chunks: Iterable[bytes], encoding: str) -> str:
    for line in lines_of(chunks):
        text = line.decode(encoding).removeprefix("\ufeff")
        if text.strip():
            unquoted = "".join(text.split('"')[::2])
            return max(_DELIMITERS, key=unquoted.count)
    raise FileProblem(FileFault.EMPTY_FILE)


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvSource:
    """Reads the rows of a file."""

    open_file: OpenFile
    file_format: FileFormat

    def header(self) -> Record:
        """Read the first row that is not blank. Raises FileProblem when there is none."""
        source = _Source(self.open_file(0))
        for record in _records(source, self.file_format, start=Position(), width=None):
            if not record.is_blank:
                return record
        raise FileProblem(FileFault.EMPTY_FILE)

    def records(self, *, start: Position, width: int) -> Iterator[Record]:
        """Read rows of ``width`` cells from ``start`` on.

        A row that is broken, for example by a quote that is never closed, does not swallow those
        after it. Blank rows are given too, so that the numbers are a spreadsheet's.
        """
        source = _Source(self.open_file(start.offset))
        return _records(source, self.file_format, start=start, width=width)


class _Source:
    """Lines that can be put back."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._lines = lines_of(chunks)
        self._returned: deque[bytes] = deque()

    def take(self) -> bytes | None:
        return self._returned.popleft() if self._returned else next(self._lines, None)

    def put_back(self, lines: list[bytes]) -> None:
        self._returned.extendleft(reversed(lines))


def _records(
    source: _Source, file_format: FileFormat, *, start: Position, width: int | None
) -> Iterator[Record]:
    row, offset = start.row, start.offset
    while (line := source.take()) is not None:
        row += 1
        first = line.removeprefix(codecs.BOM_UTF8) if offset == 0 else line
        cells, fault, more = _read(first, source, file_format, width)
        offset += len(line) + sum(map(len, more))
        yield Record(cells=cells, fault=fault, end=Position(row=row, offset=offset))


_Reading = tuple[tuple[str, ...], RowFault | None, list[bytes]]


def _read(line: bytes, source: _Source, file_format: FileFormat, width: int | None) -> _Reading:
    """Cut a record into cells; the last of the three are the further lines that it spans."""
    text = line.decode(file_format.encoding)
    if '"' not in text:
        cells = tuple(text.rstrip(_LINE_END).split(file_format.delimiter))
        return *fitted(cells, width), []
    more: list[bytes] = []
    try:
        # Strict, so that a quote left open is not closed by the opening one of a later row.
        lines = _continued(text, source, file_format, more)
        reader = csv.reader(lines, delimiter=file_format.delimiter, strict=True)
        cells, fault = fitted(tuple(next(reader)), width)
    except _Unclosed:
        cells, fault = (), RowFault.UNCLOSED_QUOTE
    except csv.Error:
        cells, fault = (), RowFault.MALFORMED_ROW
    if fault is not None and more:
        source.put_back(more)
        return (), RowFault.UNCLOSED_QUOTE, []
    return cells, fault, more


class _Unclosed(Exception):
    """A quote is open and nothing follows that could close it."""


def _continued(
    text: str, source: _Source, file_format: FileFormat, more: list[bytes]
) -> Iterator[str]:
    """Give the record's first line, and the next ones as long as a quote is open."""
    yield text
    size_bytes = 0
    while size_bytes < _MAX_QUOTED_BYTES and (line := source.take()) is not None:
        more.append(line)
        size_bytes += len(line)
        yield line.decode(file_format.encoding)
    raise _Unclosed
