"""People as audiences see them: one at a time, or all by a scan of the table."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from functions.domain.activity import ActivityKey, DayTotal
from functions.domain.contact import Contact
from functions.domain.ids import ContactId
from functions.domain.people_scan import Scanned, ScanPlace
from functions.domain.reach import reachable
from functions.domain.segment import Subject
from functions.storage.activities import ACTIVITY, is_activity, pairs_in
from functions.storage.base import item_count, read_units_of
from functions.storage.contacts import PROFILE, ContactItem, contact_of

Cells = dict[ActivityKey, dict[int, DayTotal]]


class SubjectStore:
    """Reads people."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone

    def of(self, contact_id: ContactId, *, now: datetime) -> Subject | None:
        """Read one person with all activity, consistently."""
        kinds = ContactItem.kind.between(ACTIVITY, PROFILE)
        rows = ContactItem.query(contact_id, kinds, consistent_read=True)
        scanned = self._grouped(rows, now=now)
        return next(iter(scanned.whole), None)

    def items(self) -> int:
        """About how many rows the table has; AWS counts every six hours."""
        return item_count("contacts")

    def scan(self, place: ScanPlace, *, now: datetime) -> Iterator[tuple[Scanned, str | None]]:
        """Read a segment page by page; each with where the next begins (None: it was the last)."""
        wanted = (ContactItem.kind == PROFILE) | ContactItem.kind.startswith(ACTIVITY)
        start = None if place.position is None else json.loads(place.position)
        rows = ContactItem.scan(
            wanted,
            segment=place.segment,
            total_segments=place.segments,
            last_evaluated_key=start,
        )
        for page in rows.page_iter:
            items = map(ContactItem.from_raw_data, page["Items"])
            after = rows.page_iter.last_evaluated_key
            found = replace(self._grouped(items, now=now), read_units=read_units_of(page))
            yield found, None if after is None else json.dumps(after)

    def _grouped(self, rows: Iterable[ContactItem], *, now: datetime) -> Scanned:
        contacts: dict[ContactId, Contact] = {}
        cells: defaultdict[ContactId, Cells] = defaultdict(lambda: defaultdict(dict))
        for row in rows:
            contact_id = ContactId(row.contact_id)
            if is_activity(row):
                for key, total in pairs_in(row, zone=self._zone):
                    # A day that stands in two rows is taken from the first.
                    cells[contact_id][key].setdefault(total.day.toordinal(), total)
            else:
                contacts[contact_id] = contact_of(row)
        whole = (_subject(each, cells.pop(each.contact_id, {}), now) for each in contacts.values())
        return Scanned(
            whole=tuple(whole),
            strays=tuple(
                Subject(contact_id=contact_id, activity=_activity(found))
                for contact_id, found in cells.items()
            ),
        )


def _subject(contact: Contact, cells: Cells, now: datetime) -> Subject:
    in_force = (
        str(key)
        for key, consent in contact.consents.items()
        if consent.permits(goods=None, now=now)
    )
    return Subject(
        contact_id=contact.contact_id,
        attributes=contact.attributes,
        groups=contact.groups,
        locale=contact.locale,
        zone=contact.zone or "",
        consents=frozenset(in_force),
        reachable=frozenset(map(str, reachable(contact, now=now))),
        activity=_activity(cells),
    )


def _activity(cells: Cells) -> dict[ActivityKey, list[DayTotal]]:
    return {key: list(days.values()) for key, days in cells.items()}
