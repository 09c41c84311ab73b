"""Slices of people in the bucket: whom a campaign is for, and who was refused."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from functions.contracts.case_document import (
    case_from_json,
    case_to_json,
    terms_from_json,
    terms_to_json,
)
from functions.contracts.profile_values import (
    consents_from_json,
    consents_to_json,
    mark_from_texts,
    mark_to_texts,
)
from functions.domain.best_channel import ChannelChoice, ChosenBy
from functions.domain.best_time import Because, Choice
from functions.domain.campaign import Outcome
from functions.domain.channel import Channel
from functions.domain.contact import Contact, Email, Phone
from functions.domain.fatigue import Recent
from functions.domain.holdout import Arm
from functions.domain.ids import AddressHash, ContactId
from functions.domain.planning import Person
from functions.domain.reason import HoldReason, RefusalReason
from functions.domain.suppression import Mark
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

    def delete(self, key: str) -> None:
        """Delete a slice; repeating it is harmless."""
        ObjectStore().delete(key)

    def save_outcomes(self, key: str, outcomes: Iterable[Outcome], *, at: datetime) -> None:
        """Write who was refused or held, why, and what was looked at; there is no row a person."""
        found = tuple(outcomes)
        terms = {id(each.case.terms): each.case.terms for each in found if each.case is not None}
        places = {each: place for place, each in enumerate(terms)}
        rows = [
            [
                each.contact_id,
                None if each.reason is None else str(each.reason),
                None
                if each.case is None
                else [places[id(each.case.terms)], case_to_json(each.case)],
                *_from_choices(each),
            ]
            for each in found
        ]
        shared = [terms_to_json(each) for each in terms.values()]
        ObjectStore().put_json(key, {"at": at.isoformat(), "terms": shared, "rows": rows})

    def load_outcomes(self, key: str) -> tuple[Outcome, ...]:
        """Read them back."""
        document = ObjectStore().get_json(key)
        at = datetime.fromisoformat(document["at"])
        terms = [terms_from_json(each) for each in document["terms"]]
        return tuple(
            Outcome(
                contact_id=None if contact_id is None else ContactId(contact_id),
                reason=None if reason is None else _reason(reason),
                at=at,
                case=None if facts is None else case_from_json(facts[1], terms[facts[0]]),
                **_to_choices(*choices),
            )
            for contact_id, reason, facts, *choices in document["rows"]
        )


def _reason(text: str) -> HoldReason | RefusalReason:
    return HoldReason(text) if text in tuple(HoldReason) else RefusalReason(text)


def _from_choices(outcome: Outcome) -> list[Any]:
    """What was chosen, as long as there is something."""
    time, channel = outcome.choice, outcome.channel
    if channel is None:
        return [] if time is None else [_from_choice(time)]
    return [None if time is None else _from_choice(time), _from_channel(channel)]


def _to_choices(
    time: Sequence[Any] | None = None, channel: Sequence[Any] | None = None
) -> dict[str, Any]:
    return {
        "choice": None if time is None else _to_choice(*time),
        "channel": None if channel is None else _to_channel(*channel),
    }


def _from_channel(choice: ChannelChoice) -> tuple[Any, ...]:
    passed_over = [[str(channel), str(reason)] for channel, reason in choice.passed_over]
    return str(choice.channel), str(choice.by), choice.messages, choice.openings, passed_over


def _to_channel(
    channel: str, by: str, messages: int, openings: int, passed_over: Sequence[Sequence[str]]
) -> ChannelChoice:
    return ChannelChoice(
        channel=Channel(channel),
        by=ChosenBy(by),
        messages=messages,
        openings=openings,
        passed_over=tuple((Channel(each), RefusalReason(why)) for each, why in passed_over),
    )


def _from_choice(choice: Choice) -> tuple[str, str, int]:
    return choice.at.isoformat(), str(choice.because), choice.openings


def _to_choice(at: str, because: str, openings: int) -> Choice:
    return Choice(at=datetime.fromisoformat(at), because=Because(because), openings=openings)


def _from_person(person: Person) -> dict[str, Any]:
    contact = person.contact
    return {
        "phone": None if person.phone is None else person.phone.e164,
        "marks": [mark_to_texts(mark) for mark in person.marks],
        "recent": None if person.recent is None else _from_recent(person.recent),
        "contact": None if contact is None else _from_contact(contact),
        "dropped": None if person.dropped is None else str(person.dropped),
        **({} if person.arm is None else {"arm": str(person.arm)}),
    }


def _to_person(row: Mapping[str, Any]) -> Person:
    # Rows from the release before have no "dropped".
    recent, contact, dropped = row["recent"], row["contact"], row.get("dropped")
    marks = tuple(mark_from_texts(texts) for texts in row["marks"])
    return Person(
        contact=None if contact is None else _to_contact(contact, marks),
        phone=None if row["phone"] is None else Phone(row["phone"]),
        marks=marks,
        recent=None if recent is None else _to_recent(*recent),
        dropped=None if dropped is None else RefusalReason(dropped),
        arm=Arm(arm) if (arm := row.get("arm")) else None,
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
