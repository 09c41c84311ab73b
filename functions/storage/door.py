"""People as the one door looks at them: a few attributes of many rows, read as they travel.

Dispatch reads a person for every message. PynamoDB would take ten times as long over it, most of
it for attributes that the door has no use for.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from functions.contracts.profile_values import consents_from_json, marks_from_texts
from functions.domain.contact import Contact, Phone
from functions.domain.ids import AddressHash, ContactId
from functions.runtime import quick_json
from functions.storage.contacts import PROFILE, ContactStore
from functions.storage.wire import get_rows

_ATTRIBUTES = ("contact_id", "phone", "phone_hash", "zone", "consents", "suppressed")


class DoorStore(ContactStore):
    """The store of contacts, for dispatch."""

    def at_the_door(self, contact_ids: Iterable[ContactId]) -> dict[ContactId, Contact]:
        """Read what the door looks at of many people, consistently, and nothing else of them.

        That is phone, zone, consents and suppressions. Who does not exist is left out.
        """
        keys = [
            {"contact_id": {"S": each}, "kind": {"S": PROFILE}}
            for each in dict.fromkeys(contact_ids)
        ]
        rows = get_rows("contacts", keys, attributes=_ATTRIBUTES)
        return {contact.contact_id: contact for contact in map(_to_contact, rows)}


def _to_contact(row: Mapping[str, Mapping[str, Any]]) -> Contact:
    phone, hashed, zone = row.get("phone"), row.get("phone_hash"), row.get("zone")
    consents, marks = row.get("consents"), row.get("suppressed")
    return Contact(
        contact_id=ContactId(row["contact_id"]["S"]),
        phone=None if phone is None else Phone(phone["S"]),
        phone_hash=None if hashed is None else AddressHash(hashed["S"]),
        zone=None if zone is None else zone["S"],
        consents={} if consents is None else consents_from_json(quick_json.read(consents["S"])),
        suppressions={} if marks is None else marks_from_texts(marks["SS"]),
    )
