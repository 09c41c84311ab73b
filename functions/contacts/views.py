"""How people, evidence and suppressions look in answers."""

from functions.domain.consent import Consent, ConsentKey, ConsentRecord
from functions.domain.contact import Contact
from functions.domain.suppression import Suppression
from functions.runtime.http import Json


def contact_view(contact: Contact) -> Json:
    """A contact with the consents in force, and why its number must not be written to."""
    hashed = contact.phone_hash
    suppressed = None if hashed is None else contact.suppressions.get(hashed)
    return {
        "contact_id": contact.contact_id,
        "phone": None if contact.phone is None else contact.phone.e164,
        "email": None if contact.email is None else contact.email.address,
        "attributes": dict(contact.attributes),
        "groups": sorted(contact.groups),
        "locale": contact.locale,
        "zone": contact.zone,
        "consents": {str(key): consent_view(each) for key, each in contact.consents.items()},
        "suppressed": [] if suppressed is None else [suppressed],
    }


def consent_view(consent: Consent) -> Json:
    """A consent in force."""
    return {"granted": consent.granted, "at": consent.at.isoformat(), "seq": consent.seq}


def record_view(record: ConsentRecord) -> Json:
    """A row of evidence, with its place in the chain."""
    key: ConsentKey = record.key
    return {
        "seq": record.seq,
        "channel": key.channel,
        "purpose": key.purpose,
        "action": record.action,
        "at": record.at.isoformat(),
        "source": record.source,
        "actor": record.actor,
        "text_version": record.text_version,
        "previous": record.previous,
        "digest": record.digest,
    }


def suppression_view(suppression: Suppression) -> Json:
    """A suppressed address, known by its hash only."""
    return {
        "address_hash": suppression.address_hash,
        "reason": suppression.reason,
        "source": suppression.source,
        "since": suppression.since.isoformat(),
    }
