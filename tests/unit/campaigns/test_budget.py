"""A campaign stops before its budget is passed, whoever plans at once and how often."""

from dataclasses import replace

import pytest
from hypothesis import given, settings, strategies as st

from functions.campaigns import control
from functions.campaigns.service import plan_part
from functions.contracts.errors import Conflict
from functions.contracts.queues import PlanJob, SendJob
from functions.domain.ids import CampaignId
from functions.domain.message import Send
from functions.domain.reason import RefusalReason
from functions.domain.safety import Safety
from functions.domain.stop_rules import StopReason
from tests.builders import NOON
from tests.fakes.dying import Death
from tests.unit.campaigns.safe_world import ANNA, CAMPAIGN, PEOPLE, SLICE, WON, World

A_PART = SLICE * WON


def a_budgeted(won: int) -> World:
    world = World(safety=Safety(ramp=None, rules=None, budget=won))
    world.launch()
    return world


def raised(world: World, won: int) -> None:
    world.put(replace(world.campaign().safety, budget=won))


@pytest.mark.parametrize(
    ("won", "parts"), [(0, 0), (A_PART - 1, 0), (A_PART, 1), (3 * A_PART + 1, 3)]
)
def test_stops_at_the_part_that_does_not_fit(won: int, parts: int) -> None:
    world = a_budgeted(won)

    world.drain()

    assert (len(world.sent), world.planned_cost()) == (parts * SLICE, parts * A_PART)
    assert world.campaign().safety.because is StopReason.BUDGET_REACHED
    assert world.report().status == "paused"
    assert world.report().accounted == world.report().recipients


def test_a_budget_that_is_enough_is_not_noticed() -> None:
    world = a_budgeted(PEOPLE * WON)

    world.drain()

    purse = world.store.purse(CAMPAIGN)
    assert (len(world.sent), world.report().status) == (PEOPLE, "finished")
    assert purse is not None
    assert purse.left == 0


def test_goes_on_when_the_budget_is_raised() -> None:
    world = a_budgeted(2 * A_PART)
    world.drain()

    raised(world, 5 * A_PART)
    world.resume()
    world.drain()
    assert len(world.sent) == 5 * SLICE
    raised(world, PEOPLE * WON)
    world.resume()
    world.drain()

    assert sorted(world.sent) == list(range(1, PEOPLE + 1))
    assert [each.because for each in world.campaign().safety.resumes] == ["budget_reached"] * 2


def test_a_resume_without_more_money_stops_at_once() -> None:
    world = a_budgeted(A_PART)
    world.drain()

    world.resume()
    world.drain()

    assert (len(world.sent), world.report().status) == (SLICE, "paused")


def test_a_budget_that_is_lowered_below_what_is_planned_stops_what_follows() -> None:
    world = a_budgeted(5 * A_PART)
    while len(world.sent) < 2 * SLICE:
        world.step()
    planned = world.planned_cost()

    raised(world, A_PART)
    world.drain()

    assert world.planned_cost() == planned
    assert world.campaign().safety.because is StopReason.BUDGET_REACHED


def test_what_was_refused_at_the_last_look_costs_nothing() -> None:
    world = a_budgeted(A_PART)
    while not any(isinstance(job, SendJob) for job in world.queue):
        world.step()
    (number,) = world.batches.batches
    refused = dict.fromkeys(range(SLICE), Send.refused(RefusalReason.NO_CONSENT))
    world.batches.change_state(number, lambda state: state.with_sends(refused))

    world.drain()

    assert len(world.sent) == SLICE
    assert world.report().refused == {"no_consent": SLICE}
    assert world.planned_cost() == 2 * A_PART


def test_a_part_that_is_planned_twice_is_paid_for_once() -> None:
    world = a_budgeted(PEOPLE * WON)
    world.step()
    job = next(each for each in world.queue if isinstance(each, PlanJob))
    rival = world.deps()

    class Slow(type(world.people)):  # type: ignore[misc]  # the fake's own class
        def save_outcomes(self, *args: object, **kwargs: object) -> None:
            if not world.campaigns.parts(CAMPAIGN)[0].planned:
                plan_part(job, deps=rival, now=NOON)

    slow = Slow(world.people.slices, world.people.outcomes, world.people.direct)
    plan_part(job, deps=replace(world.deps(), people=slow), now=NOON)
    world.drain()

    assert sorted(world.sent) == list(range(1, PEOPLE + 1))
    assert world.planned_cost() == PEOPLE * WON


@settings(max_examples=200, deadline=None)
@given(
    won=st.integers(0, PEOPLE * WON + 50),
    moves=st.lists(
        st.tuples(
            st.sampled_from(("step", "step", "twice", "die", "pause", "resume", "budget")),
            st.integers(0, 40),
            st.booleans(),
        ),
        max_size=60,
    ),
)
def test_what_is_planned_never_passes_the_budget(
    won: int, moves: list[tuple[str, int, bool]]
) -> None:
    world, most = a_budgeted(won), won
    for name, place, after in moves:
        match name:
            case "pause":
                control.pause(CAMPAIGN, deps=world.deps())
            case "resume":
                world.resume()
            case "budget":
                most += place * WON
                raised(world, most)
            case "die":
                world.step(place, death=Death(place % 16 + 1, after=after))
            case _:
                world.step(place, twice=name == "twice")
        purse = world.store.purse(CAMPAIGN)
        assert purse is not None
        assert world.planned_cost() == most - purse.left <= most
        assert len(world.sent) * WON <= most
    raised(world, PEOPLE * WON + most)
    world.resume()
    world.drain()

    assert sorted(world.sent) == list(range(1, PEOPLE + 1))


def test_once_launched_a_budget_is_neither_given_nor_taken_away() -> None:
    with_one, without = a_budgeted(A_PART), World(safety=Safety(ramp=None))
    without.launch()

    for world, budget in ((with_one, None), (without, 5)):
        with pytest.raises(Conflict) as refused:
            world.put(replace(world.campaign().safety, budget=budget))
        assert refused.value.code == "budget_fixed"


def test_a_draft_gets_a_budget_and_loses_it() -> None:
    world = World(safety=Safety(ramp=None, rules=None))
    for won in (500, None, A_PART):
        world.put(replace(world.campaign().safety, budget=won))
    world.launch()

    world.drain()

    assert len(world.sent) == SLICE


def test_a_run_of_a_series_has_the_budget_for_itself() -> None:
    world = World(safety=Safety(ramp=None, rules=None, budget=A_PART))
    series = world.campaign()
    run = replace(series, campaign_id=CampaignId("cmp_1-202611220300"))

    control._start_run(run, deps=world.deps(), now=NOON)  # as a timer does

    purse = world.store.purse(run.campaign_id)
    assert purse is not None
    assert purse.left == A_PART


def test_raising_a_budget_is_an_edit() -> None:
    world = a_budgeted(A_PART)

    raised(world, 2 * A_PART)
    raised(world, 2 * A_PART)

    assert (world.campaign().safety.edition, world.campaign().safety.editors) == (2, (ANNA,))
