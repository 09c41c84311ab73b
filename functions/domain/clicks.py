"""Who opened a link: per message the first time a person did, and the first time a machine did.

Two times of 16 bits a message, a bit for openings of who knows whom, and a bit a link that people
opened: a full batch of messages with up to four links stays within one write unit. Hits come in
any order and more than once; the earliest wins.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from struct import unpack

from functions.domain.link_mark import MAX_LINKS
from functions.domain.message import pack_elapsed, unpack_elapsed

_SLOT_BYTES = 4
_TIME_BYTES = 2


class Visitor(StrEnum):
    """Who was behind a hit."""

    HUMAN = "human"
    MACHINE = "machine"
    UNKNOWN = "unknown"
    """Something speaks against a person, but not enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One opening of a message's link, ``elapsed_s`` after its batch began.

    ``link`` is the link's place in the message.
    """

    ordinal: int
    link: int
    visitor: Visitor
    elapsed_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchClicks:
    """The clicks of a batch: first times by people and machines, and who else opened.

    ``people`` has a number for each place of a link, whose bits are the messages in which people
    opened it; it ends with the last link that was opened.
    """

    slots: bytes
    unknown: frozenset[int] = frozenset()
    people: tuple[int, ...] = ()

    @classmethod
    def none(cls, size: int) -> "BatchClicks":
        """A batch of which nothing was opened yet."""
        return cls(slots=bytes(size * _SLOT_BYTES))

    @classmethod
    def unpack(cls, packed: bytes, size: int, *, links: bytes = b"") -> "BatchClicks":
        """Read what ``pack`` and ``pack_links`` wrote; rows of before end with the times."""
        end, width = size * _SLOT_BYTES, _width(size)
        bits = int.from_bytes(packed[end:], "little")
        unknown = frozenset(ordinal for ordinal in range(size) if bits >> ordinal & 1)
        starts = range(0, len(links), width)
        people = tuple(int.from_bytes(links[at : at + width], "little") for at in starts)
        return cls(slots=packed[:end], unknown=unknown, people=people)

    def pack(self) -> bytes:
        """Write all but the links as bytes."""
        bits = sum(1 << ordinal for ordinal in self.unknown)
        return self.slots + bits.to_bytes((bits.bit_length() + 7) // 8, "little")

    def pack_links(self) -> bytes:
        """Write who opened which link: a bit a message, for each place up to the last opened."""
        width = _width(len(self.slots) // _SLOT_BYTES)
        return b"".join(bits.to_bytes(width, "little") for bits in self.people)

    def with_hits(self, hits: Iterable[Hit]) -> "BatchClicks":
        """Merge hits; order and repetition do not matter."""
        slots, unknown = bytearray(self.slots), set(self.unknown)
        people = list(self.people)
        for hit in hits:
            if hit.ordinal * _SLOT_BYTES >= len(slots):
                continue
            if hit.visitor is Visitor.UNKNOWN:
                unknown.add(hit.ordinal)
                continue
            start = _start(hit.ordinal, hit.visitor)
            known = int.from_bytes(slots[start : start + _TIME_BYTES], "big")
            new = pack_elapsed(hit.elapsed_s)
            earliest = min(known, new) if known else new
            slots[start : start + _TIME_BYTES] = earliest.to_bytes(_TIME_BYTES, "big")
            if hit.visitor is Visitor.HUMAN and 0 <= hit.link < MAX_LINKS:
                people += [0] * (hit.link + 1 - len(people))
                people[hit.link] |= 1 << hit.ordinal
        return replace(self, slots=bytes(slots), unknown=frozenset(unknown), people=tuple(people))

    def judged_anew(self, hits: Iterable[Hit]) -> "BatchClicks":
        """Forget what was known of these messages, and merge all their hits as judged now."""
        found = tuple(hits)
        ordinals = {hit.ordinal for hit in found}
        slots = bytearray(self.slots)
        for ordinal in ordinals:
            start = ordinal * _SLOT_BYTES
            slots[start : start + _SLOT_BYTES] = bytes(_SLOT_BYTES)
        forgotten = replace(
            self,
            slots=bytes(slots),
            unknown=self.unknown - ordinals,
            people=_without(self.people, ordinals),
        )
        return forgotten.with_hits(found)

    def first(self, ordinal: int, visitor: Visitor) -> int | None:
        """Seconds from when the batch began to the first opening by a person or a machine.

        None when there was none.
        """
        start = _start(ordinal, visitor)
        packed = int.from_bytes(self.slots[start : start + _TIME_BYTES], "big")
        return unpack_elapsed(packed) if packed else None

    def opened(self, ordinal: int, link: int) -> bool:
        """Whether a person opened this link of a message."""
        return link < len(self.people) and bool(self.people[link] >> ordinal & 1)

    def count(self, visitor: Visitor) -> int:
        """How many messages were opened by such a visitor."""
        if visitor is Visitor.UNKNOWN:
            return len(self.unknown)
        return sum(map(bool, self._packed(visitor)))

    def times(self, visitor: Visitor) -> Iterator[int]:
        """Seconds from when the batch began to each first opening by a person or a machine."""
        return (unpack_elapsed(packed) for packed in self._packed(visitor) if packed)

    def _packed(self, visitor: Visitor) -> Sequence[int]:
        whole = unpack(f">{len(self.slots) // _TIME_BYTES}H", self.slots)
        return whole[_start(0, visitor) // _TIME_BYTES :: _SLOT_BYTES // _TIME_BYTES]


def _width(size: int) -> int:
    return (size + 7) // 8


def _without(people: Sequence[int], ordinals: Iterable[int]) -> tuple[int, ...]:
    forgotten = sum(1 << ordinal for ordinal in ordinals)
    left = [bits & ~forgotten for bits in people]
    while left and not left[-1]:
        left.pop()
    return tuple(left)


def _start(ordinal: int, visitor: Visitor) -> int:
    return ordinal * _SLOT_BYTES + (0 if visitor is Visitor.HUMAN else _TIME_BYTES)
