"""What a person sees of their own choices, and what they can refuse."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from functions.domain.channel import Channel, ConsentPurpose, Purpose
from functions.domain.consent import Basis, Consent, ConsentKey
from functions.domain.contact import Contact
from functions.domain.opt_out import concerns_email, concerns_phone
from functions.domain.suppression import ADVERTISING, OPT_OUTS, Mark, Scope

_ALL = "all"


class Attitude(StrEnum):
    """How a person stands to advertisements of a kind; ``customer``: they bought (art. 50(1))."""

    AGREED = "agreed"
    CUSTOMER = "customer"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Preference:
    """One line: advertisements by this channel, by day or by night, since when."""

    key: ConsentKey
    attitude: Attitude
    since: datetime

    @property
    def can_refuse(self) -> bool:
        """Whether there is something left to refuse."""
        return self.attitude is not Attitude.REFUSED


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody refuses: all advertisements (no channel), a channel's, or only its nights.

    Written ``all``, ``sms`` or ``sms:night_advertising``.
    """

    channel: Channel | None = None
    night: bool = False

    def __str__(self) -> str:
        night = f":{ConsentPurpose.NIGHT_ADVERTISING}" if self.night else ""
        return (self.channel or _ALL) + night

    @classmethod
    def parse(cls, text: str) -> "Choice":
        """Read a written choice; raises ValueError for anything else."""
        if text == _ALL:
            return cls()
        channel, mark, night = text.partition(":")
        if mark and night != ConsentPurpose.NIGHT_ADVERTISING:
            msg = "no such choice"
            raise ValueError(msg)
        return cls(Channel(channel), night=bool(mark))

    @property
    def scope(self) -> Scope:
        """What is kept back from then on, for a choice of days and nights."""
        return Scope(channel=self.channel, purpose=Purpose.ADVERTISING)


def preferences(contact: Contact, *, now: datetime) -> tuple[Preference, ...]:
    """What is agreed and refused, channel by channel, days before nights."""
    order = tuple(ConsentPurpose)
    keys = sorted(
        contact.consents,
        key=lambda key: (tuple(Channel).index(key.channel), order.index(key.purpose)),
    )
    found = (_preference(key, contact.consents[key], contact, now) for key in keys)
    return tuple(each for each in found if each is not None)


def _preference(
    key: ConsentKey, consent: Consent, contact: Contact, now: datetime
) -> Preference | None:
    refused = _refused_since(marks_of(contact, key.channel), key.channel, consent, now)
    if not consent.granted or refused is not None:
        since = refused or consent.at
        return Preference(key=key, attitude=Attitude.REFUSED, since=since)
    if consent.basis is Basis.EXPLICIT:
        return Preference(key=key, attitude=Attitude.AGREED, since=consent.at)
    if any(now < until for until in consent.trades.values()):
        return Preference(key=key, attitude=Attitude.CUSTOMER, since=consent.at)
    return None


def _refused_since(
    marks: Iterable[Mark], channel: Channel, consent: Consent, now: datetime
) -> datetime | None:
    """Since when a mark keeps back what the consent allows; see ``eligibility.blocks``."""
    later = consent.at if consent.explicitly_granted else None
    return max(
        (
            mark.since
            for mark in marks
            if mark.blocks(channel=channel, purpose=Purpose.ADVERTISING, now=now)
            and not (mark.reason in OPT_OUTS and later is not None and mark.since < later)
        ),
        default=None,
    )


def marks_of(contact: Contact, channel: Channel) -> tuple[Mark, ...]:
    """The marks on the address by which this channel reaches the person."""
    scope = Scope(channel=channel)
    return tuple(
        mark
        for hashed, marks in contact.suppressions.items()
        for mark in marks
        if (concerns_phone(scope) and hashed == contact.phone_hash)
        or (concerns_email(scope) and hashed != contact.phone_hash)
    )


def refused_all_since(marks: Iterable[Mark], *, now: datetime) -> datetime | None:
    """Since when all advertisements are refused; None when they are not."""
    return max(
        (
            mark.since
            for mark in marks
            if mark.scope in (Scope(), ADVERTISING) and (mark.until is None or now < mark.until)
        ),
        default=None,
    )
