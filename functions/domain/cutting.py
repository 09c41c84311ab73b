"""Cuts what is to be stored in one row into pieces that fit."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


def cut(
    values: Sequence[T], *, most: int, most_bytes: int, bytes_of: Callable[[T], int]
) -> Iterator[tuple[T, ...]]:
    """Cut into pieces of at most so many values and bytes; a larger value is a piece of its own.

    >>> list(cut("abcde", most=2, most_bytes=9, bytes_of=lambda _: 1))
    [('a', 'b'), ('c', 'd'), ('e',)]
    """
    piece: list[T] = []
    size_bytes = 0
    for value in values:
        more_bytes = bytes_of(value)
        full = len(piece) == most or size_bytes + more_bytes > most_bytes
        if piece and full:
            yield tuple(piece)
            piece, size_bytes = [], 0
        piece.append(value)
        size_bytes += more_bytes
    if piece:
        yield tuple(piece)
