"""Activity in memory; passes the same tests as the real store."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from functions.domain.ids import ContactId
from functions.domain.person_activity import PersonActivity, Standing


@dataclass
class FakeActivities:
    known: set[ContactId] = field(default_factory=set)
    rows: dict[ContactId, PersonActivity] = field(default_factory=dict)

    def look_up(
        self, contact_ids: Iterable[ContactId], *, consistent: bool = False
    ) -> Mapping[ContactId, Standing]:
        return {
            each: Standing(known=each in self.known, activity=self.rows.get(each, PersonActivity()))
            for each in contact_ids
        }

    def save(self, contact_id: ContactId, activity: PersonActivity, *, today: date) -> bool:
        if self._version(contact_id) != activity.version:
            return False
        self.rows[contact_id] = replace(activity, version=activity.version + 1)
        return True

    def delete(self, contact_id: ContactId, activity: PersonActivity) -> bool:
        if self._version(contact_id) != activity.version:
            return False
        self.rows.pop(contact_id, None)
        return True

    def _version(self, contact_id: ContactId) -> int:
        return self.rows.get(contact_id, PersonActivity()).version
