"""Campaigns with a limit: how they are cut and spread, how the limit changes, how long it takes."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from functions.campaigns import control
from functions.campaigns.pace import estimate, estimate_at_launch
from functions.contracts.errors import Conflict
from functions.contracts.queues import PlanJob
from functions.domain.campaign import CampaignStatus
from functions.domain.held import held_ordinals
from functions.domain.ids import AudienceId, CampaignId
from functions.domain.message import Send
from functions.domain.pace import SECOND_US, LaneKind, Per, Rate, micros
from functions.domain.policy import LAW_ALONE
from functions.domain.reason import HoldReason
from functions.domain.recipients import EVERYONE, Recipients, Source, SourceKind
from tests.builders import NIGHT, NOON, a_campaign, a_person, a_sender, an_audience
from tests.fakes.audiences import FakeAudiences
from tests.fakes.campaigns import FakeCampaigns
from tests.unit.campaigns.test_service import World, a_world

CAMPAIGN = CampaignId("cmp_1")
NOW = micros(NOON)
TEN = Rate(messages=10, per=Per.SECOND)


def a_limited_world(*sizes: int, rate: Rate | None = TEN) -> World:
    """A campaign of which each slice has so many people."""
    numbers = iter(range(1, sum(sizes) + 1))
    world = a_world(*([a_person(next(numbers)) for _ in range(size)] for size in sizes))
    world.campaigns = FakeCampaigns.of(a_campaign(rate=rate))
    return world


def sizes(world: World) -> Counter[int]:
    return Counter(each.meta.size for each in world.batches.batches.values())


def test_batches_are_cut_to_half_a_second_and_started_one_after_the_other() -> None:
    world = a_limited_world(12)

    world.launch()
    world.drain()

    assert sizes(world) == {5: 2, 2: 1}
    assert world.turns == [(1, NOW), (2, NOW + 500_000), (3, NOW + SECOND_US)]
    assert world.started == []


def test_parts_follow_each_other_by_one_write_each() -> None:
    world = a_limited_world(20, 10)

    world.launch()
    world.drain()

    assert [turn - NOW for _, turn in world.turns] == [n * 500_000 for n in range(6)]
    assert world.lanes.writes == 2


def test_those_whose_turn_is_a_minute_off_stand_in_the_ledger_from_the_first_write() -> None:
    world = a_limited_world(4, 2, rate=Rate(messages=2, per=Per.MINUTE))

    world.launch()
    world.drain()

    states = [batch.state for batch in world.batches.batches.values()]
    assert [bool(held_ordinals(state, HoldReason.THROTTLE)) for state in states] == [
        *(False, False, True, True),
        # Of the second part: a whole slice may come before it.
        *(True, True),
    ]
    assert {state.version for state in states} == {0}
    assert [turn - NOW for _, turn in world.turns] == [n * 30 * SECOND_US for n in range(6)]


def test_parts_of_a_follow_up_leave_at_their_pace_though_they_have_no_numbers() -> None:
    world = a_limited_world(10)
    world.launch()
    part = replace(world.handle(world.queue.popleft()), part="000003-0001")
    world.campaigns.add_part(part)
    campaign = world.campaigns.campaigns[CAMPAIGN]
    world.campaigns.campaigns[CAMPAIGN] = replace(campaign, parent=CampaignId("cmp_0"))

    world.handle(PlanJob(campaign_id=CAMPAIGN, part=part.part))

    assert [turn - NOW for _, turn in world.turns] == [0, 500_000]


def test_what_waits_for_its_turn_is_cancelled_with_its_campaign() -> None:
    world = a_limited_world(4, rate=Rate(messages=1, per=Per.MINUTE))
    world.launch()
    world.drain()

    control.cancel(CAMPAIGN, deps=world.deps())
    world.drain()

    states = [batch.state for batch in world.batches.batches.values()]
    assert all(state.ordinals(Send.CANCELLED) == (0,) for state in states)


@pytest.mark.parametrize("kind", ["sender", "provider", "company"])
def test_every_kind_of_limit_cuts_and_spreads(kind: str) -> None:
    world = a_limited_world(12, rate=None)
    if kind == "sender":
        world.sender = a_sender(rate=TEN)
    if kind == "provider":
        world.policy = replace(LAW_ALONE, rate_by_provider={"solapi": TEN})
    if kind == "company":
        world.policy = replace(LAW_ALONE, rate=TEN)

    world.launch()
    world.drain()

    assert sizes(world) == {5: 2, 2: 1}
    assert [turn - NOW for _, turn in world.turns] == [0, 500_000, SECOND_US]
    # They get in line with themselves only: others do not wait for a plan that may be cancelled.
    assert list(world.lanes.states) == [(LaneKind.CAMPAIGN, "cmp_1")]


def test_without_a_limit_there_are_no_turns_and_no_writes() -> None:
    world = a_limited_world(12, rate=None)

    world.launch()
    world.drain()

    assert (world.turns, world.started, world.lanes.writes) == ([], [1], 0)


def test_what_waits_for_the_morning_gets_in_line_then() -> None:
    world = a_limited_world(12)
    world.launch()
    world.handle(world.queue.popleft())

    world.handle(world.queue.popleft(), now=NIGHT)

    assert (world.turns, world.started, world.lanes.writes) == ([], [1, 2, 3], 0)


def test_a_resumed_campaign_gets_in_line_anew() -> None:
    world = a_limited_world(20)
    world.launch()
    world.drain()
    control.pause(CAMPAIGN, deps=world.deps())
    world.turns.clear()

    control.resume(CAMPAIGN, deps=world.deps())
    later = NOON + timedelta(hours=1)
    world.handle(world.queue.popleft(), now=later)

    assert [turn - micros(later) for _, turn in world.turns] == [n * 500_000 for n in range(4)]


def test_a_changed_limit_spreads_what_waits_anew() -> None:
    world = a_limited_world(20)
    world.launch()
    world.drain()
    world.turns.clear()

    changed = control.limit(CAMPAIGN, Rate(messages=1, per=Per.SECOND), deps=world.deps())
    assert changed.rate == Rate(messages=1, per=Per.SECOND)
    world.drain()

    assert [turn - NOW for _, turn in world.turns] == [n * 5 * SECOND_US for n in range(4)]


def test_a_limit_that_is_taken_away_lets_all_go_at_once() -> None:
    world = a_limited_world(20)
    world.launch()
    world.drain()

    control.limit(CAMPAIGN, None, deps=world.deps())
    world.drain()

    assert world.started == [1, 2, 3, 4]


@pytest.mark.parametrize("status", [CampaignStatus.DRAFT, CampaignStatus.PAUSED])
def test_the_limit_of_what_does_not_run_is_only_noted(status: CampaignStatus) -> None:
    world = a_limited_world(5)
    world.campaigns = FakeCampaigns.of(a_campaign(status=status))

    assert control.limit(CAMPAIGN, TEN, deps=world.deps()).rate == TEN

    assert not world.queue


@pytest.mark.parametrize("status", [CampaignStatus.CANCELLED, CampaignStatus.EXPIRED])
def test_what_is_over_has_no_limit_to_change(status: CampaignStatus) -> None:
    world = a_limited_world(5)
    world.campaigns = FakeCampaigns.of(a_campaign(status=status))

    with pytest.raises(Conflict):
        control.limit(CAMPAIGN, TEN, deps=world.deps())


def test_an_estimate_is_by_the_slowest_of_all_limits() -> None:
    world = a_limited_world(5)
    world.sender = a_sender(rate=Rate(messages=120, per=Per.MINUTE))

    found = estimate(world.campaigns.campaigns[CAMPAIGN], 1_000, deps=world.deps())

    assert found.lane is not None
    assert (found.lane.kind, found.seconds) == (LaneKind.SENDER, 500)


def test_at_launch_audiences_and_lists_are_counted_and_others_are_unknown() -> None:
    world = a_limited_world(5)
    audience = Source(kind=SourceKind.AUDIENCE, name="aud_1")
    direct = Source(kind=SourceKind.DIRECT, name="list")
    world.audiences = FakeAudiences({AudienceId("aud_1"): an_audience("aud_1", run_id="run_1")})
    world.people.save_direct("list", ["id:c1", "id:c2"])

    def at_launch(*include: Source) -> tuple[int | None, int | None]:
        campaign = a_campaign(rate=TEN, recipients=Recipients(include=include))
        found = estimate_at_launch(campaign, deps=world.deps())
        return found.messages, found.seconds

    assert at_launch(audience, direct) == (5, 1)
    assert at_launch(audience, EVERYONE) == (None, None)
    assert at_launch(Source(kind=SourceKind.AUDIENCE, name="aud_2")) == (None, None)


def test_a_job_that_comes_again_spreads_what_waits_once_more() -> None:
    world = a_limited_world(20)
    world.launch()
    world.drain()

    world.handle(PlanJob(campaign_id=CAMPAIGN, part="000000"))

    assert [number for number, _ in world.turns] == [1, 2, 3, 4, 1, 2, 3, 4]
