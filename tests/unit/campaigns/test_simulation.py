"""A simulation is the real run on the same data, but for the sending."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

import pytest

from functions.campaigns.report import report
from functions.campaigns.simulation import result, simulate_part, start
from functions.contracts.queues import PlanJob, ResolveJob, SimulateJob
from functions.domain.channel import Purpose
from functions.domain.clicks import BatchClicks
from functions.domain.fatigue import Cap, Period, Recent
from functions.domain.planning import Person
from functions.domain.policy import ClassRules, Policy, WhenCapped, WhenClosed
from functions.domain.reason import SuppressionReason
from functions.domain.simulation import Forecast
from functions.domain.standing import Standing
from functions.domain.suppression import Mark
from tests.builders import (
    NIGHT,
    NOON,
    SMS_ADS,
    SMS_NIGHT_ADS,
    a_consent,
    a_contact,
    a_mark,
    an_offer,
)
from tests.unit.campaigns.test_service import CAMPAIGN, World, a_world, some_people


def simulated(world: World, *, now: datetime = NOON, **replaced) -> Forecast:
    deps = replace(world.deps(), **replaced)
    campaign = world.campaigns.campaigns[CAMPAIGN]
    start(campaign, "sim_1", deps=deps, now=now)
    while world.queue:
        job = world.queue.popleft()
        assert isinstance(job, SimulateJob)
        simulate_part(job, deps=deps, now=now + timedelta(minutes=1))
    forecast, complete = result(campaign, "sim_1", deps=deps)
    assert complete
    return forecast


def real_run(world: World, *, now: datetime = NOON, **replaced) -> Forecast:
    """What planning made of everyone, counted from the rows."""
    world.launch()
    while world.queue:
        job = world.queue.popleft()
        assert isinstance(job, ResolveJob | PlanJob)
        world.handle(job, now=now, **replaced)
    parts = world.campaigns.parts(CAMPAIGN)
    held: Counter[str] = Counter()
    types: Counter[str] = Counter()
    channels: Counter[str] = Counter()
    hours: Counter[str] = Counter()
    cost = 0
    for number in (number for part in parts for number in part.batches):
        batch = world.batches.batches[number]
        types[str(batch.meta.message_type)] += batch.meta.size
        channels[str(batch.meta.channel)] += batch.meta.size
        cost += batch.meta.size * batch.meta.unit_price.minor
        begins = (batch.meta.not_before or now).astimezone(world.deps().default_zone)
        hours[begins.strftime("%Y-%m-%dT%H")] += batch.meta.size
        for ordinal in range(batch.meta.size):
            state = batch.state.state_of(ordinal)
            if state.reason is not None:
                held[str(state.reason)] += 1
    counted = report(
        world.campaigns.campaigns[CAMPAIGN],
        parts,
        lambda numbers: [
            Standing(
                number=number,
                state=world.batches.batches[number].state,
                clicks=BatchClicks.none(world.batches.batches[number].meta.size),
                unit_price=world.batches.batches[number].meta.unit_price,
            )
            for number in numbers
        ],
    )
    return Forecast(
        recipients=counted.recipients,
        ready=counted.pending,
        held=dict(sorted(held.items())),
        refused=dict(sorted(counted.refused.items())),
        hours=dict(sorted(hours.items())),
        types=dict(sorted(types.items())),
        cost_minor=cost,
        channels=dict(sorted(channels.items())),
    )


def random_people(random: Random, first: int, count: int) -> tuple[Person, ...]:
    return tuple(_random_person(random, number) for number in range(first, first + count))


def _random_person(random: Random, number: int) -> Person:
    consents = {SMS_ADS: a_consent(granted=random.random() < 0.8)}
    if random.random() < 0.3:
        consents[SMS_NIGHT_ADS] = a_consent()
    contact = a_contact(
        number,
        consents=consents,
        phone=None if random.random() < 0.1 else a_contact(number).phone,
        zone=random.choice([None, "Asia/Tokyo", "Europe/London"]),
    )
    entries = tuple(
        an_offer().entry(900 + i, now=NOON - timedelta(hours=random.randrange(30)))
        for i in range(random.choice((0, 0, 1, 3)))
    )
    marks: tuple[Mark, ...] = ()
    if random.random() < 0.1:
        marks = (a_mark(SuppressionReason.COMPLAINT),)
    known = Person.known(contact, recent=Recent(entries=entries, version=len(entries)))
    return replace(known, marks=marks)


@pytest.mark.parametrize("seed", range(30))
def test_a_simulation_equals_the_real_run(seed: int) -> None:
    random = Random(seed)
    slices = [random_people(random, 1 + 300 * i, random.randrange(0, 260)) for i in range(3)]
    rules = ClassRules(when_closed=random.choice(list(WhenClosed)))
    policy = Policy(
        caps=(Cap(name="c", most=1, period=Period.CALENDAR_DAYS, length=1),),
        rules_by_class={Purpose.ADVERTISING: rules},
    )
    when = random.choice((NOON, NIGHT))
    when_capped = random.choice((WhenCapped.SKIP, WhenCapped.DELAY))

    def fresh_world() -> World:
        world = a_world(*slices)
        campaign = replace(world.campaigns.campaigns[CAMPAIGN], when_capped=when_capped)
        world.campaigns.campaigns[CAMPAIGN] = campaign
        return world

    forecast = simulated(fresh_world(), now=when, policy=lambda: policy)
    real = real_run(fresh_world(), now=when, policy=lambda: policy)

    assert forecast == real
    assert forecast.recipients == sum(map(len, slices))


def test_a_simulation_writes_no_batch_and_starts_nothing() -> None:
    world = a_world(some_people(1, 210), some_people(211, 213))

    simulated(world)

    assert world.batches.batches == {}
    assert world.started == []
    assert world.campaigns.parts_by_name == {}
    assert world.people.slices == {}


def test_a_job_that_comes_twice_counts_once() -> None:
    world = a_world(some_people(1, 5))
    campaign = world.campaigns.campaigns[CAMPAIGN]
    start(campaign, "sim_1", deps=world.deps(), now=NOON)
    job = world.queue.popleft()
    assert isinstance(job, SimulateJob)

    for _ in range(2):
        simulate_part(job, deps=world.deps(), now=NOON)

    assert result(campaign, "sim_1", deps=world.deps())[0].recipients == 5


def test_a_simulation_under_way_is_not_complete() -> None:
    world = a_world(some_people(1, 5), some_people(6, 9))
    campaign = world.campaigns.campaigns[CAMPAIGN]
    start(campaign, "sim_1", deps=world.deps(), now=NOON)
    job = world.queue.popleft()
    assert isinstance(job, SimulateJob)
    assert result(campaign, "sim_1", deps=world.deps()) == (Forecast(), False)

    simulate_part(job, deps=world.deps(), now=NOON)

    forecast, complete = result(campaign, "sim_1", deps=world.deps())
    assert (forecast.recipients, complete) == (5, False)
