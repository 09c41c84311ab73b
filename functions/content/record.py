"""What every format of a file of contacts is read into: rows with the place after each."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from functions.domain.contact_file import Position, RowFault

OpenFile = Callable[[int], Iterable[bytes]]
"""Reads the file's bytes, in pieces, from this one on."""


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


class RecordSource(Protocol):
    """A file whose format is known."""

    def header(self) -> Record:
        """The names of the columns. Raises FileProblem when there are none."""

    def records(self, *, start: Position, width: int) -> Iterator[Record]:
        """Rows of ``width`` cells after ``start``; blank ones too. Raises FileProblem."""


def fitted(cells: tuple[str, ...], width: int | None) -> tuple[tuple[str, ...], RowFault | None]:
    """Leave out blank cells beyond the last column; any other difference is a fault."""
    if width is None or len(cells) == width or not any(cell.strip() for cell in cells):
        return cells, None
    if len(cells) > width and not any(cell.strip() for cell in cells[width:]):
        return cells[:width], None
    return (), RowFault.WRONG_CELL_COUNT
