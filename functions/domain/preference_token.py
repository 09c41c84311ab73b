"""Tokens of the preference page: they name no one, cannot be made up, and end on a day.

A message's token is its number (batch 32 bits, ordinal 8), the day on which it ends (16) and a
keyed MAC over these (64): nothing is written to make one. A link that the API makes for a contact
has a random number (64 bits) in the message's place. Both are base62, because phones leave a mark
such as ``-`` at the end of an address out of the link that they show.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import blake2s
from hmac import compare_digest

from functions.domain.ids import MAX_BATCH_NUMBER, BatchNumber, MessageNumber

MESSAGE_LENGTH = 21
"""Length of every message's token: a text can be measured before its tokens are made."""
LINK_LENGTH = 25
MARK = "{~preferences".ljust(MESSAGE_LENGTH - 1, "~") + "}"
"""Stands in a text for its token, which depends on a number that the text has not got yet."""
NONCE_BITS = 64
MESSAGE_LIFETIME = timedelta(days=180)
"""People refuse when they come across an old text; its token allows nothing but to refuse."""

_MAX_ORDINAL = (1 << 8) - 1
_MAX_DAY = (1 << 16) - 1
_MESSAGE_BYTES, _LINK_BYTES = 7, 10
_MAC_BYTES = 8
# They set the two kinds apart, and both from other MACs (`person`, at most eight bytes).
_OF_MESSAGE, _OF_LINK = b"pref-msg", b"pref-ctc"
_EPOCH = date(1970, 1, 1)
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageToken:
    """Names a message until ``expires``."""

    number: MessageNumber
    expires: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkToken:
    """Names a stored link by its random number until ``expires``."""

    nonce: int
    expires: datetime


Token = MessageToken | LinkToken


def first_midnight(moment: datetime) -> datetime:
    """The first midnight, in UTC, that is not before this moment: tokens end at midnights."""
    day = moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day if day == moment else day + timedelta(days=1)


class TokenCoder:
    """Makes and checks the tokens of one key, which has 16 to 32 bytes."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def encode(self, token: Token) -> str:
        """Write a token. Raises ValueError when a number does not fit its bits."""
        day = _day_of(token.expires)
        match token:
            case MessageToken(number=number):
                if not 0 <= number.batch <= MAX_BATCH_NUMBER or number.ordinal > _MAX_ORDINAL:
                    msg = "batch or ordinal is out of range"
                    raise ValueError(msg)
                value = (number.packed << 16 | day).to_bytes(_MESSAGE_BYTES, "big")
                return _to_text(value + self._mac(value, _OF_MESSAGE), MESSAGE_LENGTH)
            case LinkToken(nonce=nonce):
                value = nonce.to_bytes(NONCE_BITS // 8, "big") + day.to_bytes(2, "big")
                return _to_text(value + self._mac(value, _OF_LINK), LINK_LENGTH)

    def decode(self, text: str) -> Token | None:
        """Read a token; None for anything that ``encode`` would not have made with this key.

        Whether it has ended is the caller's question: ``now < token.expires``.
        """
        if len(text) == MESSAGE_LENGTH:
            value = self._checked(text, _MESSAGE_BYTES, _OF_MESSAGE)
            return None if value is None else _message(int.from_bytes(value, "big"))
        if len(text) == LINK_LENGTH:
            value = self._checked(text, _LINK_BYTES, _OF_LINK)
            return None if value is None else _link(int.from_bytes(value, "big"))
        return None

    def _checked(self, text: str, size: int, person: bytes) -> bytes | None:
        packed = _from_text(text, size + _MAC_BYTES)
        if packed is None:
            return None
        value, given = packed[:size], packed[size:]
        return value if compare_digest(given, self._mac(value, person)) else None

    def _mac(self, value: bytes, person: bytes) -> bytes:
        return blake2s(value, key=self._key, digest_size=_MAC_BYTES, person=person).digest()


def fill(text: str, *, token_of: Callable[[], str]) -> str:
    """Put the message's token in the place of the mark."""
    return text.replace(MARK, token_of()) if MARK in text else text


def _message(value: int) -> MessageToken:
    packed = value >> 16
    number = MessageNumber(batch=BatchNumber(packed >> 8), ordinal=packed & _MAX_ORDINAL)
    return MessageToken(number=number, expires=_midnight(value & _MAX_DAY))


def _link(value: int) -> LinkToken:
    return LinkToken(nonce=value >> 16, expires=_midnight(value & _MAX_DAY))


def _day_of(expires: datetime) -> int:
    day = (expires.astimezone(UTC).date() - _EPOCH).days
    if expires != first_midnight(expires) or not 0 <= day <= _MAX_DAY:
        msg = "a token ends at a midnight in UTC, from 1970 to 2149"
        raise ValueError(msg)
    return day


def _midnight(day: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)


def _to_text(packed: bytes, length: int) -> str:
    value, digits = int.from_bytes(packed, "big"), ""
    for _ in range(length):
        value, digit = divmod(value, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return digits


def _from_text(text: str, size: int) -> bytes | None:
    if not text.isascii() or not text.isalnum():
        return None
    value = 0
    for character in text:
        value = value * len(_DIGITS) + _DIGITS.index(character)
    return None if value >> (8 * size) else value.to_bytes(size, "big")
