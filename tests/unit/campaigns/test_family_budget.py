"""A campaign and its steps stay within the one budget, whatever comes in whatever order."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings, strategies as st

from functions.campaigns import safe
from functions.campaigns.budgeting import budget_of
from functions.campaigns.service import plan_part
from functions.contracts.queues import PlanJob
from functions.domain.budget import Purse, never_left
from functions.domain.campaign import CampaignStatus
from functions.domain.family import purse_of
from functions.domain.follow_up import Condition, walk
from functions.domain.ids import CampaignId, KeyId
from functions.domain.message import Send
from functions.domain.reason import RefusalReason
from functions.domain.safety import Safety
from functions.domain.stop_rules import StopReason
from tests.unit.campaigns.following_world import (
    HOUR,
    NO,
    PARENT,
    YES,
    Following,
    a_step,
)
from tests.unit.campaigns.test_following import armed

WON, SIZES = 18, (6, 5)
PEOPLE = sum(SIZES)
BELOW = a_step(Condition.NOT_CLICKED, HOUR)
STEPS = (
    a_step(Condition.CLICKED, follow_ups=(a_step(Condition.NOT_CLICKED, HOUR),)),
    a_step(Condition.NOT_CLICKED, HOUR, follow_ups=(BELOW,)),
)
ANNA = KeyId("key_anna")


def budgeted(left: int, *steps: object) -> Following:
    """Everybody got the campaign at noon, and so much is left of its budget for the steps."""
    own = PEOPLE * WON
    safety = Safety(ramp=None, rules=None, budget=own + left)
    world = armed(*(steps or STEPS), sizes=SIZES, safety=safety)  # type: ignore[arg-type]
    world.purses.purses[PARENT] = Purse(left=left)
    part = world.campaigns.parts_by_name[PARENT, "000000"]
    world.campaigns.parts_by_name[PARENT, "000000"] = replace(part, cost=own)
    return world


def family(world: Following) -> list[CampaignId]:
    steps = world.campaigns.campaigns[PARENT].follow_ups
    return [PARENT, *(own for own, _ in walk(PARENT, steps))]


def planned_cost(world: Following) -> int:
    parts = [part for each in family(world) for part in world.campaigns.parts(each)]
    return sum(part.cost for part in parts if part.planned)


def because(world: Following, campaign_id: CampaignId) -> StopReason | None:
    return world.campaigns.campaigns[campaign_id].safety.because


def raised(world: Following, won: int) -> None:
    safety = world.campaigns.campaigns[PARENT].safety
    more = replace(safety, budget=(safety.budget or 0) + won)
    safe.put_safety(PARENT, more, by=ANNA, deps=world.campaign_deps(), now=world.now)


def resumed(world: Following, campaign_id: CampaignId) -> None:
    if world.campaigns.campaigns[campaign_id].status is CampaignStatus.PAUSED:
        safe.resume(campaign_id, by=ANNA, deps=world.campaign_deps(), now=world.now)


def test_a_step_that_does_not_fit_pauses_with_the_reason_and_nothing_of_it_leaves() -> None:
    world = budgeted(PEOPLE * WON - 1)

    world.run(world.now + HOUR)

    assert world.got(NO) == {}
    assert because(world, NO) is StopReason.BUDGET_REACHED
    assert world.campaigns.campaigns[PARENT].status is CampaignStatus.LAUNCHED
    assert world.purses.purse(PARENT) == Purse(left=PEOPLE * WON - 1)


def test_it_goes_on_when_the_campaigns_budget_is_raised() -> None:
    world = budgeted(0)
    world.run(world.now + HOUR)

    raised(world, PEOPLE * WON)
    resumed(world, NO)
    world.run(world.now)

    assert sum(world.got(NO).values()) == PEOPLE
    assert world.purses.purse(PARENT) == Purse(left=0)


def test_a_step_that_fits_is_paid_for_by_the_campaign_it_began_with() -> None:
    world = budgeted(2 * PEOPLE * WON)

    world.run(world.now + HOUR)
    for number in set(world.started):
        world.leave(number)
    world.run(world.now + 2 * HOUR)

    below = CampaignId(f"{NO}-n")
    assert sum(world.got(below).values()) == PEOPLE
    assert purse_of(world.campaigns.campaigns[below]) == PARENT
    found = budget_of(world.campaigns.campaigns[below], deps=world.campaign_deps())
    assert found is not None
    assert (found.owner, found.amount, found.left) == (PARENT, 3 * PEOPLE * WON, 0)


def test_what_was_refused_anywhere_in_the_family_comes_back_for_the_next_step() -> None:
    world = budgeted(PEOPLE * WON - 1, a_step(Condition.CLICKED), STEPS[1])
    world.click(7, 0)
    world.trigger(7)
    world.run(world.now)
    (number,) = set(world.started)
    refused = {0: Send.refused(RefusalReason.NO_CONSENT)}
    batch = world.batches.batches[number]
    world.batches.batches[number] = replace(batch, state=batch.state.with_sends(refused))

    # The others cost more than is left, but for the price of the one who clicked.
    world.run(world.now + HOUR)

    assert sum(world.got(NO).values()) == PEOPLE - 1
    assert world.purses.purse(PARENT) == Purse(left=WON - 1, given_back=WON)


def test_when_two_steps_are_planned_at_once_the_later_one_stops() -> None:
    world = budgeted(PEOPLE * WON)
    world.click(7, 0, 1)
    world.trigger(7)
    rival = world.campaign_deps()
    job = PlanJob(campaign_id=YES, part="000000-0000")
    world.timers = [each for each in world.timers if each[1].KIND == "campaign.follow"]
    (at, look), *others = sorted(world.timers, key=lambda each: each[0])
    world.handle(look)
    world.timers = others

    class Between(type(world.people)):  # type: ignore[misc]  # the fake's own class
        def save_outcomes(self, *args: object, **kwargs: object) -> None:
            purse = world.purses.purses[PARENT]
            world.purses.purses[PARENT] = replace(purse, left=2 * WON - 1)

    slow = Between(world.people.slices, world.people.outcomes, world.people.direct)
    plan_part(job, deps=replace(rival, people=slow), now=at)

    assert because(world, YES) is StopReason.BUDGET_REACHED
    assert world.got(YES) == {}


@pytest.mark.parametrize("budget", [None, 5_000])
def test_only_a_campaign_with_a_budget_gives_its_steps_one(budget: int | None) -> None:
    world = armed(STEPS[1], safety=Safety(ramp=None, rules=None, budget=budget))

    step = world.campaigns.campaigns[NO]

    assert step.safety.from_family is (budget is not None)
    assert purse_of(step) == (None if budget is None else PARENT)


def _click(world: Following, place: int) -> None:
    world.click(7 + place % 2, place % 5)
    world.trigger(7 + place % 2)


def _run(world: Following, place: int) -> None:
    world.run(world.now + timedelta(minutes=5 * place))


def _leave(world: Following, _: int) -> None:
    for number in set(world.started):
        world.leave(number)


def _twice(world: Following, _: int) -> None:
    world.timers = (world.timers * 2)[:200]


def _resume(world: Following, place: int) -> None:
    campaign_id = family(world)[place % 5]
    if campaign_id in world.campaigns.campaigns:
        resumed(world, campaign_id)


def _pause(world: Following, place: int) -> None:
    campaign_id = family(world)[place % 5]
    if campaign_id in world.campaigns.campaigns:
        world.change(campaign_id, CampaignStatus.PAUSED)


def _refuse(world: Following, place: int) -> None:
    waiting = sorted(set(world.started))
    if waiting:
        batch = world.batches.batches[waiting[place % len(waiting)]]
        open_ = dict.fromkeys(batch.state.waiting()[:1], Send.refused(RefusalReason.NO_CONSENT))
        world.batches.batches[batch.meta.number] = replace(
            batch, state=batch.state.with_sends(open_)
        )


MOVES = (_click, _run, _run, _leave, _twice, _refuse, raised, _resume, _pause)


@settings(max_examples=150, deadline=None)
@given(
    left=st.integers(0, 3 * PEOPLE * WON),
    moves=st.lists(st.tuples(st.sampled_from(MOVES), st.integers(0, 40)), max_size=40),
)
def test_whatever_happens_the_family_never_plans_more_than_its_budget(
    left: int, moves: list[tuple[Callable[[Following, int], None], int]]
) -> None:
    world = budgeted(left)
    for move, place in moves:
        move(world, place)

        purse, budget = world.purses.purse(PARENT), world.campaigns.campaigns[PARENT].safety.budget
        assert purse is not None
        assert budget is not None
        assert planned_cost(world) - purse.given_back == budget - purse.left
        assert purse.left >= 0
        assert PEOPLE * WON + _may_leave(world) <= budget


def _may_leave(world: Following) -> int:
    """What the messages of steps cost that left, or still may."""
    numbers = sorted(set(world.started))
    whole = sum(world.batches.batches[each].meta.size for each in numbers) * WON
    return whole - never_left(world.batches.standings(numbers))
