"""People's live memberships: one row of the person, ``WITHIN``, changed by conditional writes."""

from datetime import datetime
from typing import Any

from functions.domain.ids import AudienceId, ContactId
from functions.domain.live_membership import Stay, StayRow, Stays
from functions.storage.base import unchanged, written
from functions.storage.contacts import ContactItem

WITHIN = "WITHIN"
"""It sorts after all other rows of a person, outside the ranges that others read."""


class StayStore:
    """Reads and writes the stays."""

    def get(self, contact_id: ContactId) -> StayRow:
        """Read a person's, consistently."""
        try:
            item = ContactItem.get(contact_id, WITHIN, consistent_read=True)
        except ContactItem.DoesNotExist:
            return StayRow(stays={})
        return StayRow(stays=_stays(item.within or {}), version=int(item.v or 0))

    def save(self, contact_id: ContactId, stays: Stays, *, replacing: StayRow) -> bool:
        """Write the row in place of the one read; False when it is another by now."""
        document = {audience_id: _document(stay) for audience_id, stay in stays.items()}
        item = ContactItem(contact_id, WITHIN, v=replacing.version + 1, within=document)
        return written(lambda: item.save(condition=unchanged(ContactItem.v, replacing.version)))

    def delete(self, contact_id: ContactId, *, replacing: StayRow) -> bool:
        """Delete the row that was read; False when it is another by now."""
        item = ContactItem(contact_id, WITHIN)
        return written(lambda: item.delete(condition=unchanged(ContactItem.v, replacing.version)))


def _document(stay: Stay) -> list[Any]:
    left = None if stay.left is None else stay.left.isoformat()
    return [stay.version, stay.since.isoformat(), left]


def _stays(document: dict[str, list[Any]]) -> dict[AudienceId, Stay]:
    return {
        AudienceId(audience_id): Stay(
            version=version,
            since=datetime.fromisoformat(since),
            left=None if left is None else datetime.fromisoformat(left),
        )
        for audience_id, (version, since, left) in document.items()
    }
