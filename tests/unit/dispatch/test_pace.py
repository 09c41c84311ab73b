"""Batches that wait for a place: when they are sent away, wait, or go, and what that takes."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from functions.channels.base import RetryLater
from functions.contracts.queues import SendJob
from functions.dispatch.report import Outcome
from functions.domain.campaign import CampaignStatus, Gate
from functions.domain.fatigue import Cap, Period, Recent
from functions.domain.held import HeldAction, changed
from functions.domain.ids import BatchNumber, ContactId
from functions.domain.message import MessageStatus, Send
from functions.domain.pace import SECOND_US, LaneKind, LaneState, Per, Rate, micros
from functions.domain.policy import LAW_ALONE, Policy
from functions.domain.reason import HoldReason
from functions.storage.gates import CampaignGates
from tests.builders import MORNING, NIGHT, NOON, a_batch, a_campaign, a_sender, an_offer
from tests.fakes.dying import Death, Killed
from tests.unit.dispatch.test_service import AFTER_LEASE, World, a_world

NOW = micros(NOON)
TEN = Rate(messages=10, per=Per.SECOND)
OWN = LaneKind.CAMPAIGN, "cmp_1"
SENDER = LaneKind.SENDER, "snd_1"
PROVIDER = LaneKind.PROVIDER, "solapi"
COMPANY = LaneKind.TENANT, ""


def a_paced_world(size: int = 5, *, ahead_us: int = 0) -> World:
    """A campaign of ten a second, whose lane is taken for so long."""
    world = a_world(size=size)
    world.rate = TEN
    if ahead_us:
        world.lanes.states[OWN] = LaneState(free_us=NOW + ahead_us, cost_us=ahead_us)
    return world


def test_without_limits_nothing_is_looked_at() -> None:
    world = a_world(size=5)

    assert world.run() is Outcome.SENT

    assert (world.lanes.looks, world.lanes.writes, world.clock.waits) == (0, 0, [])


def test_a_free_lane_is_taken_by_one_write_and_not_waited_for() -> None:
    world = a_paced_world()

    assert world.run() is Outcome.SENT

    assert (world.lanes.writes, world.clock.waits) == (1, [])
    assert world.lanes.states[OWN].free_us == NOW + SECOND_US // 2


def test_who_comes_a_little_early_waits_and_is_sent() -> None:
    world = a_paced_world(ahead_us=700_000)

    assert world.run() is Outcome.SENT

    assert world.clock.waits == [0.7]
    assert world.lanes.states[OWN].free_us == NOW + 1_200_000


def test_who_comes_too_early_is_told_a_turn_and_nothing_is_touched() -> None:
    world = a_paced_world(ahead_us=20 * SECOND_US)
    before = world.state

    assert world.run() is Outcome.PACED

    turn = NOW + 20 * SECOND_US
    assert world.put_back == [(SendJob(batch=7, turn=turn), NOON + timedelta(seconds=20))]
    assert world.state == before
    assert (world.provider.calls, world.recents.rows, world.clock.waits) == (0, {}, [])


def test_who_waits_for_more_than_a_minute_stands_in_the_ledger_by_one_write() -> None:
    world = a_paced_world(ahead_us=90 * SECOND_US)

    assert world.run() is Outcome.PACED

    assert world.reasons() == [HoldReason.THROTTLE] * 5
    written = world.state.version
    (job, at), *_ = world.put_back
    assert at == NOON + timedelta(seconds=90)
    assert world.run(job=job) is Outcome.PACED
    assert world.run(job=SendJob(batch=7)) is Outcome.PACED
    assert world.state.version == written


def test_what_stood_in_the_ledger_leaves_in_its_turn_once() -> None:
    world = a_paced_world(ahead_us=90 * SECOND_US)
    world.run()
    (job, at), *_ = world.put_back

    assert world.run(now=at, job=job) is Outcome.SENT
    assert world.run(now=at, job=job) is Outcome.NOTHING_DUE

    assert world.statuses() == [MessageStatus.SENT] * 5
    assert set(world.provider.deliveries.values()) == {1}


def test_what_is_released_from_the_line_leaves_where_there_is_room_and_never_beyond() -> None:
    world = a_paced_world(ahead_us=90 * SECOND_US)
    world.run()
    release = {"only": None, "reason": HoldReason.THROTTLE, "now": NOON}
    world.batches.change_state(
        BatchNumber(7), lambda state: changed(state, HeldAction.RELEASE, **release)
    )

    assert world.run() is Outcome.PACED
    assert (world.provider.calls, world.reasons()) == (0, [HoldReason.THROTTLE] * 5)
    world.rate = None
    assert world.run() is Outcome.SENT


def test_nobody_waits_long_for_a_limit_that_was_taken_away_and_is_still_remembered() -> None:
    world = a_paced_world(ahead_us=90 * SECOND_US)
    campaign = a_campaign(rate=TEN, status=CampaignStatus.LAUNCHED)
    found = [campaign]
    gates = CampaignGates(lambda _: found[-1])
    gates.rate(world.batches.batches[BatchNumber(7)].meta.source, NOON)

    found.append(replace(campaign, rate=None))

    assert world.run(gate=gates, rate=gates.rate) is Outcome.SENT


def test_a_rival_that_sends_meanwhile_is_not_disturbed_by_the_ledger() -> None:
    world = a_paced_world(ahead_us=90 * SECOND_US)
    claimed = world.state.claimed(dict.fromkeys(range(5), Send.SENDING), now=NOON, lease_s=40)

    def rival(state: LaneState) -> LaneState:
        world.batches.change_state(BatchNumber(7), lambda _: claimed)
        return state

    world.lanes.rivals.append(rival)

    assert world.run() is Outcome.PACED

    assert world.state.ordinals(Send.SENDING) == (0, 1, 2, 3, 4)


@pytest.mark.parametrize("step", range(1, 20))
def test_who_dies_on_the_way_into_the_ledger_loses_nothing(step: int) -> None:
    world = a_paced_world(ahead_us=90 * SECOND_US)
    death = Death(step)
    with suppress(Killed):
        world.run(
            batches=death.port(world.batches),
            later=death.function(lambda job, meta, at, now: world.put_back.append((job, at))),
        )
    world.run()

    job, at = world.put_back[-1]
    assert world.run(now=at, job=job) is Outcome.SENT
    assert set(world.provider.deliveries.values()) == {1}


def test_turns_follow_each_other() -> None:
    world = a_paced_world(ahead_us=20 * SECOND_US)

    world.run()
    world.run()

    assert [job.turn for job, _ in world.put_back] == [
        NOW + 20 * SECOND_US,
        NOW + 20 * SECOND_US + SECOND_US // 2,
    ]


def test_of_two_lanes_that_are_full_the_longer_line_counts() -> None:
    world = a_paced_world(ahead_us=20 * SECOND_US)
    world.sender = a_sender(rate=TEN)
    long = LaneState(free_us=NOW + 10 * SECOND_US, cost_us=10**7, line_us=NOW + 60 * SECOND_US)
    world.lanes.states[SENDER] = long

    assert world.run() is Outcome.PACED

    assert [job.turn for job, _ in world.put_back] == [NOW + 60 * SECOND_US]
    assert world.lanes.writes == 1


def test_a_job_that_comes_before_its_turn_waits_on_without_a_write() -> None:
    world = a_paced_world()
    job = SendJob(batch=7, turn=NOW + 30 * SECOND_US)

    assert world.run(job=job) is Outcome.PACED

    assert world.put_back == [(job, NOON + timedelta(seconds=30))]
    assert (world.lanes.looks, world.lanes.writes) == (0, 0)


def test_a_job_that_comes_twice_takes_two_places_at_most_and_sends_once() -> None:
    world = a_paced_world()

    assert world.run() is Outcome.SENT
    assert world.run() is Outcome.NOTHING_DUE

    assert world.provider.calls == 1
    assert world.lanes.writes == 1


def test_what_is_held_takes_no_place() -> None:
    world = a_paced_world()

    assert world.run(now=NIGHT) is Outcome.HELD

    assert world.lanes.writes == 0
    assert world.statuses() == [MessageStatus.HELD] * 5
    assert [at for _, at in world.put_back] == [MORNING]


def test_what_was_held_is_in_no_line_when_its_time_comes() -> None:
    world = a_paced_world()
    world.clock.now = NIGHT

    world.run(now=NIGHT, job=SendJob(batch=7, turn=micros(NIGHT) - SECOND_US))

    assert [job.turn for job, _ in world.put_back] == [0]


def test_only_those_who_leave_count() -> None:
    world = a_paced_world(2)
    world.policy = Policy(caps=(Cap(name="c", most=1, period=Period.CALENDAR_DAYS, length=1),))
    earlier = an_offer().entry(99, now=NOON - timedelta(hours=1))
    world.recents.rows[ContactId("c1")] = Recent(entries=(earlier,), version=1)

    assert world.run() is Outcome.SENT

    assert world.lanes.states[OWN].cost_us == SECOND_US // 10


def test_a_lane_that_fills_up_at_the_last_moment_lets_the_batch_come_again() -> None:
    world = a_paced_world()
    rival = LaneState(free_us=NOW + 5 * SECOND_US, cost_us=5 * SECOND_US)
    world.lanes.rivals.append(lambda _: rival)

    assert world.run() is Outcome.PACED

    assert world.statuses() == [MessageStatus.PENDING] * 5
    assert world.state.lease_until == 0
    assert world.provider.calls == 0
    ((job, at),) = world.put_back
    assert (job.turn, at) == (NOW + 5 * SECOND_US, NOON + timedelta(seconds=5))

    world.clock.now = at
    assert world.run(now=at, job=job) is Outcome.SENT
    assert world.statuses() == [MessageStatus.SENT] * 5


def test_a_batch_keeps_all_limits_and_waits_for_the_slowest() -> None:
    world = a_paced_world(ahead_us=300_000)
    world.sender = a_sender(rate=TEN)
    world.policy = replace(
        LAW_ALONE,
        rate=Rate(messages=100, per=Per.SECOND),
        rate_by_provider={"solapi": Rate(messages=100, per=Per.SECOND)},
    )
    world.lanes.states[COMPANY] = LaneState(free_us=NOW + 900_000, cost_us=900_000)

    assert world.run() is Outcome.SENT

    assert world.clock.waits == [pytest.approx(0.3), pytest.approx(0.6)]
    assert {key: state.free_us for key, state in world.lanes.states.items()} == {
        OWN: NOW + 300_000 + 500_000,
        SENDER: NOW + 300_000 + 500_000,
        PROVIDER: NOW + 300_000 + 50_000,
        COMPANY: NOW + 900_000 + 50_000,
    }


def test_who_is_held_up_after_its_place_gets_behind_those_who_follow() -> None:
    world = a_paced_world(ahead_us=300_000)
    sleep, held_up_s = world.clock.sleep, [0.9]

    def too_long(seconds: float) -> None:
        sleep(seconds + (held_up_s.pop() if held_up_s else 0))

    pace = replace(world.deps().pace, sleep=too_long)

    assert world.run(pace=pace) is Outcome.SENT

    # The place at 0.3 s is lost; the one taken at 1.2 s is used.
    assert world.lanes.writes == 2
    assert world.lanes.states[OWN].free_us == NOW + 1_700_000


def test_on_a_machine_that_is_always_slow_it_leaves_all_the_same() -> None:
    world = a_paced_world()
    clock, lanes = world.clock, world.lanes
    change = lanes.change

    def slow(*args: object) -> object:
        answer = change(*args)
        clock.now += timedelta(seconds=0.7)
        return answer

    lanes.change = slow

    assert world.run() is Outcome.SENT

    assert lanes.writes == 3


def test_in_all_lanes_together_nobody_waits_longer_than_two_seconds() -> None:
    world = a_paced_world(ahead_us=900_000)
    world.sender = a_sender(rate=TEN)
    late = LaneState(free_us=NOW + 2_500_000, cost_us=1_600_000)
    world.lanes.states[SENDER] = LaneState(free_us=NOW + 1, cost_us=0)
    looked = world.lanes.look

    def look(lanes: object) -> object:
        found = looked(lanes)
        world.lanes.states[SENDER] = late
        return found

    world.lanes.look = look

    assert world.run() is Outcome.PACED

    assert sum(world.clock.waits) <= 2
    assert world.statuses() == [MessageStatus.PENDING] * 5


def test_a_limit_that_is_raised_holds_for_the_next_batch() -> None:
    world = a_paced_world()
    world.run()
    world.rate = Rate(messages=1_000, per=Per.SECOND)
    later = NOON + timedelta(milliseconds=500)
    world.batches.batches[8] = a_batch(8, size=5)
    world.clock.now = later

    assert world.run(now=later, job=SendJob(batch=8)) is Outcome.SENT

    assert world.lanes.states[OWN].free_us == micros(later) + 5_000


def test_a_limit_that_is_taken_away_is_not_looked_at() -> None:
    world = a_paced_world(ahead_us=3_600 * SECOND_US)
    world.rate = None

    assert world.run() is Outcome.SENT


def test_a_paused_campaign_takes_no_place_and_a_resumed_one_a_new_one() -> None:
    world = a_paced_world()
    world.gate = Gate.SHUT
    told = SendJob(batch=7, turn=NOW - SECOND_US)
    assert world.run(job=told) is Outcome.PARKED
    assert world.lanes.writes == 0

    world.gate = Gate.OPEN
    assert world.run() is Outcome.SENT


def test_a_provider_that_says_later_costs_the_place_and_not_the_message() -> None:
    world = a_paced_world()
    world.provider.fail_before.append(RetryLater("busy"))

    assert world.run() is Outcome.LATER

    assert [job.turn for job, _ in world.put_back] == [0]
    assert world.statuses() == [MessageStatus.PENDING] * 5


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", range(1, 9))
def test_a_worker_that_dies_loses_a_place_at_most(step: int, after: bool) -> None:
    world = a_paced_world(ahead_us=1_500_000)
    death = Death(at=step, after=after)
    pace = replace(
        world.deps().pace, lanes=death.port(world.lanes), sleep=death.function(world.clock.sleep)
    )
    told = SendJob(batch=7, turn=NOW)
    world.clock.now = NOON + timedelta(seconds=1)

    with suppress(Killed):
        world.run(now=world.clock.now, job=told, pace=pace)
    # What was claimed when it died is asked about, and then tried again.
    for minutes in range(1, 4):
        world.clock.now = AFTER_LEASE + timedelta(minutes=minutes)
        world.run(now=world.clock.now)

    assert set(world.provider.deliveries.values()) == {1}
    assert len(world.provider.deliveries) == 5
    assert world.statuses() == [MessageStatus.SENT] * 5
