"""Addresses that must not be written to, by keyed hash: readable by nobody, kept for ever."""

import hashlib
import hmac
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute

from functions.contracts.errors import Unavailable
from functions.contracts.page import Page, Position
from functions.domain.contact import Phone
from functions.domain.ids import AddressHash, ContactId
from functions.domain.reason import SuppressionReason
from functions.domain.suppression import Mark, Scope, Suppression
from functions.runtime.aws import derived_key
from functions.storage.base import Item, position_of, start_key, written

_MAX_TRIES = 20


class SuppressionItem(Item):
    """One suppressed address: by written scope, the reason, source, start and end."""

    class Meta:
        """Short name of the table."""

        table = "suppressions"

    address_hash = UnicodeAttribute(hash_key=True)
    entries = JSONAttribute(null=True)
    v = NumberAttribute(null=True)


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


def marks_of(hashed: AddressHash) -> tuple[Mark, ...]:
    """Why this address is suppressed, read consistently."""
    return tuple(each.mark for each in SuppressionStore().get(hashed))


class SuppressionStore:
    """Reads and writes suppressions."""

    def get(self, hashed: AddressHash) -> tuple[Suppression, ...]:
        """Read those of one address, consistently."""
        return _to_suppressions(self._item(hashed))

    def _item(self, hashed: AddressHash) -> SuppressionItem:
        try:
            return SuppressionItem.get(hashed, consistent_read=True)
        except SuppressionItem.DoesNotExist:
            return SuppressionItem(hashed)

    def marks(self, hashes: Iterable[AddressHash]) -> dict[AddressHash, tuple[Mark, ...]]:
        """Why these addresses are suppressed; those that are not are left out."""
        items = SuppressionItem.batch_get(list(dict.fromkeys(hashes)), consistent_read=True)
        found = {item.address_hash: _to_suppressions(item) for item in items}
        return {
            AddressHash(hashed): tuple(each.mark for each in suppressions)
            for hashed, suppressions in found.items()
            if suppressions
        }

    def marks_by_phone(self, phones: Iterable[Phone]) -> dict[Phone, tuple[Mark, ...]]:
        """Why these numbers are suppressed; those that are not are left out."""
        phone_by_hash = {address_hash(phone.e164): phone for phone in phones}
        return {phone_by_hash[each]: marks for each, marks in self.marks(phone_by_hash).items()}

    def put(self, suppression: Suppression) -> Suppression | None:
        """Suppress an address; returns the suppression of the same scope that this replaced.

        Raises Unavailable when others keep changing the same address.
        """
        hashed, scope = suppression.address_hash, suppression.mark.scope
        return self.put_decided(hashed, scope, lambda _: suppression)[1]

    def put_decided(
        self,
        hashed: AddressHash,
        scope: Scope,
        decide: Callable[[Suppression | None], Suppression],
    ) -> tuple[Suppression, Suppression | None]:
        """Suppress an address as ``decide`` makes of what it has of this scope.

        Gives what stands and what this replaced. Raises Unavailable as ``put``.
        """
        stands: list[Suppression] = []

        def put(entries: dict[str, Any], before: Sequence[Suppression]) -> dict[str, Any]:
            stands[:] = [decide(_of_scope(scope, before))]
            return entries | {str(scope): _from_suppression(stands[0])}

        before = self._change(hashed, put)
        return stands[0], _of_scope(scope, before)

    def remove(self, hashed: AddressHash, scope: Scope | None = None) -> bool:
        """Allow an address again, of one scope or all; False when it was not suppressed so."""

        def remove(entries: dict[str, Any], _: Sequence[Suppression]) -> dict[str, Any]:
            return {} if scope is None else {k: v for k, v in entries.items() if k != str(scope)}

        before = self._change(hashed, remove)
        return any(scope in (None, each.mark.scope) for each in before)

    def _change(
        self,
        hashed: AddressHash,
        change: Callable[[dict[str, Any], Sequence[Suppression]], dict[str, Any]],
    ) -> tuple[Suppression, ...]:
        """Change what is stored, starting over when others wrote; returns what was there."""
        for _ in range(_MAX_TRIES):
            item = self._item(hashed)
            before, known, entries = _to_suppressions(item), item.v, dict(item.entries or {})
            changed = change(dict(entries), before)
            if changed == entries:
                return before
            item.entries, item.v = changed, 1 + int(known or 0)
            same = (
                SuppressionItem.v.does_not_exist() if known is None else SuppressionItem.v == known
            )
            if written(lambda i=item, c=same: i.save(condition=c)):  # type: ignore[misc]  # both are bound now
                return before
        msg = "The suppression is being changed by others; try again."
        raise Unavailable(msg)

    def owner_of(self, hashed: AddressHash) -> ContactId | None:
        """Whose address this is, read consistently."""
        try:
            item = AddressItem.get(hashed, consistent_read=True)
        except AddressItem.DoesNotExist:
            return None
        return None if item.owner is None else ContactId(item.owner)

    def page(self, *, limit: int, position: Position | None) -> Page[Suppression]:
        """List suppressions in the table's order; an address's are on one page."""
        scan = SuppressionItem.scan(
            page_size=limit, limit=limit, last_evaluated_key=start_key(position)
        )
        found = tuple(each for item in scan for each in _to_suppressions(item))
        return Page(items=found, after=position_of(scan.last_evaluated_key))


def _of_scope(scope: Scope, suppressions: Iterable[Suppression]) -> Suppression | None:
    return next((each for each in suppressions if each.mark.scope == scope), None)


def _from_suppression(suppression: Suppression) -> list[str | None]:
    mark = suppression.mark
    until = None if mark.until is None else mark.until.isoformat()
    return [str(mark.reason), suppression.source, mark.since.isoformat(), until]


def _to_suppressions(item: SuppressionItem) -> tuple[Suppression, ...]:
    if item.v is not None and item.entries is None:
        msg = "a suppression without reason"
        raise ValueError(msg)
    return tuple(
        Suppression(
            address_hash=AddressHash(item.address_hash),
            mark=Mark(
                reason=SuppressionReason(reason),
                scope=Scope.parse(scope),
                since=datetime.fromisoformat(since),
                until=None if until is None else datetime.fromisoformat(until),
            ),
            source=source,
        )
        for scope, (reason, source, since, until) in sorted((item.entries or {}).items())
    )
