"""By which channels a person could be written to, consents apart."""

from collections.abc import Iterator
from datetime import datetime

from functions.domain.channel import Channel, Purpose
from functions.domain.contact import Contact
from functions.domain.preferences import marks_of


def reachable(contact: Contact, *, now: datetime) -> frozenset[Channel]:
    """The channels for which there is an address that no suppression keeps wholly back."""
    return frozenset(
        channel
        for channel in _addressed(contact)
        if not all(_is_kept_back(contact, channel, purpose, now) for purpose in Purpose)
    )


def _is_kept_back(contact: Contact, channel: Channel, purpose: Purpose, now: datetime) -> bool:
    marks = marks_of(contact, channel)
    return any(mark.blocks(channel=channel, purpose=purpose, now=now) for mark in marks)


def _addressed(contact: Contact) -> Iterator[Channel]:
    if contact.phone is not None:
        yield Channel.WHATSAPP
        if contact.phone.is_korean_mobile:
            yield Channel.SMS
            yield Channel.KAKAO
    if contact.email is not None:
        yield Channel.EMAIL
