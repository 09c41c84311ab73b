"""The tree of the report: each step as it stands, what it waits for, and the family's totals."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest

from functions.campaigns.follow_ups import Family, FamilyDeps, StepReport, family_of
from functions.campaigns.reporting import ReportingDeps, whole_report
from functions.domain.campaign import CampaignStatus
from functions.domain.follow_up import Condition, FollowUp
from functions.domain.goal import Goal
from tests.builders import NOON
from tests.fakes.families import FakeFamilies, FakeTold
from tests.unit.campaigns.following_world import (
    HOUR,
    NO,
    PARENT,
    YES,
    Following,
    a_step,
)
from tests.unit.campaigns.test_following import armed

GOAL = Goal(event="purchase")
CHAIN = a_step(
    Condition.NOT_CLICKED,
    HOUR,
    follow_ups=(
        a_step(
            Condition.NOT_CLICKED,
            HOUR,
            follow_ups=(
                a_step(Condition.NOT_CLICKED, HOUR, follow_ups=(a_step(Condition.CLICKED),)),
            ),
        ),
    ),
)
STEPS = (a_step(Condition.CLICKED), CHAIN)


def family(world: Following, families: FakeFamilies | None = None) -> Family:
    campaign = world.campaigns.campaigns[PARENT]
    told = FakeTold(world.batches)
    whole = whole_report(
        campaign,
        deps=ReportingDeps(
            campaigns=world.campaigns,
            batches=told,
            templates=SimpleNamespace(get=lambda *_: None),
        ),
    )
    deps = FamilyDeps(families=families or FakeFamilies(world.campaigns), batches=told)
    found = family_of(campaign, whole, deps=deps, now=world.now)
    assert found is not None
    assert len(told.asked) == 2
    return found


def flat(steps: Sequence[StepReport]) -> list[StepReport]:
    return [each for step in steps for each in (step, *flat(step.below))]


def left(*steps: FollowUp) -> Following:
    """Everybody of the campaign got it at noon."""
    return armed(*steps, goal=GOAL)


def test_before_anything_is_looked_at_it_says_how_many_and_when() -> None:
    world = left(*STEPS)

    yes, no = family(world).steps

    assert (yes.campaign_id, yes.seen, yes.ahead) == (YES, 0, None)
    assert no.campaign_id == NO
    assert no.ahead is not None
    assert (no.ahead.messages, no.ahead.next_at) == (5, NOON + HOUR)


def test_however_many_steps_there_are_the_store_is_asked_once_for_each_kind_of_row() -> None:
    world = left(*STEPS)
    world.run(NOON + HOUR)
    families = FakeFamilies(world.campaigns)

    found = family(world, families)

    assert len(flat(found.steps)) == 5
    assert families.asked == ["campaigns", "parts"]


def test_a_chain_counts_each_step_and_the_totals_are_their_sum() -> None:
    world = left(*STEPS)
    world.click(7, 0)
    world.trigger(7)
    world.run(NOON + timedelta(minutes=5))
    world.convert(7, 0)
    world.run(NOON + HOUR)
    for number in set(world.started):
        world.leave(number)

    found = family(world)
    yes, no = found.steps

    assert yes.counted is not None
    assert (yes.counted.recipients, yes.figures.sent, yes.counted.status) == (1, 1, "running")
    assert no.counted is not None
    assert (no.seen, no.counted.recipients, no.figures.sent) == (5, 4, 4)
    assert (no.counted.status, no.ahead) == ("finished", replace(no.ahead, messages=0))
    assert no.below[0].ahead is not None
    assert (no.below[0].ahead.messages, no.below[0].seen) == (4, 0)
    # The one below was not followed yet.
    assert no.below[0].below[0].counted is None
    assert (found.own.sent, found.below.sent, found.whole.sent) == (5, 5, 10)
    assert found.whole.cost == found.own.cost + yes.figures.cost + no.figures.cost
    assert found.whole.conversions == 1


@pytest.mark.parametrize(
    ("status", "messages"), [(CampaignStatus.PAUSED, 5), (CampaignStatus.CANCELLED, None)]
)
def test_nobody_looks_while_it_is_paused_nor_once_it_is_cancelled(
    status: CampaignStatus, messages: int | None
) -> None:
    world = left(*STEPS)
    world.change(PARENT, status)

    ahead = family(world).steps[1].ahead

    assert (None if ahead is None else ahead.messages) == messages
    assert ahead is None or ahead.next_at is None


def test_what_is_below_a_paused_step_is_not_looked_at_either() -> None:
    world = left(CHAIN)
    world.run(NOON + HOUR)
    for number in set(world.started):
        world.leave(number)
    world.change(NO, CampaignStatus.PAUSED)

    (no,) = family(world).steps

    assert no.below[0].ahead is not None
    assert (no.below[0].ahead.messages, no.below[0].ahead.next_at) == (5, None)


def test_a_campaign_without_steps_has_no_family() -> None:
    world = left()
    campaign = world.campaigns.campaigns[PARENT]
    deps = FamilyDeps(families=FakeFamilies(world.campaigns), batches=FakeTold(world.batches))

    assert family_of(campaign, SimpleNamespace(), deps=deps, now=NOON) is None
