"""Newline-delimited JSON: one contact a line, as an object of plain values.

The columns are all the names that occur anywhere in the file, in the order of their appearance;
what stands in a nested ``attributes`` object counts as if it stood beside it. In a
``dotted`` file objects may be nested at will: a value's name is its way there (``User.UserId``),
and a list is its JSON.
"""

import codecs
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from functions.content.record import OpenFile, Record
from functions.content.text_lines import encoding_of, first_bytes, lines_of
from functions.domain.contact_file import (
    MAX_COLUMNS,
    FileFault,
    FileFormat,
    FileKind,
    FileProblem,
    Position,
    RowFault,
)

_NESTED = "attributes"
_LOOK_BYTES = 4096


def is_ndjson(open_file: OpenFile) -> bool:
    """Whether the file begins as an object of JSON does."""
    head = first_bytes(open_file(0), _LOOK_BYTES).removeprefix(codecs.BOM_UTF8)
    return head.lstrip()[:1] == b"{"


def inspect(open_file: OpenFile, *, dotted: bool = False) -> FileFormat:
    """Read the whole file: its encoding and all names that occur in it.

    Raises FileProblem as ``encoding_of``, ``empty_file`` when no line is an object, or
    ``too_many_columns``.
    """
    encoding, size_bytes = encoding_of(open_file)
    keys: dict[str, None] = {}
    for line in lines_of(open_file(0)):
        keys |= dict.fromkeys(_parse(line, encoding, dotted=dotted) or ())
        if len(keys) > MAX_COLUMNS:
            raise FileProblem(FileFault.TOO_MANY_COLUMNS)
    if not keys:
        raise FileProblem(FileFault.EMPTY_FILE)
    return FileFormat(
        kind=FileKind.NDJSON,
        encoding=encoding,
        keys=tuple(keys),
        dotted=dotted,
        length=size_bytes,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class NdjsonSource:
    """Reads the lines of a file. Rows are numbered as lines are."""

    open_file: OpenFile
    file_format: FileFormat

    def header(self) -> Record:
        """The names, which stand nowhere by themselves."""
        return Record(cells=self.file_format.keys, end=Position())

    def records(self, *, start: Position, width: int) -> Iterator[Record]:
        """Give the values of each line in the order of the header."""
        row, offset = start.row, start.offset
        for line in lines_of(self.open_file(start.offset)):
            row, offset = row + 1, offset + len(line)
            yield self._record(line, Position(row=row, offset=offset), width)

    def _record(self, line: bytes, end: Position, width: int) -> Record:
        if not line.strip():
            return Record(cells=("",) * width, end=end)
        values = _parse(line, self.file_format.encoding, dotted=self.file_format.dotted)
        if values is None:
            return Record(cells=(), end=end, fault=RowFault.MALFORMED_JSON)
        return Record(cells=tuple(_text(values.get(key)) for key in self.file_format.keys), end=end)


def _parse(line: bytes, encoding: str, *, dotted: bool) -> Mapping[str, object] | None:
    """The values by name, or None for a line that is no object of plain values."""
    text = line.decode(encoding).removeprefix("\ufeff")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    if dotted:
        return dict(_flat(found, ""))
    nested = found.pop(_NESTED, None) or {}
    if not isinstance(nested, dict):
        return None
    values = {**nested, **found}
    return values if all(_is_plain(each) for each in values.values()) else None


def _flat(nested: Mapping[str, object], before: str) -> Iterator[tuple[str, object]]:
    for name, value in nested.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield before + name, json.dumps(value) if isinstance(value, list) else value


def _is_plain(value: object) -> bool:
    if isinstance(value, list):
        return all(not isinstance(each, list | dict) for each in value)
    return not isinstance(value, dict)


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case str():
            return value
        case list():
            return ", ".join(_text(each) for each in value)
        case float() if value.is_integer():
            return str(int(value))
        case _:
            return json.dumps(value)
