"""Why the one door decided as it did: every rule in order, with the values it saw."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from functions.domain.case import Case
from functions.domain.channel import ConsentPurpose
from functions.domain.closed_hours import open_from
from functions.domain.consent import Consent
from functions.domain.eligibility import (
    RULES,
    Hold,
    Refuse,
    blocks,
    cap_reached,
    hours_of,
    nights_of,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one rule saw, and what it said: None where it had no objection."""

    rule: str
    source: str
    saw: Mapping[str, Any]
    objection: Hold | Refuse | None


def findings(case: Case, *, now: datetime) -> tuple[Finding, ...]:
    """Say of every rule, in order, what it saw and said. The first objection is the decision."""
    return tuple(
        Finding(
            rule=rule.name,
            source=rule.source,
            saw=_SAW_BY_RULE[rule.name](case, now),
            objection=rule.objects(case, now),
        )
        for rule in RULES
    )


def _saw_address(case: Case, _: datetime) -> Mapping[str, Any]:
    return {"has_address": case.has_address, "numbering": case.numbering}


def _saw_marks(case: Case, now: datetime) -> Mapping[str, Any]:
    return {
        "suppressions": [
            {
                "reason": mark.reason,
                "scope": str(mark.scope),
                "since": mark.since.isoformat(),
                "until": None if mark.until is None else mark.until.isoformat(),
                "blocks": blocks(mark, case, now),
            }
            for mark in case.marks
        ]
    }


def _saw_sender(case: Case, _: datetime) -> Mapping[str, Any]:
    return {"usable": case.terms.sender_usable}


def _saw_kind(case: Case, _: datetime) -> Mapping[str, Any]:
    terms = case.terms
    return {"class": terms.purpose, "channel": terms.channel, "brand_message": terms.brand}


def _saw_consent(case: Case, now: datetime) -> Mapping[str, Any]:
    consent = case.consent(ConsentPurpose.ADVERTISING)
    if consent is None:
        return {"consent": None, "goods": case.terms.goods}
    permits = consent.permits(goods=case.terms.goods, now=now)
    return {"consent": _told(consent), "goods": case.terms.goods, "permits": permits}


def _told(consent: Consent) -> Mapping[str, Any]:
    return {
        "granted": consent.granted,
        "basis": consent.basis,
        "at": consent.at.isoformat(),
        "evidence_seq": consent.seq,
        "imported": consent.imported,
        "trades": {goods: until.isoformat() for goods, until in consent.trades.items()},
    }


def _saw_label(case: Case, _: datetime) -> Mapping[str, Any]:
    return {"needed": case.advertising, "correct": case.ad_label_correct}


def _saw_hours(case: Case, now: datetime) -> Mapping[str, Any]:
    policy = case.terms.policy
    night = case.consent(ConsentPurpose.NIGHT_ADVERTISING)
    opens = open_from(now, hours_of(case), case.zones)
    return {
        "local_time": now.astimezone(case.zones[0]).isoformat(),
        "zones": [zone.key for zone in case.zones],
        "zone_rule": case.zone_rule,
        "night_consent": None if night is None else _told(night),
        "nights": [f"{starts:%H:%M}-{ends:%H:%M}" for starts, ends in nights_of(case)],
        "windows": [window.name for window in hours_of(case).windows],
        "when_closed": policy.rules(case.terms.purpose).when_closed,
        "policy_version": policy.version,
        "opens": None if opens is None else opens.isoformat(),
    }


def _saw_caps(case: Case, now: datetime) -> Mapping[str, Any]:
    looked_up = case.advertising and case.recent is not None
    reached = cap_reached(case, now) if looked_up else None
    room_from = None if reached is None else reached.until
    return {
        "caps": [cap.name for cap in case.terms.policy.caps],
        "recent": None if case.recent is None else len(case.recent.entries),
        "priority": case.terms.offer.priority,
        "when_capped": case.terms.when_capped,
        "reached": None if reached is None else reached.cap.name,
        "counted": None if reached is None else reached.counted,
        "room_from": None if room_from is None else room_from.isoformat(),
    }


_SAW_BY_RULE: Mapping[str, Callable[[Case, datetime], Mapping[str, Any]]] = {
    "address": _saw_address,
    "suppression": _saw_marks,
    "sender": _saw_sender,
    "channel": _saw_kind,
    "consent": _saw_consent,
    "ad_label": _saw_label,
    "protected_hours": _saw_hours,
    "frequency_caps": _saw_caps,
}
