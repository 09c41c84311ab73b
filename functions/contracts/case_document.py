"""What a decision looked at, as JSON: from it the same code says again why.

No personal data: consents, marks and times of somebody whose id stands elsewhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from functions.contracts.policy_document import policy_from_json, policy_to_json
from functions.contracts.profile_values import (
    consents_from_json,
    consents_to_json,
    mark_from_texts,
    mark_to_texts,
)
from functions.domain.case import Case, Numbering, Terms, ZoneRule
from functions.domain.channel import Channel, Purpose
from functions.domain.eligibility import Hold, Refuse, Send
from functions.domain.explanation import Finding
from functions.domain.fatigue import Offer, Recent
from functions.domain.policy import Policy, WhenCapped

Json = dict[str, Any]


def terms_to_json(terms: Terms) -> Json:
    """Write the terms of a send."""
    offer = terms.offer
    return {
        "purpose": str(terms.purpose),
        "channel": str(terms.channel),
        "sender_usable": terms.sender_usable,
        "offer": [
            str(offer.channel),
            offer.template,
            offer.source,
            offer.priority,
            list(offer.tags),
            list(offer.tag_hashes),
        ],
        "policy": _from_policy(terms.policy),
        "expires": _text(terms.expires),
        "brand": terms.brand,
        "goods": terms.goods,
        "when_capped": str(terms.when_capped),
    }


def terms_from_json(document: Mapping[str, Any]) -> Terms:
    """Read the terms back."""
    channel, template, source, priority, tags, tag_hashes = document["offer"]
    return Terms(
        purpose=Purpose(document["purpose"]),
        channel=Channel(document["channel"]),
        sender_usable=document["sender_usable"],
        offer=Offer(
            channel=Channel(channel),
            template=template,
            source=source,
            priority=priority,
            tags=tuple(tags),
            tag_hashes=tuple(tag_hashes),
        ),
        policy=_to_policy(document["policy"]),
        expires=_moment(document["expires"]),
        brand=document["brand"],
        goods=document["goods"],
        when_capped=WhenCapped(document["when_capped"]),
    )


def _from_policy(policy: Policy) -> Json:
    holidays = sorted(day.isoformat() for day in policy.holidays)
    return policy_to_json(policy) | {"holidays": holidays}


def _to_policy(document: Mapping[str, Any]) -> Policy:
    holidays = frozenset(date.fromisoformat(day) for day in document["holidays"])
    return replace(policy_from_json(document), holidays=holidays)


def case_to_json(case: Case) -> list[Any]:
    """Write what is of one person; the terms stand once for all."""
    recent = case.recent
    return [
        case.has_address,
        consents_to_json(case.consents),
        [mark_to_texts(mark) for mark in case.marks] if case.marks else [],
        case.ad_label_correct,
        [zone.key for zone in case.zones],
        case.zone_rule,
        case.numbering,
        None if recent is None else [recent.pack().hex(), recent.version],
        case.number,
    ]


def case_from_json(values: Sequence[Any], terms: Terms) -> Case:
    """Read a case back."""
    has_address, consents, marks, label, zones, zone_rule, numbering, recent, number = values
    return Case(
        terms=terms,
        has_address=has_address,
        consents=consents_from_json(consents),
        marks=tuple(mark_from_texts(texts) for texts in marks),
        ad_label_correct=label,
        zones=tuple(ZoneInfo(zone) for zone in zones),
        zone_rule=ZoneRule(zone_rule),
        numbering=Numbering(numbering),
        recent=None if recent is None else _to_recent(*recent),
        number=number,
    )


def _to_recent(packed: str, version: int) -> Recent:
    return Recent.unpack(bytes.fromhex(packed), version=version)


def finding_to_json(finding: Finding) -> Json:
    """Write what a rule saw and said, for people to read."""
    objection = finding.objection
    return {
        "rule": finding.rule,
        "source": finding.source,
        "saw": dict(finding.saw),
        "verdict": _verdict(objection),
        "reason": None if objection is None else objection.reason,
        "until": objection.until.isoformat() if isinstance(objection, Hold) else None,
    }


def _verdict(objection: Send | Hold | Refuse | None) -> str:
    match objection:
        case Hold():
            return "hold"
        case Refuse():
            return "refuse"
        case _:
            return "pass"


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
