"""People's recent advertisements: one small row each, changed by one conditional write.

The row ``RECENT`` of a person is a list of entries and a version. Taking a place appends one entry
on the condition that the version is the one that was looked at, so no two workers can take the
same place. What the row was, or has become, comes back with the write and costs no read.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from msgspec import Struct
from msgspec.json import Decoder

from functions.contracts.errors import Unavailable
from functions.domain.fatigue import Entry, Recent
from functions.domain.ids import ContactId
from functions.domain.places import Place, Wanted
from functions.runtime.aws import dynamodb
from functions.runtime.settings import table_name
from functions.runtime.table_calls import table_calls
from functions.storage.contacts import RECENT, ContactItem, ContactStore, recent_of
from functions.storage.wire import LOST, Binaries, Number, binary

_APPEND = "SET e = list_append(if_not_exists(e, :none), :one), v = :next"
_APPENDED = (
    'UPDATE "{}" SET e = list_append(e, ?) SET v = ? WHERE contact_id = ? AND kind = ? AND v = ? '
    "RETURNING ALL NEW *"
)
_BEGUN = "INSERT INTO \"{}\" VALUE {{'contact_id': ?, 'kind': ?, 'e': ?, 'v': ?}}"
_KIND = {"S": RECENT}
_STATEMENTS = 25
"""So many a request are allowed."""


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

    def take_all(self, wanted: Sequence[Wanted]) -> list[Place | None]:
        """Append the entries, each as ``take`` does, 25 people a request.

        None where what came of it is not known: a look at the row then tells. Raises Unavailable.
        """
        table = table_name("contacts")
        texts = _APPENDED.format(table), _BEGUN.format(table)
        places: list[Place | None] = []
        for start in range(0, len(wanted), _STATEMENTS):
            chunk = wanted[start : start + _STATEMENTS]
            statements = [_statement(each, *texts) for each in chunk]
            asked = {"Statements": statements}
            answer = table_calls().ask("BatchExecuteStatement", asked, _read)
            places += map(_place, chunk, answer.Responses)
        return places

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
        return self._change(contact_id, _APPEND, seen, values)

    def put(self, contact_id: ContactId, recent: Recent, *, now: datetime) -> Place:
        """Replace the row of this version by these entries, less what no rule looks at any more.

        That moves to the months' rows first, so that dying in between loses nothing.
        """
        kept, old = recent.split(now=now)
        ContactStore().note_in_months(
            contact_id, [entry for entry in recent.entries if entry.number in set(old)]
        )
        values: dict[str, Any] = {
            ":kept": {"L": [{"B": entry.pack()} for entry in kept.entries]},
            ":next": {"N": str(recent.version + 1)},
            ":seen": {"N": str(recent.version)},
        }
        return self._change(contact_id, "SET e = :kept, v = :next", "v = :seen", values)

    def tidy(self, contact_id: ContactId, recent: Recent, *, now: datetime) -> None:
        """Take out of a long row what no rule looks at; what is lost to a rival is done later."""
        if recent.crowded(now=now):
            self.put(contact_id, recent, now=now)

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
        except BotoCoreError as error:
            msg = "The store did not answer."
            raise Unavailable(msg) from error
        except ClientError as error:
            if error.response["Error"]["Code"] != LOST:
                msg = f"The store answered {error.response['Error']['Code']}."
                raise Unavailable(msg) from error
            known: Any = error.response.get("Item")
            return Place(taken=False, recent=Recent() if known is None else _to_recent(known))
        return Place(taken=True, recent=_to_recent(answer["Attributes"]))


def _statement(wanted: Wanted, appended: str, begun: str) -> dict[str, Any]:
    # A row that is not there cannot be updated by a statement, only inserted.
    key = ({"S": wanted.contact_id}, _KIND)
    row = ({"L": [binary(wanted.entry.pack())]}, {"N": str(wanted.version + 1)})
    if not wanted.version:
        return {"Statement": begun, "Parameters": [*key, *row]}
    return {
        "Statement": appended,
        "Parameters": [*row, *key, {"N": str(wanted.version)}],
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }


class _Row(Struct, gc=False):
    """A person's row, as it is read."""

    e: Binaries
    v: Number

    @property
    def recent(self) -> Recent:
        """The same as the door knows it."""
        packed = b"".join([each.B for each in self.e.L])
        return Recent.unpack(packed, version=int(self.v.N))


class _Fault(Struct, gc=False):
    """Why a statement did nothing, and the row as it is."""

    Item: _Row | None = None


class _Response(Struct, gc=False):
    """What came of a statement, and the row as it became."""

    Item: _Row | None = None
    Error: _Fault | None = None


class _Answer(Struct, gc=False):
    Responses: list[_Response]


_read = Decoder(_Answer).decode


def _place(wanted: Wanted, response: _Response) -> Place | None:
    """What came of a statement; None where its answer does not tell."""
    if response.Error is not None:
        row = response.Error.Item
        return None if row is None else Place(taken=False, recent=row.recent)
    if not wanted.version:
        return Place(taken=True, recent=Recent((wanted.entry,), 1))
    row = response.Item
    return None if row is None else Place(taken=True, recent=row.recent)


def _to_recent(item: Mapping[str, Any]) -> Recent:
    packed = b"".join(each["B"] for each in item.get("e", {"L": []})["L"])
    return Recent.unpack(packed, version=int(item["v"]["N"]))
