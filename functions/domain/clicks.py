"""Who opened a link: per message the first time a person did, and the first time a machine did.

Two times of 16 bits a message. Hits come in any order and more than once; the earliest wins.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from functions.domain.message import pack_elapsed, unpack_elapsed

_SLOT_BYTES = 4


class Visitor(StrEnum):
    """Who was behind a hit."""

    HUMAN = "human"
    MACHINE = "machine"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One opening of a message's link, ``elapsed_s`` after its batch was made."""

    ordinal: int
    visitor: Visitor
    elapsed_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchClicks:
    """The clicks of a batch."""

    slots: bytes

    @classmethod
    def none(cls, size: int) -> "BatchClicks":
        """A batch of which nothing was opened yet."""
        return cls(slots=bytes(size * _SLOT_BYTES))

    def with_hits(self, hits: Iterable[Hit]) -> "BatchClicks":
        """Merge hits; order and repetition do not matter."""
        slots = bytearray(self.slots)
        for hit in hits:
            if hit.ordinal * _SLOT_BYTES >= len(slots):
                continue
            start = hit.ordinal * _SLOT_BYTES + (0 if hit.visitor is Visitor.HUMAN else 2)
            known = int.from_bytes(slots[start : start + 2], "big")
            new = pack_elapsed(hit.elapsed_s)
            slots[start : start + 2] = (min(known, new) if known else new).to_bytes(2, "big")
        return replace(self, slots=bytes(slots))

    def first(self, ordinal: int, visitor: Visitor) -> int | None:
        """Seconds from the batch's making to the first opening; None when there was none."""
        start = ordinal * _SLOT_BYTES + (0 if visitor is Visitor.HUMAN else 2)
        packed = int.from_bytes(self.slots[start : start + 2], "big")
        return unpack_elapsed(packed) if packed else None

    def count(self, visitor: Visitor) -> int:
        """How many messages were opened by such a visitor."""
        size = len(self.slots) // _SLOT_BYTES
        return sum(self.first(ordinal, visitor) is not None for ordinal in range(size))
