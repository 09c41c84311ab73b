"""Slices of people in the bucket: whom a campaign is for, and who was refused."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from functions.domain.contact import Contact, Email, Phone
from functions.domain.ids import AddressHash, ContactId
from functions.domain.planning import Person, Refusal
from functions.domain.reason import SuppressionReason
from functions.storage.contacts import consents_from_json, consents_to_json
from functions.storage.objects import ObjectStore


class PeopleStore:
    """Reads and writes slices of people."""

    def save(self, key: str, people: Iterable[Person]) -> None:
        """Write people with what planning looks at."""
        ObjectStore().put_json(key, [_from_person(person) for person in people])

    def load(self, key: str) -> tuple[Person, ...]:
        """Read people back."""
        return tuple(_to_person(row) for row in ObjectStore().get_json(key))

    def save_direct(self, key: str, given: Sequence[str]) -> None:
        """Write the contact ids and numbers that a campaign was given."""
        ObjectStore().put_json(key, list(given))

    def load_direct(self, key: str) -> tuple[str, ...]:
        """Read them back."""
        return tuple(ObjectStore().get_json(key))

    def save_refusals(self, key: str, refusals: Iterable[Refusal]) -> None:
        """Write who was refused and why; there is no row per refused person."""
        rows = [[refusal.person.contact_id, refusal.reason] for refusal in refusals]
        ObjectStore().put_json(key, rows)


def _from_person(person: Person) -> dict[str, Any]:
    contact = person.contact
    return {
        "phone": None if person.phone is None else person.phone.e164,
        "suppressed": person.suppressed,
        "contact": None if contact is None else _from_contact(contact),
    }


def _to_person(row: Mapping[str, Any]) -> Person:
    suppressed, contact = row["suppressed"], row["contact"]
    return Person(
        contact=None if contact is None else _to_contact(contact),
        phone=None if row["phone"] is None else Phone(row["phone"]),
        suppressed=None if suppressed is None else SuppressionReason(suppressed),
    )


def _from_contact(contact: Contact) -> dict[str, Any]:
    return {
        "id": contact.contact_id,
        "phone": None if contact.phone is None else contact.phone.e164,
        "hash": contact.phone_hash,
        "email": None if contact.email is None else contact.email.address,
        "attributes": dict(contact.attributes),
        "locale": contact.locale,
        "zone": contact.zone,
        "consents": consents_to_json(contact.consents),
        "suppressions": dict(contact.suppressions),
    }


def _to_contact(row: Mapping[str, Any]) -> Contact:
    return Contact(
        contact_id=ContactId(row["id"]),
        phone=None if row["phone"] is None else Phone(row["phone"]),
        phone_hash=None if row["hash"] is None else AddressHash(row["hash"]),
        email=None if row["email"] is None else Email(row["email"]),
        attributes=row["attributes"],
        locale=row["locale"],
        zone=row["zone"],
        consents=consents_from_json(row["consents"]),
        suppressions={
            AddressHash(hashed): SuppressionReason(reason)
            for hashed, reason in row["suppressions"].items()
        },
    )
