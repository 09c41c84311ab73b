"""The case of one person, from what is known of the person and the terms of the send."""

from zoneinfo import ZoneInfo

from functions.domain.case import Case, PersonFacts, Terms, ZoneRule
from functions.domain.fatigue import Recent
from functions.domain.whereabouts import numbering_of


def case_for(  # the facts of a person, of the send, and of the message
    facts: PersonFacts,
    terms: Terms,
    zones: tuple[tuple[ZoneInfo, ...], ZoneRule],
    *,
    ad_label_correct: bool,
    number: int | None = None,
    recent: Recent | None = None,
) -> Case:
    """State what the door looks at for a message to one person, who may be in these zones."""
    phone, _, consents, marks = facts
    where, rule = zones
    return Case(
        terms=terms,
        # SMS and Alimtalk reach Korean numbers only.
        has_address=phone is not None and phone.is_korean,
        consents=consents,
        marks=marks,
        ad_label_correct=ad_label_correct,
        zones=where,
        zone_rule=rule,
        numbering=numbering_of(phone),
        number=number,
        recent=recent,
    )
