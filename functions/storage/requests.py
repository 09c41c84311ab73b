"""Send requests: which batches a request made, so that repeating it makes no others.

The table also holds the answers that Powertools replays; the keys have different prefixes.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute

from functions.domain.batch import KEEP_REQUEST, Binding
from functions.domain.ids import BatchNumber
from functions.storage.base import Item, written

_PREFIX = "send#"


class RequestItem(Item):
    """One request."""

    class Meta:
        """Short name of the table."""

        table = "requests"

    request_key = UnicodeAttribute(hash_key=True)
    batches = JSONAttribute(null=True)
    fingerprint = UnicodeAttribute(null=True)
    data = UnicodeAttribute(null=True)
    expires_at = NumberAttribute(null=True)


class RequestStore:
    """Remembers send requests, longer than their answers are replayed."""

    def find(self, request_id: str) -> Binding | None:
        """Read what a request was bound to; None when it is new."""
        try:
            item = RequestItem.get(_PREFIX + request_id, consistent_read=True)
        except RequestItem.DoesNotExist:
            return None
        numbers = tuple(BatchNumber(number) for number in item.batches or ())
        return Binding(batches=numbers, fingerprint=item.fingerprint or "")

    def erase(self, texts: Collection[str]) -> int:
        """Delete what is kept of requests whose stored answer has one of these texts.

        Looks through the whole table, which holds two days at most.
        """
        found = 0
        for item in RequestItem.scan(RequestItem.data.exists(), attributes_to_get=None):
            if any(text in (item.data or "") for text in texts):
                item.delete()
                found += 1
        return found

    def claim(
        self,
        request_id: str,
        batches: Sequence[BatchNumber],
        *,
        now: datetime,
        fingerprint: str = "",
        keep: timedelta = KEEP_REQUEST,
    ) -> tuple[BatchNumber, ...]:
        """Bind the request to these batches, or give those it was bound to before."""
        item = RequestItem(
            _PREFIX + request_id,
            batches=list(batches),
            fingerprint=fingerprint,
            expires_at=int((now + keep).timestamp()),
        )
        if written(lambda: item.save(condition=RequestItem.request_key.does_not_exist())):
            return tuple(batches)
        earlier = RequestItem.get(_PREFIX + request_id, consistent_read=True)
        return tuple(BatchNumber(number) for number in earlier.batches or ())
