"""Campaigns that wait for the hour at which each person opens links."""

from datetime import timedelta

from functions.campaigns.simulation import result, simulate_part, start
from functions.campaigns.why import why
from functions.contracts.queues import SimulateJob
from functions.domain.best_time import HOUR, Because
from functions.domain.clicks import BatchClicks, Hit, Visitor
from functions.domain.fatigue import Recent
from functions.domain.ids import BatchNumber, ContactId, MessageNumber
from functions.domain.planning import Person
from functions.domain.reason import HoldReason
from tests.builders import NOON, a_batch, a_campaign, a_contact, an_offer
from tests.fakes.campaigns import FakeCampaigns
from tests.unit.campaigns.test_service import CAMPAIGN, World, a_world

LAST_WEEK = NOON - timedelta(days=7)
BEFORE = BatchNumber(900)
"""The batch of last week's advertisement."""


def who_got_it(number: int) -> Person:
    """Somebody who got the message of this ordinal last week."""
    message = MessageNumber(batch=BEFORE, ordinal=number)
    entry = an_offer().entry(message.packed, now=LAST_WEEK)
    return Person.known(a_contact(number), recent=Recent(entries=(entry,), version=1))


def a_waiting_world(hours_by_person: dict[int, int], *, others: int = 0, **campaign) -> World:
    """People who opened last week's message so many hours after noon, and others who did not."""
    people = [who_got_it(number) for number in range(len(hours_by_person) + others)]
    world = a_world(people)
    world.campaigns = FakeCampaigns.of(a_campaign(best_within=timedelta(hours=24), **campaign))
    world.batches.batches[BEFORE] = a_batch(BEFORE, size=len(people), created=LAST_WEEK)
    opened = [
        Hit(ordinal=person, visitor=Visitor.HUMAN, link=0, elapsed_s=hours * 3600)
        for person, hours in hours_by_person.items()
    ]
    world.batches.clicks[BEFORE] = BatchClicks.none(len(people)).with_hits(opened)
    return world


def starts(world: World) -> dict[str | None, float]:
    """How many hours after noon each person's message begins."""
    begins = {}
    for number in (each for part in world.campaigns.parts(CAMPAIGN) for each in part.batches):
        batch = world.batches.batches[number]
        for recipient in batch.recipients:
            begins[recipient.contact_id] = ((batch.meta.not_before or NOON) - NOON) / HOUR
    return begins


def test_each_gets_it_at_the_hour_of_the_own_openings() -> None:
    world = a_waiting_world(dict.fromkeys(range(40), 3) | dict.fromkeys(range(40, 45), 6))

    world.launch()
    world.drain()

    found = starts(world)
    assert found[a_contact(0).contact_id] == 3
    assert set(found.values()) <= {3, 6}


def test_nobody_waits_where_nobody_opened_anything() -> None:
    world = a_waiting_world({}, others=5)

    world.launch()
    world.drain()

    assert set(starts(world).values()) == {0}
    assert len(world.started) == 1


def test_opening_by_a_machine_says_nothing() -> None:
    world = a_waiting_world({}, others=40)
    scanned = [
        Hit(ordinal=i, visitor=Visitor.MACHINE, link=0, elapsed_s=3 * 3600) for i in range(40)
    ]
    world.batches.clicks[BEFORE] = BatchClicks.none(40).with_hits(scanned)

    world.launch()
    world.drain()

    assert set(starts(world).values()) == {0}


def test_part_that_is_planned_late_keeps_the_hours_of_the_launch() -> None:
    world = a_waiting_world(dict.fromkeys(range(40), 3))
    world.launch()
    later = NOON + timedelta(hours=1)

    while world.queue:
        world.handle(world.queue.popleft(), now=later)

    assert set(starts(world).values()) == {3}


def test_why_says_what_the_hour_was_chosen_by() -> None:
    world = a_waiting_world(dict.fromkeys(range(40), 3), others=1)
    world.launch()
    world.drain()
    campaign = world.campaigns.campaigns[CAMPAIGN]

    found = why(campaign, ContactId(str(a_contact(40).contact_id)), deps=world.deps())

    assert found.outcome is not None
    assert found.outcome.reason is HoldReason.SCHEDULED
    assert found.outcome.choice is not None
    assert found.outcome.choice.because is Because.OTHERS_OPENINGS
    assert found.outcome.choice.at == NOON + 3 * HOUR


def test_simulation_counts_by_what_hours_are_chosen() -> None:
    world = a_waiting_world(dict.fromkeys(range(40), 3), others=2)
    deps, campaign = world.deps(), world.campaigns.campaigns[CAMPAIGN]

    start(campaign, "sim_1", deps=deps, now=NOON)
    job = world.queue.popleft()
    assert isinstance(job, SimulateJob)
    simulate_part(job, deps=deps, now=NOON)

    forecast, _ = result(campaign, "sim_1", deps=deps)
    assert forecast.choices == {Because.OTHERS_OPENINGS: 42}
    assert forecast.held == {"scheduled": 42}


def test_hours_count_from_when_a_scheduled_campaign_was_due() -> None:
    due = NOON - timedelta(minutes=1)
    world = a_waiting_world(dict.fromkeys(range(40), 5), send_at=due, launched=NOON)

    world.launch()
    world.drain()

    assert set(starts(world).values()) == {5}
