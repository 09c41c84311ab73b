"""The log of accesses to personal data: appended, read by day or by person, gone after two years.

A day is spread over shards, so that no partition takes the writes of a whole day.
"""

import zlib
from collections.abc import Iterator
from datetime import UTC, date, datetime

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from functions.contracts.page import Page, Position
from functions.domain.access_log import KEPT_FOR, Access
from functions.storage.base import Item, position_of, start_key

_SHARDS = 4


class BySubject(GlobalSecondaryIndex["AuditItem"]):  # type: ignore[no-untyped-call]  # PynamoDB's own
    """Accesses to one person's data, oldest first."""

    class Meta:
        """Name of the index."""

        index_name = "by_subject"
        projection = AllProjection()

    subject = UnicodeAttribute(hash_key=True)
    at = UnicodeAttribute(range_key=True)


class AuditItem(Item):
    """One access. ``at`` is the moment and the request, so that it is unique."""

    class Meta:
        """Short name of the table."""

        table = "audit"

    day = UnicodeAttribute(hash_key=True)
    at = UnicodeAttribute(range_key=True)
    key_id = UnicodeAttribute(null=True)
    route = UnicodeAttribute(null=True)
    status = NumberAttribute(null=True)
    subject = UnicodeAttribute(null=True)
    ip = UnicodeAttribute(null=True)
    expires_at = NumberAttribute(null=True)

    by_subject = BySubject()


class AuditStore:
    """Appends to and reads the log."""

    def add(self, access: Access) -> None:
        """Append one access."""
        AuditItem(
            _day(access.at.astimezone(UTC).date(), zlib.crc32(access.request_id.encode())),
            f"{access.at.astimezone(UTC).isoformat()}#{access.request_id}",
            key_id=access.key_id,
            route=access.route,
            status=access.status,
            # Lists are of nobody in particular: left out, so that the index stays sparse.
            subject=access.subject or None,
            ip=access.ip,
            expires_at=int((access.at + KEPT_FOR).timestamp()),
        ).save()

    def of_day(
        self, day: date, shard: int, *, limit: int, position: Position | None
    ) -> Page[Access]:
        """Read a shard of a day (of UTC), oldest first."""
        query = AuditItem.query(
            _day(day, shard), page_size=limit, limit=limit, last_evaluated_key=start_key(position)
        )
        found = tuple(_to_access(item) for item in query)
        return Page(items=found, after=position_of(query.last_evaluated_key))

    def of_subject(self, subject: str) -> Iterator[Access]:
        """Read all accesses to one person's data, oldest first."""
        return (_to_access(item) for item in AuditItem.by_subject.query(subject))

    @property
    def shards(self) -> int:
        """How many shards a day has."""
        return _SHARDS


def _day(day: date, shard: int) -> str:
    return f"{day.isoformat()}#{shard % _SHARDS}"


def _to_access(item: AuditItem) -> Access:
    at, _, request_id = item.at.partition("#")
    return Access(
        at=datetime.fromisoformat(at),
        request_id=request_id,
        key_id=item.key_id or "",
        route=item.route or "",
        status=int(item.status or 0),
        subject=item.subject or "",
        ip=item.ip or "",
    )
