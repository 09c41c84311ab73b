"""Who gets the next step: once, at the right time, whatever dies, comes twice or comes late."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from functions.campaigns import control
from functions.campaigns.arming import arm
from functions.campaigns.following import follow
from functions.contracts.campaign_jobs import FollowJob
from functions.contracts.errors import Unavailable
from functions.domain.campaign import CampaignStatus, Part
from functions.domain.follow_up import TOGETHER, Condition, FollowUp
from functions.domain.ids import BatchNumber, CampaignId
from functions.domain.message import BatchState, Send
from functions.domain.reason import FailureReason, HoldReason, RefusalReason
from tests.builders import NOON
from tests.fakes.dying import Death, Killed
from tests.unit.campaigns.following_world import (
    HOUR,
    NO,
    PARENT,
    YES,
    Following,
    a_step,
    everyone_left,
    followed_by,
)

LOOK_NO = FollowJob(campaign_id=PARENT, part="000000", step="n")
LOOK_YES = FollowJob(campaign_id=PARENT, part="000000", step="y")
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
NOT_CLICKED = a_step(Condition.NOT_CLICKED, HOUR)
CLICKED = a_step(Condition.CLICKED)


def armed(*steps: FollowUp, **values: object) -> Following:
    """Everything has left at noon, and its looks wait."""
    world = everyone_left(followed_by(*steps, **values))  # type: ignore[arg-type]
    arm_all(world)
    return world


def arm_all(world: Following, *, again: bool = False) -> None:
    campaign = world.campaigns.campaigns[PARENT]
    part = world.campaigns.parts_by_name[PARENT, "000000"]
    metas = [world.batches.batches[number].meta for number in part.batches]
    deps = world.campaign_deps()
    arm(campaign, part, None if again else metas, deps=deps, now=world.now)


def test_whoever_did_not_click_gets_the_step_an_hour_after_the_message() -> None:
    world = armed(NOT_CLICKED)
    world.run(NOON + 30 * MINUTE)
    world.click(7, 0, 2)

    world.run(NOON + HOUR - timedelta(seconds=1))
    assert world.got(NO) == {}
    world.run(NOON + HOUR)

    assert world.got(NO) == {"c2": 1, "c4": 1, "c5": 1}
    assert world.seen(NO) == 5


def test_one_timer_serves_a_part() -> None:
    world = armed(NOT_CLICKED)

    assert world.timers == [(NOON + HOUR, LOOK_NO)]
    assert world.run(NOON + 30 * DAY) == 1


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (Condition.CLICKED, {"c1"}),
        (Condition.NOT_CLICKED, {"c2", "c3"}),
        (Condition.DELIVERED, {"c2"}),
        (Condition.NOT_DELIVERED, {"c1", "c3"}),
        (Condition.REPLIED, {"c3"}),
        (Condition.NOT_REPLIED, {"c1", "c2"}),
    ],
)
def test_each_condition_and_its_opposite_share_out_everybody(
    condition: Condition, expected: set[str]
) -> None:
    world = armed(a_step(condition, HOUR), sizes=(3,))
    world.click(7, 0)
    world.arrive(7, 1)
    world.reply(7, 2)

    world.run(NOON + HOUR)

    assert set(world.got(YES if condition.positive else NO)) == expected


def test_link_that_is_named_is_the_one_that_counts() -> None:
    world = armed(a_step(Condition.CLICKED, HOUR, link=1), sizes=(3,))
    world.click(7, 0, link=0)
    world.click(7, 1, link=1)

    world.run(NOON + HOUR)

    assert world.got(YES) == {"c2": 1}


def test_whoever_converted_or_opted_out_meanwhile_is_dropped_with_a_reason() -> None:
    world = armed(NOT_CLICKED)
    world.convert(7, 0)
    world.opt_out(8, 1)

    world.run(NOON + HOUR)

    assert world.got(NO) == {"c2": 1, "c3": 1, "c4": 1}
    (part,) = world.campaigns.parts(NO)
    assert part.size == 5
    outcomes = {
        each.contact_id: each.reason for found in world.people.outcomes.values() for each in found
    }
    assert outcomes == {"c1": RefusalReason.CONVERTED, "c5": RefusalReason.OPTED_OUT_SINCE}


def test_whoever_converted_gets_the_step_for_it() -> None:
    world = armed(a_step(Condition.CONVERTED), a_step(Condition.NOT_CONVERTED, HOUR))
    world.convert(7, 0)
    world.trigger(7)

    world.run(NOON + HOUR)

    assert world.got(YES) == {"c1": 1}
    assert set(world.got(NO)) == {"c2", "c3", "c4", "c5"}


def test_step_follows_at_once_and_only_whom_it_is_told_of() -> None:
    world = armed(CLICKED)
    assert world.timers == []
    world.now += 5 * MINUTE
    world.click(7, 1)
    world.click(8, 0)
    world.trigger(7)

    world.run(world.now)
    assert world.got(YES) == {"c2": 1}
    world.trigger(8)
    world.run(world.now)

    assert world.got(YES) == {"c2": 1, "c4": 1}
    assert [part.part for part in world.campaigns.parts(YES)] == ["000000-0000", "000000-0001"]


@pytest.mark.parametrize("send", [Send.SENDING, Send.UNKNOWN])
def test_who_clicks_before_the_provider_is_known_to_have_taken_it_gets_the_step_once(
    send: int,
) -> None:
    world = followed_by(CLICKED)
    change_state(world, 7, lambda state: state.claimed({0: send}, now=NOON, lease_s=60))
    arm_all(world)
    world.click(7, 0)
    world.trigger(7)
    world.run(NOON + MINUTE)

    # The provider's list has it; nothing of that says that somebody clicked.
    change_state(world, 7, lambda state: state.released({0: state.sent_now}))
    world.trigger(7)
    world.run(NOON + 2 * MINUTE)

    assert world.got(YES) == {"c1": 1}


def test_what_happens_after_a_month_is_not_followed() -> None:
    world = armed(CLICKED)
    world.now = NOON + 30 * DAY + MINUTE
    world.click(7, 1)
    world.trigger(7)

    world.run(world.now)

    assert world.got(YES) == {}


def test_message_that_never_left_is_not_looked_at() -> None:
    world = followed_by(a_step(Condition.NOT_DELIVERED, HOUR))
    sends = {0: Send.refused(RefusalReason.CAPPED), 1: Send.CANCELLED}
    expired = {2: Send.failed(FailureReason.EXPIRED)}
    change_state(world, 7, lambda state: state.with_sends(sends | expired))
    rejected = {0: Send.failed(FailureReason.INVALID_NUMBER), 1: Send.GIVEN_UP}
    change_state(world, 8, lambda state: state.claimed(rejected, now=NOON, lease_s=0))
    arm_all(world)

    world.run(NOON + HOUR)

    # A provider was asked to take these two.
    assert world.got(NO) == {"c4": 1, "c5": 1}
    assert world.seen(NO) == 2


def test_held_messages_are_looked_at_later_by_when_they_left() -> None:
    world = followed_by(NOT_CLICKED)
    morning = NOON + 20 * HOUR
    hold(world, 8, morning)
    world.leave(7)
    arm_all(world)

    early = world.run(NOON + 2 * HOUR)
    assert set(world.got(NO)) == {"c1", "c2", "c3"}
    world.run(morning + 10 * MINUTE)
    world.leave(8)
    late = world.run(morning + 70 * MINUTE - timedelta(seconds=1))
    assert len(world.got(NO)) == 3
    world.run(morning + 70 * MINUTE + TOGETHER)

    assert set(world.got(NO)) == {"c1", "c2", "c3", "c4", "c5"}
    assert early + late <= 4


def test_looks_for_what_waits_without_end_grow_apart_and_end() -> None:
    world = followed_by(a_step(Condition.NOT_CLICKED, MINUTE))
    arm_all(world)

    looks = world.run(NOON + 60 * DAY)

    assert world.timers == []
    assert world.seen(NO) == 0
    assert looks < 100


def test_nobody_can_click_away_a_step_that_was_decided() -> None:
    world = followed_by(a_step(Condition.CLICKED, HOUR))
    hold(world, 8, NOON + 20 * HOUR)
    world.leave(7)
    arm_all(world)
    world.run(NOON + HOUR)
    world.click(7, 0)
    world.now = NOON + 21 * HOUR
    world.leave(8)

    world.run(NOON + 30 * HOUR)

    assert world.got(YES) == {}


@pytest.mark.parametrize("again", [1, 2, 5])
def test_look_that_comes_again_sends_nothing_twice(again: int) -> None:
    world = armed(NOT_CLICKED)
    world.timers *= again

    world.run(NOON + 2 * HOUR)

    assert set(world.got(NO).values()) == {1}
    assert len(world.campaigns.parts(NO)) == 1


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("dies_at", range(1, 20))
@pytest.mark.parametrize("at_once", [False, True], ids=["timer", "trigger"])
def test_worker_that_dies_anywhere_sends_to_everybody_once(
    dies_at: int, *, after: bool, at_once: bool
) -> None:
    world = armed(a_step(Condition.DELIVERED) if at_once else NOT_CLICKED)
    world.timers.clear()
    world.now = NOON + HOUR
    world.arrive(7, 0, 1)
    job = replace(LOOK_YES, batch=7) if at_once else LOOK_NO
    death = Death(dies_at, after=after)
    deps = world.follow_deps()
    ports = {name: death.port(getattr(deps, name)) for name in ("campaigns", "batches", "people")}
    calls = {
        name: death.function(getattr(deps, name))
        for name in ("enqueue", "enqueue_at", "people_again", "replies")
    }
    with suppress(Killed):
        world.handle(job, **ports, **calls)

    # The queue delivers it again; meanwhile whatever it left behind goes on.
    world.run(world.now)
    world.handle(job)
    world.run(NOON + 2 * HOUR)

    expected = {"c1", "c2"} if at_once else {"c1", "c2", "c3", "c4", "c5"}
    assert world.got(YES if at_once else NO) == dict.fromkeys(expected, 1)


@pytest.mark.parametrize("call", range(1, 7))
def test_trigger_and_a_look_that_race_send_to_everybody_once(call: int) -> None:
    """The rival does its whole work just before the other's n-th call to the campaigns."""
    world = armed(CLICKED)
    world.now = NOON + HOUR
    world.click(7, 0)
    world.click(8, 1)
    deps = world.follow_deps()

    class Slow:
        calls = 0

        def __getattr__(self, name: str) -> object:
            Slow.calls += 1
            if Slow.calls == call:
                follow(LOOK_YES, deps=deps, now=world.now)
            return getattr(world.campaigns, name)

    world.handle(replace(LOOK_YES, batch=7), campaigns=Slow())
    world.run(NOON + 2 * HOUR)

    assert world.got(YES) == {"c1": 1, "c5": 1}


def test_look_gives_up_when_others_always_win() -> None:
    world = armed(NOT_CLICKED)
    world.now = NOON + HOUR

    class Losing:
        def add_part(self, part: Part) -> bool:
            return False

        def __getattr__(self, name: str) -> object:
            return getattr(world.campaigns, name)

    with pytest.raises(Unavailable):
        world.handle(LOOK_NO, campaigns=Losing())


def test_clock_that_is_set_back_only_waits() -> None:
    world = armed(NOT_CLICKED)
    world.now = NOON - DAY

    world.handle(LOOK_NO)

    assert world.got(NO) == {}
    assert (NOON + HOUR, LOOK_NO) in world.timers


def test_steps_of_a_cancelled_campaign_stop_and_what_was_sent_goes_on() -> None:
    world = armed(CLICKED, NOT_CLICKED)
    world.click(7, 0)
    world.trigger(7)
    world.run(NOON)

    control.cancel(PARENT, deps=world.campaign_deps())
    world.run(NOON + 2 * HOUR)

    assert world.got(YES) == {"c1": 1}
    assert world.got(NO) == {}


def test_step_below_stops_when_the_first_campaign_is_cancelled() -> None:
    world = armed(a_step(Condition.NOT_CLICKED, HOUR, follow_ups=(NOT_CLICKED,)))
    world.run(NOON + HOUR)
    world.leave(*set(world.started))

    world.change(PARENT, CampaignStatus.CANCELLED)
    world.run(NOON + 3 * HOUR)

    assert len(world.got(NO)) == 5
    assert world.got(CampaignId("cmp_1-n-n")) == {}


def test_chain_goes_on_from_step_to_step() -> None:
    below = a_step(Condition.NOT_CLICKED, HOUR, follow_ups=(NOT_CLICKED,))
    world = armed(a_step(Condition.NOT_CLICKED, HOUR, follow_ups=(below,)), sizes=(2, 2))

    world.run(NOON + HOUR)
    world.leave(*set(world.started))
    first = set(world.started)
    world.click(min(first), 0)
    world.run(NOON + 2 * HOUR)
    world.leave(*(set(world.started) - first))
    world.run(NOON + 3 * HOUR)

    assert len(world.got(CampaignId("cmp_1-n"))) == 4
    assert len(world.got(CampaignId("cmp_1-n-n"))) == 3
    assert world.got(CampaignId("cmp_1-n-n-n")) == world.got(CampaignId("cmp_1-n-n"))
    last = world.campaigns.campaigns[CampaignId("cmp_1-n-n-n")]
    assert (last.parent, last.step) == ("cmp_1-n-n", "n-n-n")


def test_paused_campaign_is_followed_once_it_is_resumed() -> None:
    world = armed(NOT_CLICKED, CLICKED)
    world.change(PARENT, CampaignStatus.PAUSED)
    world.click(7, 0)
    world.trigger(7)
    world.run(NOON + 5 * HOUR)
    assert world.got(NO) == world.got(YES) == {}

    control.resume(PARENT, deps=world.campaign_deps())
    world.run(NOON + 6 * HOUR)

    assert world.got(YES) == {"c1": 1}
    assert set(world.got(NO)) == {"c2", "c3", "c4", "c5"}


def test_resumed_campaign_is_followed_below_too() -> None:
    world = armed(a_step(Condition.NOT_CLICKED, HOUR, follow_ups=(NOT_CLICKED,)))
    world.run(NOON + HOUR)
    world.leave(*set(world.started))
    world.change(PARENT, CampaignStatus.PAUSED)
    world.run(NOON + 4 * HOUR)
    assert world.got(CampaignId("cmp_1-n-n")) == {}

    control.resume(PARENT, deps=world.campaign_deps())
    world.run(NOON + 5 * HOUR)

    assert len(world.got(CampaignId("cmp_1-n-n"))) == 5


def test_step_can_be_paused_before_it_begins() -> None:
    world = armed(NOT_CLICKED)
    control.pause(NO, deps=world.campaign_deps())
    world.run(NOON + 2 * HOUR)
    assert world.got(NO) == {}

    control.resume(NO, deps=world.campaign_deps())
    world.run(NOON + 2 * HOUR)

    assert len(world.got(NO)) == 5


def test_step_that_is_cancelled_looks_for_nobody() -> None:
    world = armed(NOT_CLICKED)
    control.cancel(NO, deps=world.campaign_deps())

    world.run(NOON + 2 * HOUR)

    assert world.got(NO) == {}
    assert world.campaigns.parts(NO) == ()


@pytest.mark.parametrize(
    "job",
    [
        replace(LOOK_NO, campaign_id="cmp_9"),
        replace(LOOK_NO, part="000009"),
        LOOK_YES,
        replace(LOOK_NO, batch=99),
    ],
    ids=["no campaign", "no part", "no step", "no batch"],
)
def test_look_at_what_is_not_there_does_nothing(job: FollowJob) -> None:
    world = armed(NOT_CLICKED)

    assert world.handle(job) is None


def change_state(world: Following, number: int, change: object) -> None:
    world.batches.change_state(BatchNumber(number), change)  # type: ignore[arg-type]


def hold(world: Following, number: int, until: object) -> None:
    batch = world.batches.batches[BatchNumber(number)]
    held = Send.held(HoldReason.NIGHT)
    world.batches.batches[BatchNumber(number)] = replace(
        batch,
        meta=replace(batch.meta, not_before=until, expires=until + 3 * DAY),  # type: ignore[arg-type,operator]
        state=BatchState.fresh([held] * len(batch.state), now=until),  # type: ignore[arg-type]
    )
