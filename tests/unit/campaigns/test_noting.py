"""What is planned is noted in people's histories: once, whoever dies, and before it may leave."""

from contextlib import suppress
from dataclasses import replace

import pytest

from functions.domain.campaign import CampaignStatus
from functions.domain.channel import Purpose
from functions.domain.ids import BatchNumber, ContactId, MessageNumber
from tests.builders import a_template
from tests.fakes.dying import Death, Killed
from tests.unit.campaigns.test_service import (
    PLAN,
    RESOLVE,
    Slow,
    World,
    a_world,
    dying_ports,
    some_people,
)

PEOPLE = 205


def a_notice(people: int = PEOPLE) -> World:
    world = a_world(some_people(1, people))
    world.template = a_template(purpose=Purpose.TRANSACTIONAL)
    world.handle(RESOLVE)
    return world


def assert_all_are_noted(world: World) -> None:
    """Everybody has the one message that was planned for them, and no page has others."""
    batches = (world.batches.batches[each] for each in world.part().batches)
    expected = {
        recipient.contact_id: MessageNumber(batch=batch.meta.number, ordinal=ordinal)
        for batch in batches
        for ordinal, recipient in enumerate(batch.recipients)
    }
    assert len(expected) == PEOPLE
    for contact_id, number in expected.items():
        assert contact_id is not None
        assert world.histories.of(contact_id) == [number]


def test_a_message_is_noted_when_it_is_planned() -> None:
    world = a_notice()

    world.handle(PLAN)

    assert_all_are_noted(world)
    assert world.histories.of(ContactId("stranger")) == []


def test_what_was_noted_is_not_noted_again() -> None:
    world = a_notice()

    world.handle(PLAN)
    world.handle(PLAN)

    assert world.histories.writes == 1


def test_an_advertisement_is_noted_by_its_place_and_not_here() -> None:
    world = a_world(some_people(1, 3))
    world.handle(RESOLVE)

    world.handle(PLAN)

    assert world.started == [1]
    assert (world.histories.writes, world.histories.rows) == (0, {})


def test_of_two_rival_plans_the_one_that_counts_is_noted() -> None:
    world = a_notice()
    slow = Slow(
        world.campaigns.campaigns,
        world.campaigns.parts_by_name,
        rival=lambda: world.handle(PLAN),
    )

    world.handle(PLAN, campaigns=slow)

    assert set(world.batches.batches) == {1, 2, 3, 4}
    assert_all_are_noted(world)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("dies_at", range(1, 20))
def test_a_worker_that_dies_anywhere_leaves_nothing_that_is_not_noted(
    dies_at: int, *, after: bool
) -> None:
    world = a_notice()
    death = Death(dies_at, after=after)

    with suppress(Killed):
        world.handle(PLAN, **dying_ports(world, death))
    if world.started:
        # Whatever may leave was noted before.
        assert_all_are_noted(world)
    world.handle(PLAN)

    assert_all_are_noted(world)


def test_a_part_that_died_before_its_notes_is_noted_when_the_campaign_goes_on() -> None:
    world = a_notice()
    calls_of_planning = _calls_until_noted(world)
    other = a_notice()
    with pytest.raises(Killed):
        other.handle(PLAN, **dying_ports(other, Death(calls_of_planning)))
    assert other.part().planned
    assert other.histories.rows == {}
    (campaign,) = other.campaigns.campaigns.values()
    paused = replace(campaign, status=CampaignStatus.PAUSED)
    other.campaigns.campaigns[campaign.campaign_id] = paused
    other.handle(PLAN)
    assert other.histories.rows == {}

    other.campaigns.campaigns[campaign.campaign_id] = campaign
    other.handle(PLAN)

    assert_all_are_noted(other)


def _calls_until_noted(world: World) -> int:
    """The step of planning at which the pages are written."""
    for step in range(1, 100):
        trial = a_notice()
        with suppress(Killed):
            trial.handle(PLAN, **dying_ports(trial, Death(step, after=True)))
        if trial.histories.done:
            return step
    raise AssertionError(world)


def test_somebody_erased_meanwhile_is_not_noted_again() -> None:
    world = a_notice(3)
    world.handle(PLAN)
    world.histories.rows.clear()
    world.histories.done.clear()
    batch = world.batches.batches[BatchNumber(1)]
    gone, *others = batch.recipients
    left = (replace(gone, contact_id=None), *others)
    world.batches.batches[BatchNumber(1)] = replace(batch, recipients=left)

    world.handle(PLAN)

    assert world.histories.of(ContactId("c1")) == []
    assert len(world.histories.of(ContactId("c2"))) == 1
