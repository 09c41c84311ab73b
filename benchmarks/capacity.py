"""Counts what AWS would bill, from the requests that our own code makes.

Emulators count reads as constants, so capacity units are computed here from item sizes by the
published rules (DynamoDB developer guide, "Read and write operations", "Item sizes and
formats"): a write costs one unit per started KB of the larger of old and new item, a read half a
unit (consistent: one) per started 4 KB, transactions twice that.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.model import OperationModel
from botocore.session import Session

Item = Mapping[str, Mapping[str, Any]]
_WRITE_BYTES, _READ_BYTES = 1024, 4096
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

    def reset(self) -> None:
        """Start anew."""
        self.requests.clear()
        self.wru_by_table.clear()
        self.rru_by_table.clear()
        self.wru = self.rru = 0
        self.sqs = 0

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


def attach(meter: Meter, session: Session, look: Callable[[str, Item], Item]) -> None:
    """Count what clients of this session do from now on.

    ``look`` reads an item (table, key) without being counted.
    """
    watcher = _Watcher(meter, look)
    session.register("provide-client-params.dynamodb", watcher.before)
    session.register("after-call.dynamodb", watcher.after)
    session.register("after-call.sqs", watcher.after_sqs)


class _Watcher:
    def __init__(self, meter: Meter, look: Callable[[str, Item], Item]) -> None:
        self._meter, self._look = meter, look
        self._writes: list[tuple[str, Item, int, int]] = []
        self._params: Mapping[str, Any] = {}

    def before(self, params: Mapping[str, Any], model: OperationModel, **_: object) -> None:
        self._params = params
        factor = 2 if model.name.startswith("Transact") else 1
        self._writes = [
            (table, key, item_bytes(self._look(table, key)), factor)
            for table, key in _keys_written(model.name, params)
        ]

    def after(self, model: OperationModel, parsed: Mapping[str, Any], **_: object) -> None:
        self._meter.requests[f"dynamodb.{model.name}"] += 1
        for table, key, old_bytes, factor in self._writes:
            new_bytes = item_bytes(self._look(table, key))
            self._meter.write(table, old_bytes, new_bytes, factor=factor)
        self._count_reads(model.name, parsed)
        self._writes = []

    def after_sqs(self, model: OperationModel, **_: object) -> None:
        if model.name.startswith("Send"):
            self._meter.requests[f"sqs.{model.name}"] += 1
            self._meter.sqs += 1

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
            missing = len(request["Keys"]) - len(found)
            for size in [*(item_bytes(item) for item in found), *([0] * missing)]:
                consistent = bool(request.get("ConsistentRead"))
                self._meter.read(table, size, consistent=consistent)


_KEYS = {
    "addresses": ("address_hash",),
    "batches": ("batch", "kind"),
    "campaigns": ("campaign_id", "kind"),
    "consents": ("contact_id", "seq"),
    "contacts": ("contact_id", "kind"),
    "images": ("image_id",),
    "imports": ("import_id",),
    "keys": ("key_id",),
    "policies": ("name", "version"),
    "requests": ("request_key",),
    "senders": ("sender_id",),
    "suppressions": ("address_hash",),
    "templates": ("template_id", "version"),
    "timers": ("slot", "due_id"),
}


def _keys_written(operation: str, params: Mapping[str, Any]) -> list[tuple[str, Item]]:
    match operation:
        case "UpdateItem" | "DeleteItem":
            return [(params["TableName"], params["Key"])]
        case "PutItem":
            return [(params["TableName"], _key(params["TableName"], params["Item"]))]
        case "BatchWriteItem":
            return [
                (table, _key(table, each["PutRequest"]["Item"]))
                for table, requests in params["RequestItems"].items()
                for each in requests
                if "PutRequest" in each
            ]
        case "TransactWriteItems":
            return [_transacted(each) for each in params["TransactItems"]]
        case _:
            return []


def _transacted(entry: Mapping[str, Any]) -> tuple[str, Item]:
    ((kind, write),) = entry.items()
    key = _key(write["TableName"], write["Item"]) if kind == "Put" else write["Key"]
    return write["TableName"], key


def _key(table: str, item: Item) -> Item:
    short = table.rsplit("-", 1)[-1]
    return {name: item[name] for name in _KEYS[short]}
