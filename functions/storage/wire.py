"""Rows as they travel, for the calls that go past PynamoDB."""

from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from functions.contracts.errors import Unavailable
from functions.runtime.settings import table_name
from functions.runtime.signed_client import Refused
from functions.runtime.table_calls import table_calls
from functions.storage.base import Item

ItemT = TypeVar("ItemT", bound=Item)
KEYS_A_REQUEST = 100
"""So many a request are allowed."""
_MAX_TRIES = 10
LOST = "ConditionalCheckFailedException"


def number(value: int) -> dict[str, str]:
    """A whole number."""
    return {"N": str(value)}


def binary(content: bytes) -> dict[str, str]:
    """A binary value."""
    return {"B": b64encode(content).decode()}


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
    arguments = {"TableName": table_name(meta.table), "Key": key, "ConsistentRead": True}
    row = table_calls().call("GetItem", arguments).get("Item")
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


def get_rows(
    table: str, keys: Sequence[Mapping[str, Any]], *, attributes: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """Read these attributes of many rows, consistently, 100 a request; in no order.

    ``table`` is the short name. Raises Unavailable.
    """
    names = {f"#{place}": name for place, name in enumerate(attributes)}
    wanted = {
        "ConsistentRead": True,
        "ExpressionAttributeNames": names,
        "ProjectionExpression": ",".join(names),
    }
    for start in range(0, len(keys), KEYS_A_REQUEST):
        left: Any = {table_name(table): {**wanted, "Keys": keys[start : start + KEYS_A_REQUEST]}}
        for _ in range(_MAX_TRIES):
            answer = table_calls().call("BatchGetItem", {"RequestItems": left})
            yield from answer["Responses"].get(table_name(table), ())
            left = answer.get("UnprocessedKeys")
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
