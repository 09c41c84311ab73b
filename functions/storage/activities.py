"""People's activity: one row of what is recent, changed by one conditional write, and months.

The row ``ACTIVITY`` holds the days that events can still reach. Days that are done move to
``ACTIVITY#yyyymm``, first written there, then taken out of the other: whoever finds a day in
both takes it from ``ACTIVITY``, which comes first in the table's order.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import chain
from zoneinfo import ZoneInfo

from functions.contracts.activity_document import (
    cells_from_bytes,
    cells_to_bytes,
    waiting_from_bytes,
    waiting_to_bytes,
)
from functions.domain.activity import ActivityKey, DayTotal
from functions.domain.day_totals import Cell, Cells, by_key
from functions.domain.ids import ContactId
from functions.domain.person_activity import (
    PersonActivity,
    Standing,
    close_days,
    pack_seen,
    unpack_seen,
    with_days,
)
from functions.storage.base import unchanged, written
from functions.storage.contacts import PROFILE, ContactItem

ACTIVITY = "ACTIVITY"
_MONTH = "ACTIVITY#"
_READ = ("contact_id", "kind", "v", "t", "i", "w", "f")


class ActivityStore:
    """Reads and writes activity."""

    def look_up(
        self, contact_ids: Iterable[ContactId], *, consistent: bool = False
    ) -> Mapping[ContactId, Standing]:
        """Read the recent activity of many people, and whether there are such contacts."""
        ids = list(dict.fromkeys(contact_ids))
        keys = [(each, kind) for each in ids for kind in (PROFILE, ACTIVITY)]
        rows = ContactItem.batch_get(
            keys, consistent_read=consistent, attributes_to_get=list(_READ)
        )
        known: set[str] = set()
        activities: dict[str, PersonActivity] = {}
        for row in rows:
            if row.kind == PROFILE:
                known.add(row.contact_id)
            else:
                activities[row.contact_id] = activity_of(row)
        nothing = PersonActivity()
        return {
            each: Standing(known=each in known, activity=activities.get(each, nothing))
            for each in ids
        }

    def save(self, contact_id: ContactId, activity: PersonActivity, *, today: date) -> bool:
        """Write the row in place of its version; False when it is another by now."""
        kept, closed = close_days(activity, today=today)
        for month, cells in closed.items():
            if not self._close(contact_id, month, cells, version=activity.version):
                return False
        item = activity_item(contact_id, kept)
        return written(lambda: item.save(condition=unchanged(ContactItem.v, activity.version)))

    def delete(self, contact_id: ContactId, activity: PersonActivity) -> bool:
        """Delete the row of this version; False when it is another by now."""
        item = ContactItem(contact_id, ACTIVITY)
        return written(lambda: item.delete(condition=unchanged(ContactItem.v, activity.version)))

    def of(
        self, contact_id: ContactId, *, first: date, last: date, zone: ZoneInfo
    ) -> Mapping[ActivityKey, Sequence[DayTotal]]:
        """One person's totals of these days, consistently, each key's in the days' order."""
        kinds = ContactItem.kind.between(ACTIVITY, f"{_MONTH}{last:%Y%m}")
        rows = ContactItem.query(contact_id, kinds, consistent_read=True)
        wanted = (
            row for row in rows if row.kind == ACTIVITY or row.kind >= f"{_MONTH}{first:%Y%m}"
        )
        cells: dict[Cell, DayTotal] = {}
        for key, total in chain.from_iterable(pairs_in(row, zone=zone) for row in wanted):
            if first <= total.day <= last:
                cells.setdefault((key, total.day), total)
        return by_key((key, total) for (key, _), total in cells.items())

    def _close(self, contact_id: ContactId, month: str, cells: Cells, *, version: int) -> bool:
        """Write closed days into their month's row.

        It has the version of the row that they come from: who read an older one writes nothing.
        """
        kind = _MONTH + month
        known = next(iter(ContactItem.batch_get([(contact_id, kind)], consistent_read=True)), None)
        seen = 0 if known is None else int(known.v or 0)
        if seen > version:
            return False
        before = cells_from_bytes(None if known is None else known.totals)
        totals = cells_to_bytes(with_days(before, cells))
        item = ContactItem(contact_id, kind, v=version, totals=totals)
        return written(lambda: item.save(condition=unchanged(ContactItem.v, seen)))


def is_activity(row: ContactItem) -> bool:
    """Whether a row met in a scan holds activity."""
    return row.kind.startswith(ACTIVITY)


def pairs_in(row: ContactItem, *, zone: ZoneInfo) -> Iterator[tuple[ActivityKey, DayTotal]]:
    """The totals in a row of activity, what waits in it counted in.

    A day that is in two rows of a person is taken from the first, in the table's order.
    """
    cells = activity_of(row).all_cells(zone=zone)
    return ((key, total) for (key, _), total in cells.items())


def activity_item(contact_id: ContactId, activity: PersonActivity) -> ContactItem:
    """The row that follows this version."""
    return ContactItem(
        contact_id,
        ACTIVITY,
        v=activity.version + 1,
        totals=cells_to_bytes(activity.cells) if activity.cells else None,
        seen=pack_seen(activity.seen) or None,
        waiting=waiting_to_bytes(activity.waiting) if activity.waiting else None,
        first_day=None if activity.first_day == date.min else activity.first_day.isoformat(),
    )


def activity_of(row: ContactItem) -> PersonActivity:
    """Read a row of activity."""
    return PersonActivity(
        cells=cells_from_bytes(row.totals),
        seen=unpack_seen(row.seen or b""),
        waiting=waiting_from_bytes(row.waiting),
        first_day=date.min if row.first_day is None else date.fromisoformat(row.first_day),
        version=int(row.v or 0),
    )
