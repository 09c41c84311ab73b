"""Campaigns of which everybody gets the way on which they most likely open a link."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from functions.campaigns.control import launch
from functions.campaigns.pace import lanes_for
from functions.campaigns.ports import CampaignDeps
from functions.campaigns.service import create, plan_part
from functions.campaigns.simulation import result, simulate_part, start
from functions.campaigns.trial import TrialPorts, send_test
from functions.campaigns.why import Why, why
from functions.contracts.errors import Conflict, InvalidInput
from functions.contracts.queues import PlanJob, ResolveJob, SimulateJob
from functions.domain.best_channel import ChosenBy
from functions.domain.campaign import Campaign, Way
from functions.domain.channel import Channel, ConsentPurpose, Purpose
from functions.domain.clicks import BatchClicks, Hit, Visitor
from functions.domain.consent import ConsentKey
from functions.domain.experiment import Experiment, Variant
from functions.domain.fatigue import Entry, Recent
from functions.domain.follow_up import Condition, FollowUp
from functions.domain.ids import BatchNumber, ContactId, MessageNumber, SenderId, TemplateId
from functions.domain.openings import Tally
from functions.domain.pace import Per, Rate
from functions.domain.planning import Person
from functions.domain.reason import RefusalReason
from functions.domain.sender import SenderStatus
from functions.domain.template import Template
from tests.builders import (
    NOON,
    SMS_ADS,
    a_batch,
    a_campaign,
    a_consent,
    a_contact,
    a_sender,
    a_template,
    an_offer,
)
from tests.fakes.campaigns import FakeCampaigns
from tests.fakes.channels import channel_ports
from tests.fakes.dying import Death, Killed
from tests.fakes.safety import FakeBindings
from tests.fakes.stores import FakeContacts, FakeSenders, FakeTemplates
from tests.unit.campaigns.test_couponing import POOL, a_store
from tests.unit.campaigns.test_service import CAMPAIGN, PLAN, World, a_world

LAST_WEEK = NOON - timedelta(days=7)
PUSH_ADS = ConsentKey(Channel.PUSH, ConsentPurpose.ADVERTISING)
BEFORE = {Channel.SMS: BatchNumber(900), Channel.PUSH: BatchNumber(901)}
"""The batches of last week's advertisements."""
TEXT = Way(template_id=TemplateId("tpl_1"), template_version=1, sender_id=SenderId("snd_1"))
PUSHED = Way(template_id=TemplateId("tpl_2"), template_version=1, sender_id=SenderId("snd_2"))
WAYS = TEXT, PUSHED
BY_HOUR = Experiment(variants=(Variant(name="a"), Variant(name="b", after=timedelta(hours=2))))
BOTH = {SMS_ADS: a_consent(), PUSH_ADS: a_consent()}


def somebody(number: int, *, consents: dict[ConsentKey, Any] = BOTH) -> Person:
    """Who got last week's message of this ordinal by text and by push."""
    entries = tuple(
        Entry(
            MessageNumber(batch=batch, ordinal=number).packed,
            int(LAST_WEEK.timestamp()),
            *an_offer(channel=channel).entry(0, now=LAST_WEEK)[2:],
        )
        for channel, batch in BEFORE.items()
    )
    return Person.known(a_contact(number, consents=consents), recent=Recent(entries, version=1))


def a_push(**values: Any) -> Template:
    return a_template(template_id=PUSHED.template_id, channel=Channel.PUSH, **values)


def with_best(deps: CampaignDeps, **values: Any) -> CampaignDeps:
    """A second template and sender, for push."""
    facts: dict[str, Any] = {
        "templates": FakeTemplates.of(a_template(), a_push()),
        "senders": FakeSenders.of(
            a_sender(), a_sender(sender_id=PUSHED.sender_id, channel=Channel.PUSH)
        ),
    }
    return replace(deps, **(facts | values))


def a_choosing_campaign(**values: Any) -> Campaign:
    return a_campaign(ways=WAYS, **values)


def a_choosing_world(
    people: list[Person], *, opened: dict[Channel, list[int]], **campaign: Any
) -> World:
    """People, and who of them opened last week's message on which channel."""
    world = a_world(people)
    world.campaigns = FakeCampaigns.of(a_choosing_campaign(**campaign))
    for channel, batch in BEFORE.items():
        size = len(people)
        hits = [
            Hit(ordinal=each, visitor=Visitor.HUMAN, link=0, elapsed_s=3600)
            for each in opened.get(channel, ())
        ]
        world.batches.batches[batch] = a_batch(batch, size=size, created=LAST_WEEK, channel=channel)
        world.batches.clicks[batch] = BatchClicks.none(size).with_hits(hits)
    return world


def drain(world: World, **values: Any) -> None:
    deps = with_best(world.deps(), **values)
    while world.queue:
        job = world.queue.popleft()
        assert isinstance(job, ResolveJob | PlanJob)
        world.handle(job, templates=deps.templates, senders=deps.senders, channels=deps.channels)


def launched(world: World, **values: Any) -> World:
    world.queue.append(ResolveJob(campaign_id=CAMPAIGN, part=0))
    drain(world, **values)
    return world


def channels(world: World) -> dict[str | None, Channel]:
    """By which channel each person gets it."""
    return {
        recipient.contact_id: world.batches.batches[number].meta.channel
        for number in world.part().batches
        for recipient in world.batches.batches[number].recipients
    }


def told(world: World, number: int) -> Why:
    campaign = world.campaigns.campaigns[CAMPAIGN]
    return why(campaign, ContactId(f"c{number}"), deps=with_best(world.deps()))


def test_each_gets_it_on_the_channel_of_the_own_openings() -> None:
    people = [somebody(number) for number in range(40)]
    world = a_choosing_world(people, opened={Channel.SMS: [1, 2], Channel.PUSH: [3, 4]})

    launched(world)

    found = channels(world)
    assert [found[f"c{number}"] for number in (1, 2)] == [Channel.SMS] * 2
    assert [found[f"c{number}"] for number in (3, 4)] == [Channel.PUSH] * 2
    assert {world.batches.batches[each].meta.template_id for each in world.part().batches} == {
        "tpl_1",
        "tpl_2",
    }


def test_opening_by_a_machine_says_nothing() -> None:
    people = [somebody(number) for number in range(3)]
    world = a_choosing_world(people, opened={})
    scanned = [Hit(ordinal=i, visitor=Visitor.MACHINE, link=0, elapsed_s=60) for i in range(3)]
    none = BatchClicks.none(3)
    world.batches.clicks[BEFORE[Channel.PUSH]] = none.with_hits(scanned)

    launched(world)

    assert set(channels(world).values()) == {Channel.SMS}


def test_who_agreed_to_the_other_channel_only_gets_it_there() -> None:
    people = [somebody(1, consents={PUSH_ADS: a_consent()}), somebody(2)]
    world = launched(a_choosing_world(people, opened={}))

    assert channels(world) == {"c1": Channel.PUSH, "c2": Channel.SMS}
    choice = told(world, 1).outcome
    assert choice is not None
    assert choice.reason is None
    assert choice.channel is not None
    assert choice.channel.passed_over == ((Channel.SMS, RefusalReason.NO_CONSENT),)


def test_who_agreed_to_none_is_refused_with_the_reason_of_the_best() -> None:
    world = launched(a_choosing_world([somebody(1, consents={})], opened={}))

    assert world.part().refused == {RefusalReason.NO_CONSENT: 1}
    outcome = told(world, 1).outcome
    assert outcome is not None
    assert outcome.channel is not None
    assert outcome.channel.channel is Channel.SMS
    assert outcome.channel.passed_over == ((Channel.PUSH, RefusalReason.NO_CONSENT),)


def test_what_all_people_do_tells_where_nothing_is_known_of_somebody() -> None:
    stranger = Person.known(a_contact(7, consents=BOTH), recent=Recent())
    tallies = {
        Channel.SMS: Tally(messages=9000, opened=300),
        Channel.PUSH: Tally(messages=9000, opened=900),
    }

    world = launched(a_choosing_world([stranger], opened={}), channels=channel_ports(tallies))

    outcome = told(world, 7).outcome
    assert channels(world) == {"c7": Channel.PUSH}
    assert outcome is not None
    assert outcome.channel is not None
    assert outcome.channel.by is ChosenBy.OTHERS_OPENINGS


def test_every_part_asks_what_all_people_did_before_the_launch_however_late() -> None:
    world = a_choosing_world([somebody(1)], opened={}, launched=NOON)
    asked: list[date] = []

    def before(day: date, _: Purpose) -> dict[Channel, Tally]:
        asked.append(day)
        return {}

    counting = replace(channel_ports(), tallies_before=before)
    world.handle(ResolveJob(campaign_id=CAMPAIGN, part=0))
    deps = with_best(world.deps(), channels=counting)
    plan_part(PLAN, deps=deps, now=NOON + timedelta(days=2))

    assert asked == [NOON.date()]


def test_the_slowest_of_all_ways_is_the_pace() -> None:
    slow = Rate(messages=10, per=Per.MINUTE)
    world = a_choosing_world([somebody(1)], opened={})
    pushing = a_sender(sender_id=PUSHED.sender_id, channel=Channel.PUSH, rate=slow)
    deps = with_best(world.deps(), senders=FakeSenders.of(a_sender(), pushing))

    (lane,) = lanes_for(world.campaigns.campaigns[CAMPAIGN], deps=deps)

    assert (lane.name, lane.rate) == (PUSHED.sender_id, slow)


def test_some_get_a_way_by_chance() -> None:
    people = [somebody(number) for number in range(40)]
    world = a_choosing_world(people, opened={}, explore=10)

    def draw(_: object, contact_id: ContactId) -> float:
        return int(contact_id[1:]) / 40

    launched(world, channels=channel_ports(draw=draw))

    pushed = {each for each, channel in channels(world).items() if channel is Channel.PUSH}
    assert pushed == {"c2", "c3"}
    outcome = told(world, 3).outcome
    assert outcome is not None
    assert outcome.channel is not None
    assert outcome.channel.by is ChosenBy.EXPLORED


@pytest.mark.parametrize("after", [False, True])
def test_part_that_is_planned_again_after_a_death_gets_the_same_batches(after: bool) -> None:
    people = [somebody(number) for number in range(60)]
    opened = {Channel.SMS: [1, 2, 9], Channel.PUSH: [3, 4, 5]}
    whole = launched(a_choosing_world(people, opened=opened))
    for step in range(1, 60):
        world = a_choosing_world(people, opened=opened)
        world.handle(ResolveJob(campaign_id=CAMPAIGN, part=0))
        death = Death(at=step, after=after)
        deps = with_best(world.deps())
        dying = replace(
            deps,
            campaigns=death.port(deps.campaigns),
            batches=death.port(deps.batches),
            people=death.port(deps.people),
            histories=death.port(deps.histories),
            start=death.function(deps.start),
        )
        try:
            plan_part(PLAN, deps=dying, now=NOON)
        except Killed:
            plan_part(PLAN, deps=deps, now=NOON)
        else:
            break
        assert channels(world) == channels(whole)
        assert set(world.started) == set(world.part().batches)
    else:
        pytest.fail("it never lived to the end")


def test_simulation_counts_by_channel_and_by_what_it_is_chosen() -> None:
    people = [somebody(number) for number in range(10)]
    world = a_choosing_world(people, opened={Channel.PUSH: [1, 2, 3]})
    deps = with_best(world.deps())
    campaign = world.campaigns.campaigns[CAMPAIGN]

    start(campaign, "sim_1", deps=deps, now=NOON)
    job = world.queue.popleft()
    assert isinstance(job, SimulateJob)
    simulate_part(job, deps=deps, now=NOON)

    forecast, _ = result(campaign, "sim_1", deps=deps)
    assert forecast.channels == {Channel.PUSH: 3, Channel.SMS: 7}
    assert forecast.chosen_by == {ChosenBy.OWN_OPENINGS: 10}


def test_each_way_waits_for_the_best_hour_of_each() -> None:
    people = [somebody(number) for number in range(40)]
    world = a_choosing_world(
        people, opened={Channel.PUSH: list(range(40))}, best_within=timedelta(hours=24)
    )

    launched(world)

    starts = {world.batches.batches[each].meta.not_before for each in world.part().batches}
    assert starts == {NOON + timedelta(hours=1)}
    assert set(channels(world).values()) == {Channel.PUSH}


def test_variants_by_hour_have_all_ways() -> None:
    people = [somebody(number) for number in range(20)]
    world = a_choosing_world(people, opened={Channel.PUSH: [1, 2, 3]}, experiment=BY_HOUR)

    launched(world)

    found = {
        (meta.variant, meta.channel)
        for meta in (world.batches.batches[each].meta for each in world.part().batches)
    }
    assert {variant for variant, _ in found} == {"a", "b"}
    assert [channels(world)[f"c{each}"] for each in (1, 2, 3)] == [Channel.PUSH] * 3


def errors_of(campaign: Campaign, **values: Any) -> list[tuple[str, str]]:
    world = World(slices={}, campaigns=FakeCampaigns())
    with pytest.raises(InvalidInput) as refused:
        create(campaign, direct={}, deps=with_best(world.deps(), **values))
    return [(error.pointer, error.code) for error in refused.value.errors]


def test_every_unsound_way_is_named() -> None:
    lost = replace(TEXT, template_id=TemplateId("tpl_9"))
    strange = replace(PUSHED, sender_id=SenderId("snd_9"))

    assert errors_of(a_campaign(ways=(lost, strange))) == [
        ("/ways/0/template_id", "not_found"),
        ("/ways/1/sender_id", "not_found"),
    ]


def test_two_ways_are_not_of_the_same_channel_or_for_different_purposes() -> None:
    notice = a_push(purpose=Purpose.TRANSACTIONAL)

    assert errors_of(a_campaign(ways=(TEXT, TEXT))) == [("/ways/1/template_id", "same_channel")]
    assert errors_of(a_choosing_campaign(), templates=FakeTemplates.of(a_template(), notice)) == [
        ("/ways/1/template_id", "wrong_purpose")
    ]


def test_variants_have_no_template_or_sender_beside_ways() -> None:
    other = Variant(name="b", template_id=TEXT.template_id, template_version=1)
    variants = (Variant(name="a"), other)
    assert errors_of(a_choosing_campaign(experiment=Experiment(variants=variants))) == [
        ("/experiment/variants/1/template_id", "not_allowed")
    ]


def test_everybody_who_gets_one_of_the_ways_takes_one_code() -> None:
    templates = FakeTemplates.of(a_template(body="{{ coupon }}"), a_push(body="{{ coupon }}"))
    people = [somebody(number) for number in range(6)]
    world = a_choosing_world(people, opened={Channel.PUSH: [1, 2]}, coupon_pool=POOL)
    world.coupons = a_store(4)

    launched(world, templates=templates)

    assert world.part().refused == {RefusalReason.COUPON_EXHAUSTED: 2}
    assert set(channels(world).values()) == {Channel.SMS, Channel.PUSH}
    assert world.coupons.granted(POOL).taken == 4


def test_who_tests_gets_every_way_at_once() -> None:
    people = [somebody(number) for number in range(40)]
    opened = {channel: list(range(40)) for channel in BEFORE}
    world = a_choosing_world(people, opened=opened, best_within=timedelta(hours=24))
    deps = with_best(world.deps(), slice_of=lambda *_: world.slices[None])

    tested = send_test(
        CAMPAIGN,
        ("c1",),
        request_id="test_1",
        ports=TrialPorts(bind=FakeBindings(), histories=FakeContacts()),
        deps=deps,
        now=NOON,
    )

    assert [each.meta.channel for each in tested.batches] == [Channel.SMS, Channel.PUSH]
    assert [each.meta.not_before for each in tested.batches] == [None, None]


def test_follow_up_of_a_link_needs_it_in_every_way() -> None:
    step = FollowUp(
        condition=Condition.CLICKED,
        after=timedelta(hours=1),
        link=0,
        template_id=TEXT.template_id,
        template_version=1,
        sender_id=TEXT.sender_id,
    )
    linked = a_template(links=("https://shop.example",))

    campaign = a_choosing_campaign(follow_ups=(step,))

    assert errors_of(campaign, templates=FakeTemplates.of(linked, a_push())) == [
        ("/follow_ups/0/link", "not_tracked")
    ]


@pytest.mark.parametrize("experiment", [None, BY_HOUR])
def test_launch_needs_the_sender_of_every_way(experiment: Experiment | None) -> None:
    world = a_choosing_world([somebody(1)], opened={}, experiment=experiment)
    idle = a_sender(sender_id=PUSHED.sender_id, channel=Channel.PUSH, status=SenderStatus.PENDING)
    deps = with_best(world.deps(), senders=FakeSenders.of(a_sender(), idle))

    with pytest.raises(Conflict) as refused:
        launch(CAMPAIGN, deps=deps, now=NOON)

    assert refused.value.code == "sender_not_approved"
