"""Addresses that must not be written to, by keyed hash: readable by nobody, kept for ever."""

import hashlib
import hmac
from collections.abc import Iterable

from pynamodb.attributes import NumberAttribute, UnicodeAttribute, UTCDateTimeAttribute

from functions.contracts.page import Page, Position
from functions.domain.contact import Phone
from functions.domain.ids import AddressHash, ContactId
from functions.domain.reason import SuppressionReason
from functions.domain.suppression import Suppression
from functions.runtime.aws import derived_key
from functions.storage.base import Item, position_of, start_key


class SuppressionItem(Item):
    """One suppressed address."""

    class Meta:
        """Short name of the table."""

        table = "suppressions"

    address_hash = UnicodeAttribute(hash_key=True)
    reason = UnicodeAttribute(null=True)
    source = UnicodeAttribute(null=True)
    since = UTCDateTimeAttribute(null=True)


class AddressItem(Item):
    """Who an address belongs to; read consistently, which an index cannot be.

    ``claimed`` is when it was last claimed, in epoch seconds.
    """

    class Meta:
        """Short name of the table."""

        table = "addresses"

    address_hash = UnicodeAttribute(hash_key=True)
    owner = UnicodeAttribute(null=True)
    claimed = NumberAttribute(null=True)


def address_hash(address: str) -> AddressHash:
    """The keyed hash under which an address is known where it must not be readable."""
    digest = hmac.digest(derived_key("address"), address.encode(), hashlib.sha256)
    return AddressHash(digest[:16].hex())


def suppression_of(hashed: AddressHash) -> SuppressionReason | None:
    """Why this address is suppressed, read consistently; None when it is not."""
    found = SuppressionStore().get(hashed)
    return None if found is None else found.reason


class SuppressionStore:
    """Reads and writes suppressions."""

    def get(self, hashed: AddressHash) -> Suppression | None:
        """Read one, consistently."""
        try:
            return _to_suppression(SuppressionItem.get(hashed, consistent_read=True))
        except SuppressionItem.DoesNotExist:
            return None

    def reasons(self, hashes: Iterable[AddressHash]) -> dict[AddressHash, SuppressionReason]:
        """Why each of these addresses is suppressed; those that are not are left out."""
        items = SuppressionItem.batch_get(list(dict.fromkeys(hashes)), consistent_read=True)
        found = (_to_suppression(item) for item in items)
        return {each.address_hash: each.reason for each in found}

    def reasons_by_phone(self, phones: Iterable[Phone]) -> dict[Phone, SuppressionReason]:
        """Why each of these numbers is suppressed; those that are not are left out."""
        phone_by_hash = {address_hash(phone.e164): phone for phone in phones}
        return {phone_by_hash[each]: why for each, why in self.reasons(phone_by_hash).items()}

    def put(self, suppression: Suppression) -> None:
        """Suppress an address, replacing an earlier reason."""
        SuppressionItem(
            suppression.address_hash,
            reason=str(suppression.reason),
            source=suppression.source,
            since=suppression.since,
        ).save()

    def remove(self, hashed: AddressHash) -> None:
        """Allow the address again."""
        SuppressionItem(hashed).delete()

    def owner_of(self, hashed: AddressHash) -> ContactId | None:
        """Whose address this is, read consistently."""
        try:
            item = AddressItem.get(hashed, consistent_read=True)
        except AddressItem.DoesNotExist:
            return None
        return None if item.owner is None else ContactId(item.owner)

    def page(self, *, limit: int, position: Position | None) -> Page[Suppression]:
        """List suppressions in the table's order."""
        scan = SuppressionItem.scan(
            page_size=limit, limit=limit, last_evaluated_key=start_key(position)
        )
        found = tuple(_to_suppression(item) for item in scan)
        return Page(items=found, after=position_of(scan.last_evaluated_key))


def _to_suppression(item: SuppressionItem) -> Suppression:
    if item.reason is None or item.since is None:
        msg = "a suppression without reason or date"
        raise ValueError(msg)
    return Suppression(
        address_hash=AddressHash(item.address_hash),
        reason=SuppressionReason(item.reason),
        source=item.source or "",
        since=item.since,
    )
