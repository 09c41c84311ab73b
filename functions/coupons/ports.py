"""What coupons need of the world around them."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from functions.contracts.queues import EventsReported
from functions.domain.coupon import Chunk, CouponPool, Grant, Redemption
from functions.domain.event import EventTypes
from functions.domain.ids import ContactId, CouponPoolId


class Pools(Protocol):
    """The store of pools of coupons."""

    def add(self, pool: CouponPool) -> None:
        """Write a new pool."""

    def get(self, pool_id: CouponPoolId) -> CouponPool | None:
        """Read a pool's definition."""

    def added(self, pool_id: CouponPoolId) -> int:
        """How many codes it has in all."""

    def taken(self, pool_id: CouponPoolId) -> int:
        """How many of them were given to somebody."""

    def redeemed(self, pool_id: CouponPoolId) -> int:
        """How many of them were used."""

    def append(self, pool_id: CouponPoolId, chunk: Chunk) -> bool:
        """Write the next codes; False when others stand in their place."""

    def chunks(self, pool_id: CouponPoolId, *, start: int = 0) -> Iterator[Chunk]:
        """Read all codes from a chunk on."""

    def codes(self, pool_id: CouponPoolId, numbers: Collection[int]) -> Mapping[int, str]:
        """Read codes by their numbers."""

    def grants(self, pool_id: CouponPoolId, *, start: int = 0) -> Iterator[Grant]:
        """Read grants from one on."""

    def grant_of(self, pool_id: CouponPoolId, number: int) -> Grant | None:
        """Read the grant that a code was given by."""

    def redeem(self, pool_id: CouponPoolId, redemption: Redemption) -> bool:
        """Write that a code was used; False when it was before."""

    def redemption(self, pool_id: CouponPoolId, number: int) -> Redemption | None:
        """Read how a code was used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CouponDeps:
    """What the use cases need.

    ``number_of`` finds the number of a code; ``declared`` gives the declarations of events, some
    seconds old perhaps; ``enqueue`` puts events into their queue. ``survivor_of`` tells who
    somebody is after all merges, ``former_ids`` who was merged into somebody.
    """

    pools: Pools
    number_of: Callable[[CouponPoolId, str], int | None]
    declared: Callable[[], EventTypes]
    enqueue: Callable[[Sequence[EventsReported]], None]
    survivor_of: Callable[[ContactId], ContactId]
    former_ids: Callable[[ContactId], Sequence[ContactId]]
