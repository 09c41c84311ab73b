"""What stood in a file already, in 8 bytes a key."""

import hashlib
from array import array

_FIRST_SLOTS = 1 << 10
_EMPTY = 0


class SeenKeys:
    """A growing set of hashed texts: 16 to 32 bytes each, where a Python set takes a hundred.

    Two of a million texts collide with a chance of 3 in 100 million.
    """

    def __init__(self, saved: bytes = b"") -> None:
        """Start empty, or from what ``dump`` gave."""
        self._slots = array("Q", bytes(8 * _FIRST_SLOTS))
        self._count = 0
        for key in array("Q", saved):
            self._put(key)

    def __contains__(self, text: str) -> bool:
        """Whether the text was added."""
        return self._slots[self._slot_of(_key(text))] != _EMPTY

    def add(self, text: str) -> None:
        """Remember the text."""
        self._put(_key(text))

    def dump(self) -> bytes:
        """All keys, 8 bytes each."""
        return array("Q", (key for key in self._slots if key != _EMPTY)).tobytes()

    def _put(self, key: int) -> None:
        slot = self._slot_of(key)
        if self._slots[slot] != _EMPTY:
            return
        self._slots[slot] = key
        self._count += 1
        if self._count * 2 > len(self._slots):
            self._grow()

    def _slot_of(self, key: int) -> int:
        mask = len(self._slots) - 1
        slot = key & mask
        while self._slots[slot] not in (_EMPTY, key):
            slot = (slot + 1) & mask
        return slot

    def _grow(self) -> None:
        former = self._slots
        self._slots = array("Q", bytes(2 * 8 * len(former)))
        for key in former:
            if key != _EMPTY:
                self._slots[self._slot_of(key)] = key


def _key(text: str) -> int:
    digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little") or 1
