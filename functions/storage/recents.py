"""People's recent advertisements: one small row each, changed by one conditional write.

The row ``RECENT`` of a person is a list of entries and a version. Taking a place appends one entry
on the condition that the version is the one that was looked at, so no two workers can take the
same place. What the row was, or has become, comes back with the write and costs no read.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from functions.contracts.errors import Unavailable
from functions.domain.fatigue import Entry, Recent
from functions.domain.ids import ContactId, MessageNumber
from functions.domain.places import Place
from functions.runtime.aws import dynamodb
from functions.runtime.settings import table_name
from functions.storage.contacts import RECENT, ContactItem, ContactStore, recent_of

_TIDY_FROM = 32
"""Entries: with more the row would leave its one write unit."""
_APPEND = "SET e = list_append(if_not_exists(e, :none), :one), v = :next"
_LOST = "ConditionalCheckFailedException"


class RecentStore:
    """Reads and changes people's rows."""

    def of(self, contact_ids: Iterable[ContactId]) -> dict[ContactId, Recent]:
        """Read the rows of many people; who never got an advertisement has an empty one.

        Not consistently: whoever takes a place finds out what happened since.
        """
        ids = list(dict.fromkeys(contact_ids))
        found = ContactItem.batch_get([(each, RECENT) for each in ids])
        rows = {item.contact_id: recent_of(item) for item in found}
        return {each: rows.get(each, Recent()) for each in ids}

    def take(self, contact_id: ContactId, entry: Entry, *, version: int) -> Place:
        """Append an entry to the row of this version (0: there is none yet).

        When the row is another by now, nothing is written. Raises Unavailable.
        """
        seen = "v = :seen" if version else "attribute_not_exists(v)"
        values: dict[str, Any] = {
            ":none": {"L": []},
            ":one": {"L": [{"B": entry.pack()}]},
            ":next": {"N": str(version + 1)},
        }
        if version:
            values[":seen"] = {"N": str(version)}
        return self._change(
            contact_id,
            "SET e = list_append(if_not_exists(e, :none), :one), v = :next",
            seen,
            values,
        )

    def put(self, contact_id: ContactId, recent: Recent, *, now: datetime) -> Place:
        """Replace the row of this version by these entries, less what no rule looks at any more.

        That moves to the months' rows first, so that dying in between loses nothing.
        """
        kept, old = recent.split(now=now)
        self._move_to_months(contact_id, recent, old)
        values: dict[str, Any] = {
            ":kept": {"L": [{"B": entry.pack()} for entry in kept.entries]},
            ":next": {"N": str(recent.version + 1)},
            ":seen": {"N": str(recent.version)},
        }
        return self._change(contact_id, "SET e = :kept, v = :next", "v = :seen", values)

    def tidy(self, contact_id: ContactId, recent: Recent, *, now: datetime) -> None:
        """Take out of a long row what no rule looks at; what is lost to a rival is done later."""
        _, old = recent.split(now=now)
        if old and len(recent.entries) > _TIDY_FROM:
            self.put(contact_id, recent, now=now)

    def _move_to_months(self, contact_id: ContactId, recent: Recent, old: Iterable[int]) -> None:
        going = set(old)
        for entry in recent.entries:
            if entry.number in going:
                number, at = MessageNumber.unpack(entry.number), entry.moment
                ContactStore().remember_sent({contact_id: number}, now=at)

    def _change(
        self, contact_id: ContactId, update: str, condition: str, values: Mapping[str, Any]
    ) -> Place:
        try:
            answer = dynamodb().update_item(
                TableName=table_name("contacts"),
                Key={"contact_id": {"S": contact_id}, "kind": {"S": RECENT}},
                UpdateExpression=update,
                ConditionExpression=condition,
                ExpressionAttributeValues=dict(values),
                ReturnValues="ALL_NEW",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != _LOST:
                msg = f"The store answered {error.response['Error']['Code']}."
                raise Unavailable(msg) from error
            known: Any = error.response.get("Item")
            return Place(taken=False, recent=Recent() if known is None else _to_recent(known))
        return Place(taken=True, recent=_to_recent(answer["Attributes"]))


def _to_recent(item: Mapping[str, Any]) -> Recent:
    packed = b"".join(each["B"] for each in item.get("e", {"L": []})["L"])
    return Recent.unpack(packed, version=int(item["v"]["N"]))
