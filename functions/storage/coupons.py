"""Pools of coupons: one row a definition; codes and grants are rows that are only ever added.

A row of codes or of a grant bears the number it begins with, which is where the one before it
ends, and is written on the condition that none stands there. That one condition is the lock.
"""

from collections.abc import Collection, Iterator

from pynamodb.attributes import (
    BinaryAttribute,
    JSONAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UTCDateTimeAttribute,
)
from pynamodb.expressions.update import Action

from functions.contracts.errors import Unavailable
from functions.contracts.page import Page, Position
from functions.domain.coupon import (
    MAX_CHUNK,
    NOBODY,
    Chunk,
    CouponPool,
    Grant,
    Granted,
    Holder,
    Redemption,
    holder_of_address,
    holder_of_contact,
    spans,
)
from functions.domain.ids import CampaignId, CouponPoolId
from functions.domain.planning import Person
from functions.domain.pricing import Money
from functions.storage.base import Item, position_of, start_key, written
from functions.storage.packing import pack, unpack
from functions.storage.suppressions import address_hash

_POOLS = "#pools"
"""The collection of all definitions; no pool's id begins so."""
_CODES, _CODES_END = "CODES#", "CODES~"
_GRANT, _GRANT_END = "GRANT#", "GRANT~"
_USED, _USED_END = "USED#", "USED~"
_POOLS_KEPT = 4
"""Pools whose grants a process remembers: 150 MB each where a million people have a code."""
_MAX_TRIES = 8


class CouponItem(Item):
    """A pool's definition, some of its codes, a grant, or a redemption."""

    class Meta:
        """Short name of the table."""

        table = "coupons"

    pool_id = UnicodeAttribute(hash_key=True)
    kind = UnicodeAttribute(range_key=True)
    name = UnicodeAttribute(null=True)
    created = UTCDateTimeAttribute(null=True)
    expires = UTCDateTimeAttribute(null=True)
    event = UnicodeAttribute(null=True)
    minor = NumberAttribute(null=True)
    warn_below = NumberAttribute(null=True)
    packed = BinaryAttribute(legacy_encoding=False, attr_name="p", null=True)
    length = NumberAttribute(attr_name="n", null=True)
    source = JSONAttribute(null=True)
    at = UTCDateTimeAttribute(null=True)
    told = UTCDateTimeAttribute(null=True)
    order = UnicodeAttribute(null=True)


class CouponStore:
    """Reads and writes pools. Remembers grants, which never change but for erasures."""

    def __init__(self) -> None:
        self._known: dict[CouponPoolId, Granted] = {}

    def add(self, pool: CouponPool) -> None:
        """Write a new pool."""
        CouponItem(
            _POOLS,
            pool.pool_id,
            name=pool.name,
            created=pool.created,
            expires=pool.expires,
            event=pool.event,
            minor=None if pool.worth is None else pool.worth.minor,
            warn_below=pool.warn_below,
        ).save(condition=CouponItem.kind.does_not_exist())

    def get(self, pool_id: CouponPoolId) -> CouponPool | None:
        """Read a pool's definition, consistently."""
        try:
            return _to_pool(CouponItem.get(_POOLS, pool_id, consistent_read=True))
        except CouponItem.DoesNotExist:
            return None

    def page(self, *, limit: int, position: Position | None) -> Page[CouponPool]:
        """List pools by their ids."""
        rows = CouponItem.query(
            _POOLS, page_size=limit, limit=limit, last_evaluated_key=start_key(position)
        )
        found = tuple(map(_to_pool, rows))
        return Page(items=found, after=position_of(rows.last_evaluated_key))

    def added(self, pool_id: CouponPoolId) -> int:
        """How many codes a pool has in all, consistently."""
        return _end(pool_id, _CODES, _CODES_END)

    def taken(self, pool_id: CouponPoolId) -> int:
        """How many of them were granted, consistently."""
        return _end(pool_id, _GRANT, _GRANT_END)

    def redeemed(self, pool_id: CouponPoolId) -> int:
        """How many of them were used: counted from the rows, about 100 bytes each."""
        return CouponItem.count(pool_id, CouponItem.kind.between(_USED, _USED_END))

    def append(self, pool_id: CouponPoolId, chunk: Chunk) -> bool:
        """Write the next codes; False when others stand in their place."""
        item = CouponItem(
            pool_id,
            _kind(_CODES, chunk.first),
            packed=pack(chunk.codes),
            length=len(chunk.codes),
        )
        return written(lambda: item.save(condition=CouponItem.kind.does_not_exist()))

    def chunks(self, pool_id: CouponPoolId, *, start: int = 0) -> Iterator[Chunk]:
        """Read all codes from a chunk on, consistently."""
        kinds = CouponItem.kind.between(_kind(_CODES, start), _CODES_END)
        return map(_to_chunk, CouponItem.query(pool_id, kinds, consistent_read=True))

    def codes(self, pool_id: CouponPoolId, numbers: Collection[int]) -> dict[int, str]:
        """Read codes by their numbers, consistently; those that are not there are left out."""
        wanted = set(numbers)
        found: dict[int, str] = {}
        for first, last in spans(wanted):
            # The chunk that has the first number begins less than a whole one before it.
            start = max(first - MAX_CHUNK + 1, 0)
            kinds = CouponItem.kind.between(_kind(_CODES, start), _kind(_CODES, last))
            for chunk in map(_to_chunk, CouponItem.query(pool_id, kinds, consistent_read=True)):
                numbered = enumerate(chunk.codes, start=chunk.first)
                found |= {number: code for number, code in numbered if number in wanted}
        return found

    def granted(self, pool_id: CouponPoolId) -> Granted:
        """Read a pool's grants, consistently: what this process did not read before."""
        known = self._known.pop(pool_id, None) or Granted()
        while len(self._known) >= _POOLS_KEPT:
            del self._known[next(iter(self._known))]
        known.add(self.grants(pool_id, start=known.taken))
        self._known[pool_id] = known
        return known

    def grants(self, pool_id: CouponPoolId, *, start: int = 0) -> Iterator[Grant]:
        """Read grants from one on, consistently."""
        kinds = CouponItem.kind.between(_kind(_GRANT, start), _GRANT_END)
        return map(_to_grant, CouponItem.query(pool_id, kinds, consistent_read=True))

    def grant(self, pool_id: CouponPoolId, grant: Grant) -> bool:
        """Write the next grant; False when another stands in its place."""
        item = CouponItem(
            pool_id,
            _kind(_GRANT, grant.first),
            packed=pack(grant.holders),
            length=len(grant.holders),
            source=[grant.campaign_id, grant.part],
            at=grant.at,
        )
        return written(lambda: item.save(condition=CouponItem.kind.does_not_exist()))

    def grant_of(self, pool_id: CouponPoolId, number: int) -> Grant | None:
        """Read the grant that a code was given by; None when it was not given."""
        kinds = CouponItem.kind.between(_kind(_GRANT, 0), _kind(_GRANT, number))
        rows = CouponItem.query(
            pool_id, kinds, scan_index_forward=False, limit=1, consistent_read=True
        )
        grant = next(map(_to_grant, rows), None)
        return grant if grant and number < grant.first + len(grant.holders) else None

    def redeem(self, pool_id: CouponPoolId, redemption: Redemption) -> bool:
        """Write that a code was used; False when it was before."""
        item = CouponItem(
            pool_id,
            _kind(_USED, redemption.number),
            at=redemption.at,
            told=redemption.told,
            order=redemption.order,
            minor=redemption.minor,
        )
        return written(lambda: item.save(condition=CouponItem.kind.does_not_exist()))

    def redemption(self, pool_id: CouponPoolId, number: int) -> Redemption | None:
        """Read how a code was used, consistently; None when it was not."""
        try:
            item = CouponItem.get(pool_id, _kind(_USED, number), consistent_read=True)
        except CouponItem.DoesNotExist:
            return None
        return Redemption(
            number=number, at=item.at, told=item.told, order=item.order, minor=int(item.minor or 0)
        )

    def holder_of(self, person: Person) -> Holder:
        """As whom somebody with a contact or a number gets a code."""
        if person.contact is not None:
            return holder_of_contact(person.contact.contact_id)
        if person.phone is None:
            msg = "nobody gets a code without contact and number"
            raise ValueError(msg)
        return holder_of_address(address_hash(person.phone.e164))

    def erase(self, holder: Holder) -> int:
        """Forget in every pool whose code this was; tells in how many grants it stood."""
        kinds = CouponItem.kind.between(_GRANT, _GRANT_END)
        return sum(
            _forget(row, holder)
            for pool in CouponItem.query(_POOLS)
            for row in CouponItem.query(pool.kind, kinds, consistent_read=True)
        )


def _forget(row: CouponItem, holder: Holder) -> bool:
    for _ in range(_MAX_TRIES):
        known = unpack(row.packed)
        if holder not in known:
            return False
        left = [NOBODY if each == holder else each for each in known]
        same = CouponItem.packed == row.packed
        actions: list[Action] = [CouponItem.packed.set(pack(left))]
        if written(lambda a=actions, s=same: row.update(actions=a, condition=s)):  # type: ignore[misc]  # bound now
            return True
        row.refresh(consistent_read=True)
    msg = "the grants of a pool are being changed by others"
    raise Unavailable(msg)


def _end(pool_id: CouponPoolId, first: str, last: str) -> int:
    """Where the next row of a log begins."""
    rows = CouponItem.query(
        pool_id,
        CouponItem.kind.between(first, last),
        scan_index_forward=False,
        limit=1,
        consistent_read=True,
    )
    return sum(_number(row) + int(row.length) for row in rows)


def _kind(kind: str, number: int) -> str:
    return f"{kind}{number:09d}"


def _number(row: CouponItem) -> int:
    return int(row.kind.rpartition("#")[2])


def _to_pool(item: CouponItem) -> CouponPool:
    return CouponPool(
        pool_id=CouponPoolId(item.kind),
        name=item.name or "",
        created=item.created,
        expires=item.expires,
        event=item.event or "",
        worth=None if item.minor is None else Money(minor=int(item.minor)),
        warn_below=int(item.warn_below or 0),
    )


def _to_chunk(item: CouponItem) -> Chunk:
    return Chunk(first=_number(item), codes=tuple(unpack(item.packed)))


def _to_grant(item: CouponItem) -> Grant:
    campaign_id, part = item.source
    return Grant(
        first=_number(item),
        campaign_id=CampaignId(campaign_id),
        part=part,
        at=item.at,
        holders=tuple(map(Holder, unpack(item.packed))),
    )
