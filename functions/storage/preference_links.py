"""Links to the preference page that the API made: whose each is, until it ends.

They are kept in the table of requests, whose rows vanish by themselves, under a prefix of their
own. The row is what an erasure looks for: it has the contact's id among its data.
"""

import json
from datetime import datetime

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from functions.domain.ids import ContactId, SenderId
from functions.storage.base import Item, written

_PREFIX = "preferences#"


class PreferenceLinkItem(Item):
    """One link."""

    class Meta:
        """Short name of the table."""

        table = "requests"

    request_key = UnicodeAttribute(hash_key=True)
    data = UnicodeAttribute(null=True)
    expires_at = NumberAttribute(null=True)


class PreferenceLinkStore:
    """Remembers links by their random numbers."""

    def add(
        self, nonce: int, contact_id: ContactId, sender_id: SenderId, *, expires: datetime
    ) -> bool:
        """Write a new link; False when the number is taken."""
        item = PreferenceLinkItem(
            _PREFIX + f"{nonce:x}",
            data=json.dumps([contact_id, sender_id]),
            expires_at=int(expires.timestamp()),
        )
        free = PreferenceLinkItem.request_key.does_not_exist()
        return written(lambda: item.save(condition=free))

    def find(self, nonce: int) -> tuple[ContactId, SenderId] | None:
        """Whose link it is, and of which sender; consistently, for it was just handed out."""
        try:
            item = PreferenceLinkItem.get(_PREFIX + f"{nonce:x}", consistent_read=True)
        except PreferenceLinkItem.DoesNotExist:
            return None
        contact_id, sender_id = json.loads(item.data or "[]")
        return ContactId(contact_id), SenderId(sender_id)
