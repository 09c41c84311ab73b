"""Pools as callers see them: filled once, redeemed once, told of without the codes."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings, strategies as st

from functions.contracts.activity_document import events_from_text
from functions.contracts.errors import Conflict, InvalidInput, NotFound, Unavailable
from functions.contracts.queues import EventsReported
from functions.coupons.lookup import Lookup
from functions.coupons.ports import CouponDeps
from functions.coupons.service import (
    Added,
    Counts,
    Use,
    add,
    check_codes,
    counts,
    held_by,
    redeem,
)
from functions.domain.coupon import (
    MAX_CODES,
    Chunk,
    CouponPool,
    Grant,
    Holder,
    Redemption,
    holder_of_contact,
)
from functions.domain.event import EventTypes
from functions.domain.ids import CampaignId, ContactId, CouponPoolId
from functions.domain.pricing import Money
from tests.builders import NOON
from tests.fakes.coupons import FakeCoupons
from tests.fakes.dying import Death, Killed
from tests.fakes.turns import Turns

POOL = CouponPoolId("cpn_1")
LATER = NOON + timedelta(minutes=1)
C1 = holder_of_contact(ContactId("c1"))


@dataclass
class World:
    """Everything around pools, in memory."""

    pools: FakeCoupons = field(default_factory=FakeCoupons)
    events: list[EventsReported] = field(default_factory=list)
    types: EventTypes = field(default_factory=EventTypes)

    def deps(self, pools: FakeCoupons | None = None) -> CouponDeps:
        return CouponDeps(
            pools=pools or self.pools,
            number_of=Lookup(pools=self.pools),
            declared=lambda: self.types,
            enqueue=self.events.extend,
            survivor_of=lambda each: each,
            former_ids=lambda _: (),
        )

    def add(self, *codes: str) -> Added:
        return add(POOL, codes, deps=self.deps())

    def grant(self, *holders: Holder) -> None:
        first = self.pools.taken(POOL)
        campaign_id = CampaignId("cmp_1")
        self.pools.grant(
            POOL, Grant(first=first, campaign_id=campaign_id, part="0", at=NOON, holders=holders)
        )

    def redeem(self, use: Use, *, now: datetime = NOON) -> tuple[Redemption, str | None]:
        return redeem(POOL, use, deps=self.deps(), now=now)


def a_world(*, expires: datetime | None = None) -> World:
    world = World()
    world.pools.add(
        CouponPool(
            pool_id=POOL,
            name="봄",
            created=NOON,
            event="coupon_redeemed",
            expires=expires,
            worth=Money(minor=1000),
        )
    )
    return world


def codes_of(world: World) -> list[str]:
    return [code for chunk in world.pools.chunks(POOL) for code in chunk.codes]


def test_codes_are_added_once() -> None:
    world = a_world()

    first = world.add("BBBB", "AAAA", "BBBB")
    second = world.add("AAAA", "CCCC")

    assert first == Added(added=2, duplicates=(2,), total=2)
    assert second == Added(added=1, duplicates=(0,), total=3)
    assert codes_of(world) == ["AAAA", "BBBB", "CCCC"]


def test_nothing_new_changes_nothing() -> None:
    world = a_world()
    world.add("AAAA")

    assert world.add("AAAA") == Added(added=0, duplicates=(0,), total=1)


def test_codes_are_cut_into_rows() -> None:
    world = a_world()

    world.add(*(f"CODE-{number:05d}" for number in range(2_500)))

    assert [len(each.codes) for each in world.pools.chunks(POOL)] == [1000, 1000, 500]


def test_a_pool_does_not_grow_without_end() -> None:
    world = a_world()
    world.pools.chunks_by_pool[POOL] = {MAX_CODES - 1: Chunk(first=MAX_CODES - 1, codes=("LAST",))}

    with pytest.raises(Conflict) as refused:
        world.add("MORE")

    assert refused.value.code == "coupon_pool_full"


def test_no_pool_takes_no_codes() -> None:
    with pytest.raises(NotFound):
        add(CouponPoolId("cpn_2"), ["AAAA"], deps=a_world().deps())


def test_gives_up_when_others_always_win() -> None:
    class Losing(FakeCoupons):
        def append(self, pool_id: CouponPoolId, chunk: Chunk) -> bool:
            return False

    with pytest.raises(Unavailable):
        add(POOL, ["AAAA"], deps=a_world().deps(Losing(pools=a_world().pools.pools)))


_NAMES = st.lists(st.sampled_from([f"CODE-{each}" for each in range(12)]), max_size=10)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(_NAMES, min_size=1, max_size=3),
    st.lists(
        st.tuples(st.integers(0, 2), st.sampled_from(["go", "go", "dies before", "dies after"])),
        max_size=20,
    ),
)
def test_no_code_is_in_a_pool_twice(calls: list[list[str]], turns: list[tuple[int, str]]) -> None:
    world, racing = a_world(), Turns()
    deps = [world.deps(racing.port(world.pools)) for _ in calls]
    work = [
        lambda given=given, each=each: add(POOL, given, deps=each)
        for given, each in zip(calls, deps, strict=True)
    ]

    racing.run(work, turns)

    every = {code for given in calls for code in given}
    assert sorted(codes_of(world)) == sorted(every)
    assert {code: Lookup(pools=world.pools)(POOL, code) for code in every} == {
        code: place for place, code in enumerate(codes_of(world))
    }


def test_a_code_is_found_among_many_additions() -> None:
    world = a_world()
    lookup = Lookup(pools=world.pools)
    assert lookup(POOL, "AAAA") is None
    world.add("AAAA", "ZZZZ")
    world.add("BBBB", "CCCC")

    assert [lookup(POOL, each) for each in ("AAAA", "ZZZZ", "BBBB", "CCCC")] == [0, 1, 2, 3]
    assert [lookup(POOL, each) for each in ("ABBB", "0000", "zzzz", "aaaa")] == [None] * 4


@pytest.mark.parametrize("bad", ["abc", "한글코드", "AB CD", "", "A" * 65])
def test_every_bad_code_is_named(bad: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_codes(["GOOD", bad, "GOOD-2", bad], pointer="/codes")

    assert [(each.pointer, each.code) for each in refused.value.errors] == [
        ("/codes/1", "invalid_format"),
        ("/codes/3", "invalid_format"),
    ]


def test_a_pool_is_counted_from_its_rows() -> None:
    world = a_world()
    world.add("AAAA", "BBBB", "CCCC")
    world.grant(C1, Holder("tel:x"))
    world.redeem(Use(code="AAAA"))

    found = counts(POOL, deps=world.deps())

    assert found == Counts(added=3, taken=2, redeemed=1)
    assert found.left == 1


def test_a_redemption_is_an_event_of_its_person() -> None:
    world = a_world()
    world.types = EventTypes(properties_by_name={"coupon_redeemed": ("campaign",)})
    world.add("AAAA")
    world.grant(C1)

    done, event = world.redeem(Use(code="AAAA", order="o-1", minor=39_000))

    assert event == "coupon_redeemed"
    assert done == Redemption(number=0, at=NOON, told=NOON, order="o-1", minor=39_000)
    (person,) = events_from_text(world.events[0].people)
    assert person.contact_id == "c1"
    (told,) = person.events
    assert (told.name, told.minor, told.at) == ("coupon_redeemed", 39_000, NOON)
    assert told.properties == (("campaign", "cmp_1"),)


def test_a_code_is_redeemed_once() -> None:
    world = a_world()
    world.add("AAAA")
    world.grant(C1)
    world.redeem(Use(code="AAAA"))

    with pytest.raises(Conflict) as refused:
        world.redeem(Use(code="AAAA"), now=LATER)

    assert refused.value.code == "already_redeemed"
    assert NOON.isoformat() in refused.value.errors[0].message
    assert len({each.people for each in world.events}) == 1


def test_the_same_order_told_again_is_what_it_was() -> None:
    world = a_world()
    world.add("AAAA")
    world.grant(C1)
    first = world.redeem(Use(code="AAAA", order="o-1"))

    assert world.redeem(Use(code="AAAA", order="o-1", minor=7), now=LATER) == first
    with pytest.raises(Conflict):
        world.redeem(Use(code="AAAA", order="o-2"), now=LATER)


def test_an_old_redemption_is_not_reported_again() -> None:
    world = a_world()
    world.add("AAAA")
    world.grant(C1)
    world.redeem(Use(code="AAAA", order="o-1"))

    world.redeem(Use(code="AAAA", order="o-1"), now=NOON + timedelta(days=8))

    assert len(world.events) == 1


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("at", range(1, 7))
def test_a_redemption_that_dies_is_made_good_by_telling_it_again(at: int, *, after: bool) -> None:
    world = a_world()
    world.add("AAAA")
    world.grant(C1)
    death = Death(at=at, after=after)
    dying = CouponDeps(
        pools=death.port(world.pools),
        number_of=Lookup(pools=world.pools),
        declared=lambda: world.types,
        enqueue=death.function(world.events.extend),
        survivor_of=lambda each: each,
        former_ids=lambda _: (),
    )
    with suppress(Killed):
        redeem(POOL, Use(code="AAAA", order="o-1"), deps=dying, now=NOON)

    done, event = world.redeem(Use(code="AAAA", order="o-1"), now=LATER)

    assert (done.number, event) == (0, "coupon_redeemed")
    keys = {
        each.key for job in world.events for p in events_from_text(job.people) for each in p.events
    }
    assert len(keys) == 1
    assert len(world.pools.redemptions) == 1


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.just("go")), max_size=20))
def test_of_rivals_one_redeems(turns: list[tuple[int, str]]) -> None:
    world, racing = a_world(), Turns()
    world.add("AAAA")
    world.grant(C1)
    done: list[str] = []

    def tell(order: str, deps: CouponDeps) -> None:
        try:
            redeem(POOL, Use(code="AAAA", order=order), deps=deps, now=NOON)
        except Conflict as error:
            done.append(error.code)
        else:
            done.append("redeemed")

    deps = [world.deps(racing.port(world.pools)) for _ in range(3)]
    racing.run([lambda n=n, d=d: tell(f"o-{n}", d) for n, d in enumerate(deps)], turns)

    assert sorted(done) == ["already_redeemed", "already_redeemed", "redeemed"]


def test_a_code_that_nobody_has_cannot_be_redeemed() -> None:
    world = a_world()
    world.add("AAAA", "BBBB")
    world.grant(C1)

    with pytest.raises(Conflict) as refused:
        world.redeem(Use(code="BBBB"))
    with pytest.raises(NotFound):
        world.redeem(Use(code="CCCC"))

    assert refused.value.code == "coupon_not_given"


def test_an_expired_code_counts_by_when_it_was_used() -> None:
    world = a_world(expires=LATER)
    world.add("AAAA", "BBBB")
    world.grant(C1, Holder("id:c2"))
    tomorrow = NOON + timedelta(days=1)

    done, _ = world.redeem(Use(code="AAAA", at=NOON), now=tomorrow)
    with pytest.raises(Conflict) as refused:
        world.redeem(Use(code="BBBB"), now=tomorrow)

    assert done.at == NOON
    assert refused.value.code == "coupon_expired"


@pytest.mark.parametrize(
    ("away", "code"),
    [(timedelta(minutes=6), "in_the_future"), (timedelta(days=-31), "too_old")],
)
def test_a_redemption_is_of_now_or_lately(away: timedelta, code: str) -> None:
    world = a_world()

    with pytest.raises(InvalidInput) as refused:
        world.redeem(Use(code="AAAA", at=NOON + away))

    assert refused.value.errors[0].code == code


@pytest.mark.parametrize("holder", [Holder("tel:x"), Holder("")])
def test_a_redemption_by_nobody_known_is_no_event(holder: Holder) -> None:
    world = a_world()
    world.add("AAAA")
    world.grant(holder)

    assert world.redeem(Use(code="AAAA"))[1] is None
    assert world.events == []


def test_the_code_that_a_contact_has_is_found() -> None:
    world = a_world()
    world.add("AAAA", "BBBB")
    world.grant(Holder("tel:x"))
    world.grant(C1)

    held = held_by(POOL, ContactId("c1"), deps=world.deps())

    assert (held.code, held.grant.campaign_id, held.redemption) == ("BBBB", "cmp_1", None)
    with pytest.raises(NotFound):
        held_by(POOL, ContactId("c2"), deps=world.deps())


def test_codes_do_not_show() -> None:
    shown: Sequence[object] = (Use(code="AAAA"), Chunk(first=0, codes=("AAAA",)))

    assert "AAAA" not in repr(shown)
