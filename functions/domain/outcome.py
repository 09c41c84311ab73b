"""What came of a batch: which of its messages an event was put down to, and what it was worth.

Seventeen bytes an event and message, so that 200 messages with a rate of a quarter fit one write
unit. An event lies at every message that touched its person, with the place among these; so each
model of attribution is counted from the same rows.

Entries are merged by a maximum: of an event and a message the later look wins, so order and
repetition do not matter. A look that finds no touch any more (a click turned out to be a
machine's) leaves an empty entry, which outlives the looks before it.

Where a campaign holds people out, an event also lies at messages that did not touch, if it came in
the window after these began (``happened``). No model counts it; it is there to compare people.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from hashlib import blake2s
from itertools import count
from struct import Struct

_PACKED = Struct(">BIHBBBBIH")
"""Ordinal, mark, elapsed (three bytes), look, place, of, minor (six bytes, offset)."""
ENTRY_BYTES = _PACKED.size
MAX_ENTRIES = 20_000
"""Of a batch, a hundred for each message: DynamoDB's row ends at 400 KB."""
_LOW_BITS, _MINOR_OFFSET = 32, 1 << 47
_MARK_BYTES, _MARK_PERSON = 4, b"goal"
_MAX_ELAPSED_S, _MAX_LOOK = (1 << 24) - 1, 255
HAPPENED = 1
"""The place of an event at a message that did not touch, beside others that may have."""


class Model(StrEnum):
    """Which of several messages an event is put down to."""

    LAST = "last"
    """The one that touched last. The usual one."""
    FIRST = "first"
    LINEAR = "linear"
    """All alike; of an amount the later ones get what cannot be divided, one unit each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """An event at one of the messages that touched its person.

    ``mark`` stands for the event, ``elapsed_s`` counts from when the batch began to the event.
    ``place`` is the message's among the ``of`` that touched, in the order of time, from 0; with
    ``of`` 0 it turned out that this one did not, and with ``place`` 1 the event happened all the
    same. ``look`` counts the looks at the event that
    found other touches than the one before; the latest holds. ``minor`` is the event's whole value.
    """

    ordinal: int
    mark: int
    elapsed_s: int
    look: int
    place: int
    of: int
    minor: int = 0

    @property
    def happened(self) -> bool:
        """Whether the event is of the message's person, and no empty entry."""
        return self.of > 0 or self.place == HAPPENED

    @property
    def share(self) -> Fraction:
        """The part of the event that the linear model gives to the message."""
        return Fraction(1, self.of) if self.of else Fraction(0)

    def counts(self, model: Model) -> bool:
        """Whether the model gives the event, or a share of it, to the message."""
        match model:
            case Model.LAST:
                return self.place == self.of - 1
            case Model.FIRST:
                return self.of > 0 and self.place == 0
            case Model.LINEAR:
                return self.of > 0

    def worth(self, model: Model) -> int:
        """What the model gives to the message of the event's value."""
        if not self.counts(model):
            return 0
        return share_of(self.minor, self.place, self.of) if model is Model.LINEAR else self.minor


@dataclass(frozen=True, slots=True)
class BatchOutcomes:
    """What came of the messages of a batch, ordered by message and event."""

    credits: tuple[Credit, ...] = ()

    @classmethod
    def unpack(cls, packed: bytes) -> "BatchOutcomes":
        """Read what ``pack`` wrote."""
        return cls(tuple(_unpacked(values) for values in _PACKED.iter_unpack(packed)))

    def pack(self) -> bytes:
        """Write it as bytes."""
        return b"".join(_packed(each) for each in self.credits)

    def merged(self, credits_: Iterable[Credit], *, most: int = MAX_ENTRIES) -> "BatchOutcomes":
        """Take in what was found; order and repetition do not matter.

        Of more entries than a row can have the same ones are kept, of every message some.
        """
        known = {(each.ordinal, each.mark): each for each in self.credits}
        for each in map(_within_bytes, credits_):
            key = (each.ordinal, each.mark)
            known[key] = max(known.get(key, each), each, key=_rank)
        return BatchOutcomes(tuple(known[key] for key in _fitting(known, most)))

    def anonymous(self, ordinals: Iterable[int]) -> "BatchOutcomes":
        """The same figures, in which nothing of these messages leads back to an event."""
        own = frozenset(ordinals)
        numbers = {ordinal: count() for ordinal in own}
        return BatchOutcomes(
            tuple(
                replace(each, mark=next(numbers[each.ordinal])) if each.ordinal in own else each
                for each in self.credits
            )
        )

    def converted(self, ordinal: int) -> int | None:
        """Seconds from when the batch began to the first event that the message touched.

        Whichever message a model gives the event to. None: nothing came of it.
        """
        found = (each.elapsed_s for each in self.credits if each.ordinal == ordinal and each.of)
        return min(found, default=None)

    def people(self, model: Model = Model.LAST) -> int:
        """To how many messages the model puts down an event or more, or a share."""
        return len({each.ordinal for each in self.credits if each.counts(model)})

    def events(self, model: Model = Model.LAST) -> Fraction:
        """How many events are put down to the batch; in the linear model with shares."""
        counted = [each for each in self.credits if each.counts(model)]
        if model is Model.LINEAR:
            return sum((each.share for each in counted), Fraction(0))
        return Fraction(len(counted))

    def minor(self, model: Model = Model.LAST) -> int:
        """Their value together, in minor units."""
        return sum(each.worth(model) for each in self.credits)


NO_OUTCOMES = BatchOutcomes()


def share_of(minor: int, place: int, of: int) -> int:
    """One of ``of`` shares of an amount, all whole units, which together are the amount.

    >>> [share_of(100, place, 3) for place in range(3)]
    [33, 33, 34]
    """
    each, left = divmod(minor, of)
    return each + (place >= of - left)


def mark_of(key: int) -> int:
    """What stands for an event in a batch, made from what stands for its id."""
    digest = blake2s(key.to_bytes(8, "big"), digest_size=_MARK_BYTES, person=_MARK_PERSON)
    return int.from_bytes(digest.digest(), "big")


def _fitting(keys: Iterable[tuple[int, int]], most: int) -> list[tuple[int, int]]:
    """The first of every message by their marks, then the second of each, as far as they fit."""
    found = sorted(keys)
    if len(found) <= most:
        return found
    places = Counter[int]()
    ranked = []
    for ordinal, mark in found:
        ranked.append((places[ordinal], mark, ordinal))
        places[ordinal] += 1
    return sorted((ordinal, mark) for _, mark, ordinal in sorted(ranked)[:most])


def _rank(credit: Credit) -> tuple[int, ...]:
    return (credit.look, credit.of, credit.place, -credit.elapsed_s, credit.minor)


def _within_bytes(credit: Credit) -> Credit:
    elapsed_s = min(max(credit.elapsed_s, 0), _MAX_ELAPSED_S)
    return replace(credit, elapsed_s=elapsed_s, look=min(credit.look, _MAX_LOOK))


def _packed(credit: Credit) -> bytes:
    minor = credit.minor + _MINOR_OFFSET
    return _PACKED.pack(
        credit.ordinal,
        credit.mark,
        credit.elapsed_s >> 8,
        credit.elapsed_s & 0xFF,
        credit.look,
        credit.place,
        credit.of,
        minor & 0xFFFF_FFFF,
        minor >> _LOW_BITS,
    )


def _unpacked(values: tuple[int, ...]) -> Credit:
    ordinal, mark, high, low, look, place, of, minor_low, minor_high = values
    return Credit(
        ordinal=ordinal,
        mark=mark,
        elapsed_s=high << 8 | low,
        look=look,
        place=place,
        of=of,
        minor=(minor_high << _LOW_BITS | minor_low) - _MINOR_OFFSET,
    )
