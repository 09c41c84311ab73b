"""Rows as they travel, for the calls that go past PynamoDB."""

from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Generic, TypeVar

from msgspec import Struct
from msgspec.json import Decoder

from functions.contracts.errors import Unavailable
from functions.runtime import quick_json
from functions.runtime.settings import table_name
from functions.runtime.signed_client import Refused
from functions.runtime.table_calls import table_calls
from functions.storage.base import Item

ItemT = TypeVar("ItemT", bound=Item)
RowT = TypeVar("RowT")
T = TypeVar("T")
KEYS_A_REQUEST = 100
"""So many a request are allowed."""
_MAX_TRIES = 10
LOST = "ConditionalCheckFailedException"


def number(value: int) -> dict[str, str]:
    """A whole number."""
    return {"N": str(value)}


def binary(content: bytes) -> dict[str, bytes]:
    """A binary value."""
    return {"B": content}


class Text(Struct, gc=False):
    """A text, as it is read."""

    S: str


class Texts(Struct, gc=False):
    """A set of texts, as it is read."""

    SS: list[str]


class Number(Struct, gc=False):
    """A number, as it is read."""

    N: str


class Binary(Struct, gc=False):
    """A binary value, as it is read."""

    B: bytes


class Binaries(Struct, gc=False):
    """A list of binary values, as it is read."""

    L: list[Binary]


def item_of(model: type[ItemT], row: Mapping[str, Mapping[str, Any]]) -> ItemT:
    """Read a row, none of whose lists and maps holds binary values."""
    return model.from_raw_data(
        {
            name: {"B": b64decode(value["B"])} if "B" in value else dict(value)
            for name, value in row.items()
        }
    )


def get_item(model: type[ItemT], key: Mapping[str, Any]) -> ItemT | None:
    """Read one row, consistently; None when there is none. Raises Unavailable."""
    meta: Any = model.Meta
    return get_row(meta.table, key, lambda answer: _item_in(model, answer))


def get_row(table: str, key: Mapping[str, Any], read: Callable[[bytes], T]) -> T:
    """Read one row, consistently, with what ``read`` makes of the answer. Raises Unavailable.

    ``table`` is the short name.
    """
    arguments = {"TableName": table_name(table), "Key": key, "ConsistentRead": True}
    return table_calls().ask("GetItem", arguments, read)


def reader_of(model: type[ItemT], to: Callable[[ItemT], T]) -> Callable[[bytes], T | None]:
    """Reads the answer to GetItem of a row that is asked for again and again and changes seldom.

    The same answer is read once. What is made of it must not change.
    """

    @lru_cache(maxsize=64)
    def read(answer: bytes) -> T | None:
        item = _item_in(model, answer)
        return None if item is None else to(item)

    return read


def _item_in(model: type[ItemT], answer: bytes) -> ItemT | None:
    row = quick_json.read(answer).get("Item")
    return None if row is None else item_of(model, row)


def query_from(model: type[ItemT], hashed: int, first: str) -> Iterator[ItemT]:
    """Read the rows of ``batch`` from this ``kind`` on, consistently; they are below one page."""
    meta: Any = model.Meta
    arguments = {
        "TableName": table_name(meta.table),
        "KeyConditionExpression": "#batch = :batch AND #kind >= :first",
        "ExpressionAttributeNames": {"#batch": "batch", "#kind": "kind"},
        "ExpressionAttributeValues": {":batch": number(hashed), ":first": {"S": first}},
        "ConsistentRead": True,
    }
    found = table_calls().call("Query", arguments)
    return (item_of(model, row) for row in found["Items"])


class Rows(Struct, Generic[RowT], gc=False):
    """The answer to BatchGetItem, with rows of one form."""

    Responses: dict[str, list[RowT]]
    UnprocessedKeys: dict[str, Any] = {}


read_rows = Decoder(Rows[dict[str, Any]]).decode
"""Rows as they travel."""


def get_rows(
    table: str,
    keys: Sequence[Mapping[str, Any]],
    read: Callable[[bytes], Rows[RowT]],
    *,
    attributes: Sequence[str],
    consistent: bool = True,
) -> Iterator[RowT]:
    """Read these attributes of many rows, 100 a request; in no order.

    ``table`` is the short name. What is not ``consistent`` costs half, and may be a second old.
    Raises Unavailable.
    """
    names = {f"#{place}": name for place, name in enumerate(attributes)}
    wanted = {
        "ConsistentRead": consistent,
        "ExpressionAttributeNames": names,
        "ProjectionExpression": ",".join(names),
    }
    for start in range(0, len(keys), KEYS_A_REQUEST):
        left: Any = {table_name(table): {**wanted, "Keys": keys[start : start + KEYS_A_REQUEST]}}
        for _ in range(_MAX_TRIES):
            answer = table_calls().ask("BatchGetItem", {"RequestItems": left}, read)
            yield from answer.Responses.get(table_name(table), ())
            left = answer.UnprocessedKeys
            if not left:
                break
        else:
            msg = f"the store answers only a part of what is asked of {table}"
            raise Unavailable(msg)


def change_row(
    table: str, key: Mapping[str, Any], values: Mapping[str, Mapping[str, Any] | None], *, seen: int
) -> bool:
    """Set attributes (None: remove) of a row whose version ``v`` is ``seen``; False when it is not.

    ``table`` is the short name. Raises Unavailable.
    """
    given = {name: value for name, value in values.items() if value is not None}
    gone = [f"#{name}" for name in values if name not in given]
    update = "SET " + ", ".join(f"#{name} = :{name}" for name in given)
    if gone:
        update += " REMOVE " + ", ".join(gone)
    arguments = {
        "TableName": table_name(table),
        "Key": key,
        "UpdateExpression": update,
        "ConditionExpression": "#v = :seen",
        "ExpressionAttributeNames": {f"#{name}": name for name in values},
        "ExpressionAttributeValues": {
            ":seen": number(seen),
            **{f":{name}": value for name, value in given.items()},
        },
    }
    try:
        table_calls().call("UpdateItem", arguments)
    except Refused as refusal:
        if refusal.fault == LOST:
            return False
        raise
    return True
