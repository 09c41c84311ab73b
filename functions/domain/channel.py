"""Channels and purposes: the words in which everything else is said."""

from enum import StrEnum


class Channel(StrEnum):
    """How a message travels, and what a consent is about.

    SMS covers SMS, LMS, MMS and RCS: the text and the phone decide which.
    """

    SMS = "sms"
    KAKAO = "kakao"
    PUSH = "push"
    EMAIL = "email"
    WHATSAPP = "whatsapp"

    __hash__ = str.__hash__  # Enum's own is Python, and asked several times for every message.


SENDABLE = (Channel.SMS, Channel.KAKAO)
"""Channels that a provider is connected to; consents are kept for all."""


class Purpose(StrEnum):
    """A message's class. The law treats advertising apart (정보통신망법 art. 50)."""

    TRANSACTIONAL = "transactional"
    ADVERTISING = "advertising"


class ConsentPurpose(StrEnum):
    """What a person can agree to. Night is 21:00-08:00 and separate (art. 50(3))."""

    ADVERTISING = "advertising"
    NIGHT_ADVERTISING = "night_advertising"

    __hash__ = str.__hash__  # As that of channels.
