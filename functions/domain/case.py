"""What a decision looks at: the terms of a send, and the case of one person."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple
from zoneinfo import ZoneInfo

from functions.domain.channel import Channel, ConsentPurpose, Purpose
from functions.domain.consent import Consent, ConsentKey
from functions.domain.contact import Contact, Phone
from functions.domain.fatigue import Offer, Recent, Span, spans_of
from functions.domain.policy import Policy, WhenCapped, Window
from functions.domain.suppression import Mark


class Numbering(StrEnum):
    """Whose numbering plan a phone number is of, as far as the law of a country asks."""

    KOREA = "korea"
    NORTH_AMERICA = "north_america"
    OTHER = "other"

    __hash__ = str.__hash__  # As that of channels.


class ZoneRule(StrEnum):
    """How the person's zone was found."""

    PROFILE = "profile"
    PHONE = "phone"
    TENANT = "tenant"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What is the same for everyone of a send.

    ``brand`` is a Kakao brand message. ``goods`` is the kind of goods advertised. ``expires`` is
    when the message is given up.
    """

    purpose: Purpose
    channel: Channel
    sender_usable: bool
    offer: Offer
    policy: Policy
    expires: datetime | None = None
    brand: bool = False
    goods: str | None = None
    when_capped: WhenCapped = WhenCapped.SKIP
    consent_keys: Mapping[ConsentPurpose, ConsentKey] = field(init=False, repr=False, compare=False)
    advertising: bool = field(init=False, repr=False, compare=False)
    windows: tuple[Window, ...] = field(init=False, repr=False, compare=False)
    """These that concern the send; with the keys of consents, worked out once for everyone."""
    _spans: dict[tuple[datetime, ZoneInfo], tuple[Span, ...]] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        object.__setattr__(self, "advertising", self.purpose is Purpose.ADVERTISING)
        keys = {purpose: ConsentKey(self.channel, purpose) for purpose in ConsentPurpose}
        object.__setattr__(self, "consent_keys", keys)
        windows = (w for w in self.policy.windows if w.concerns(self.purpose, self.channel))
        object.__setattr__(self, "windows", tuple(windows))

    def spans(self, now: datetime, zone: ZoneInfo) -> tuple[Span, ...]:
        """What the caps look at, worked out once a moment and zone."""
        spans = self._spans.get((now, zone))
        if spans is None:
            spans = spans_of(self.policy.caps, self.offer, now=now, zone=zone)
            self._spans[now, zone] = spans
        return spans


class PersonFacts(NamedTuple):
    """What the door looks at of a person: an address, and what holds for it.

    ``zone`` is the profile's, ``marks`` are those on the address.
    """

    phone: Phone | None
    zone: str | None = None
    consents: Mapping[ConsentKey, Consent] = MappingProxyType({})
    marks: tuple[Mark, ...] = ()

    @classmethod
    def of(cls, contact: Contact) -> "PersonFacts":
        """Of a contact at the phone of the profile."""
        hashed = contact.phone_hash
        marks = () if hashed is None else contact.suppressions.get(hashed, ())
        return cls(contact.phone, contact.zone, contact.consents, marks)


class Case(NamedTuple):
    """Everything that a decision about one message to one person looks at.

    ``zones`` are where the person may be, usually one. ``recent`` is None where the person's
    advertisements were not looked up. ``number`` is the message's own, once it has one.
    """

    terms: Terms
    has_address: bool
    consents: Mapping[ConsentKey, Consent]
    marks: tuple[Mark, ...]
    ad_label_correct: bool
    zones: tuple[ZoneInfo, ...]
    zone_rule: ZoneRule = ZoneRule.TENANT
    numbering: Numbering = Numbering.KOREA
    number: int | None = None
    recent: Recent | None = None

    @property
    def advertising(self) -> bool:
        """Whether the rules on advertising apply."""
        return self.terms.advertising

    def consent(self, purpose: ConsentPurpose) -> Consent | None:
        """What the person said about this channel."""
        return self.consents.get(self.terms.consent_keys[purpose])


def with_recent(case: Case, recent: Recent | None) -> Case:
    """The same case, with the person's advertisements as they are now."""
    # They are its last value. Not _replace, which takes longer than the decision.
    return Case(*case[:-1], recent)
