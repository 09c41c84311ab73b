"""A set of people of one shard, as bits: a quarter of a million people take 31 KB."""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import compress, islice
from typing import TypeVar

_T = TypeVar("_T")
_SPARSE = 16
"""Of fewer people than one in so many, each is looked for."""
_DIGITS = bytes.maketrans(b"01", b"\0\1")


@dataclass(frozen=True, slots=True)
class PersonSet:
    """The people numbered 0 to ``size`` - 1 whose bit is set; 0's bit is the highest.

    >>> PersonSet(0b101, 3).numbers()
    array('I', [0, 2])
    """

    bits: int
    size: int

    @property
    def count(self) -> int:
        """How many they are."""
        return self.bits.bit_count()

    def numbers(self) -> "array[int]":
        """Their numbers, ascending."""
        if self.count * _SPARSE > self.size:
            return array("I", compress(range(self.size), self._selectors()))
        return array("I", self._one_by_one())

    def first(self, most: int) -> tuple[int, ...]:
        """The numbers of at most so many of them, ascending."""
        return tuple(islice(compress(range(self.size), self._selectors()), most))

    def of(self, people: Sequence[_T]) -> list[_T]:
        """Those of all people, given in the order of their numbers, who are in the set."""
        return list(compress(people, self._selectors()))

    def _one_by_one(self) -> Iterator[int]:
        digits = f"{self.bits:0{self.size}b}"
        place = digits.find("1")
        while place >= 0:
            yield place
            place = digits.find("1", place + 1)

    def _selectors(self) -> bytes:
        if not self.size:
            return b""
        return f"{self.bits:0{self.size}b}".encode().translate(_DIGITS)
