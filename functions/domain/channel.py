"""Channels and purposes: the words in which everything else is said."""

from enum import StrEnum


class Channel(StrEnum):
    """How a message travels. SMS covers SMS, LMS and MMS; the length decides which."""

    SMS = "sms"
    KAKAO = "kakao"


class Purpose(StrEnum):
    """What a message is for. The law treats advertising apart (정보통신망법 art. 50)."""

    TRANSACTIONAL = "transactional"
    ADVERTISING = "advertising"


class ConsentPurpose(StrEnum):
    """What a person can agree to. Night is 21:00-08:00 and separate (art. 50(3))."""

    ADVERTISING = "advertising"
    NIGHT_ADVERTISING = "night_advertising"
