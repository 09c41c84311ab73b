"""Reports of carriers, merged into the batches whose messages they are about."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import ceil
from typing import Protocol

from functions.channels.base import CallbackReader, DeliveryEvent
from functions.contracts.codec import to_body
from functions.contracts.errors import PayloadTooLarge
from functions.contracts.queues import CallbackReceived, OptOutReceived
from functions.domain.follow_up import Condition
from functions.domain.ids import BatchNumber
from functions.domain.message import BatchState
from functions.domain.reason import FailureReason

_SMALLEST_CUT = 2


class Batches(Protocol):
    """The store of batches."""

    def change_state(
        self, number: BatchNumber, change: Callable[[BatchState], BatchState | None]
    ) -> BatchState | None:
        """Apply a change to the newest state. Raises LookupError for an unknown batch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptDeps:
    """What merging needs.

    ``opted_out`` hands on whose messages were refused for that reason. ``followed`` has a batch
    looked at of which a fact was recorded.
    """

    batches: Batches
    reader: Callable[[str], CallbackReader | None]
    opted_out: Callable[[Sequence[OptOutReceived]], None]
    followed: Callable[[BatchNumber, Condition], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """What came of some callbacks, for the log."""

    events: int
    batches: int
    unknown_batches: int
    opted_out: int = 0


def merge(callbacks: Iterable[CallbackReceived], *, deps: ReceiptDeps, now: datetime) -> Merged:
    """Merge all reports, one write per batch; hand on first who had opted out.

    Raises ValueError for an unreadable callback.
    """
    events_by_batch: defaultdict[BatchNumber, list[DeliveryEvent]] = defaultdict(list)
    for callback in callbacks:
        for event in _read(callback, deps, now):
            events_by_batch[event.ref.batch].append(event)
    refused = _opted_out(each for events in events_by_batch.values() for each in events)
    deps.opted_out(refused)
    unknown = sum(not _merge(number, each, deps) for number, each in events_by_batch.items())
    return Merged(
        events=sum(len(each) for each in events_by_batch.values()),
        batches=len(events_by_batch) - unknown,
        unknown_batches=unknown,
        opted_out=len(refused),
    )


def _opted_out(events: Iterable[DeliveryEvent]) -> list[OptOutReceived]:
    return [
        OptOutReceived(
            batch=event.ref.batch,
            ordinal=event.ref.ordinal,
            at=ceil(event.receipt.at.timestamp()),
        )
        for event in events
        if event.receipt.reason is FailureReason.OPTED_OUT
    ]


def split(callback: CallbackReceived, *, most_bytes: int) -> Iterator[CallbackReceived]:
    """Cut a callback that is a long array into ones that a queue takes.

    Raises PayloadTooLarge for what cannot be cut.
    """
    if len(to_body(callback)) <= most_bytes:
        yield callback
        return
    for half in _halves(callback.body):
        yield from split(replace(callback, body=half), most_bytes=most_bytes)


def _halves(body: str) -> tuple[str, str]:
    try:
        items = json.loads(body)
    except (ValueError, RecursionError):
        items = None
    if not isinstance(items, list) or len(items) < _SMALLEST_CUT:
        msg = "The callback is larger than a queue message may be."
        raise PayloadTooLarge(msg)
    middle = len(items) // 2
    return json.dumps(items[:middle]), json.dumps(items[middle:])


def _read(
    callback: CallbackReceived, deps: ReceiptDeps, now: datetime
) -> tuple[DeliveryEvent, ...]:
    reader = deps.reader(callback.provider)
    if reader is None:
        msg = "a callback of an unknown provider"
        raise ValueError(msg)
    return reader.read(callback.body, now=now)


def _merge(number: BatchNumber, events: Iterable[DeliveryEvent], deps: ReceiptDeps) -> bool:
    receipts = [(event.ref.ordinal, event.receipt) for event in events]
    try:
        deps.batches.change_state(number, lambda state: state.with_receipts(receipts))
    except LookupError:
        return False
    if any(receipt.delivered for _, receipt in receipts):
        deps.followed(number, Condition.DELIVERED)
    return True
