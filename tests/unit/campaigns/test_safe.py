"""A second key's approval, and tests before a launch."""

from dataclasses import replace
from datetime import timedelta

import pytest

from functions.campaigns import control, safe
from functions.contracts.errors import Conflict
from functions.contracts.queues import LaunchJob, ResolveJob
from functions.domain.campaign import CampaignStatus
from functions.domain.policy import Policy
from functions.domain.safety import Safety
from functions.domain.stop_rules import StopReason
from tests.builders import NOON
from tests.unit.campaigns.safe_world import ANNA, BELA, CAMPAIGN, CARL, PEOPLE, SLICE, World

FOUR_EYES = Policy(approval_above=100)
QUIET = Safety(ramp=None, rules=None)
LATER = NOON + timedelta(days=1)


def a_guarded(**values: object) -> World:
    return World(safety=QUIET, policy=replace(FOUR_EYES, **values))  # type: ignore[arg-type]


def refused(act: object) -> str:
    with pytest.raises(Conflict) as why:
        act()  # type: ignore[operator]  # a call
    return why.value.code


def test_a_large_campaign_waits_for_a_second_key() -> None:
    world = a_guarded()

    assert refused(world.launch) == "approval_required"
    assert world.campaign().status is CampaignStatus.DRAFT
    world.approve(by=BELA)
    world.launch()
    world.drain()

    assert len(world.sent) == PEOPLE


def test_neither_who_wrote_it_nor_who_launches_it_approves() -> None:
    world = a_guarded()

    assert refused(lambda: world.approve(by=ANNA)) == "same_key"
    world.approve(by=BELA)
    assert refused(lambda: world.launch(by=BELA)) == "same_key"
    world.launch(by=CARL)


@pytest.mark.parametrize("above", [None, PEOPLE])
def test_a_campaign_that_is_small_enough_needs_none(above: int | None) -> None:
    world = a_guarded(approval_above=above)

    world.launch()
    world.drain()

    assert len(world.sent) == PEOPLE


def test_every_edit_voids_it() -> None:
    world = a_guarded()
    world.approve()

    safe.reschedule(CAMPAIGN, LATER, by=ANNA, deps=world.deps(), now=NOON)
    assert refused(world.launch) == "approval_required"
    world.approve()
    world.put(replace(QUIET, budget=1), by=CARL)

    assert refused(world.launch) == "approval_required"
    assert refused(lambda: world.approve(by=CARL)) == "same_key"
    world.approve()
    world.launch()


def test_an_edit_that_changes_nothing_voids_nothing() -> None:
    world = a_guarded()
    world.approve()

    world.put(QUIET, by=ANNA)

    world.launch()


def test_approving_again_changes_nothing() -> None:
    world = a_guarded()
    first = world.approve()

    assert world.approve() == first


def test_a_campaign_that_turns_out_to_be_large_stops_before_anybody_too_many() -> None:
    world = a_guarded(approval_above=None)
    world.launch()
    world.policy = Policy(approval_above=2 * SLICE)

    world.drain()

    assert len(world.sent) <= 2 * SLICE
    assert world.report().status == "paused"
    assert world.campaign().safety.because is StopReason.APPROVAL_REQUIRED
    assert world.report().recipients == 3 * SLICE
    assert refused(world.resume) == "approval_required"
    world.approve()
    world.resume()
    world.drain()
    assert sorted(world.sent) == list(range(1, PEOPLE + 1))


def test_the_slice_that_is_too_much_is_not_even_on_its_way() -> None:
    world = a_guarded(approval_above=None)
    world.launch()
    world.policy = Policy(approval_above=SLICE - 1)

    world.handle(world.queue.popleft())

    assert (list(world.queue), world.report().pending) == ([], SLICE)


def test_an_edit_while_it_runs_asks_for_approval_again() -> None:
    world = a_guarded(approval_above=2 * SLICE)
    world.approve()
    world.launch()
    while len(world.sent) < 3 * SLICE:
        world.step()

    world.put(replace(QUIET, rules=Safety().rules))
    world.drain()

    assert world.campaign().safety.because is StopReason.APPROVAL_REQUIRED
    assert len(world.sent) < PEOPLE


def test_a_campaign_edited_while_it_is_paused_needs_approval_to_go_on() -> None:
    world = a_guarded()
    world.approve()
    world.launch()
    world.step()
    control.pause(CAMPAIGN, deps=world.deps())

    world.put(replace(QUIET, rules=Safety().rules))

    assert world.report().recipients == SLICE
    assert refused(world.resume) == "approval_required"


def test_a_job_that_comes_again_does_not_get_past_the_stop() -> None:
    world = a_guarded(approval_above=None)
    world.launch()
    world.policy = Policy(approval_above=2 * SLICE)
    while world.queue:
        world.step(twice=len(world.campaigns.parts(CAMPAIGN)) == 2)

    parts = world.campaigns.parts(CAMPAIGN)
    job = ResolveJob(campaign_id=CAMPAIGN, part=2, cursor=parts[1].next_cursor, found=2 * SLICE)
    world.handle(job)
    world.drain()

    assert len(world.sent) <= 2 * SLICE


def test_an_approved_campaign_that_is_scheduled_still_starts() -> None:
    world = a_guarded()
    safe.reschedule(CAMPAIGN, LATER, by=ANNA, deps=world.deps(), now=NOON)
    world.approve()
    world.launch()
    assert world.campaign().status is CampaignStatus.SCHEDULED
    world.timers.clear()

    world.put(replace(QUIET, budget=PEOPLE * 100))
    world.approve()
    (*_, (at, _, job)) = world.timers
    assert isinstance(job, LaunchJob)
    control.launch_due(job, deps=world.deps(), now=at)

    assert (at, world.campaign().status) == (LATER, "launched")


def test_a_campaign_that_is_over_is_not_approved() -> None:
    world = a_guarded()
    control.cancel(CAMPAIGN, deps=world.deps())

    assert refused(world.approve) == "campaign_cancelled"
    assert refused(lambda: world.put(replace(QUIET, budget=5))) == "campaign_cancelled"


def test_a_policy_may_ask_for_a_test_of_it_as_it_is() -> None:
    world = World(safety=QUIET, policy=Policy(test_before_launch=True))

    assert refused(world.launch) == "test_required"
    safe.note_test(CAMPAIGN, 1, deps=world.deps(), now=NOON)
    world.put(replace(QUIET, budget=PEOPLE * 100))
    assert refused(world.launch) == "test_required"
    safe.note_test(CAMPAIGN, 2, deps=world.deps(), now=NOON)
    safe.note_test(CAMPAIGN, 1, deps=world.deps(), now=NOON)

    assert world.launch().status is CampaignStatus.LAUNCHED


def test_launching_again_is_refused_as_ever() -> None:
    world = a_guarded()
    world.approve()
    world.launch()

    assert refused(lambda: world.launch(by=BELA)) == "already_launched"
