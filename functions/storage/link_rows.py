"""The table of standalone links: what all its stores share."""

from pynamodb.attributes import (
    BinaryAttribute,
    JSONAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UTCDateTimeAttribute,
)

from functions.storage.base import Item


class LinkItem(Item):
    """A link, some of its openings, a slice of them counted, or how domains were found.

    ``kind`` is the collection: all links are one, so that listing them reads nothing else.
    """

    class Meta:
        """Short name of the table."""

        table = "links"

    kind = UnicodeAttribute(hash_key=True)
    name = UnicodeAttribute(range_key=True)
    title = UnicodeAttribute(null=True)
    medium = UnicodeAttribute(null=True)
    lead = UnicodeAttribute(null=True)
    replaced = JSONAttribute(null=True)
    changes = NumberAttribute(null=True)
    made = UTCDateTimeAttribute(null=True)
    made_by = UnicodeAttribute(null=True)
    removed = UTCDateTimeAttribute(null=True)
    packed = BinaryAttribute(legacy_encoding=False, attr_name="p", null=True)
    counted = JSONAttribute(attr_name="c", null=True)
    total = NumberAttribute(attr_name="n", null=True)
    expires_at = NumberAttribute(null=True)
