"""The two PartiQL statements that our code makes, as DynamoDB carries them out one by one.

moto takes a condition that does not hold for nothing to do, and knows no ``list_append``. A
statement that is not understood is an error, never a success.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

Item = dict[str, Any]
_INSERT = re.compile(r'INSERT INTO "([^"]+)" VALUE \{(.+)\}')
_UPDATE = re.compile(r'UPDATE "([^"]+)" SET (.+?) WHERE (.+?)(?: RETURNING (ALL NEW) \*)?')
_COMMA = re.compile(r",\s*(?![^(]*\))")
_APPEND = re.compile(r"list_append\((\w+), \?\)")
MOST = 25


class Rows(Protocol):
    """The tables."""

    def key(self, table: str, values: Mapping[str, Any]) -> Item:
        """The values of the table's key among these."""

    def get(self, table: str, key: Item) -> Item | None:
        """Read a row."""

    def put(self, table: str, row: Item) -> None:
        """Write a row."""


def batch(statements: Sequence[Mapping[str, Any]], rows: Rows) -> list[Item]:
    """What BatchExecuteStatement answers."""
    if not 1 <= len(statements) <= MOST:
        raise ValueError(len(statements))
    return [_executed(each, rows) for each in statements]


def written_by(statement: Mapping[str, Any]) -> tuple[str, Item]:
    """The table that a statement writes to, and the values that it names of the row."""
    text, parameters = statement["Statement"], iter(statement["Parameters"])
    if insert := _INSERT.fullmatch(text):
        return insert[1], _named(insert[2], ":", _COMMA, parameters)
    update = _update(text)
    for _ in range(update[2].count("?")):
        next(parameters)
    return update[1], _named(update[3], "=", re.compile(" AND "), parameters)


def _executed(statement: Mapping[str, Any], rows: Rows) -> Item:
    table, values = written_by(statement)
    found = rows.get(table, rows.key(table, values))
    if _INSERT.fullmatch(statement["Statement"]):
        if found is not None:
            return _error("DuplicateItem", statement, None)
        rows.put(table, values)
        return {"TableName": table}
    if found is None or any(found.get(name) != value for name, value in values.items()):
        return _error("ConditionalCheckFailed", statement, found)
    update = _update(statement["Statement"])
    new = found | _set(update[2], found, iter(statement["Parameters"]))
    rows.put(table, new)
    return {"TableName": table, "Item": new} if update[4] else {"TableName": table}


def _error(code: str, statement: Mapping[str, Any], row: Item | None) -> Item:
    error: Item = {"Code": code, "Message": "not as it was"}
    if row and statement.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD":
        error["Item"] = row
    return {"Error": error}


def _update(text: str) -> re.Match[str]:
    update = _UPDATE.fullmatch(text)
    if update is None:
        raise ValueError(text)
    return update


def _named(
    text: str, sign: str, between: re.Pattern[str], parameters: Iterator[Any]
) -> dict[str, Any]:
    named = {}
    for part in between.split(text):
        name, _, value = part.partition(sign)
        if value.strip() != "?":
            raise ValueError(text)
        named[name.strip(" '\"")] = next(parameters)
    return named


def _set(text: str, row: Item, parameters: Iterator[Any]) -> Item:
    new = {}
    for part in text.split(" SET "):
        name, _, value = part.partition(" = ")
        if append := _APPEND.fullmatch(value):
            new[name] = {"L": [*row[append[1]]["L"], *next(parameters)["L"]]}
        elif value == "?":
            new[name] = next(parameters)
        else:
            raise ValueError(text)
    return new
