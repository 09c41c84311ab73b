"""Links to the preference page that the API made: whose each is, until it ends.

They are kept in the table of requests, whose rows vanish by themselves, under a prefix of their
own. The row is what an erasure looks for: it has the contact's id among its data.
"""

import json
from datetime import datetime

from functions.domain.ids import ContactId, SenderId
from functions.storage.base import written
from functions.storage.requests import RequestItem

_PREFIX = "preferences#"


class PreferenceLinkStore:
    """Remembers links by their random numbers."""

    def add(
        self, nonce: int, contact_id: ContactId, sender_id: SenderId, *, expires: datetime
    ) -> bool:
        """Write a new link; False when the number is taken."""
        item = RequestItem(
            _PREFIX + f"{nonce:x}",
            data=json.dumps([contact_id, sender_id]),
            expires_at=int(expires.timestamp()),
        )
        free = RequestItem.request_key.does_not_exist()
        return written(lambda: item.save(condition=free))

    def find(self, nonce: int) -> tuple[ContactId, SenderId] | None:
        """Whose link it is, and of which sender; consistently, for it was just handed out."""
        try:
            item = RequestItem.get(_PREFIX + f"{nonce:x}", consistent_read=True)
        except RequestItem.DoesNotExist:
            return None
        contact_id, sender_id = json.loads(item.data or "[]")
        return ContactId(contact_id), SenderId(sender_id)
