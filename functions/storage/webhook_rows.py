"""The table of webhooks: who is told, what each was told of a batch, tries and replays."""

from pynamodb.attributes import BinaryAttribute, JSONAttribute, NumberAttribute, UnicodeAttribute

from functions.storage.base import Item


class WebhookItem(Item):
    """A row of a webhook; ``owner`` is its id, or ``WEBHOOKS`` for those that say what it is."""

    class Meta:
        """Short name of the table."""

        table = "webhooks"

    owner = UnicodeAttribute(hash_key=True)
    kind = UnicodeAttribute(range_key=True)
    document = JSONAttribute(null=True)
    told = BinaryAttribute(legacy_encoding=False, null=True)
    due = NumberAttribute(null=True)
    version = NumberAttribute(null=True)
    expires_at = NumberAttribute(null=True)
