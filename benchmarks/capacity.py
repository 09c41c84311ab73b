"""Counts what AWS would bill, from the requests that our own code makes.

Emulators count reads as constants, so capacity units are computed here from item sizes by the
published rules (DynamoDB developer guide, "Read and write operations", "Item sizes and
formats"): a write costs one unit per started KB of the larger of old and new item, a read half a
unit (consistent: one) per started 4 KB, transactions twice that; an entry of an index that changes
is a write of its own. A request to SQS costs one for each started 64 KB (SQS pricing page).
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.model import OperationModel
from botocore.session import Session

from benchmarks.tables import table_of
from tests.statements import written_by

Item = Mapping[str, Mapping[str, Any]]
_WRITE_BYTES, _READ_BYTES, _QUEUE_BYTES = 1024, 4096, 65_536
_S3_READS = frozenset({"GetObject", "HeadObject", "HeadBucket"})
_S3_FREE = frozenset({"DeleteObject", "DeleteObjects", "AbortMultipartUpload"})
_RECEIVE_AND_DELETE = 2
"""What Lambda's poller adds for each delivered batch of queue messages."""


def item_bytes(item: Item) -> int:
    """Size of an item as DynamoDB counts it."""
    return sum(len(name.encode()) + _value_bytes(value) for name, value in item.items())


def _value_bytes(value: Mapping[str, Any]) -> int:
    ((kind, content),) = value.items()
    sizes: dict[str, Callable[[Any], int]] = {
        "S": lambda text: len(text.encode()),
        "B": len,
        "N": lambda number: math.ceil(len(str(number).lstrip("-").replace(".", "")) / 2) + 1,
        "BOOL": lambda _: 1,
        "NULL": lambda _: 1,
        "SS": lambda each: sum(len(text.encode()) for text in each),
        "NS": lambda each: sum(math.ceil(len(str(n)) / 2) + 1 for n in each),
        "BS": lambda each: sum(len(data) for data in each),
        "L": lambda each: 3 + sum(1 + _value_bytes(element) for element in each),
        "M": lambda each: 3 + len(each) + item_bytes(each),
    }
    return sizes[kind](content)


@dataclass
class Meter:
    """Requests and units since the last reset."""

    requests: Counter[str] = field(default_factory=Counter)
    wru: float = 0
    rru: float = 0
    wru_by_table: Counter[str] = field(default_factory=Counter)
    rru_by_table: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    sqs: int = 0
    s3_put: int = 0
    s3_get: int = 0

    def reset(self) -> None:
        """Start anew."""
        self.requests.clear()
        self.wru_by_table.clear()
        self.rru_by_table.clear()
        self.wru = self.rru = 0
        self.sqs = self.s3_put = self.s3_get = 0

    def delivered(self, invocations: int) -> None:
        """Count the poller's requests for as many invocations of a queue's consumer."""
        self.sqs += invocations * _RECEIVE_AND_DELETE

    def write(self, table: str, *sizes: int, factor: int = 1) -> None:
        """Count one write."""
        units = factor * max(1, math.ceil(max(sizes) / _WRITE_BYTES))
        self.wru += units
        self.wru_by_table[table] += units

    def read(self, table: str, size: int, *, consistent: bool) -> None:
        """Count one read of so many bytes."""
        units = max(1, math.ceil(size / _READ_BYTES)) * (1 if consistent else 0.5)
        self.rru += units
        self.rru_by_table[table] += units


def _as_it_is(handler: Callable[..., None]) -> Callable[..., None]:
    return handler


def attach(
    meter: Meter,
    session: Session,
    look: Callable[[str, Item], Item],
    *,
    aside: Callable[[Callable[..., None]], Callable[..., None]] = _as_it_is,
) -> None:
    """Count what clients of this session do from now on.

    ``look`` reads an item (table, key) without being counted; ``aside`` wraps the meter's own
    work, for those who measure time.
    """
    watcher = _Watcher(meter, look)
    session.register("provide-client-params.dynamodb", aside(watcher.before))
    session.register("after-call.dynamodb", aside(watcher.after))
    session.register("provide-client-params.sqs", aside(watcher.before_sqs))
    session.register("after-call.sqs", aside(watcher.after_sqs))
    session.register("after-call.s3", aside(watcher.after_s3))


class _Watcher:
    def __init__(self, meter: Meter, look: Callable[[str, Item], Item]) -> None:
        self._meter, self._look = meter, look
        self._writes: list[tuple[str, Item, Item, int]] = []
        self._sent_bytes = 0
        self._params: Mapping[str, Any] = {}

    def before(self, params: Mapping[str, Any], model: OperationModel, **_: object) -> None:
        self._params = params
        factor = 2 if model.name.startswith("Transact") else 1
        self._writes = [
            (table, key, self._look(table, key), factor)
            for table, key in _keys_written(model.name, params)
        ]

    def after(self, model: OperationModel, parsed: Mapping[str, Any], **_: object) -> None:
        self._meter.requests[f"dynamodb.{model.name}"] += 1
        for table, key, old, factor in self._writes:
            new = self._look(table, key)
            self._meter.write(table, item_bytes(old), item_bytes(new), factor=factor)
            self._count_indexes(table, old, new)
        self._count_reads(model.name, parsed)
        self._writes = []

    def _count_indexes(self, table: str, old: Item, new: Item) -> None:
        entries_of = table_of(table).index_entries
        before, after = dict(entries_of(old)), dict(entries_of(new))
        for place in before.keys() | after.keys():
            was, became = before.get(place, {}), after.get(place, {})
            if was != became:
                self._meter.write(table, item_bytes(was), item_bytes(became))

    def before_sqs(self, params: Mapping[str, Any], **_: object) -> None:
        entries = params.get("Entries", [params])
        self._sent_bytes = sum(len(each.get("MessageBody", "").encode()) for each in entries)

    def after_sqs(self, model: OperationModel, **_: object) -> None:
        if model.name.startswith("Send"):
            self._meter.requests[f"sqs.{model.name}"] += 1
            self._meter.sqs += max(1, math.ceil(self._sent_bytes / _QUEUE_BYTES))

    def after_s3(self, model: OperationModel, **_: object) -> None:
        self._meter.requests[f"s3.{model.name}"] += 1
        if model.name in _S3_READS:
            self._meter.s3_get += 1
        elif model.name not in _S3_FREE:
            self._meter.s3_put += 1

    def _count_reads(self, operation: str, answer: Mapping[str, Any]) -> None:
        params = self._params
        consistent = bool(params.get("ConsistentRead"))
        if operation == "GetItem":
            size = item_bytes(answer.get("Item", {}))
            self._meter.read(params["TableName"], size, consistent=consistent)
        elif operation in ("Query", "Scan"):
            size = sum(item_bytes(item) for item in answer.get("Items", ()))
            share = answer.get("ScannedCount", 1) / max(answer.get("Count", 1), 1)
            size = int(size * max(share, 1))
            self._meter.read(params["TableName"], size, consistent=consistent)
        elif operation == "BatchGetItem":
            self._count_batch(params, answer)

    def _count_batch(self, params: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        for table, request in params["RequestItems"].items():
            found = answer.get("Responses", {}).get(table, ())
            if "ProjectionExpression" in request:
                # What is left out of the answer was read all the same.
                found = [row for key in request["Keys"] if (row := self._look(table, key))]
            missing = len(request["Keys"]) - len(found)
            for size in [*(item_bytes(item) for item in found), *([0] * missing)]:
                consistent = bool(request.get("ConsistentRead"))
                self._meter.read(table, size, consistent=consistent)


def _keys_written(operation: str, params: Mapping[str, Any]) -> list[tuple[str, Item]]:
    match operation:
        case "UpdateItem" | "DeleteItem":
            return [(params["TableName"], params["Key"])]
        case "PutItem":
            return [(params["TableName"], _key(params["TableName"], params["Item"]))]
        case "BatchWriteItem":
            return [
                (table, _batched_key(table, each))
                for table, requests in params["RequestItems"].items()
                for each in requests
            ]
        case "BatchExecuteStatement":
            return [_stated(each) for each in params["Statements"]]
        case "TransactWriteItems":
            return [_transacted(each) for each in params["TransactItems"]]
        case _:
            return []


def _batched_key(table: str, request: Mapping[str, Any]) -> Item:
    if "PutRequest" in request:
        return _key(table, request["PutRequest"]["Item"])
    key: Item = request["DeleteRequest"]["Key"]
    return key


def _transacted(entry: Mapping[str, Any]) -> tuple[str, Item]:
    ((kind, write),) = entry.items()
    key = _key(write["TableName"], write["Item"]) if kind == "Put" else write["Key"]
    return write["TableName"], key


def _stated(statement: Mapping[str, Any]) -> tuple[str, Item]:
    table, values = written_by(statement)
    return table, _key(table, values)


def _key(table: str, item: Item) -> Item:
    return {name: item[name] for name in table_of(table).keys}
