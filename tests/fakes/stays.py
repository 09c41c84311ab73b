"""The rows of live memberships in memory."""

from dataclasses import dataclass, field

from functions.domain.ids import ContactId
from functions.domain.live_membership import StayRow, Stays


@dataclass
class FakeStays:
    rows: dict[ContactId, StayRow] = field(default_factory=dict)

    def get(self, contact_id: ContactId) -> StayRow:
        return self.rows.get(contact_id, StayRow(stays={}))

    def save(self, contact_id: ContactId, stays: Stays, *, replacing: StayRow) -> bool:
        if self.get(contact_id).version != replacing.version:
            return False
        self.rows[contact_id] = StayRow(stays=dict(stays), version=replacing.version + 1)
        return True

    def delete(self, contact_id: ContactId, *, replacing: StayRow) -> bool:
        if self.get(contact_id).version != replacing.version:
            return False
        self.rows.pop(contact_id, None)
        return True
