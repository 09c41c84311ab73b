"""The codes of tracked links: they name a message and one of its links, and cannot be guessed.

A code is a number of 65 bits in eleven base62 digits: batch (32), ordinal in the batch (8), link
in the message (3) and a keyed MAC over these (22). Nothing is written to make one and nothing is
read to check one. A guess succeeds once in four million (2**22) times, so whoever answers
requests limits the rate of failures. The code is not secret and holds no personal data.
"""

from hashlib import blake2s
from hmac import compare_digest
from typing import NamedTuple

CODE_LENGTH = 11
"""Length of every code: a text can be measured before its codes are made."""

_BATCH_BITS, _ORDINAL_BITS, _LINK_BITS, _MAC_BITS = 32, 8, 3, 22
_TARGET_BITS = _BATCH_BITS + _ORDINAL_BITS + _LINK_BITS
_TARGET_BYTES = 6
_MAC_BYTES = 3
_MAC_MASK = (1 << _MAC_BITS) - 1

_MIN_KEY_BYTES = 16
_MAX_KEY_BYTES = 32  # blake2s takes no longer one (RFC 7693, 2.1)
# Sets these MACs apart from others made with the same key (`person`, at most eight bytes).
_PERSON = b"link"

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_PAIRS = tuple(high + low for high in _DIGITS for low in _DIGITS)
_DIGIT_BY_BYTE = bytes(max(_DIGITS.find(chr(byte)), 0) for byte in range(256))
_2_DIGITS, _4_DIGITS, _6_DIGITS = 62**2, 62**4, 62**6

# Looked up once: both are called for every code. The second skips the constructor's Python.
_from_bytes = int.from_bytes
_new_tuple = tuple.__new__


class Target(NamedTuple):
    """What a code names; a tuple, because one is made on every click."""

    batch: int
    ordinal: int
    link: int


class Coder:
    """Makes and checks the codes of one key."""

    __slots__ = ("_keyed",)

    def __init__(self, key: bytes) -> None:
        """Prepare the keyed hash, of which every code takes a copy.

        Raises ValueError when the key is not of 16 to 32 bytes.
        """
        if not _MIN_KEY_BYTES <= len(key) <= _MAX_KEY_BYTES:
            msg = "the key must have 16 to 32 bytes"
            raise ValueError(msg)
        self._keyed = blake2s(key=key, digest_size=_MAC_BYTES, person=_PERSON)

    def encode(self, batch: int, ordinal: int, link: int) -> str:
        """Make the code of a link of a message.

        Raises ValueError when a number does not fit its bits.
        """
        if batch >> _BATCH_BITS or ordinal >> _ORDINAL_BITS or link >> _LINK_BITS:
            msg = "batch, ordinal or link is out of range"
            raise ValueError(msg)
        target = batch << 11 | ordinal << 3 | link
        high, low = divmod(target << 22 | self._mac(target), _6_DIGITS)
        first, high = divmod(high, _4_DIGITS)
        middle, low = divmod(low, _4_DIGITS)
        return (
            f"{_DIGITS[first]}{_PAIRS[high // _2_DIGITS]}{_PAIRS[high % _2_DIGITS]}"
            f"{_PAIRS[middle]}{_PAIRS[low // _2_DIGITS]}{_PAIRS[low % _2_DIGITS]}"
        )

    def decode(self, code: str) -> Target | None:
        """Read a code; None for anything that `encode` would not have made with this key."""
        # Eleven ASCII letters and digits: exactly the alphabet.
        if len(code) != CODE_LENGTH or not code.isascii() or not code.isalnum():
            return None
        a, b, c, d, e, f, g, h, i, j, k = code.encode().translate(_DIGIT_BY_BYTE)
        high = (((a * 62 + b) * 62 + c) * 62 + d) * 62 + e
        low = ((((f * 62 + g) * 62 + h) * 62 + i) * 62 + j) * 62 + k
        value = high * _6_DIGITS + low
        target = value >> _MAC_BITS
        if target >> _TARGET_BITS:
            return None
        given = (value & _MAC_MASK).to_bytes(_MAC_BYTES, "little")
        if not compare_digest(given, self._mac(target).to_bytes(_MAC_BYTES, "little")):
            return None
        return _new_tuple(Target, (target >> 11, target >> 3 & 0xFF, target & 0b111))

    def _mac(self, target: int) -> int:
        keyed = self._keyed.copy()
        keyed.update(target.to_bytes(_TARGET_BYTES, "little"))
        return _from_bytes(keyed.digest(), "little") & _MAC_MASK
