"""What a webhook was told of a batch: a bit for each event, so that it stays below 1 KB.

A message has each type of event at most once, but for conversions, which are told apart by their
marks: five bytes for each. Marks are only ever added, so order and repetition do not matter.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from struct import Struct

from functions.domain.message_event import EventType, MessageEvent

CODE_BY_TYPE: Mapping[EventType, int] = {
    EventType.SENT: 1,
    EventType.DELIVERED: 2,
    EventType.FAILED: 3,
    EventType.REFUSED: 4,
    EventType.CANCELLED: 5,
    EventType.UNKNOWN: 6,
    EventType.CLICKED: 7,
    EventType.CLICKED_BY_MACHINE: 8,
    EventType.REPLIED: 9,
    EventType.OPTED_OUT: 10,
    EventType.COMPLAINED: 11,
    EventType.CONVERTED: 12,
}
"""As they are stored: never changed or reused."""
_MARK = Struct(">BI")
_MARKS = 0
"""In place of a type's code: what follows are marks."""

Mark = tuple[int, int]
"""The ordinal of a message, and what stands for an event of its person."""


@dataclass(frozen=True, slots=True)
class Told:
    """The events that were told. ``bits`` has a number for each type: a bit a message."""

    bits: Mapping[int, int] = field(default_factory=dict)
    marks: frozenset[Mark] = frozenset()

    @classmethod
    def unpack(cls, packed: bytes) -> "Told":
        """Read what ``pack`` wrote."""
        bits: dict[int, int] = {}
        marks: frozenset[Mark] = frozenset()
        at = 0
        while at < len(packed):
            code, length = packed[at], int.from_bytes(packed[at + 1 : at + 3], "big")
            content = packed[at + 3 : at + 3 + length]
            at += 3 + length
            if code == _MARKS:
                marks = frozenset(_MARK.iter_unpack(content))
            else:
                bits[code] = int.from_bytes(content, "little")
        return cls(bits, marks)

    def pack(self) -> bytes:
        """Write it as bytes: for each type its code, a length, and the bits."""
        parts = [
            _part(code, bits.to_bytes((bits.bit_length() + 7) // 8, "little"))
            for code, bits in sorted(self.bits.items())
        ]
        if self.marks:
            parts.append(_part(_MARKS, b"".join(_MARK.pack(*each) for each in sorted(self.marks))))
        return b"".join(parts)

    def has(self, event: MessageEvent) -> bool:
        """Whether an event was told."""
        ordinal = event.message.number.ordinal
        if event.mark is not None:
            return (ordinal, event.mark) in self.marks
        return bool(self.bits.get(CODE_BY_TYPE[event.type], 0) >> ordinal & 1)

    def having(self, events: Iterable[MessageEvent]) -> "Told":
        """The same, with more."""
        bits, marks = dict(self.bits), set(self.marks)
        for event in events:
            ordinal = event.message.number.ordinal
            if event.mark is not None:
                marks.add((ordinal, event.mark))
            else:
                code = CODE_BY_TYPE[event.type]
                bits[code] = bits.get(code, 0) | 1 << ordinal
        return Told(bits, frozenset(marks))

    def joined_by(self, other: "Told") -> "Told":
        """What either of two was told."""
        codes = self.bits.keys() | other.bits.keys()
        bits = {code: self.bits.get(code, 0) | other.bits.get(code, 0) for code in codes}
        return Told(bits, self.marks | other.marks)


NOTHING_TOLD = Told()


def _part(code: int, content: bytes) -> bytes:
    return bytes((code,)) + len(content).to_bytes(2, "big") + content
