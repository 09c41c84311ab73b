"""How people, evidence and suppressions look in answers."""

from functions.domain.consent import Consent, ConsentKey, ConsentRecord
from functions.domain.contact import Contact
from functions.domain.suppression import Mark, Suppression
from functions.runtime.http import Json


def contact_view(contact: Contact) -> Json:
    """A contact with the consents in force, and why its number must not be written to."""
    hashed = contact.phone_hash
    marks = () if hashed is None else contact.suppressions.get(hashed, ())
    return {
        "contact_id": contact.contact_id,
        "phone": None if contact.phone is None else contact.phone.e164,
        "email": None if contact.email is None else contact.email.address,
        "attributes": dict(contact.attributes),
        "groups": sorted(contact.groups),
        "locale": contact.locale,
        "zone": contact.zone,
        "consents": {str(key): consent_view(each) for key, each in contact.consents.items()},
        "suppressed": [mark_view(mark) for mark in marks],
    }


def consent_view(consent: Consent) -> Json:
    """A consent in force."""
    return {
        "granted": consent.granted,
        "at": consent.at.isoformat(),
        "seq": consent.seq,
        "basis": consent.basis,
        "trades": {goods: until.isoformat() for goods, until in consent.trades.items()},
        "imported": consent.imported,
        "confirmed": None if consent.confirmed is None else consent.confirmed.isoformat(),
    }


def record_view(record: ConsentRecord) -> Json:
    """A row of evidence, with its place in the chain."""
    key: ConsentKey = record.key
    return {
        "seq": record.seq,
        "channel": key.channel,
        "purpose": key.purpose,
        "action": record.action,
        "at": record.at.isoformat(),
        "recorded": record.recorded.isoformat(),
        "source": record.source,
        "actor": record.actor,
        "text_version": record.text_version,
        "text_hash": record.text_hash,
        "ip": record.ip,
        "basis": record.basis,
        "goods": record.goods,
        "previous": record.previous,
        "digest": record.digest,
    }


def suppression_view(suppression: Suppression) -> Json:
    """A suppressed address, known by its hash only."""
    return {
        "address_hash": suppression.address_hash,
        "source": suppression.source,
        **mark_view(suppression.mark),
    }


def mark_view(mark: Mark) -> Json:
    """Why, from what, since when and until when an address is kept back."""
    return {
        "reason": mark.reason,
        "scope": str(mark.scope),
        "since": mark.since.isoformat(),
        "until": None if mark.until is None else mark.until.isoformat(),
    }
