"""Pools of coupons: logs that only grow, and what they cost."""

import math
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from functions.campaigns.couponing import Taking
from functions.coupons.lookup import Lookup
from functions.coupons.ports import CouponDeps
from functions.coupons.service import add
from functions.domain.coupon import (
    NOBODY,
    Chunk,
    CouponPool,
    Grant,
    Holder,
    Redemption,
    holder_of_contact,
)
from functions.domain.event import EventTypes
from functions.domain.ids import CampaignId, ContactId, CouponPoolId
from functions.domain.planning import Person
from functions.domain.pricing import Money
from functions.storage.coupons import CouponStore
from tests.builders import NOON, a_campaign, a_contact, a_phone
from tests.fakes.coupons import FakeCoupons
from tests.integration.account import Account
from tests.integration.storage.item_size import WRITE_UNIT_BYTES, item_size

POOL, OTHER = CouponPoolId("cpn_1"), CouponPoolId("cpn_2")
C1, C2, C3 = (holder_of_contact(ContactId(f"c{each}")) for each in (1, 2, 3))


@pytest.fixture(params=[FakeCoupons, CouponStore], ids=["fake", "real"])
def store(request: pytest.FixtureRequest) -> Any:
    return request.param()


def a_pool(pool_id: CouponPoolId = POOL, **values: Any) -> CouponPool:
    facts: dict[str, Any] = {"name": "봄", "created": NOON, "event": "coupon_redeemed"}
    return CouponPool(pool_id=pool_id, **(facts | values))


def a_grant(first: int, *holders: Holder) -> Grant:
    return Grant(
        first=first, campaign_id=CampaignId("cmp_1"), part="000000", at=NOON, holders=holders
    )


def test_a_pool_is_read_as_it_was_written(store: Any) -> None:
    full = a_pool(OTHER, expires=NOON + timedelta(days=9), worth=Money(minor=500), warn_below=7)
    store.add(a_pool())
    store.add(full)

    assert (store.get(POOL), store.get(OTHER)) == (a_pool(), full)
    assert store.get(CouponPoolId("cpn_3")) is None
    assert store.page(limit=10, position=None).items == (a_pool(), full)


def test_pools_are_listed_page_by_page() -> None:
    store = CouponStore()
    store.add(a_pool())
    store.add(a_pool(OTHER))

    first = store.page(limit=1, position=None)
    second = store.page(limit=1, position=first.after)

    assert [each.pool_id for page in (first, second) for each in page.items] == [POOL, OTHER]


def test_codes_have_the_numbers_in_which_they_came(store: Any) -> None:
    assert store.append(POOL, Chunk(first=0, codes=("A", "B")))
    assert store.append(POOL, Chunk(first=2, codes=("C",)))
    assert store.append(OTHER, Chunk(first=0, codes=("A",)))

    assert (store.added(POOL), store.added(OTHER), store.added(CouponPoolId("x"))) == (3, 1, 0)
    assert store.codes(POOL, [0, 2, 9]) == {0: "A", 2: "C"}
    assert store.codes(POOL, [-1]) == store.codes(POOL, []) == {}
    assert [each.first for each in store.chunks(POOL)] == [0, 2]
    assert [each.codes for each in store.chunks(POOL, start=2)] == [("C",)]


def test_what_stands_is_not_replaced(store: Any) -> None:
    store.append(POOL, Chunk(first=0, codes=("A",)))
    store.grant(POOL, a_grant(0, C1))

    assert not store.append(POOL, Chunk(first=0, codes=("B",)))
    assert not store.grant(POOL, a_grant(0, C2))

    assert store.codes(POOL, [0]) == {0: "A"}
    assert store.granted(POOL).number_by_holder == {C1: 0}


def test_codes_far_apart_are_found_in_whole_rows(store: Any) -> None:
    for first in range(0, 12_000, 1_000):
        codes = tuple(f"K{number:05d}" for number in range(first, first + 1_000))
        store.append(POOL, Chunk(first=first, codes=codes))

    numbers = [0, 999, 1_000, 11_999]

    assert store.codes(POOL, numbers) == {each: f"K{each:05d}" for each in numbers}


def test_grants_are_read_on(store: Any) -> None:
    store.grant(POOL, a_grant(0, C1, C2))
    assert store.granted(POOL).taken == 2
    store.grant(POOL, a_grant(2, C3))

    assert store.granted(POOL).number_by_holder == {C1: 0, C2: 1, C3: 2}
    assert store.taken(POOL) == 3
    assert store.granted(OTHER).taken == 0


def test_the_grant_of_a_code_is_found(store: Any) -> None:
    store.append(POOL, Chunk(first=0, codes=("A", "B", "C", "D")))
    store.grant(POOL, a_grant(0, C1, C2))
    store.grant(POOL, a_grant(2, C3))

    found = [store.grant_of(POOL, number) for number in range(4)]

    assert found == [a_grant(0, C1, C2), a_grant(0, C1, C2), a_grant(2, C3), None]


def test_a_code_is_redeemed_once(store: Any) -> None:
    first = Redemption(number=3, at=NOON, told=NOON, order="o-1", minor=500)

    assert store.redeem(POOL, first)
    assert not store.redeem(POOL, Redemption(number=3, at=NOON, told=NOON))

    assert store.redemption(POOL, 3) == first
    assert store.redemption(POOL, 4) is None
    assert (store.redeemed(POOL), store.redeemed(OTHER)) == (1, 0)


def test_whose_codes_they_were_is_forgotten(store: Any) -> None:
    for pool_id in (POOL, OTHER):
        store.add(a_pool(pool_id))
        store.grant(pool_id, a_grant(0, C1, C2))
    store.redeem(POOL, Redemption(number=0, at=NOON, told=NOON))

    assert store.erase(C1) == 2
    assert store.erase(C1) == 0

    assert [each.holders for each in store.grants(POOL)] == [(NOBODY, C2)]
    assert (store.taken(POOL), store.redeemed(POOL)) == (2, 1)


def test_people_without_contact_are_known_by_a_hash() -> None:
    store = CouponStore()

    assert store.holder_of(Person.known(a_contact(1))) == C1
    nobody = store.holder_of(Person(contact=None, phone=a_phone(1)))
    assert nobody.startswith("tel:")
    assert "0001" not in nobody


def taking(store: CouponStore, campaign: str, part: int) -> Taking:
    made = a_campaign(campaign_id=CampaignId(campaign), coupon_pool=POOL)
    return Taking(campaign=made, part=str(part), coupons=store, now=NOON)


@pytest.mark.usefixtures("one_request_at_a_time")
def test_planners_at_once_give_nobody_the_same() -> None:
    store = CouponStore()
    store.add(a_pool())
    store.append(POOL, Chunk(first=0, codes=tuple(f"K{each:03d}" for each in range(50))))
    people = [holder_of_contact(ContactId(f"p{each}")) for each in range(40)]

    def work(place: int) -> dict[Holder, str]:
        # Each has a process of its own; neighbours have half of their people in common.
        wanted = people[place * 5 : place * 5 + 10]
        return dict(taking(CouponStore(), f"cmp_{place % 2}", place)(wanted))

    with ThreadPoolExecutor(7) as pool:
        given = list(pool.map(work, range(7)))

    pairs = {pair for each in given for pair in each.items()}
    assert len(pairs) == len({code for _, code in pairs}) == len(people) == store.taken(POOL)


def test_what_codes_cost(account: Account, requests_made: Callable[[], list[str]]) -> None:
    """Rows are only added, so what they weigh is what was written."""
    store = CouponStore()
    store.add(a_pool())
    deps = CouponDeps(
        pools=store,
        number_of=Lookup(pools=store),
        declared=EventTypes,
        enqueue=lambda _: None,
        survivor_of=lambda each: each,
        former_ids=lambda _: (),
    )
    codes = [uuid.uuid5(uuid.NAMESPACE_URL, str(each)).hex[:12].upper() for each in range(4_000)]
    people = [
        holder_of_contact(ContactId(str(uuid.uuid5(uuid.NAMESPACE_DNS, str(each)))))
        for each in range(4_000)
    ]
    requests_made()

    add(POOL, codes, deps=deps)
    adding = requests_made()
    for part in range(2):
        given = taking(CouponStore(), "cmp_1", part)(people[part * 2_000 : part * 2_000 + 2_000])
        assert len(given) == 2_000
    granting = requests_made()

    units = _write_units(account)
    # For each thousand of random codes and of people with random ids of 36 characters.
    assert units["CODES"] / 4 <= 8
    assert units["GRANT"] / 4 <= 24
    assert adding == ["GetItem", "Query", *["PutItem"] * 4]
    assert granting.count("PutItem") == 2
    assert len(granting) <= 16


def _write_units(account: Account) -> dict[str, int]:
    table = account.environment()["TABLE_COUPONS"]
    units: dict[str, int] = {}
    for page in account.dynamodb.get_paginator("scan").paginate(TableName=table):
        for row in page["Items"]:
            kind = row["kind"]["S"].partition("#")[0]
            units[kind] = units.get(kind, 0) + math.ceil(item_size(row) / WRITE_UNIT_BYTES)
    return units
