"""Who answered a message: per message of a batch the first time a person wrote back."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from struct import unpack

from functions.domain.message import BatchState, pack_elapsed, unpack_elapsed

_SLOT_BYTES = 2
ANSWERED_WITHIN = timedelta(days=7)
"""What comes later is a new conversation, not an answer to what was sent."""


def is_answer(state: BatchState, ordinal: int, *, at: datetime) -> bool:
    """Whether a text of this moment may answer the message: it had left, and not long ago."""
    sent_at = state.state_of(ordinal).sent_at
    return sent_at is not None and sent_at <= at <= sent_at + ANSWERED_WITHIN


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchReplies:
    """The answers to a batch, 16 bits a message; they come in any order and more than once."""

    slots: bytes

    @classmethod
    def none(cls, size: int) -> "BatchReplies":
        """A batch that nobody answered yet."""
        return cls(slots=bytes(size * _SLOT_BYTES))

    def with_reply(self, ordinal: int, *, elapsed_s: int) -> "BatchReplies":
        """Note an answer, so long after the batch began; the earliest stays."""
        slots = bytearray(self.slots)
        start = ordinal * _SLOT_BYTES
        known = int.from_bytes(slots[start : start + _SLOT_BYTES], "big")
        new = pack_elapsed(elapsed_s)
        slots[start : start + _SLOT_BYTES] = (min(known, new) if known else new).to_bytes(2, "big")
        return BatchReplies(slots=bytes(slots))

    def times(self) -> Iterator[int]:
        """Seconds from when the batch began to each first answer."""
        pairs = unpack(f">{len(self.slots) // _SLOT_BYTES}H", self.slots)
        return (unpack_elapsed(packed) for packed in pairs if packed)

    def first(self, ordinal: int) -> int | None:
        """Seconds from when the batch began to the first answer; None when there was none."""
        start = ordinal * _SLOT_BYTES
        packed = int.from_bytes(self.slots[start : start + _SLOT_BYTES], "big")
        return unpack_elapsed(packed) if packed else None
