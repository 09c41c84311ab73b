"""A small set that may say yes by mistake, never no: a Bloom filter of ids.

It tells which part of a campaign somebody is in without reading every part: ten bits a person,
one wrong yes in a hundred.
"""

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass

_BITS_A_MEMBER = 10
_HASHES = 7


@dataclass(frozen=True, slots=True)
class Members:
    """Who may be in a set, as bytes."""

    packed: bytes = b""

    @classmethod
    def of(cls, ids: Collection[str]) -> "Members":
        """Make the set of these ids."""
        bits = bytearray((len(ids) * _BITS_A_MEMBER + 7) // 8)
        for each in ids:
            for place in _places(each, len(bits) * 8):
                bits[place // 8] |= 1 << place % 8
        return cls(bytes(bits))

    def may_have(self, each: str) -> bool:
        """Whether the id may be in the set; surely not when this says no."""
        size = len(self.packed) * 8
        return size > 0 and all(
            self.packed[place // 8] >> place % 8 & 1 for place in _places(each, size)
        )


NOBODY = Members()


def _places(each: str, size: int) -> Iterator[int]:
    digest = hashlib.blake2b(each.encode(), digest_size=16).digest()
    first, step = int.from_bytes(digest[:8], "big"), int.from_bytes(digest[8:], "big") | 1
    return ((first + i * step) % size for i in range(_HASHES))
