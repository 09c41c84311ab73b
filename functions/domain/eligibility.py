"""The one door, which says whether a message to a person may leave now.

Every outgoing message passes ``decide`` twice, when it is planned and again immediately before
the provider is called. The rules run in a fixed order; the first that objects decides. A
refusal is a value, not an exception: it is stored, counted and shown with its reason.
``domain/explanation.py`` says of each of the same rules what it saw.
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from functools import lru_cache

from functions.domain.case import Case, Numbering, Terms
from functions.domain.channel import Channel, ConsentPurpose
from functions.domain.closed_hours import BRAND_NIGHT, Hours, next_slot, open_from
from functions.domain.consent import Basis, Consent
from functions.domain.fatigue import Capped, capped
from functions.domain.policy import WhenCapped, WhenClosed
from functions.domain.quiet_hours import NIGHT_ENDS, NIGHT_STARTS
from functions.domain.reason import HoldReason, RefusalReason
from functions.domain.suppression import OPT_OUTS, Mark

_LEGAL_NIGHT = (NIGHT_STARTS, NIGHT_ENDS)
_NIGHTS: Mapping[tuple[bool, bool], tuple[tuple[time, time], ...]] = {
    (False, False): (),
    (False, True): (BRAND_NIGHT,),
    (True, False): (_LEGAL_NIGHT,),
    (True, True): (_LEGAL_NIGHT, BRAND_NIGHT),
}
"""By whether the law's night applies, and whether it is a brand message."""


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
SEND = Send()


def decide(case: Case, *, now: datetime) -> Decision:
    """Decide whether the message may leave at ``now``."""
    for objects in _OBJECTIONS:
        objection = objects(case, now)
        if objection is not None:
            return objection
    return SEND


def decide_later(case: Case, *, now: datetime) -> Decision:
    """What ``decide`` says of a case that it let pass at an earlier moment.

    Only the rules that look at the clock can say something else.
    """
    for objects in _LATER_OBJECTIONS:
        objection = objects(case, now)
        if objection is not None:
            return objection
    return SEND


def decide_on_recent(case: Case, *, now: datetime) -> Decision:
    """What ``decide`` says of a case that it let pass without its advertisements at this moment.

    Only the last rule looks at them, so only that one is asked.
    """
    return _keeps_caps(case, now) or SEND


def alike(case: Case) -> Hashable:
    """What tells the case apart from others of the same terms; None where it is unlike most.

    At any moment ``decide`` and ``decide_later`` say the same of all cases that are alike, so
    most people of a batch need not be decided on one by one.
    """
    agreed = case.consent(ConsentPurpose.ADVERTISING)
    by_night = case.consent(ConsentPurpose.NIGHT_ADVERTISING)
    if case.marks or case.recent is not None or not (_usual(agreed) and _usual(by_night)):
        return None
    granted = agreed and agreed.granted, by_night and by_night.granted
    return granted, case.has_address, case.ad_label_correct, case.zones, case.numbering


def _usual(consent: Consent | None) -> bool:
    """Whether the rules look only at whether it is granted, once nothing speaks against it."""
    return consent is None or consent.basis is Basis.EXPLICIT


def _needs_address(case: Case, _: datetime) -> Refuse | None:
    return None if case.has_address else Refuse(reason=RefusalReason.NO_ADDRESS)


def _respects_suppression(case: Case, now: datetime) -> Refuse | None:
    for mark in case.marks:
        if blocks(mark, case, now):
            return Refuse(reason=RefusalReason.SUPPRESSED)
    return None


def blocks(mark: Mark, case: Case, now: datetime) -> bool:
    """Whether the mark keeps this message back; an opt-out gives way to a later consent."""
    terms = case.terms
    if not mark.blocks(channel=terms.channel, purpose=terms.purpose, now=now):
        return False
    return not (mark.reason in OPT_OUTS and _agreed_since(case, mark.since))


def _agreed_since(case: Case, moment: datetime) -> bool:
    """Whether the person agreed, by their own word, after they had opted out."""
    consent = case.consent(ConsentPurpose.ADVERTISING)
    return (
        case.terms.advertising
        and consent is not None
        and consent.explicitly_granted
        and consent.at > moment
    )


def _needs_usable_sender(case: Case, _: datetime) -> Refuse | None:
    if case.terms.sender_usable:
        return None
    return Refuse(reason=RefusalReason.SENDER_NOT_APPROVED)


def _keeps_alimtalk_informational(case: Case, _: datetime) -> Refuse | None:
    if case.terms.advertising and case.terms.channel is Channel.KAKAO and not case.terms.brand:
        return Refuse(reason=RefusalReason.AD_ON_INFORMATIONAL_CHANNEL)
    return None


def _needs_consent(case: Case, now: datetime) -> Refuse | None:
    if not case.terms.advertising:
        return None
    consent = case.consent(ConsentPurpose.ADVERTISING)
    if consent is not None and consent.permits(goods=case.terms.goods, now=now):
        return None
    return Refuse(reason=RefusalReason.NO_CONSENT)


def _needs_ad_label(case: Case, _: datetime) -> Refuse | None:
    if not case.terms.advertising or case.ad_label_correct:
        return None
    return Refuse(reason=RefusalReason.AD_LABEL)


def _keeps_protected_hours(case: Case, now: datetime) -> Hold | Refuse | None:
    if not case.terms.advertising and not case.terms.policy.windows:
        return None
    hours = hours_of(case)
    opens = _open_from(now, hours, case.zones)
    if opens == now:
        return None
    rules = case.terms.policy.rules(case.terms.purpose)
    if rules.when_closed is WhenClosed.DROP or opens is None:
        return Refuse(reason=RefusalReason.CLOSED_HOURS)
    if rules.when_closed is WhenClosed.NEXT_SLOT:
        opens = next_slot(opens, case.terms.policy.slots, hours, case.zones) or opens
    return _held(case, _why_closed(case, now), opens)


def hours_of(case: Case) -> Hours:
    """The hours that this message has to mind."""
    terms = case.terms
    return _hours(nights_of(case), terms.windows, terms.policy.holidays)


def strictest_hours(terms: Terms) -> Hours:
    """The hours that everybody of a send minds, also those who agreed to the night."""
    night = terms.advertising and terms.channel is not Channel.EMAIL
    nights = _NIGHTS[night, terms.brand] if terms.advertising else ()
    return _hours(nights, terms.windows, terms.policy.holidays)


# The people of a batch share the moment, and most of them the hours and zones.
_hours = lru_cache(maxsize=256)(
    lambda nights, windows, holidays: Hours(nights=nights, windows=windows, holidays=holidays)
)
_open_from = lru_cache(maxsize=1024)(open_from)


def nights_of(case: Case) -> tuple[tuple[time, time], ...]:
    """The nights that the law and the channel ask for."""
    if not case.terms.advertising:
        return ()
    return _NIGHTS[_legal_night_applies(case), case.terms.brand]


def _legal_night_applies(case: Case) -> bool:
    """Decree art. 61(2) exempts e-mail; in North America consent waives nothing for certain."""
    if case.terms.channel is Channel.EMAIL:
        return False
    if case.numbering is Numbering.NORTH_AMERICA:
        return True
    consent = case.consent(ConsentPurpose.NIGHT_ADVERTISING)
    return consent is None or not consent.granted or consent.basis is not Basis.EXPLICIT


def _why_closed(case: Case, now: datetime) -> HoldReason:
    night = open_from(now, Hours(nights=nights_of(case)), case.zones)
    return HoldReason.QUIET_HOURS if night == now else HoldReason.NIGHT


def _keeps_caps(case: Case, now: datetime) -> Hold | Refuse | None:
    if not case.terms.advertising or not case.terms.policy.caps or case.recent is None:
        return None
    reached = cap_reached(case, now)
    if reached is None:
        return None
    if case.terms.when_capped is not WhenCapped.DELAY or reached.until is None:
        return Refuse(reason=RefusalReason.CAPPED)
    opens = open_from(reached.until, hours_of(case), case.zones)
    return _held(case, HoldReason.FREQUENCY_CAP, opens or reached.until)


def cap_reached(case: Case, now: datetime) -> Capped | None:
    """The cap that keeps this message back the longest."""
    zone = case.zones[0]
    return capped(
        () if case.recent is None else case.recent.entries,
        case.terms.spans(now, zone),
        case.terms.offer,
        own=case.number,
        zone=zone,
    )


def _held(case: Case, reason: HoldReason, until: datetime) -> Hold | Refuse:
    """A message that would be given up before it may leave is refused at once."""
    if case.terms.expires is not None and until >= case.terms.expires:
        return Refuse(reason=RefusalReason.EXPIRES_FIRST)
    return Hold(reason=reason, until=until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule of the door: its name, where it comes from, and when it objects.

    ``timed`` rules look at the clock: they may say something else a moment later.
    """

    name: str
    source: str
    objects: Callable[[Case, datetime], Hold | Refuse | None]
    timed: bool = False


RULES = (
    Rule(name="address", source="", objects=_needs_address),
    Rule(
        name="suppression",
        source="정보통신망법 art. 50(2)",
        objects=_respects_suppression,
        timed=True,
    ),
    Rule(
        name="sender",
        source="전기통신사업법 art. 84-2",
        objects=_needs_usable_sender,
    ),
    Rule(
        name="channel",
        source="Kakao: Alimtalk is informational only",
        objects=_keeps_alimtalk_informational,
    ),
    Rule(
        name="consent",
        source="정보통신망법 art. 50(1), decree art. 61(1)",
        objects=_needs_consent,
        timed=True,
    ),
    Rule(
        name="ad_label",
        source="정보통신망법 art. 50(4), decree annex 6",
        objects=_needs_ad_label,
    ),
    Rule(
        name="protected_hours",
        source="정보통신망법 art. 50(3), decree art. 61(2); 47 CFR 64.1200(c)(1); policy",
        objects=_keeps_protected_hours,
        timed=True,
    ),
    Rule(name="frequency_caps", source="policy", objects=_keeps_caps, timed=True),
)
_OBJECTIONS = tuple(rule.objects for rule in RULES)
_LATER_OBJECTIONS = tuple(rule.objects for rule in RULES if rule.timed)
