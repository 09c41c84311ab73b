"""By which channels a person could be written to, consents apart."""

from collections.abc import Iterator
from datetime import datetime

from functions.domain.channel import Channel
from functions.domain.contact import Contact


def reachable(contact: Contact, *, now: datetime) -> frozenset[Channel]:
    """The channels for which there is an address that no suppression keeps wholly back."""
    kept_back = {
        mark.scope.channel
        for marks in contact.suppressions.values()
        for mark in marks
        if mark.scope.purpose is None and (mark.until is None or now < mark.until)
    }
    if None in kept_back:
        return frozenset()
    return frozenset(_addressed(contact)) - kept_back


def _addressed(contact: Contact) -> Iterator[Channel]:
    if contact.phone is not None:
        yield Channel.WHATSAPP
        if contact.phone.is_korean_mobile:
            yield Channel.SMS
            yield Channel.KAKAO
    if contact.email is not None:
        yield Channel.EMAIL
