"""Slices of people in the bucket: whom a campaign is for, and who was refused."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from functions.domain.contact import Contact, Email, Phone
from functions.domain.fatigue import Recent
from functions.domain.ids import AddressHash, ContactId
from functions.domain.planning import Person, Refusal
from functions.domain.suppression import Mark
from functions.storage.objects import ObjectStore
from functions.storage.profile_values import (
    consents_from_json,
    consents_to_json,
    mark_from_texts,
    mark_to_texts,
)


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
        "marks": [mark_to_texts(mark) for mark in person.marks],
        "recent": None if person.recent is None else _from_recent(person.recent),
        "contact": None if contact is None else _from_contact(contact),
    }


def _to_person(row: Mapping[str, Any]) -> Person:
    recent, contact = row["recent"], row["contact"]
    marks = tuple(mark_from_texts(texts) for texts in row["marks"])
    return Person(
        contact=None if contact is None else _to_contact(contact, marks),
        phone=None if row["phone"] is None else Phone(row["phone"]),
        marks=marks,
        recent=None if recent is None else _to_recent(*recent),
    )


def _from_recent(recent: Recent) -> tuple[str, int]:
    return recent.pack().hex(), recent.version


def _to_recent(packed: str, version: int) -> Recent:
    return Recent.unpack(bytes.fromhex(packed), version=version)


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
    }


def _to_contact(row: Mapping[str, Any], marks: tuple[Mark, ...]) -> Contact:
    hashed = None if row["hash"] is None else AddressHash(row["hash"])
    return Contact(
        contact_id=ContactId(row["id"]),
        phone=None if row["phone"] is None else Phone(row["phone"]),
        phone_hash=hashed,
        email=None if row["email"] is None else Email(row["email"]),
        attributes=row["attributes"],
        locale=row["locale"],
        zone=row["zone"],
        consents=consents_from_json(row["consents"]),
        suppressions={hashed: marks} if hashed is not None and marks else {},
    )
