"""When a message was settled without a receipt: refused, failed, cancelled or given up.

It is kept in the two bytes of the receipt's time, which are free until a receipt comes. Seconds
for nine hours after the batch began; else minutes, for eleven days before it and after.
"""

from dataclasses import replace
from datetime import datetime

from functions.domain.message import SLOT_BYTES, BatchState, Send

_FINE_LIMIT_S, _ZERO, _COARSE_STEP_S = 0x7FFF, 0xC000, 60
_COARSE_FIRST, _COARSE_LAST = 0x8000, 0xFFFF
_SETTLING = frozenset(filter(Send.settles, range(0x100)))


def pack_since(seconds: int) -> int:
    """Fit a time since the batch began into 16 bits. Never 0, which means that nobody noted it."""
    if 0 <= seconds <= _FINE_LIMIT_S:
        return max(seconds, 1)
    return min(max(_ZERO + seconds // _COARSE_STEP_S, _COARSE_FIRST), _COARSE_LAST)


def unpack_since(packed: int) -> int:
    """Give the seconds back, to the minute where only that is kept."""
    return packed if packed <= _FINE_LIMIT_S else (packed - _ZERO) * _COARSE_STEP_S


def settled_since(old: BatchState, new: BatchState, *, now: datetime) -> BatchState:
    """Note when messages that are settled now, and were not before, came to be so."""
    if _SETTLING.isdisjoint(new.slots[::SLOT_BYTES]):
        return new
    since = pack_since(int(now.timestamp()) - new.created).to_bytes(2, "big")
    slots, before = bytearray(new.slots), old.slots
    for start in range(0, len(slots), SLOT_BYTES):
        send, receipt = slots[start : start + 2]
        if send != before[start] and send in _SETTLING and not receipt:
            slots[start + 2 : start + SLOT_BYTES] = since
    return replace(new, slots=bytes(slots))


def settled_at(state: BatchState, ordinal: int) -> int | None:
    """When a message was settled, in epoch seconds; None: it is not, or nobody noted it.

    A receipt has a moment of its own.
    """
    start = ordinal * SLOT_BYTES
    send, receipt, high, low = state.slots[start : start + SLOT_BYTES]
    if receipt or send not in _SETTLING or not (high or low):
        return None
    return state.created + unpack_since(high << 8 | low)
