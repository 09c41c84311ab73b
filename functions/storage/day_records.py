"""Compliance records: a row a day that says how far it has come, and its parts in the bucket."""

import hashlib
import zlib
from collections.abc import Iterable
from datetime import date

from pynamodb.attributes import (
    ListAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UTCDateTimeAttribute,
)

from functions.domain.compliance import DayRecord
from functions.domain.ids import BatchNumber
from functions.domain.record_chain import Link
from functions.storage.base import Item, written
from functions.storage.objects import GZIP, ObjectStore

_DAY = "day"


class DayRecordItem(Item):
    """The record of one day. All are of one kind, so that they are read in order."""

    class Meta:
        """Short name of the table."""

        table = "records"

    kind = UnicodeAttribute(hash_key=True)
    day = UnicodeAttribute(range_key=True)
    files = ListAttribute(of=UnicodeAttribute)
    seq = NumberAttribute()
    digest = UnicodeAttribute()
    last_batch = NumberAttribute()
    sealed = UTCDateTimeAttribute(null=True)


class DayRecordStore:
    """Reads and writes the records of days."""

    def newest(self) -> DayRecord | None:
        """The record of the newest day, consistently."""
        rows = DayRecordItem.query(_DAY, scan_index_forward=False, limit=1, consistent_read=True)
        item = next(iter(rows), None)
        return None if item is None else _to_record(item)

    def of_days(self, first: date, last: date) -> tuple[DayRecord, ...]:
        """The records of these days, oldest first."""
        days = DayRecordItem.day.between(first.isoformat(), last.isoformat())
        return tuple(map(_to_record, DayRecordItem.query(_DAY, days, consistent_read=True)))

    def advance(self, before: DayRecord | None, after: DayRecord) -> bool:
        """Store a step forward, unless somebody else took one since ``before``."""
        unchanged = (
            DayRecordItem.day.does_not_exist()
            if before is None
            else (DayRecordItem.seq == before.link.seq) & DayRecordItem.sealed.does_not_exist()
        )
        return written(lambda: _to_item(after).save(condition=unchanged))

    def put_part(self, day: date, lines: Iterable[bytes]) -> str:
        """Write a part under a name that its content makes; gives the name."""
        packer = zlib.compressobj(wbits=GZIP)
        body = b"".join([*map(packer.compress, lines), packer.flush()])
        name = hashlib.sha256(body).hexdigest()[:24]
        key = f"compliance/{day.isoformat()}/{name}.jsonl.gz"
        ObjectStore().put_bytes(key, body, content_type="application/gzip")
        return key

    def download_url(self, key: str) -> str:
        """Where a part can be read for 15 minutes."""
        return ObjectStore().download_url(key)


def _to_item(record: DayRecord) -> DayRecordItem:
    return DayRecordItem(
        _DAY,
        record.day.isoformat(),
        files=list(record.files),
        seq=record.link.seq,
        digest=record.link.digest,
        last_batch=record.last_batch,
        sealed=record.sealed,
    )


def _to_record(item: DayRecordItem) -> DayRecord:
    return DayRecord(
        day=date.fromisoformat(item.day),
        link=Link(seq=int(item.seq), digest=item.digest),
        files=tuple(map(str, item.files or ())),
        last_batch=BatchNumber(int(item.last_batch)),
        sealed=item.sealed,
    )
