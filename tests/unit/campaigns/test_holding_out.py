"""Who is held out gets nothing, whatever dies or comes twice, and is counted all the same."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

import pytest
from hypothesis import given, settings, strategies as st

from functions.campaigns.control import launch
from functions.campaigns.holding_out import in_force
from functions.campaigns.ports import Slice
from functions.campaigns.reporting import ReportingDeps, whole_report
from functions.campaigns.service import create, people_of, resolve
from functions.campaigns.simulation import simulate_part
from functions.campaigns.trial import Trial, TrialPorts, send_test
from functions.campaigns.why import why
from functions.contracts.errors import InvalidInput
from functions.contracts.queues import Job, PlanJob, ResolveJob, SendJob, SimulateJob
from functions.domain.batch import BatchMeta
from functions.domain.breakdown import Told
from functions.domain.campaign import Campaign
from functions.domain.channel import Purpose
from functions.domain.experiment import Criteria, Mode
from functions.domain.fatigue import Recent
from functions.domain.follow_up import Condition, Followed, FollowUp, look
from functions.domain.holdout import PER_UNIT, Arm, Drawn, GlobalGroup, Holdout
from functions.domain.ids import CampaignId, ContactId, CouponPoolId, SenderId, TemplateId
from functions.domain.message import Send
from functions.domain.planning import Person
from functions.domain.policy import LAW_ALONE
from functions.domain.reason import RefusalReason
from functions.domain.reconciliation import Chunk, counted
from functions.domain.replies import BatchReplies
from functions.domain.safety import Safety
from tests.builders import NIGHT, NOON, a_campaign, a_contact, a_part, a_phone, a_template
from tests.fakes.dying import Death, Killed
from tests.fakes.holdouts import place
from tests.fakes.safety import FakeBindings
from tests.fakes.stores import FakeTemplates
from tests.unit.campaigns.experiment_world import Varied, an_experiment
from tests.unit.campaigns.safe_world import CAMPAIGN, PEOPLE, WON, World, a_ramp
from tests.unit.campaigns.test_couponing import POOL, a_store
from tests.unit.campaigns.test_service import PLAN, RESOLVE, Slow, a_world, some_people

QUIET = Safety(ramp=None, rules=None)
TENTH = Holdout(share=100)
GROUP = GlobalGroup(name="2026", share=100)
STEPS = range(1, 34)


def a_held(**values: object) -> World:
    facts: dict[str, object] = {"safety": QUIET, "holdout": TENTH}
    world = World(**(facts | values))  # type: ignore[arg-type]
    world.launch()
    return world


def number(contact_id: ContactId | None) -> int:
    return int(str(contact_id)[1:])


def by_arm(world: World) -> dict[Arm | None, set[int]]:
    """Everybody of the planned parts, by arm."""
    found: dict[Arm | None, set[int]] = {}
    for part in world.campaigns.parts(CAMPAIGN):
        for each in part.batches:
            batch = world.batches.batches[each]
            people = {number(recipient.contact_id) for recipient in batch.recipients}
            found.setdefault(batch.meta.arm, set()).update(people)
    return found


def in_group(share: int = 100) -> set[int]:
    group = GlobalGroup(name="2026", share=share)
    people = range(1, PEOPLE + 1)
    return {each for each in people if group.has(place("2026", ContactId(f"c{each}")))}


def assert_whole(world: World) -> None:
    """Everybody is counted once, nobody twice, and who is held out was sent nothing."""
    found = by_arm(world)
    held = set().union(*(found.get(arm, set()) for arm in Arm if arm is not Arm.ASIDE))
    assert held.isdisjoint(world.sent)
    assert sorted(world.sent) == sorted(set(range(1, PEOPLE + 1)) - held)
    counted_ = world.report()
    assert (counted_.accounted, counted_.recipients) == (PEOPLE, PEOPLE)
    assert counted_.sent == PEOPLE - len(held)
    assert sum(counted_.refused.values()) == len(held)
    parts = world.campaigns.parts(CAMPAIGN)
    states = {each: world.batches.batches[each].state for part in parts for each in part.batches}
    assert not counted(Chunk(number=0, parts=parts, follows=False), states).faults


def test_a_tenth_gets_nothing_and_is_told_apart() -> None:
    world = a_held()

    world.drain()

    assert_whole(world)
    assert world.report().refused == {"held_out": PEOPLE // 10}
    assert {arm: len(people) for arm, people in by_arm(world).items()} == {
        None: PEOPLE * 9 // 10,
        Arm.HELD_OUT: PEOPLE // 10,
    }


@pytest.mark.parametrize("size", [1, 3, 7, 20])
@pytest.mark.parametrize("share", [1, 37, 123, 500])
def test_the_share_is_exact_whatever_the_slices(size: int, share: int) -> None:
    world = a_held(holdout=Holdout(share=share), size=size)

    world.drain()

    assert_whole(world)
    held = len(by_arm(world).get(Arm.HELD_OUT, ()))
    assert abs(held - PEOPLE * share / 1_000) < 1


def test_a_shadow_costs_nothing_and_keeps_no_text() -> None:
    world = a_held(safety=replace(QUIET, budget=180 * WON))

    world.drain()

    assert_whole(world)
    assert world.planned_cost() == 180 * WON
    assert world.store.purses[CAMPAIGN].left == 0
    shadows = [each for each in world.batches.batches.values() if each.meta.shadow]
    assert {each.meta.unit_price.minor for each in shadows} == {0}
    assert {recipient.text for each in shadows for recipient in each.recipients} == {""}
    assert {each.meta.triggers for each in shadows} == {""}


def test_nothing_comes_back_to_the_budget_for_who_was_held_out() -> None:
    world = a_held(safety=replace(QUIET, budget=100 * WON))

    world.drain()

    assert world.campaign().status == "paused"
    assert world.store.purses[CAMPAIGN].given_back == 0


def test_a_job_for_a_shadow_sends_nothing() -> None:
    world = a_held()
    world.drain()
    before = list(world.sent)
    shadows = [each.meta for each in world.batches.batches.values() if each.meta.shadow]

    for meta in shadows:
        world.handle(SendJob(batch=meta.number))

    assert world.sent == before
    assert all(not world.batches.batches[each.number].state.waiting() for each in shadows)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("at", STEPS)
def test_whoever_dies_holds_the_same_people_out(at: int, after: bool) -> None:
    world = a_held(experiment=an_experiment(pilot=50), policy=replace(LAW_ALONE, holdout=GROUP))

    world.step(death=Death(at=at, after=after))
    for _ in range(12):
        world.step(death=Death(at=at, after=after))
    world.drain()

    assert_whole(world)
    found = by_arm(world)
    assert found[Arm.HELD_OUT_GLOBALLY] == in_group()
    assert abs(len(found[Arm.HELD_OUT]) - (PEOPLE - len(in_group())) / 10) < 1
    assert_everybody_is_noted(world)


def assert_everybody_is_noted(world: World) -> None:
    """Whoever has a message, real or shadow, has it in the history, once."""
    for part in world.campaigns.parts(CAMPAIGN):
        for each in part.batches:
            for recipient in world.batches.batches[each].recipients:
                assert recipient.contact_id is not None
                noted = [own.batch for own in world.histories.of(recipient.contact_id)]
                assert noted == [each]


@settings(max_examples=30, deadline=None)
@given(
    order=st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=60),
    share=st.integers(1, 500),
    pilot=st.sampled_from([20, 100]),
)
def test_in_any_order_and_twice_it_is_the_same(
    order: list[tuple[int, bool]], share: int, pilot: int
) -> None:
    world = a_held(holdout=Holdout(share=share), experiment=an_experiment(pilot=pilot))

    for rotation, twice in order:
        world.step(rotation, twice=twice)
    world.drain()

    assert_whole(world)
    held = by_arm(world).get(Arm.HELD_OUT, set())
    assert abs(len(held) - PEOPLE * share / 1_000) < 1


@pytest.mark.parametrize("size", [20, 6])
def test_variants_stay_exact_among_those_who_get_it_and_those_who_do_not(size: int) -> None:
    world = Varied(safety=QUIET, experiment=an_experiment("a", "b", "c"), holdout=TENTH, size=size)
    world.launch()

    world.drain()

    found: dict[bool, Counter[str]] = {False: Counter(), True: Counter()}
    for batch in world.batches.batches.values():
        found[batch.meta.shadow][batch.meta.variant] += batch.meta.size
    assert sorted(found[False].values()) == [60, 60, 60]
    assert sorted(found[True].values()) == [6, 7, 7]


def test_the_rest_after_the_decision_holds_out_too() -> None:
    world = Varied(
        safety=QUIET, experiment=an_experiment(pilot=30), holdout=TENTH, percent={"a": 90, "b": 5}
    )
    world.launch()

    world.work()
    sizes = Counter(part.rest for part in world.campaigns.parts(CAMPAIGN) for _ in range(part.size))
    assert sizes == {False: 60, True: 140}
    world.drain()

    assert_whole(world)
    parts = world.campaigns.parts(CAMPAIGN)
    held_in_rest = sum(
        world.batches.batches[each].meta.size
        for part in parts
        if part.rest
        for each in part.batches
        if world.batches.batches[each].meta.shadow
    )
    assert held_in_rest == 14
    assert len(by_arm(world)[Arm.HELD_OUT]) == 20


def test_adaptive_parts_give_shadows_variants_by_the_same_odds() -> None:
    experiment = an_experiment(
        mode=Mode.ADAPTIVE,
        part_every=timedelta(minutes=15),
        criteria=Criteria(window=timedelta(minutes=10)),
    )
    world = Varied(
        safety=QUIET, experiment=experiment, holdout=Holdout(share=300), percent={"b": 90}
    )
    world.launch()

    world.drain()

    assert_whole(world)
    draws = world.experiments.draws(CAMPAIGN)
    assert [sum(each.people.values()) for each in draws] == [14] * 10


def test_a_ramp_lets_in_and_holds_out_by_steps() -> None:
    world = a_held(safety=Safety(ramp=a_ramp(10, 100), rules=None))

    world.work()
    assert len(world.sent) == 18
    world.drain()

    assert_whole(world)


def test_the_companys_group_comes_first_and_the_share_is_of_the_others() -> None:
    world = a_held(policy=replace(LAW_ALONE, holdout=GROUP, version=7))

    world.drain()

    found = by_arm(world)
    assert found[Arm.HELD_OUT_GLOBALLY] == in_group()
    assert abs(len(found[Arm.HELD_OUT]) - (PEOPLE - len(in_group())) / 10) < 1
    assert_whole(world)
    assert world.campaign().holdout == Holdout(share=100, globally=replace(GROUP, version=7))


def test_the_group_is_the_one_at_the_launch_whatever_the_policy_says_later() -> None:
    world = a_held(holdout=None, policy=replace(LAW_ALONE, holdout=GROUP))
    world.step()

    world.policy = replace(LAW_ALONE, holdout=replace(GROUP, name="2027", share=500), version=2)
    world.drain()

    assert by_arm(world)[Arm.HELD_OUT_GLOBALLY] == in_group()
    assert_whole(world)


def test_who_tests_for_the_company_is_never_held_out() -> None:
    seeds = tuple(f"c{each}" for each in sorted(in_group(500))[:5])
    policy = replace(LAW_ALONE, holdout=replace(GROUP, share=500), seeds=seeds)
    world = a_held(holdout=Holdout(share=500), policy=policy)

    world.drain()

    assert {f"c{each}" for each in by_arm(world)[Arm.ASIDE]} == set(seeds)
    assert_whole(world)


def test_a_number_of_nobody_known_takes_no_seat() -> None:
    strangers = tuple(Person(contact=None, phone=a_phone(100 + each)) for each in range(5))
    world = a_world((*some_people(1, 6), *strangers, Person(contact=None, phone=None)))
    held = replace(a_campaign(), holdout=Holdout(share=500))
    world.campaigns.campaigns[CAMPAIGN] = held

    part = world.handle(RESOLVE)

    arms = Counter(each.arm for each in world.people.load(part.people_key))
    assert arms == {None: 3, Arm.HELD_OUT: 3, Arm.ASIDE: 6}
    assert part.drawn == Drawn(seats=6, kept=9)
    planned = world.handle(PLAN)
    metas = [world.batches.batches[each].meta for each in planned.batches]
    assert [(each.arm, each.size) for each in metas] == [(None, 3), (Arm.HELD_OUT, 3)]
    assert planned.refused == {RefusalReason.UNKNOWN_CONTACT: 1, RefusalReason.NO_CONSENT: 5}


def test_who_shares_a_number_shares_the_fate_and_is_one_message() -> None:
    twins = [replace(each, phone=a_phone(1)) for each in some_people(1, 40)]
    world = a_world((*twins, *some_people(41, 60)))
    held = replace(a_campaign(), holdout=Holdout(share=500))
    world.campaigns.campaigns[CAMPAIGN] = held

    part = world.handle(RESOLVE)

    arms = {each.arm for each in world.people.load(part.people_key)[:40]}
    assert len(arms) == 1
    assert part.drawn is not None
    assert part.drawn.seats == 21


def test_who_would_be_refused_is_refused_and_in_no_arm() -> None:
    people = tuple(
        Person.known(a_contact(each, consents={}), recent=Recent()) for each in range(1, 21)
    )
    world = a_world((*people, *some_people(21, 40)))
    held = replace(a_campaign(), holdout=Holdout(share=500))
    world.campaigns.campaigns[CAMPAIGN] = held
    world.handle(RESOLVE)

    part = world.handle(PLAN)

    assert part.refused == {RefusalReason.NO_CONSENT: 20}
    arms = {world.batches.batches[each].meta.arm for each in part.batches}
    people_held = sum(
        world.batches.batches[each].meta.size
        for each in part.batches
        if world.batches.batches[each].meta.shadow
    )
    assert arms == {None, Arm.HELD_OUT}
    assert 3 <= people_held <= 17


def test_shadows_begin_when_the_others_do() -> None:
    world = a_world(some_people(1, 40))
    world.campaigns.campaigns[CAMPAIGN] = replace(a_campaign(), holdout=TENTH)
    world.handle(RESOLVE, now=NIGHT)

    part = world.handle(PLAN, now=NIGHT)

    metas = [world.batches.batches[each].meta for each in part.batches]
    assert [each.shadow for each in metas] == [False, True]
    assert len({each.began for each in metas}) == 1
    assert metas[0].not_before is not None
    assert world.started == [metas[0].number]


def test_coupons_go_to_those_only_who_get_the_message() -> None:
    world = a_world(some_people(1, 20), coupons=a_store(40))
    world.template = a_template(body="쿠폰 {{ coupon }}")
    held = replace(a_campaign(), holdout=Holdout(share=500), coupon_pool=POOL)
    world.campaigns.campaigns[CAMPAIGN] = held
    world.handle(RESOLVE)

    part = world.handle(PLAN)

    assert world.coupons.granted(POOL).taken == 10
    assert sum(part.batch_sizes) == 20
    assert part.refused == {}


def test_when_the_coupons_are_out_both_arms_are_refused_alike() -> None:
    world = a_world(some_people(1, 40), coupons=a_store(8))
    world.template = a_template(body="쿠폰 {{ coupon }}")
    held = replace(a_campaign(), holdout=Holdout(share=500), coupon_pool=CouponPoolId(POOL))
    world.campaigns.campaigns[CAMPAIGN] = held
    world.handle(RESOLVE)

    part = world.handle(PLAN)

    shadows = sum(
        world.batches.batches[each].meta.size
        for each in part.batches
        if world.batches.batches[each].meta.shadow
    )
    assert world.coupons.granted(POOL).taken == 8
    assert 3 <= shadows <= 13
    assert part.refused == {RefusalReason.COUPON_EXHAUSTED: 40 - 8 - shadows}


def test_only_advertising_holds_people_out() -> None:
    world = a_world(some_people(1, 3))
    world.template = a_template(purpose=Purpose.TRANSACTIONAL)

    with pytest.raises(InvalidInput) as refused:
        create(a_campaign(holdout=TENTH), direct={}, deps=world.deps())

    assert [(each.pointer, each.code) for each in refused.value.errors] == [
        ("/holdout_percent", "not_advertising")
    ]


def test_the_companys_group_gets_notices() -> None:
    world = World(safety=QUIET, policy=replace(LAW_ALONE, holdout=GROUP))
    deps = replace(
        world.deps(), templates=FakeTemplates.of(a_template(purpose=Purpose.TRANSACTIONAL))
    )

    assert in_force(world.campaign(), deps=deps) is None
    assert launch(CAMPAIGN, deps=deps, now=NOON).holdout is None


def test_without_a_holdout_nothing_is_different() -> None:
    plain, none = a_held(holdout=None), World(safety=QUIET)
    none.launch()

    plain.drain()
    none.drain()

    assert plain.campaigns == none.campaigns
    assert plain.batches == none.batches
    assert plain.histories.writes == 0
    assert all(part.drawn is None for part in plain.campaigns.parts(CAMPAIGN))
    assert all(each.arm is None for people in plain.people.slices.values() for each in people)


def test_of_two_rivals_the_slice_that_counts_says_where_the_next_begins() -> None:
    world = a_world(some_people(1, 5), some_people(6, 10))
    held = replace(a_campaign(), holdout=Holdout(share=500))
    world.campaigns.campaigns[CAMPAIGN] = held

    def rival(campaign: Campaign, cursor: str | None) -> Slice:
        world.handle(RESOLVE)
        return Slice(people=some_people(1, 4), next_cursor="after-1")

    first = world.handle(RESOLVE, slice_of=rival)
    following = world.queue[1]
    second = world.handle(following)

    assert first.drawn == Drawn(seats=5, kept=first.drawn.kept if first.drawn else 0)
    assert second.drawn is not None
    assert (second.drawn.seats_before, second.drawn.seats) == (5, 5)


def test_why_says_that_somebody_is_held_out() -> None:
    world = a_held()
    world.drain()
    (held, *_) = by_arm(world)[Arm.HELD_OUT]

    found = why(world.campaign(), ContactId(f"c{held}"), deps=world.deps())

    assert found.batch is not None
    assert found.batch.meta.arm is Arm.HELD_OUT
    assert found.batch.state.state_of(found.ordinal).reason is RefusalReason.HELD_OUT
    assert found.planned is not None
    assert found.dispatched == ()


def test_a_simulation_counts_them_as_refused() -> None:
    world = a_world(some_people(1, 40), policy=replace(LAW_ALONE, holdout=GROUP))
    held = replace(a_campaign(), holdout=TENTH)
    world.campaigns.campaigns[CAMPAIGN] = held
    deps = replace(
        world.deps(), safety=replace(world.deps().safety, policy_now=lambda: world.policy)
    )
    job = SimulateJob(
        campaign_id=CAMPAIGN, simulation_id="sim", at=int(NOON.timestamp()), part=0, recipients=""
    )

    found = simulate_part(job, deps=deps, now=NOON).forecast

    globally = len([each for each in in_group() if each <= 40])
    own = found.refused["held_out"]
    assert abs(own - (40 - globally) / 10) < 1
    assert found.refused == {"held_out": own, "held_out_globally": globally}
    assert found.ready == 40 - own - globally
    assert found.cost_minor == found.ready * WON
    assert found.recipients == 40


def test_reports_keep_shadows_out_of_what_was_made() -> None:
    world = a_held(experiment=an_experiment())
    world.drain()

    def read(numbers: object, *, outcomes: bool) -> list[Told]:
        metas: list[BatchMeta] = [world.batches.batches[each].meta for each in numbers]  # type: ignore[attr-defined]  # numbers
        states = world.batches.standings([each.number for each in metas])
        return [Told(meta, standing) for meta, standing in zip(metas, states, strict=True)]

    class _Batches:
        def read(self, numbers: object, *, outcomes: bool) -> list[Told]:
            return read(numbers, outcomes=outcomes)

    deps = ReportingDeps(
        campaigns=world.campaigns, batches=_Batches(), templates=world.deps().templates
    )
    whole = whole_report(world.campaign(), deps=deps)

    assert whole.figures.messages == 180
    assert {name: each.messages for name, each in whole.by_variant.items()} == {"a": 90, "b": 90}
    assert {arm: group.people for arm, group in whole.groups.items()} == {
        None: 180,
        Arm.HELD_OUT: 20,
    }
    assert whole.totals.refused == {"held_out": 20}


def test_a_cancelled_campaign_leaves_shadows_as_they_are() -> None:
    world = a_held()
    world.work()
    shadows = [each for each in world.batches.batches.values() if each.meta.shadow]

    for batch in shadows:
        cancelled = world.batches.batches[batch.meta.number].state.cancelled()
        assert cancelled == batch.state
        assert set(cancelled.sends()) == {Send.refused(RefusalReason.HELD_OUT)}


def try_out(world: World, to: Sequence[str], **replaced: object) -> Trial:
    deps = replace(world.deps(), **replaced)  # type: ignore[arg-type]
    people = people_of((a_contact(int(each[1:])), Recent()) for each in to)
    deps = replace(deps, slice_of=lambda *_: Slice(people=people, next_cursor=None))
    ports = TrialPorts(bind=FakeBindings(), histories=FakeSent())
    return send_test(CAMPAIGN, to, request_id="req_1", ports=ports, deps=deps, now=NOON)


class FakeSent:
    def remember_sent(self, numbers: object, *, now: datetime) -> None:
        pass


def test_a_test_does_not_reach_who_is_held_out() -> None:
    world = a_held(policy=replace(LAW_ALONE, holdout=GROUP))
    world.work()
    found = by_arm(world)
    own, globally, free = (min(found[each]) for each in (Arm.HELD_OUT, Arm.HELD_OUT_GLOBALLY, None))

    trial = try_out(world, [f"c{own}", f"c{globally}", f"c{free}"])

    assert [each.reason for each in trial.refusals] == [
        RefusalReason.HELD_OUT,
        RefusalReason.HELD_OUT_GLOBALLY,
    ]
    recipients = [each.contact_id for batch in trial.batches for each in batch.recipients]
    assert recipients == [f"c{free}"]


def test_a_test_before_the_planning_does_not_reach_them_either() -> None:
    world = a_held(size=PEOPLE)
    world.step()
    (part,) = world.campaigns.parts(CAMPAIGN)
    held = [e for e in world.people.load(part.people_key) if e.arm is Arm.HELD_OUT]

    trial = try_out(world, [str(held[0].contact_id)])

    assert [each.reason for each in trial.refusals] == [RefusalReason.HELD_OUT]
    assert trial.batches == ()


def test_a_test_of_a_draft_keeps_off_the_companys_group_only() -> None:
    world = World(safety=QUIET, holdout=TENTH, policy=replace(LAW_ALONE, holdout=GROUP))
    inside, outside = min(in_group()), min(set(range(1, PEOPLE)) - in_group())

    trial = try_out(world, [f"c{inside}", f"c{outside}"])

    assert [each.reason for each in trial.refusals] == [RefusalReason.HELD_OUT_GLOBALLY]
    assert sum(each.meta.size for each in trial.batches) == 1


@pytest.mark.parametrize("condition", list(Condition))
def test_no_step_follows_a_shadow(condition: Condition) -> None:
    world = a_held()
    world.drain()
    shadow = next(each for each in world.batches.batches.values() if each.meta.shadow)
    (standing,) = world.batches.standings([shadow.meta.number])
    followed = Followed(
        standing=standing, replies=BatchReplies.none(shadow.meta.size), expires=shadow.meta.expires
    )
    step = FollowUp(
        condition=condition,
        after=timedelta(hours=1),
        template_id=TemplateId("tpl_1"),
        template_version=1,
        sender_id=SenderId("snd_1"),
    )

    found = look([followed], step, done=0, now=NOON + timedelta(days=2))

    assert (found.matches, found.seen, found.next_at) == ((), 0, None)
    assert found.done.bit_count() == shadow.meta.size


@pytest.mark.parametrize(
    ("followed", "step", "kept"),
    [
        (Purpose.TRANSACTIONAL, Purpose.ADVERTISING, False),
        (Purpose.TRANSACTIONAL, Purpose.TRANSACTIONAL, True),
        # Who is in the group as it was at the launch did not get what is followed.
        (Purpose.ADVERTISING, Purpose.ADVERTISING, True),
    ],
)
def test_an_advertisement_that_follows_a_notice_does_not_reach_the_group(
    followed: Purpose, step: Purpose, kept: bool
) -> None:
    world = a_world(some_people(1, 40), policy=replace(LAW_ALONE, holdout=GROUP))
    first, second = (
        a_template(template_id=TemplateId(f"tpl_{n}"), purpose=purpose)
        for n, purpose in ((1, followed), (2, step))
    )
    child = a_campaign(
        campaign_id=CampaignId("cmp_1-y"), parent=CAMPAIGN, template_id=second.template_id
    )
    part = a_part(campaign_id=child.campaign_id, size=40)
    world.campaigns.campaigns[child.campaign_id] = child
    world.campaigns.add_part(part)
    world.people.save(part.people_key, some_people(1, 40))
    job = PlanJob(campaign_id=child.campaign_id, part=part.part)

    planned = world.handle(job, templates=FakeTemplates.of(first, second))

    inside = {each for each in in_group() if each <= 40}
    assert planned.refused == ({} if kept else {RefusalReason.HELD_OUT_GLOBALLY: len(inside)})
    batches = [world.batches.batches[each] for each in planned.batches]
    reached = {number(each.contact_id) for batch in batches for each in batch.recipients}
    assert reached == set(range(1, 41)) - (set() if kept else inside)


people_in_slices = st.lists(
    st.lists(st.tuples(st.integers(1, 12), st.booleans()), max_size=12), min_size=1, max_size=6
)


@settings(max_examples=60, deadline=None)
@given(
    slices=people_in_slices,
    share=st.integers(1, 500),
    group=st.none() | st.integers(1, 500),
    pilot=st.sampled_from([30, 100]),
)
def test_seats_go_on_over_slices_with_shared_numbers_a_group_and_a_pilot(
    slices: list[list[tuple[int, bool]]], share: int, group: int | None, pilot: int
) -> None:
    globally = None if group is None else GlobalGroup(name="2026", share=group)
    holdout = Holdout(share=share, globally=globally)
    names = count(1)
    found = [
        [
            replace(each, phone=a_phone(phone) if shares else each.phone)
            for (phone, shares), number in zip(people, names, strict=False)
            for each in some_people(number, number)
        ]
        for people in slices
    ]
    world = a_world(*found)
    world.campaigns.campaigns[CAMPAIGN] = replace(
        a_campaign(), holdout=holdout, experiment=an_experiment(pilot=pilot)
    )

    jobs: list[Job] = [RESOLVE]
    while jobs:
        resolve(jobs.pop(), deps=world.deps())
        jobs = [each for each in world.queue if isinstance(each, ResolveJob)]
        world.queue.clear()

    parts = world.campaigns.parts(CAMPAIGN)
    people = [(p, each) for p in parts for each in world.people.load(p.people_key)]
    assert len(people) == sum(map(len, slices))
    fates: dict[tuple[int, object], set[tuple[Arm | None, bool]]] = {}
    for part, each in people:
        slice_ = part.first
        fates.setdefault((slice_, each.phone), set()).add((each.arm, part.rest))
    assert all(len(each) == 1 for each in fates.values())
    arms = Counter(arm for fate in fates.values() for arm, _ in fate)
    seats = arms[None] + arms[Arm.HELD_OUT]
    assert abs(arms[Arm.HELD_OUT] * 1_000 - seats * share) < 1_000
    drawn = parts[-1].drawn
    assert drawn is not None
    assert drawn.following.seats_before == seats
    kept = sum(each.arm is None for _, each in people)
    assert drawn.following.kept_before == kept


@pytest.mark.parametrize("after", [False, True])
def test_a_part_of_shadows_alone_is_noted_by_whoever_comes_after_a_death(after: bool) -> None:
    everybody = Holdout(globally=replace(GROUP, share=PER_UNIT))
    world = a_world(some_people(1, 3))
    world.campaigns.campaigns[CAMPAIGN] = replace(a_campaign(), holdout=everybody)
    world.handle(RESOLVE)
    with pytest.raises(Killed):
        world.handle(PLAN, histories=Death(at=1, after=after).port(world.histories))

    part = world.handle(PLAN)

    (shadows,) = part.batches
    for each in world.batches.batches[shadows].recipients:
        assert each.contact_id is not None
        assert [own.batch for own in world.histories.of(each.contact_id)] == [shadows]


def test_of_two_rival_plans_only_the_shadows_of_the_one_that_counts_are_noted() -> None:
    world = a_world(some_people(1, 40))
    world.campaigns.campaigns[CAMPAIGN] = replace(a_campaign(), holdout=Holdout(share=500))
    world.handle(RESOLVE)
    slow = Slow(
        world.campaigns.campaigns,
        world.campaigns.parts_by_name,
        rival=lambda: world.handle(PLAN),
    )

    world.handle(PLAN, campaigns=slow)

    part = world.part()
    made = [each for each in world.batches.batches.values() if each.meta.shadow]
    counting = [each for each in made if each.meta.number in part.batches]
    assert (len(made), len(counting)) == (2, 1)
    for batch in counting:
        for each in batch.recipients:
            assert each.contact_id is not None
            assert [own.batch for own in world.histories.of(each.contact_id)] == [batch.meta.number]
    assert set(world.started) <= set(part.batches) - {counting[0].meta.number}
