"""How people reacted to a message: whether it made them opt out, or complain.

One byte holds four messages of a batch, so a batch of 200 needs 50. Reactions are only ever
added, so order and repetition do not matter. When the first of a kind came is kept beside, four
bytes for each: there are few.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from math import ceil
from struct import Struct

from functions.domain.fatigue import Recent
from functions.domain.ids import MessageNumber
from functions.domain.message import pack_elapsed, unpack_elapsed

_MOMENT = Struct(">BBH")
_BITS = 2
_A_BYTE = 8 // _BITS
ATTRIBUTED_WITHIN = timedelta(days=7)
"""So long after an advertisement an opt-out that names no message is put down to it."""


class Reaction(IntEnum):
    """What a person did; its bit."""

    OPTED_OUT = 1
    COMPLAINED = 2


@dataclass(frozen=True, slots=True)
class Reactions:
    """The reactions to the messages of a batch, and when the first of each kind came.

    Of ``moments`` each four bytes are an ordinal, a reaction and the elapsed time since the batch
    began, in order; what was noted before moments were kept has none.
    """

    packed: bytes = b""
    moments: bytes = b""

    def having(self, ordinal: int, reaction: Reaction, *, elapsed_s: int) -> "Reactions":
        """The same, with one more; of one that is known the earliest moment holds."""
        place, shift = divmod(ordinal, _A_BYTE)
        packed = bytearray(self.packed.ljust(place + 1, b"\0"))
        packed[place] |= reaction << (shift * _BITS)
        known, new = dict(self._moments()), pack_elapsed(elapsed_s)
        if (ordinal, reaction) in known or not self.has(ordinal, reaction):
            known[ordinal, reaction] = min(known.get((ordinal, reaction), new), new)
        moments = (_MOMENT.pack(*key, at) for key, at in sorted(known.items()))
        return Reactions(bytes(packed), b"".join(moments))

    def has(self, ordinal: int, reaction: Reaction) -> bool:
        """Whether a message was met so."""
        place, shift = divmod(ordinal, _A_BYTE)
        return place < len(self.packed) and bool(self.packed[place] >> (shift * _BITS) & reaction)

    def count(self, reaction: Reaction) -> int:
        """How many messages were met so."""
        mask = sum(reaction << (shift * _BITS) for shift in range(_A_BYTE))
        return sum((byte & mask).bit_count() for byte in self.packed)

    def firsts(self) -> Iterator[tuple[int, Reaction, int]]:
        """Each message that was met so, how, and how many seconds after the batch began."""
        for (ordinal, reaction), packed in self._moments():
            yield ordinal, reaction, unpack_elapsed(packed)

    def _moments(self) -> Iterator[tuple[tuple[int, Reaction], int]]:
        for ordinal, reaction, packed in _MOMENT.iter_unpack(self.moments):
            yield (ordinal, Reaction(reaction)), packed


NO_REACTIONS = Reactions()


def put_down_to(recent: Recent, *, at: datetime) -> MessageNumber | None:
    """Tell to which advertisement a reaction belongs that names none: the newest before it."""
    # A begun second of an entry counts to its end.
    last, first = ceil(at.timestamp()), (at - ATTRIBUTED_WITHIN).timestamp()
    before = [each for each in recent.entries if first <= each.at <= last]
    # Of two of one second the later is that of the later batch.
    newest = max(before, key=lambda each: (each.at, each.number), default=None)
    return None if newest is None else MessageNumber.unpack(newest.number)
