"""CSV files as shops and spreadsheets write them, from bytes to rows in constant memory.

UTF-8 (with or without byte order mark) or CP949, whichever every byte of the file allows;
separated by comma, tab or semicolon. Lines are cut as bytes, which is safe because no byte of a
longer character is below 0x30 in either encoding.
"""

import codecs
import csv
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from functions.domain.contact_file import (
    FileFault,
    FileFormat,
    FileProblem,
    Position,
    RowFault,
)

MAX_LINE_BYTES = 1 << 20
MAX_LINES = 2_000_000
_MAX_QUOTED_BYTES = 1 << 16
"""A record whose quote is still open after so many bytes has none that closes it."""

_ENCODINGS = ("utf-8", "cp949")
_DELIMITERS = ",\t;"
_LINE_END = "\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A row and the place after it. ``fault`` says why its cells cannot be told apart."""

    cells: tuple[str, ...]
    end: Position
    fault: RowFault | None = None

    @property
    def is_blank(self) -> bool:
        """Whether there is nothing in it."""
        return self.fault is None and not any(cell.strip() for cell in self.cells)


def inspect(open_file: Callable[[], Iterable[bytes]]) -> FileFormat:
    """Read the whole file once, or twice when it is not UTF-8, before any row of it is used.

    Raises FileProblem: ``empty_file``, ``not_a_text_file`` at the first NUL byte,
    ``wrong_encoding``, ``line_too_long`` or ``too_many_rows``.
    """
    for encoding in _ENCODINGS:
        try:
            _check(open_file(), encoding)
        except UnicodeDecodeError:
            if _is_marked(open_file()):
                break  # it says itself that it is UTF-8
            continue
        return FileFormat(encoding=encoding, delimiter=_delimiter(open_file(), encoding))
    raise FileProblem(FileFault.WRONG_ENCODING)


def _is_marked(chunks: Iterable[bytes]) -> bool:
    head = b""
    for chunk in chunks:
        head += chunk[: len(codecs.BOM_UTF8)]
        if len(head) >= len(codecs.BOM_UTF8):
            break
    return head.startswith(codecs.BOM_UTF8)


def _check(chunks: Iterable[bytes], encoding: str) -> None:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    lines, unfinished = 0, 0
    for chunk in chunks:
        if b"\0" in chunk:
            raise FileProblem(FileFault.NOT_A_TEXT_FILE)
        lines += chunk.count(b"\n")
        if lines > MAX_LINES:
            raise FileProblem(FileFault.TOO_MANY_ROWS)
        decoder.decode(chunk)
        lengths = [len(line) for line in chunk.split(b"\n")]
        lengths[0] += unfinished
        if max(lengths) > MAX_LINE_BYTES:
            raise FileProblem(FileFault.LINE_TOO_LONG)
        unfinished = lengths[-1]
    decoder.decode(b"", final=True)


def _delimiter(chunks: Iterable[bytes], encoding: str) -> str:
    for line in _lines(chunks):
        text = line.decode(encoding).removeprefix("\ufeff")
        if text.strip():
            unquoted = "".join(text.split('"')[::2])
            return max(_DELIMITERS, key=unquoted.count)
    raise FileProblem(FileFault.EMPTY_FILE)


def header(chunks: Iterable[bytes], *, file_format: FileFormat) -> Record:
    """Read the first row that is not blank. Raises FileProblem when there is none."""
    for record in _records(_Source(chunks), file_format, start=Position(), width=None):
        if not record.is_blank:
            return record
    raise FileProblem(FileFault.EMPTY_FILE)


def rows(
    chunks: Iterable[bytes], *, file_format: FileFormat, start: Position, width: int
) -> Iterator[Record]:
    """Read rows of ``width`` cells from ``start`` on; ``chunks`` begin at its offset.

    A row that is broken, for example by a quote that is never closed, does not swallow those
    after it. Blank rows are given too, so that the numbers are a spreadsheet's.
    """
    return _records(_Source(chunks), file_format, start=start, width=width)


class _Source:
    """Lines that can be put back."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._lines = _lines(chunks)
        self._returned: deque[bytes] = deque()

    def take(self) -> bytes | None:
        return self._returned.popleft() if self._returned else next(self._lines, None)

    def put_back(self, lines: list[bytes]) -> None:
        self._returned.extendleft(reversed(lines))


def _lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    unfinished = b""
    for chunk in chunks:
        *lines, unfinished = (unfinished + chunk).split(b"\n")
        for line in lines:
            yield line + b"\n"
        if len(unfinished) > MAX_LINE_BYTES:
            raise FileProblem(FileFault.LINE_TOO_LONG)
    if unfinished:
        yield unfinished


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
        return *_fitted(cells, width), []
    more: list[bytes] = []
    try:
        # Strict, so that a quote left open is not closed by the opening one of a later row.
        lines = _continued(text, source, file_format, more)
        reader = csv.reader(lines, delimiter=file_format.delimiter, strict=True)
        cells, fault = _fitted(tuple(next(reader)), width)
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


def _fitted(cells: tuple[str, ...], width: int | None) -> tuple[tuple[str, ...], RowFault | None]:
    """Leave out blank cells beyond the last column; any other difference is a fault."""
    if width is None or len(cells) == width or not any(cell.strip() for cell in cells):
        return cells, None
    if len(cells) > width and not any(cell.strip() for cell in cells[width:]):
        return cells[:width], None
    return (), RowFault.WRONG_CELL_COUNT
