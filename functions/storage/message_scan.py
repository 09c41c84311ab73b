"""What became of all messages, by a scan of the batches: nothing is written per message for it."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby, islice
from typing import Any
from zoneinfo import ZoneInfo

from functions.domain.activity import ActivityKey, DayTotal
from functions.domain.engagement import engagement
from functions.domain.ids import ContactId
from functions.domain.people_scan import Scanned, ScanPlace
from functions.domain.segment import Subject
from functions.storage.base import item_count, read_units_of
from functions.storage.batches import BatchItem, told_of
from functions.storage.histories import HistoryStore
from functions.storage.replies import replies_in

Rows = list[BatchItem]
_TOLD = ("META", "RECIPIENTS", "STATE", "CLICKS", "REPLIES")
_NEWEST = 100
"""Messages of one person: what became of older ones a refresh tells, this does not."""


class MessageScan:
    """Reads the batches segment by segment."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone

    def items(self) -> int:
        """About how many rows the table has; AWS counts every six hours."""
        return item_count("batches")

    def scan(self, place: ScanPlace, *, now: datetime) -> Iterator[tuple[Scanned, str | None]]:  # noqa: ARG002  # as people are
        """Read a segment page by page; each with where the next begins (None: it was the last).

        The rows of a batch stand together; one that a page's end cuts is left to the next.
        """
        start = None if place.position is None else json.loads(place.position)
        scan = BatchItem.scan(
            segment=place.segment, total_segments=place.segments, last_evaluated_key=start
        )
        rest: Rows = []
        units = 0.0
        for page in scan.page_iter:
            rows = rest + list(map(BatchItem.from_raw_data, page["Items"]))
            last = scan.page_iter.last_evaluated_key is None
            whole, rest = (rows, []) if last else _parted(rows)
            units += read_units_of(page)
            if last or whole:
                told = tuple(self._told(whole))
                after = None if last else json.dumps(_key(whole[-1]))
                yield Scanned(whole=(), strays=told, read_units=units), after
                units = 0.0

    def of(self, contact_id: ContactId) -> Mapping[ActivityKey, Sequence[DayTotal]]:
        """What became of a person's newest messages."""
        newest = islice(HistoryStore().of(contact_id), _NEWEST)
        batches = {number.batch for _, number in newest}
        keys = [(number, kind) for number in batches for kind in _TOLD]
        rows = sorted(BatchItem.batch_get(keys), key=lambda row: int(row.batch))
        told = (each for each in self._told(rows) if each.contact_id == contact_id)
        return next((each.activity for each in told), {})

    def _told(self, rows: Rows) -> Iterator[Subject]:
        activity: defaultdict[ContactId, list[tuple[ActivityKey, DayTotal]]] = defaultdict(list)
        for _, of_batch in groupby(rows, key=lambda row: int(row.batch)):
            batch = tuple(of_batch)
            found = told_of(batch)
            if found is None:
                continue
            recipients, state, clicks, source = found
            replies = replies_in(batch, len(recipients))
            for contact_id, told in engagement(
                recipients, state, clicks, replies, source=source, zone=self._zone
            ):
                activity[contact_id] += told
        for contact_id, told in activity.items():
            yield Subject(contact_id=contact_id, activity=_by_key(told))


def _by_key(told: Iterable[tuple[ActivityKey, DayTotal]]) -> dict[ActivityKey, list[DayTotal]]:
    found: defaultdict[ActivityKey, list[DayTotal]] = defaultdict(list)
    for key, total in told:
        found[key].append(total)
    return dict(found)


def _parted(rows: Rows) -> tuple[Rows, Rows]:
    """Part from the rows of the last batch: more of it may follow."""
    last = rows[-1].batch if rows else None
    border = next((i for i, row in enumerate(rows) if row.batch == last), 0)
    return rows[:border], rows[border:]


def _key(row: BatchItem) -> dict[str, dict[str, Any]]:
    return {"batch": {"N": str(int(row.batch))}, "kind": {"S": row.kind}}
