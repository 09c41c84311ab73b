"""DynamoDB's wire format for the calls that dispatch makes, with honest conditions, in memory.

Every conditional write is judged against the row as it is, and what it judged comes back where
DynamoDB gives it back. ``Bench.Keep`` remembers all rows, ``Bench.Restore`` brings them back. An
expression that it does not understand is an error, never a yes. Secrets Manager's one call is
answered too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from benchmarks.dispatching.http_server import Answer, Request, serve
from benchmarks.tables import table_of
from tests import statements

Item = dict[str, Any]
_SECRETS = {
    "solapi": json.dumps({"api_key": "BENCHKEY", "api_secret": "benchsecret"}),
    "master": "0123456789abcdef" * 4,
}
_EXISTS = re.compile(r"attribute_(not_)?exists ?\((\S+?)\)")
_COMPARED = re.compile(r"(\S+) (=|>=|>) (\S+)")
_CLAUSES = re.compile(r"\b(SET|ADD|REMOVE) (.+?)(?= (?:SET|ADD|REMOVE) |$)")
_COMMA = re.compile(r",\s*(?![^(]*\))")


class Refused(Exception):
    """A request that DynamoDB answers with a fault."""

    def __init__(self, code: str, item: Item | None = None) -> None:
        super().__init__(code)
        self.code, self.item = code, item


class _Operands:
    """Reads the operands of expressions: names and placeholders."""

    def __init__(self, request: Mapping[str, Any]) -> None:
        self._names = request.get("ExpressionAttributeNames") or {}
        self._values = request.get("ExpressionAttributeValues") or {}

    def name(self, text: str) -> str:
        """The attribute that is meant."""
        return self._names.get(text, text)

    def value(self, text: str, row: Item) -> Any:  # noqa: ANN401
        """The value that is meant, which may be made of the row."""
        text = text.strip()
        if call := re.fullmatch(r"(list_append|if_not_exists)\((.+)\)", text):
            function, (one, other) = call[1], _COMMA.split(call[2])
            if function == "if_not_exists":
                return row.get(self.name(one), self.value(other, row))
            return {"L": [*self.value(one, row)["L"], *self.value(other, row)["L"]]}
        return self._values[text] if text.startswith(":") else row[self.name(text)]

    def holds(self, condition: str, row: Item) -> bool:
        """Whether the row meets all parts of a condition."""
        parts = [part.strip(" ()") + ")" * part.count("(") for part in condition.split(" AND ")]
        return all(self._part_holds(part.strip(), row) for part in parts)

    def _part_holds(self, part: str, row: Item) -> bool:
        if exists := _EXISTS.fullmatch(part):
            return (self.name(exists[2]) in row) is (exists[1] is None)
        compared = _COMPARED.fullmatch(part.rstrip(")"))
        if compared is None:
            raise Refused("ValidationException")
        found = row.get(self.name(compared[1]))
        value = self.value(compared[3], row)
        if found is None or compared[2] == "=":
            return found is not None and _plain(found) == _plain(value)
        beyond = _plain(found) > _plain(value)
        return beyond or (compared[2] == ">=" and _plain(found) == _plain(value))

    def updated(self, update: str, row: Item) -> Item:
        """The row after an update."""
        new = dict(row)
        for kind, text in _CLAUSES.findall(update):
            for part in _COMMA.split(text):
                self._apply(kind, part, row, new)
        return new

    def _apply(self, kind: str, part: str, row: Item, new: Item) -> None:
        if kind == "SET":
            name, _, text = part.partition("=")
            new[self.name(name.strip())] = self.value(text, row)
        elif kind == "REMOVE":
            new.pop(self.name(part.strip()), None)
        else:
            name, text = part.split()
            new[self.name(name)] = _added(row.get(self.name(name)), self.value(text, row))


def _plain(value: Mapping[str, Any]) -> Any:  # noqa: ANN401
    ((kind, content),) = value.items()
    return float(content) if kind == "N" else content


def _added(old: Item | None, more: Item) -> Item:
    ((kind, content),) = more.items()
    if old is None:
        return more
    if kind == "N":
        return {"N": str(int(old["N"]) + int(content))}
    return {kind: [*old[kind], *(each for each in content if each not in old[kind])]}


class Tables:
    """All rows, by table, hash key and range key."""

    def __init__(self) -> None:
        self._rows: dict[str, dict[str, dict[str, Item]]] = {}
        self._kept = self._rows

    def handle(self, request: Request) -> Answer:
        """Answer one call."""
        operation = request.headers["x-amz-target"].partition(".")[2]
        arguments = json.loads(request.body or b"{}")
        try:
            answer = self._operations[operation](self, arguments)
        except Refused as fault:
            body = {"__type": f"com.amazonaws.dynamodb#{fault.code}", "message": ""}
            if fault.item and arguments.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD":
                body["Item"] = fault.item
            return Answer(json.dumps(body).encode(), 400)
        return Answer(json.dumps(answer).encode())

    def _place(self, table: str, key: Mapping[str, Any]) -> tuple[dict[str, Item], str]:
        names = table_of(table).keys
        hashed, ranged = next(iter(key[names[0]].values())), ""
        if len(names) > 1:
            ranged = next(iter(key[names[1]].values()))
        return self._rows.setdefault(table, {}).setdefault(hashed, {}), ranged

    def get_item(self, request: Item) -> Item:
        """GetItem."""
        found = self.get(request["TableName"], request["Key"])
        return {} if found is None else {"Item": _projected(found, request)}

    def batch_get(self, request: Item) -> Item:
        """BatchGetItem."""
        answer: dict[str, list[Item]] = {}
        for table, wanted in request["RequestItems"].items():
            found = [self.get(table, key) for key in wanted["Keys"]]
            answer[table] = [_projected(each, wanted) for each in found if each is not None]
        return {"Responses": answer, "UnprocessedKeys": {}}

    def query(self, request: Item) -> Item:
        """Query, by the hash key and perhaps one bound of the range key."""
        operands = _Operands(request)
        names = table_of(request["TableName"]).keys
        condition = request["KeyConditionExpression"]
        hashed = re.search(r"(\S+) = (:\w+)", condition)
        if hashed is None or operands.name(hashed[1].strip("(")) != names[0]:
            raise Refused("ValidationException")
        value = next(iter(operands.value(hashed[2], {}).values()))
        rows = self._rows.get(request["TableName"], {}).get(value, {})
        found = [row for _, row in sorted(rows.items()) if operands.holds(condition, row)]
        if request.get("ScanIndexForward") is False:
            found.reverse()
        found = found[: request.get("Limit") or len(found)]
        return {"Items": found, "Count": len(found), "ScannedCount": len(found)}

    def put_item(self, request: Item) -> Item:
        """PutItem."""
        rows, place = self._place(request["TableName"], request["Item"])
        self._judge(request, rows.get(place))
        rows[place] = request["Item"]
        return {}

    def batch_write(self, request: Item) -> Item:
        """BatchWriteItem, of puts."""
        for table, writes in request["RequestItems"].items():
            for write in writes:
                rows, place = self._place(table, write["PutRequest"]["Item"])
                rows[place] = write["PutRequest"]["Item"]
        return {"UnprocessedItems": {}}

    def update(self, request: Item) -> Item:
        """UpdateItem."""
        rows, place = self._place(request["TableName"], request["Key"])
        self._judge(request, rows.get(place))
        old = rows.get(place, dict(request["Key"]))
        new = _Operands(request).updated(request["UpdateExpression"], old)
        rows[place] = new
        return {"Attributes": new} if request.get("ReturnValues") == "ALL_NEW" else {}

    def _judge(self, request: Item, row: Item | None) -> None:
        condition = request.get("ConditionExpression")
        if condition and not _Operands(request).holds(condition, row or {}):
            raise Refused("ConditionalCheckFailedException", row)

    def batch_execute(self, request: Item) -> Item:
        """BatchExecuteStatement."""
        return {"Responses": statements.batch(request["Statements"], self)}

    def key(self, table: str, values: Mapping[str, Any]) -> Item:
        """The values of the table's key among these."""
        return {name: values[name] for name in table_of(table).keys}

    def get(self, table: str, key: Mapping[str, Any]) -> Item | None:
        """Read a row."""
        rows, place = self._place(table, key)
        return rows.get(place)

    def put(self, table: str, row: Item) -> None:
        """Write a row."""
        rows, place = self._place(table, row)
        rows[place] = row

    def secret(self, request: Item) -> Item:
        """GetSecretValue."""
        return {"SecretString": _SECRETS[request["SecretId"]]}

    def keep(self, _: Item) -> Item:
        """Remember all rows. Rows are replaced and never changed, so copies of the maps do."""
        self._kept = _copied(self._rows)
        return {}

    def restore(self, _: Item) -> Item:
        """Bring the remembered rows back."""
        self._rows = _copied(self._kept)
        return {}

    _operations: Mapping[str, Callable[[Tables, Item], Item]] = {
        "GetItem": get_item,
        "BatchGetItem": batch_get,
        "Query": query,
        "PutItem": put_item,
        "BatchWriteItem": batch_write,
        "UpdateItem": update,
        "BatchExecuteStatement": batch_execute,
        "GetSecretValue": secret,
        "Keep": keep,
        "Restore": restore,
    }


def _copied(
    rows: Mapping[str, Mapping[str, Mapping[str, Item]]],
) -> dict[str, dict[str, dict[str, Item]]]:
    return {
        table: {hashed: dict(ranged) for hashed, ranged in of_table.items()}
        for table, of_table in rows.items()
    }


def _projected(row: Item, request: Mapping[str, Any]) -> Item:
    projection = request.get("ProjectionExpression")
    if not projection:
        return row
    operands = _Operands(request)
    names = [operands.name(name.strip()) for name in projection.split(",")]
    return {name: row[name] for name in names if name in row}


if __name__ == "__main__":
    serve(Tables().handle)
