"""What a row of a file changes about a person: the profile, and what they agreed to.

A file is a copy of somebody else's knowledge and may be older than ours. So it never takes a
value away, never makes a consent up, and never turns a withdrawal into a consent unless it says
that the person agreed after having withdrawn (정보통신망법 art. 50(1)-(2)).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from functions.domain.channel import Channel, ConsentPurpose
from functions.domain.consent import Consent, ConsentAction, ConsentKey
from functions.domain.contact import Contact
from functions.domain.contact_cell import group_name
from functions.domain.contact_row import ContactRow, Statement
from functions.domain.ids import ContactId

ADVERTISING = ConsentKey(Channel.SMS, ConsentPurpose.ADVERTISING)
NIGHT = ConsentKey(Channel.SMS, ConsentPurpose.NIGHT_ADVERTISING)


class ConsentWarning(StrEnum):
    """Where a row's word about consent was not, or not fully, followed."""

    CONSENT_WITHOUT_DATE = "consent_without_date"
    CONSENT_KEPT_WITHDRAWN = "consent_kept_withdrawn"
    CONSENT_KEPT_GRANTED = "consent_kept_granted"
    NIGHT_WITHOUT_ADVERTISING = "night_without_advertising"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentStep:
    """A change of what is in force."""

    key: ConsentKey
    action: ConsentAction
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentDecision:
    """What to append to the evidence, and what to tell the importer."""

    steps: tuple[ConsentStep, ...] = ()
    warnings: tuple[ConsentWarning, ...] = ()


def merged(row: ContactRow, *, contact_id: ContactId, known: Contact | None) -> Contact:
    """The person as they are after this row. Blank cells leave what is known.

    A group from a column replaces the one that the same column gave before (kept as an
    attribute): a customer who rises from 일반 to VIP leaves 일반; other groups stay.
    """
    base = known or Contact(contact_id=contact_id)
    columns = base.attributes.keys() & row.groups.keys()
    former_groups = {group_name(str(base.attributes[column])) for column in columns}
    return replace(
        base,
        phone=row.phone or base.phone,
        email=row.email or base.email,
        attributes={**base.attributes, **row.attributes},
        groups=(base.groups - former_groups) | set(row.groups.values()),
    )


def same_profile(one: Contact, other: Contact) -> bool:
    """Whether a merge changed nothing."""
    return (one.phone, one.email, dict(one.attributes), one.groups) == (
        other.phone,
        other.email,
        dict(other.attributes),
        other.groups,
    )


def decide_consents(
    statement: Statement, *, in_force: Mapping[ConsentKey, Consent], imported: datetime
) -> ConsentDecision:
    """Decide what a row's word changes. A consent without a date counts from ``imported``.

    Deciding again after the steps were taken gives no further step.
    """
    day = _decide(statement.advertising, ADVERTISING, statement.at, in_force, imported)
    night = _decide(statement.night, NIGHT, statement.at, in_force, imported)
    if statement.night and night.steps and not _granted_after(day, in_force.get(ADVERTISING)):
        night = ConsentDecision(warnings=(ConsentWarning.NIGHT_WITHOUT_ADVERTISING,))
    warnings = dict.fromkeys(day.warnings + night.warnings)
    return ConsentDecision(steps=day.steps + night.steps, warnings=tuple(warnings))


def _decide(
    agreed: bool | None,  # noqa: FBT001  # the cell's value, None when blank
    key: ConsentKey,
    at: datetime | None,
    in_force: Mapping[ConsentKey, Consent],
    imported: datetime,
) -> ConsentDecision:
    known = in_force.get(key)
    if agreed is None or agreed == (known is not None and known.granted):
        return ConsentDecision()
    if known is None:
        return _grant_first(key, at, imported)
    if at is not None and at > known.at:
        action = ConsentAction.IMPORT if agreed else ConsentAction.WITHDRAW
        return ConsentDecision(steps=(ConsentStep(key=key, action=action, at=at),))
    kept = ConsentWarning.CONSENT_KEPT_WITHDRAWN if agreed else ConsentWarning.CONSENT_KEPT_GRANTED
    return ConsentDecision(warnings=(kept,))


def _grant_first(key: ConsentKey, at: datetime | None, imported: datetime) -> ConsentDecision:
    step = ConsentStep(key=key, action=ConsentAction.IMPORT, at=at or imported)
    undated = () if at else (ConsentWarning.CONSENT_WITHOUT_DATE,)
    return ConsentDecision(steps=(step,), warnings=undated)


def _granted_after(decision: ConsentDecision, known: Consent | None) -> bool:
    if decision.steps:
        return decision.steps[0].action is ConsentAction.IMPORT
    return known is not None and known.granted
