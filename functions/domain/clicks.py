"""Who opened a link: per message the first time a person did, and the first time a machine did.

Two times of 16 bits a message, and a bit for openings of who knows whom, so that a full batch
stays within one write unit. Hits come in any order and more than once; the earliest wins.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

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
    """One opening of a message's link, ``elapsed_s`` after its batch was made."""

    ordinal: int
    visitor: Visitor
    elapsed_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchClicks:
    """The clicks of a batch: first times by people and machines, and who else opened."""

    slots: bytes
    unknown: frozenset[int] = frozenset()

    @classmethod
    def none(cls, size: int) -> "BatchClicks":
        """A batch of which nothing was opened yet."""
        return cls(slots=bytes(size * _SLOT_BYTES))

    @classmethod
    def unpack(cls, packed: bytes, size: int) -> "BatchClicks":
        """Read what ``pack`` wrote; rows of the releases before end with the times."""
        end = size * _SLOT_BYTES
        bits = int.from_bytes(packed[end:], "little")
        unknown = frozenset(ordinal for ordinal in range(size) if bits >> ordinal & 1)
        return cls(slots=packed[:end], unknown=unknown)

    def pack(self) -> bytes:
        """Write it as bytes."""
        bits = sum(1 << ordinal for ordinal in self.unknown)
        return self.slots + bits.to_bytes((bits.bit_length() + 7) // 8, "little")

    def with_hits(self, hits: Iterable[Hit]) -> "BatchClicks":
        """Merge hits; order and repetition do not matter."""
        slots, unknown = bytearray(self.slots), set(self.unknown)
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
        return replace(self, slots=bytes(slots), unknown=frozenset(unknown))

    def judged_anew(self, hits: Iterable[Hit]) -> "BatchClicks":
        """Forget what was known of these messages, and merge all their hits as judged now."""
        found = tuple(hits)
        ordinals = {hit.ordinal for hit in found}
        slots = bytearray(self.slots)
        for ordinal in ordinals:
            start = ordinal * _SLOT_BYTES
            slots[start : start + _SLOT_BYTES] = bytes(_SLOT_BYTES)
        forgotten = replace(self, slots=bytes(slots), unknown=self.unknown - ordinals)
        return forgotten.with_hits(found)

    def first(self, ordinal: int, visitor: Visitor) -> int | None:
        """Seconds from the batch's making to the first opening by a person or a machine.

        None when there was none.
        """
        start = _start(ordinal, visitor)
        packed = int.from_bytes(self.slots[start : start + _TIME_BYTES], "big")
        return unpack_elapsed(packed) if packed else None

    def count(self, visitor: Visitor) -> int:
        """How many messages were opened by such a visitor."""
        if visitor is Visitor.UNKNOWN:
            return len(self.unknown)
        size = len(self.slots) // _SLOT_BYTES
        return sum(self.first(ordinal, visitor) is not None for ordinal in range(size))


def _start(ordinal: int, visitor: Visitor) -> int:
    return ordinal * _SLOT_BYTES + (0 if visitor is Visitor.HUMAN else _TIME_BYTES)
