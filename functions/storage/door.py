"""People as the one door looks at them: a few attributes of many rows, read as they travel.

Dispatch reads a person for every message. PynamoDB would take ten times as long over it, most of
it for attributes that the door has no use for.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from functions.contracts.profile_values import consents_from_json, marks_from_texts
from functions.domain.case import PersonFacts
from functions.domain.contact import Phone
from functions.domain.ids import AddressHash, ContactId
from functions.domain.suppression import Mark
from functions.runtime import quick_json
from functions.storage.contacts import PROFILE, ContactStore
from functions.storage.wire import get_rows

_ATTRIBUTES = ("contact_id", "phone", "phone_hash", "zone", "consents", "suppressed")


class DoorStore(ContactStore):
    """The store of contacts, for dispatch."""

    def at_the_door(self, contact_ids: Iterable[ContactId]) -> dict[ContactId, PersonFacts]:
        """Read what the door looks at of many people, consistently, and nothing else of them.

        Who does not exist is left out.
        """
        keys = [
            {"contact_id": {"S": each}, "kind": {"S": PROFILE}}
            for each in dict.fromkeys(contact_ids)
        ]
        rows = get_rows("contacts", keys, attributes=_ATTRIBUTES)
        return {ContactId(row["contact_id"]["S"]): _to_facts(row) for row in rows}


def _to_facts(row: Mapping[str, Mapping[str, Any]]) -> PersonFacts:
    phone, zone = row.get("phone"), row.get("zone")
    consents = row.get("consents")
    return PersonFacts(
        None if phone is None else Phone(phone["S"]),
        None if zone is None else zone["S"],
        {} if consents is None else consents_from_json(quick_json.read(consents["S"])),
        _marks_of(row) if "suppressed" in row else (),
    )


def _marks_of(row: Mapping[str, Mapping[str, Any]]) -> tuple[Mark, ...]:
    hashed = row.get("phone_hash")
    if hashed is None:
        return ()
    return marks_from_texts(row["suppressed"]["SS"]).get(AddressHash(hashed["S"]), ())
