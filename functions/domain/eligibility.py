"""The one door, which says whether a message to a person may leave now.

Every outgoing message passes ``decide`` twice, when it is planned and again immediately before
the provider is called. The rules run in a fixed order; the first that objects decides. A
refusal is a value, not an exception: it is stored, counted and shown with its reason.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from functions.domain.channel import Channel, ConsentPurpose, Purpose
from functions.domain.consent import Consent, ConsentKey
from functions.domain.quiet_hours import night_until
from functions.domain.reason import HoldReason, RefusalReason, SuppressionReason

OPT_OUTS_OF_ADVERTISING = frozenset(
    {
        SuppressionReason.OPT_OUT_CALL,
        SuppressionReason.OPT_OUT_REPLY,
        SuppressionReason.OPT_OUT_PAGE,
    }
)
"""Refusing advertisements (art. 50(2)) does not stop notices about the person's own orders."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Everything that a decision about one message to one person looks at."""

    purpose: Purpose
    channel: Channel
    has_address: bool
    consents: Mapping[ConsentKey, Consent]
    suppressed: SuppressionReason | None
    sender_approved: bool
    ad_label_correct: bool
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Send:
    """The message may leave now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """The message may leave, but not before ``until``."""

    reason: HoldReason
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuse:
    """The message may not leave."""

    reason: RefusalReason


Decision = Send | Hold | Refuse


def decide(case: Case, *, now: datetime) -> Decision:
    """Decide whether the message may leave at ``now``."""
    for rule in _RULES:
        objection = rule(case, now)
        if objection is not None:
            return objection
    return Send()


def _needs_address(case: Case, _: datetime) -> Decision | None:
    return None if case.has_address else Refuse(reason=RefusalReason.NO_ADDRESS)


def _respects_suppression(case: Case, _: datetime) -> Decision | None:
    if case.suppressed is None:
        return None
    if case.purpose is Purpose.TRANSACTIONAL and case.suppressed in OPT_OUTS_OF_ADVERTISING:
        return None
    return Refuse(reason=RefusalReason.SUPPRESSED)


def _needs_approved_sender(case: Case, _: datetime) -> Decision | None:
    """전기통신사업법 84의2: only numbers registered beforehand may send."""
    return None if case.sender_approved else Refuse(reason=RefusalReason.SENDER_NOT_APPROVED)


def _keeps_alimtalk_informational(case: Case, _: datetime) -> Decision | None:
    """Kakao allows only informational content on Alimtalk."""
    if case.purpose is Purpose.ADVERTISING and case.channel is Channel.KAKAO:
        return Refuse(reason=RefusalReason.AD_ON_INFORMATIONAL_CHANNEL)
    return None


def _needs_consent(case: Case, _: datetime) -> Decision | None:
    """정보통신망법 art. 50(1): advertising needs explicit prior consent."""
    if case.purpose is Purpose.TRANSACTIONAL or _agreed(case, ConsentPurpose.ADVERTISING):
        return None
    return Refuse(reason=RefusalReason.NO_CONSENT)


def _needs_ad_label(case: Case, _: datetime) -> Decision | None:
    """정보통신망법 art. 50(4) and decree annex 6: label, sender and free way to refuse."""
    if case.purpose is Purpose.TRANSACTIONAL or case.ad_label_correct:
        return None
    return Refuse(reason=RefusalReason.AD_LABEL)


def _keeps_the_night(case: Case, now: datetime) -> Decision | None:
    """정보통신망법 art. 50(3): 21:00-08:00 needs a separate consent."""
    if case.purpose is Purpose.TRANSACTIONAL or _agreed(case, ConsentPurpose.NIGHT_ADVERTISING):
        return None
    until = night_until(now, zone=case.zone)
    return None if until is None else Hold(reason=HoldReason.NIGHT, until=until)


def _agreed(case: Case, purpose: ConsentPurpose) -> bool:
    consent = case.consents.get(ConsentKey(case.channel, purpose))
    return consent is not None and consent.granted


_RULES: tuple[Callable[[Case, datetime], Decision | None], ...] = (
    _needs_address,
    _respects_suppression,
    _needs_approved_sender,
    _keeps_alimtalk_informational,
    _needs_consent,
    _needs_ad_label,
    _keeps_the_night,
)
