"""People as the one door looks at them: a few attributes of many rows, read as they travel.

Dispatch reads a person for every message. PynamoDB would take ten times as long over it, most of
it for attributes that the door has no use for.
"""

from collections.abc import Iterable

from msgspec import Struct
from msgspec.json import Decoder

from functions.contracts.profile_values import consents_from_json, marks_from_texts
from functions.domain.case import PersonFacts
from functions.domain.contact import Phone
from functions.domain.ids import AddressHash, ContactId
from functions.domain.suppression import Mark
from functions.runtime import quick_json
from functions.storage.contacts import PROFILE, ContactStore
from functions.storage.wire import Rows, Text, Texts, get_rows


class _Row(Struct, gc=False):
    """What is read of a profile."""

    contact_id: Text
    phone: Text | None = None
    phone_hash: Text | None = None
    zone: Text | None = None
    consents: Text | None = None
    suppressed: Texts | None = None


_read = Decoder(Rows[_Row]).decode


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
        rows = get_rows("contacts", keys, _read, attributes=_Row.__struct_fields__)
        return {ContactId(row.contact_id.S): _to_facts(row) for row in rows}


def _to_facts(row: _Row) -> PersonFacts:
    return PersonFacts(
        None if row.phone is None else Phone(row.phone.S),
        None if row.zone is None else row.zone.S,
        {} if row.consents is None else consents_from_json(quick_json.read(row.consents.S)),
        () if row.suppressed is None else _marks_of(row, row.suppressed),
    )


def _marks_of(row: _Row, suppressed: Texts) -> tuple[Mark, ...]:
    if row.phone_hash is None:
        return ()
    return marks_from_texts(suppressed.SS).get(AddressHash(row.phone_hash.S), ())
