"""Codes of a pool in a campaign: one to each person, to nobody twice, whatever dies or races."""

from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings, strategies as st

from functions.campaigns.couponing import Pretending, Taking, showing
from functions.campaigns.service import create
from functions.contracts.errors import InvalidInput, Unavailable
from functions.contracts.queues import PlanJob
from functions.domain.campaign import CampaignStatus
from functions.domain.channel import Purpose
from functions.domain.coupon import Chunk, CouponPool, Grant, Holder, holder_of_contact
from functions.domain.ids import CampaignId, ContactId, CouponPoolId
from functions.domain.planning import Composed, Person
from functions.domain.reason import RefusalReason
from functions.domain.text_size import MessageType
from tests.builders import MORNING, NIGHT, NOON, a_campaign, a_contact, a_phone, a_template
from tests.fakes.coupons import FakeCoupons
from tests.fakes.dying import Death, Killed
from tests.fakes.turns import Turns
from tests.unit.campaigns.test_service import PLAN, World, a_world, some_people

POOL = CouponPoolId("cpn_1")


def a_pool(*, expires: datetime | None = None) -> CouponPool:
    return CouponPool(pool_id=POOL, name="봄", created=NOON, event="used", expires=expires)


def a_store(codes: int, *, expires: datetime | None = None) -> FakeCoupons:
    store = FakeCoupons()
    store.add(a_pool(expires=expires))
    for first in range(0, codes, 4):
        chunk = tuple(f"CODE-{number:04d}" for number in range(first, min(first + 4, codes)))
        store.append(POOL, Chunk(first=first, codes=chunk))
    return store


def holders(*numbers: int) -> list[Holder]:
    return [holder_of_contact(ContactId(f"c{number}")) for number in numbers]


def taking(store: object, *, campaign: str = "cmp_1", part: str = "000000") -> Taking:
    made = a_campaign(campaign_id=CampaignId(campaign), coupon_pool=POOL)
    return Taking(campaign=made, part=part, coupons=store, now=NOON)  # type: ignore[arg-type]


def test_people_get_the_codes_in_their_order() -> None:
    assert taking(a_store(10))(holders(2, 1)) == dict(
        zip(holders(2, 1), ["CODE-0000", "CODE-0001"], strict=True)
    )


def test_the_last_codes_go_to_the_first_people() -> None:
    store = a_store(3)

    assert list(taking(store)(holders(1, 2))) == holders(1, 2)
    assert list(taking(store)(holders(3, 4))) == holders(3)


def test_whoever_has_a_code_gets_it_again() -> None:
    store = a_store(3)

    first = taking(store)(holders(1, 2))
    again = taking(store, campaign="cmp_2")(holders(2, 3, 1))

    assert {each: again[each] for each in holders(1, 2)} == first
    assert again[holders(3)[0]] == "CODE-0002"


def test_new_codes_are_given_after_the_old() -> None:
    store = a_store(2)
    taking(store)(holders(1, 2, 3))
    store.append(POOL, Chunk(first=2, codes=("NEW-1",)))

    assert taking(store)(holders(3)) == {holders(3)[0]: "NEW-1"}


def test_gives_up_when_others_always_win() -> None:
    class Losing(FakeCoupons):
        def grant(self, pool_id: CouponPoolId, grant: Grant) -> bool:
            return False

    store = Losing(pools={POOL: a_pool()}, chunks_by_pool=a_store(3).chunks_by_pool)

    with pytest.raises(Unavailable):
        taking(store)(holders(1))


_TURNS = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from(["go", "go", "go", "dies before", "dies after"])),
    max_size=40,
)


@settings(max_examples=150, deadline=None)
@given(
    codes=st.integers(0, 12),
    wanted=st.lists(st.lists(st.integers(1, 8), max_size=6), min_size=1, max_size=4),
    turns=_TURNS,
)
def test_no_code_goes_to_two_and_nobody_gets_two(
    codes: int, wanted: list[list[int]], turns: list[tuple[int, str]]
) -> None:
    """Four planners with people in common, of the same part or not, killed and run again."""
    store, racing = a_store(codes), Turns()
    given_out: list[dict[Holder, str]] = []

    def planner(place: int, people: list[int]) -> None:
        given_out.append(dict(takers[place](holders(*people))))

    takers = [taking(racing.port(store), campaign=f"cmp_{each % 2}") for each in range(len(wanted))]
    tasks = [
        lambda place=place, people=people: planner(place, people)
        for place, people in enumerate(wanted)
    ]
    racing.run(tasks, turns)

    pairs = {pair for each in given_out for pair in each.items()}
    people = {each for numbers in wanted for each in holders(*numbers)}
    assert max(Counter(code for _, code in pairs).values(), default=1) == 1
    assert max(Counter(holder for holder, _ in pairs).values(), default=1) == 1
    # Nothing is left lying while somebody goes without, and nothing is taken for nobody.
    assert len(pairs) == min(codes, len(people)) == store.taken(POOL)


def a_couponed_world(
    codes: int, *people: Person, expires: datetime | None = None, **campaign: object
) -> World:
    """A launched campaign with a pool, whose one part waits to be planned."""
    template = a_template(body="{{ contact.name }}님 쿠폰 {{ coupon }}")
    world = a_world(people, template=template, coupons=a_store(codes, expires=expires))
    made = a_campaign(coupon_pool=POOL, **campaign)
    world.campaigns.campaigns[made.campaign_id] = made
    world.launch()
    world.handle(world.queue.popleft())
    return world


def texts(world: World) -> dict[str | None, str]:
    return {
        each.contact_id: each.text
        for number in set(world.started)
        for each in world.batches.batches[number].recipients
    }


def compose_code(person: Person) -> Composed:
    return Composed(message_type=MessageType.SMS, text=str(person.variables.get("coupon")))


def plan(world: World, *, now: datetime = NOON) -> None:
    world.handle(PLAN, now=now, composer=lambda *_: compose_code)


def test_exactly_those_who_get_a_message_take_a_code() -> None:
    refused = Person.known(a_contact(2, consents={}))
    world = a_couponed_world(5, *some_people(1, 1), refused, *some_people(3, 3))

    plan(world)

    assert texts(world) == {"c1": "CODE-0000", "c3": "CODE-0001"}
    assert world.coupons.taken(POOL) == 2


def test_the_rest_is_refused_when_the_pool_is_exhausted() -> None:
    world = a_couponed_world(2, *some_people(1, 5))

    plan(world)

    assert texts(world) == {"c1": "CODE-0000", "c2": "CODE-0001"}
    assert world.part().refused == {RefusalReason.COUPON_EXHAUSTED: 3}


def test_an_empty_pool_gives_nobody_a_message() -> None:
    world = a_couponed_world(0, *some_people(1, 2))

    plan(world)

    assert world.part().refused == {RefusalReason.COUPON_EXHAUSTED: 2}


def test_another_at_the_same_number_gets_no_message_without_a_code() -> None:
    # Who comes first has no code, so that the second is no duplicate any more.
    contact = a_contact(1)
    twin = replace(contact, contact_id=ContactId("twin"))
    world = a_couponed_world(0, Person.known(contact), Person.known(twin))

    plan(world)

    assert texts(world) == {}
    assert world.part().refused == {RefusalReason.COUPON_EXHAUSTED: 2}


def test_what_kept_somebody_back_stays_the_reason() -> None:
    world = a_couponed_world(5, *some_people(1, 2))

    def compose(person: Person) -> Composed | RefusalReason:
        return RefusalReason.UNRENDERABLE if person.contact_id == "c1" else compose_code(person)

    world.handle(PLAN, composer=lambda *_: compose)

    assert texts(world) == {"c2": "CODE-0000"}
    assert world.part().refused == {RefusalReason.UNRENDERABLE: 1}


def test_an_expired_pool_gives_nothing() -> None:
    world = a_couponed_world(5, *some_people(1, 2), expires=NOON)

    plan(world)

    assert world.part().refused == {RefusalReason.COUPON_EXPIRED: 2}
    assert world.coupons.taken(POOL) == 0


def test_nobody_gets_a_code_that_expires_before_the_message_leaves() -> None:
    # At night advertisements are held until the morning.
    world = a_couponed_world(5, *some_people(1, 1), expires=MORNING - timedelta(hours=1))

    plan(world, now=NIGHT)

    assert world.part().refused == {RefusalReason.COUPON_EXPIRED: 1}


def test_a_number_of_nobody_known_gets_a_code_too() -> None:
    # A notice needs no consent.
    world = a_couponed_world(5, Person(contact=None, phone=a_phone(7)))
    world.template = replace(world.template, purpose=Purpose.TRANSACTIONAL)

    plan(world)

    assert texts(world) == {None: "CODE-0000"}


def test_a_template_without_a_gap_takes_no_code() -> None:
    world = a_couponed_world(5, *some_people(1, 2))
    world.template = a_template()

    plan(world)

    assert world.coupons.taken(POOL) == 0
    assert len(texts(world)) == 2


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("at", range(1, 14))
def test_a_planner_that_dies_gives_everybody_the_same_code_again(at: int, *, after: bool) -> None:
    world = a_couponed_world(3, *some_people(1, 5))
    death = Death(at=at, after=after)
    with suppress(Killed):
        world.handle(
            PLAN,
            composer=lambda *_: compose_code,
            coupons=death.port(world.coupons),
            campaigns=death.port(world.campaigns),
            batches=death.port(world.batches),
        )
    known = dict(world.coupons.granted(POOL).number_by_holder)

    plan(world)

    assert dict(world.coupons.granted(POOL).number_by_holder) | known == dict(
        world.coupons.granted(POOL).number_by_holder
    )
    assert texts(world) == {f"c{each}": f"CODE-{each - 1:04d}" for each in (1, 2, 3)}
    assert world.part().refused == {RefusalReason.COUPON_EXHAUSTED: 2}


def test_simulation_tells_beforehand_and_takes_nothing() -> None:
    store = a_store(4)
    taking(store)(holders(1))
    pretending = Pretending(pool_id=POOL, coupons=store)

    first = pretending(holders(1, 2, 3))
    second = pretending(holders(4, 5, 1))

    assert (list(first), list(second)) == (holders(1, 2, 3), holders(4, 1))
    assert pretending.promised == 3
    assert store.taken(POOL) == 1


def test_a_test_of_the_message_shows_no_code_and_takes_none() -> None:
    store = a_store(2)
    campaign = a_campaign(coupon_pool=POOL)

    shown = showing(campaign, coupons=store)(holders(1, 2, 3))

    assert shown == dict.fromkeys(holders(1, 2, 3), "XXXX-0000")
    assert store.taken(POOL) == 0
    assert showing(a_campaign(), coupons=store)(holders(1)) == {}


@pytest.mark.parametrize(
    ("body", "values", "pool", "code"),
    [
        ("{{ coupon }}", {"coupon_pool": CouponPoolId("cpn_2")}, None, "not_found"),
        ("{{ coupon }}", {"coupon_pool": POOL}, NOON, "coupon_expired"),
        ("봄 할인", {"coupon_pool": POOL}, None, "not_used"),
        ("{{ coupon }}", {"coupon_pool": POOL, "variables": {"coupon": "A"}}, None, "not_allowed"),
    ],
)
def test_a_campaign_needs_a_pool_that_fits(
    body: str, values: dict[str, object], pool: datetime | None, code: str
) -> None:
    world = a_world((), template=a_template(body=body), coupons=a_store(1, expires=pool))
    campaign = a_campaign(**values)

    with pytest.raises(InvalidInput) as refused:
        create(campaign, direct={}, deps=world.deps())

    assert [each.code for each in refused.value.errors] == [code]
    assert campaign.status is CampaignStatus.DRAFT


def test_a_plan_job_may_come_twice() -> None:
    world = a_couponed_world(3, *some_people(1, 2))
    plan(world)

    world.handle(PlanJob(campaign_id="cmp_1", part="000000"))

    assert texts(world) == {"c1": "CODE-0000", "c2": "CODE-0001"}
