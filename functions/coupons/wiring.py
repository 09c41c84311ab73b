"""Puts coupons together."""

from collections.abc import Sequence
from functools import cache

from functions.contracts.queues import EventsReported, Queue
from functions.coupons.lookup import Lookup
from functions.coupons.ports import CouponDeps
from functions.runtime import queues
from functions.storage.coupons import CouponStore
from functions.storage.event_types import CurrentEventTypes
from functions.storage.merging import former_ids, survivor_of


@cache
def pools() -> CouponStore:
    """The store, for lists."""
    return CouponStore()


@cache
def deps() -> CouponDeps:
    """What the use cases need."""
    return CouponDeps(
        pools=pools(),
        number_of=Lookup(pools=pools()),
        declared=CurrentEventTypes(),
        enqueue=_enqueue,
        survivor_of=survivor_of,
        former_ids=former_ids,
    )


def _enqueue(jobs: Sequence[EventsReported]) -> None:
    queues.send(jobs, to=Queue.EVENTS)
