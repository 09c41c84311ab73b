"""Pools of coupons, in memory."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace

from functions.contracts.page import Page, Position
from functions.domain.coupon import (
    NOBODY,
    Chunk,
    CouponPool,
    Grant,
    Granted,
    Holder,
    Redemption,
    holder_of_address,
    holder_of_contact,
)
from functions.domain.ids import AddressHash, CouponPoolId
from functions.domain.planning import Person


@dataclass
class FakeCoupons:
    pools: dict[CouponPoolId, CouponPool] = field(default_factory=dict)
    chunks_by_pool: dict[CouponPoolId, dict[int, Chunk]] = field(default_factory=dict)
    grants_by_pool: dict[CouponPoolId, dict[int, Grant]] = field(default_factory=dict)
    redemptions: dict[tuple[CouponPoolId, int], Redemption] = field(default_factory=dict)

    def add(self, pool: CouponPool) -> None:
        self.pools[pool.pool_id] = pool

    def get(self, pool_id: CouponPoolId) -> CouponPool | None:
        return self.pools.get(pool_id)

    def page(self, *, limit: int, position: Position | None) -> Page[CouponPool]:
        found = [self.pools[pool_id] for pool_id in sorted(self.pools)]
        return Page(items=tuple(found[:limit]), after=None)

    def added(self, pool_id: CouponPoolId) -> int:
        return sum(len(each.codes) for each in self.chunks(pool_id))

    def taken(self, pool_id: CouponPoolId) -> int:
        return sum(len(each.holders) for each in self.grants(pool_id))

    def redeemed(self, pool_id: CouponPoolId) -> int:
        return sum(each == pool_id for each, _ in self.redemptions)

    def append(self, pool_id: CouponPoolId, chunk: Chunk) -> bool:
        known = self.chunks_by_pool.setdefault(pool_id, {})
        return known.setdefault(chunk.first, chunk) is chunk

    def chunks(self, pool_id: CouponPoolId, *, start: int = 0) -> Iterator[Chunk]:
        known = self.chunks_by_pool.get(pool_id, {})
        return iter([known[first] for first in sorted(known) if first >= start])

    def codes(self, pool_id: CouponPoolId, numbers: Collection[int]) -> dict[int, str]:
        every = [code for chunk in self.chunks(pool_id) for code in chunk.codes]
        return {each: every[each] for each in set(numbers) if 0 <= each < len(every)}

    def granted(self, pool_id: CouponPoolId) -> Granted:
        granted = Granted()
        granted.add(self.grants(pool_id))
        return granted

    def grants(self, pool_id: CouponPoolId, *, start: int = 0) -> Iterator[Grant]:
        known = self.grants_by_pool.get(pool_id, {})
        return iter([known[first] for first in sorted(known) if first >= start])

    def grant(self, pool_id: CouponPoolId, grant: Grant) -> bool:
        known = self.grants_by_pool.setdefault(pool_id, {})
        return known.setdefault(grant.first, grant) is grant

    def grant_of(self, pool_id: CouponPoolId, number: int) -> Grant | None:
        found = (
            each
            for each in self.grants(pool_id)
            if each.first <= number < each.first + len(each.holders)
        )
        return next(found, None)

    def redeem(self, pool_id: CouponPoolId, redemption: Redemption) -> bool:
        key = pool_id, redemption.number
        return self.redemptions.setdefault(key, redemption) is redemption

    def redemption(self, pool_id: CouponPoolId, number: int) -> Redemption | None:
        return self.redemptions.get((pool_id, number))

    def holder_of(self, person: Person) -> Holder:
        if person.contact is not None:
            return holder_of_contact(person.contact.contact_id)
        assert person.phone is not None
        return holder_of_address(AddressHash(f"hash of {person.phone.e164}"))

    def erase(self, holder: Holder) -> int:
        found = 0
        for known in self.grants_by_pool.values():
            for first, grant in known.items():
                if holder in grant.holders:
                    left = tuple(NOBODY if each == holder else each for each in grant.holders)
                    known[first] = replace(grant, holders=left)
                    found += 1
        return found
