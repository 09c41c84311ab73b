"""Moves what is stored about one contact to another; each step can be repeated.

When the contact's profile goes, ``MERGED`` takes its place and says into whom, and the survivor
has a row ``FORMER#<id>``, by which an erasure finds what still bears the former id. What is
counted (activity) moves row by row, taken there and away in one write, so nothing counts twice.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from pynamodb.transactions import TransactWrite

from functions.contracts.activity_document import cells_from_bytes, cells_to_bytes
from functions.contracts.errors import Conflict
from functions.domain.contact import Phone
from functions.domain.day_totals import Cells
from functions.domain.fatigue import Recent
from functions.domain.ids import ContactId
from functions.domain.merge import added, split_by_day, with_activity
from functions.domain.person_activity import PersonActivity
from functions.domain.writing import Profile
from functions.runtime.clock import wall_now
from functions.storage.activities import (
    ACTIVITY,
    activity_item,
    activity_of,
    is_activity,
)
from functions.storage.base import connection, unchanged, written
from functions.storage.contacts import (
    MERGED,
    PROFILE,
    RECENT,
    SENT,
    ContactItem,
    ContactStore,
    recent_of,
)
from functions.storage.goal_logs import GoalLogStore
from functions.storage.histories import HistoryStore
from functions.storage.recents import RecentStore
from functions.storage.suppressions import AddressItem, address_hash

FORMER = "FORMER#"
_MAX_TRIES = 20


class MergeStore:
    """Moves rows from one person to another."""

    def __init__(self, zone: ZoneInfo) -> None:
        """Days of activity are those of ``zone``."""
        self._zone = zone

    def take_phone(self, phone: Phone, *, giver: ContactId, taker: ContactId) -> None:
        """Let the number be the taker's, if it is the giver's."""
        hashed = address_hash(phone.e164)
        item = AddressItem(hashed, owner=taker, claimed=int(wall_now().timestamp()))
        written(lambda: item.save(condition=AddressItem.owner == giver))

    def close(self, other: Profile, *, survivor: ContactId) -> bool:
        """End the other's profile, unless it changed since it was read; tells if it did so."""
        closed = written(lambda: _close(other, survivor))
        if closed and other.contact.phone_hash is not None:
            mine = AddressItem.owner == other.contact.contact_id
            written(lambda: AddressItem(other.contact.phone_hash).delete(condition=mine))
        return closed

    def move_recent(self, other: ContactId, survivor: ContactId, *, now: datetime) -> int:
        """Give the survivor the other's advertisements, which count for the caps.

        Tells of which version of the other's row. Raises Conflict when others keep writing at
        once.
        """
        for _ in range(_MAX_TRIES):
            known = _recents(other, survivor)
            kept, _old = known[other].split(now=now)
            mine = known[survivor]
            missing = [each for each in kept.entries if not mine.has(each.number)]
            if not missing:
                return known[other].version
            if not mine.version:
                RecentStore().take(survivor, missing[0], version=0)
                continue
            both = sorted((*mine.entries, *missing), key=lambda each: each.at)
            RecentStore().put(survivor, Recent(entries=tuple(both), version=mine.version), now=now)
        raise _busy()

    def move_history(self, other: ContactId, survivor: ContactId, *, now: datetime) -> None:
        """Give the survivor all messages of the other, and who was merged into the other.

        Raises Conflict when others keep writing at once.
        """
        self._end_recent(other, survivor, now=now)
        for month, numbers in HistoryStore().shared(other):
            _note(survivor, SENT + month, numbers)
        HistoryStore().erase(other)
        for row in ContactItem.query(other, consistent_read=True):
            if row.kind.startswith(SENT):
                _note(survivor, row.kind, {int(each) for each in row.sent or ()})
                row.delete()
            elif row.kind.startswith(FORMER):
                ContactItem(survivor, row.kind).save()
                row.delete()

    def _end_recent(self, other: ContactId, survivor: ContactId, *, now: datetime) -> None:
        for _ in range(_MAX_TRIES):
            version = self.move_recent(other, survivor, now=now)
            if not version:
                return
            old = _recents(other)[other]
            ContactStore().note_in_months(survivor, old.entries)
            item, same = ContactItem(other, RECENT), unchanged(ContactItem.v, version)
            if written(lambda i=item, c=same: i.delete(condition=c)):  # type: ignore[misc]  # both are bound now
                return
        raise _busy()

    def move_activity(self, other: ContactId, survivor: ContactId) -> None:
        """Give the survivor what the other did, summed by day.

        Raises Conflict when others keep writing at once.
        """
        for _ in range(_MAX_TRIES):
            rows = [row for row in _activity_rows(other) if is_activity(row)]
            if not rows:
                return
            moved = [self._move_row(row, rows, survivor) for row in reversed(rows)]
            if all(moved) and not any(map(is_activity, _activity_rows(other))):
                return
        raise _busy()

    def move_goal_events(self, other: ContactId, survivor: ContactId) -> None:
        """Give the survivor those events of the other that are goals of campaigns.

        Raises Conflict when others keep writing at once.
        """
        GoalLogStore().move(other, survivor)

    def _move_row(self, row: ContactItem, rows: Sequence[ContactItem], survivor: ContactId) -> bool:
        """Take a row away and add it to the survivor's, in one write."""
        recent = next((each for each in rows if each.kind == ACTIVITY), None)
        taken = activity_of(row)
        cells: Cells = taken.all_cells(zone=self._zone)
        if recent is not None and recent is not row:
            # A day in both is on its way to the month: the recent row has it.
            here = activity_of(recent).cells
            cells = {cell: total for cell, total in cells.items() if cell not in here}
        mine = activity_of(_row(survivor, ACTIVITY))
        open_cells, closed = split_by_day(cells, mine)
        merged = with_activity(mine, open_cells, taken.seen)
        months = {month: _row(survivor, f"{ACTIVITY}#{month}") for month in closed}
        return written(lambda: _swap(row, recent, survivor, merged, months, closed))


def merged_into(contact_id: ContactId) -> ContactId | None:
    """Into whom somebody was merged, read consistently."""
    try:
        item = ContactItem.get(contact_id, MERGED, consistent_read=True)
    except ContactItem.DoesNotExist:
        return None
    return None if item.merged_into is None else ContactId(item.merged_into)


def survivor_of(contact_id: ContactId) -> ContactId:
    """Who somebody is now, after all merges."""
    into = merged_into(contact_id)
    return contact_id if into is None else survivor_of(into)


def former_ids(contact_id: ContactId) -> tuple[ContactId, ...]:
    """Who was merged into somebody."""
    rows = ContactItem.query(contact_id, ContactItem.kind.startswith(FORMER), consistent_read=True)
    return tuple(ContactId(row.kind.removeprefix(FORMER)) for row in rows)


def _close(other: Profile, survivor: ContactId) -> None:
    contact_id = other.contact.contact_id
    same = ContactItem.v == other.version
    same &= (
        ContactItem.consent_seq == other.consent_seq
        if other.consent_seq
        else ContactItem.consent_seq.does_not_exist()
    )
    ContactItem._get_connection()  # noqa: SLF001  # makes the shared connection know the table
    with TransactWrite(connection=connection()) as transaction:
        transaction.delete(ContactItem(contact_id, PROFILE), condition=same)
        transaction.save(ContactItem(contact_id, MERGED, merged_into=survivor))
        transaction.save(ContactItem(survivor, FORMER + contact_id))
        # Two who are merged into each other at once would both be gone.
        transaction.condition_check(
            ContactItem, survivor, PROFILE, condition=ContactItem.v.exists()
        )


def _note(contact_id: ContactId, month: str, numbers: set[int]) -> None:
    ContactItem(contact_id, month).update(actions=[ContactItem.sent.add(numbers)])


def _recents(*contact_ids: ContactId) -> dict[ContactId, Recent]:
    rows = ContactItem.batch_get([(each, RECENT) for each in contact_ids], consistent_read=True)
    found = {row.contact_id: recent_of(row) for row in rows}
    return {each: found.get(each, Recent()) for each in contact_ids}


def _activity_rows(contact_id: ContactId) -> Iterator[ContactItem]:
    return iter(
        ContactItem.query(contact_id, ContactItem.kind.startswith(ACTIVITY), consistent_read=True)
    )


def _row(contact_id: ContactId, kind: str) -> ContactItem:
    found = ContactItem.batch_get([(contact_id, kind)], consistent_read=True)
    return next(iter(found), ContactItem(contact_id, kind))


def _swap(
    row: ContactItem,
    recent: ContactItem | None,
    survivor: ContactId,
    merged: PersonActivity,
    months: Mapping[str, ContactItem],
    closed: Mapping[str, Cells],
) -> None:
    with TransactWrite(connection=connection()) as transaction:
        transaction.delete(
            ContactItem(row.contact_id, row.kind),
            condition=unchanged(ContactItem.v, int(row.v or 0)),
        )
        if recent is not None and recent is not row:
            transaction.condition_check(
                ContactItem,
                recent.contact_id,
                ACTIVITY,
                condition=unchanged(ContactItem.v, int(recent.v or 0)),
            )
        transaction.save(
            activity_item(survivor, merged), condition=unchanged(ContactItem.v, merged.version)
        )
        for month, known in months.items():
            totals = cells_to_bytes(added(cells_from_bytes(known.totals), closed[month]))
            # The version of the recent row, so that who read an older one closes no day.
            item = ContactItem(survivor, known.kind, v=merged.version + 1, totals=totals)
            transaction.save(item, condition=unchanged(ContactItem.v, int(known.v or 0)))


def _busy() -> Conflict:
    return Conflict("The contact is being changed by others; try again.", code="busy")
