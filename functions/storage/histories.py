"""Histories: the messages of each person, from the person's own rows and from shared pages.

Advertisements are in the person's row ``RECENT`` and later in its months' rows, messages of
requests and tests in the months' rows. Transactional messages of campaigns are on pages
(``domain/history.py``): one row per bucket and part of a campaign.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from heapq import merge
from itertools import groupby

from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute

from functions.contracts.errors import Unavailable
from functions.domain.history import (
    Mark,
    PageName,
    bucket_of,
    mark_of,
    month_in,
    month_of,
    numbers_in,
    pages,
    without,
)
from functions.domain.ids import ContactId, MessageNumber
from functions.runtime.aws import derived_key
from functions.storage.base import Item, written
from functions.storage.contacts import RECENT, SENT, ContactItem, recent_of

_LATEST_MONTH = "999912"
_DONE = -1
"""The bucket of rows that say that all pages of a part are there."""
_AFTER = "~"
"""Sorts after all that follows a month in the name of a page."""
_MAX_TRIES = 20


class PageItem(Item):
    """A page of entries of one bucket, of one part of a campaign."""

    class Meta:
        """Short name of the table."""

        table = "histories"

    bucket = NumberAttribute(hash_key=True)
    page = UnicodeAttribute(range_key=True)
    entries = BinaryAttribute(legacy_encoding=False, attr_name="e", null=True)


class HistoryStore:
    """Reads histories, and writes and erases what is shared of them."""

    def of(self, contact_id: ContactId, *, until: str = "") -> Iterator[tuple[str, MessageNumber]]:
        """A person's messages with the month (``yyyymm``) of each, newest first.

        One that waited over the end of a month is in two of them, and is given once, in the
        first. ``until`` leaves out the months after it. Older pages are read when they are
        asked for.
        """
        last = until or _LATEST_MONTH
        # Also of later months: what waited over the end of one is on a page of the month before.
        rows = ContactItem.query(contact_id, ContactItem.kind.between(RECENT, SENT + _LATEST_MONTH))
        own = _months(rows)
        known = {number for numbers in own.values() for number in numbers}
        shared = ((month, each - known) for month, each in self.shared(contact_id, until=last))
        for month, packed in merge(
            _newest_first(reversed(_each_once(own))), _newest_first(shared), reverse=True
        ):
            if month <= last:
                yield month, MessageNumber.unpack(packed)

    def shared(
        self, contact_id: ContactId, *, until: str = _LATEST_MONTH
    ) -> Iterator[tuple[str, set[int]]]:
        """The months in which a person is on pages, newest first, with the numbers of each."""
        mark = _mark(contact_id)
        rows = PageItem.query(
            bucket_of(mark), PageItem.page < until + _AFTER, scan_index_forward=False
        )
        for month, of_month in groupby(rows, key=lambda row: month_in(row.page)):
            found = (each for row in of_month for each in numbers_in(_entries(row), mark))
            if numbers := {number.packed for number in found}:
                yield month, numbers

    def noted(self, name: PageName) -> bool:
        """Whether all notes of a part were written, read consistently."""
        try:
            PageItem.get(_DONE, str(name), consistent_read=True)
        except PageItem.DoesNotExist:
            return False
        return True

    def note(self, name: PageName, sent: Iterable[tuple[ContactId, MessageNumber]]) -> None:
        """Note all messages of a part; repeating it with the same ones changes nothing."""
        notes = ((_mark(contact_id), number) for contact_id, number in sent)
        with PageItem.batch_write() as write:
            for bucket, page in pages(notes).items():
                write.save(PageItem(bucket, str(name), entries=page))
        PageItem(_DONE, str(name)).save()

    def erase(self, contact_id: ContactId) -> int:
        """Take a person out of all pages; tells of how many. Repeating it is harmless."""
        mark = _mark(contact_id)
        rows = PageItem.query(bucket_of(mark), consistent_read=True)
        return sum(_erased(row, mark) for row in rows)


def _mark(contact_id: ContactId) -> Mark:
    return mark_of(contact_id, derived_key("history"))


def _entries(row: PageItem) -> bytes:
    return bytes(row.entries or b"")


def _newest_first(months: Iterable[tuple[str, set[int]]]) -> Iterator[tuple[str, int]]:
    for month, numbers in months:
        yield from ((month, each) for each in sorted(numbers, reverse=True))


def _months(rows: Iterable[ContactItem]) -> Mapping[str, set[int]]:
    """A person's own rows, by month."""
    numbers: defaultdict[str, set[int]] = defaultdict(set)
    for row in rows:
        if row.kind == RECENT:
            for entry in recent_of(row).entries:
                numbers[month_of(entry.moment)].add(entry.number)
        elif row.kind.startswith(SENT):
            numbers[row.kind.removeprefix(SENT)] |= {int(each) for each in row.sent or ()}
    return numbers


def _each_once(numbers: Mapping[str, set[int]]) -> list[tuple[str, set[int]]]:
    """The months in order, each with the numbers that no earlier one has."""
    seen: set[int] = set()
    months = []
    for month in sorted(numbers):
        months.append((month, numbers[month] - seen))
        seen |= numbers[month]
    return months


def _erased(row: PageItem, mark: Mark) -> bool:
    for _ in range(_MAX_TRIES):
        page = _entries(row)
        left = without(page, mark)
        if left == page:
            return False
        actions = [PageItem.entries.set(left)]
        same = PageItem.entries == page
        if written(lambda r=row, a=actions, s=same: r.update(actions=a, condition=s)):  # type: ignore[misc]  # bound now
            return True
        row.refresh(consistent_read=True)
    msg = "the page is being changed by others"
    raise Unavailable(msg)
