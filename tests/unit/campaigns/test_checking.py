"""Lost jobs are found and made anew, and nobody gets anything twice by that."""

import itertools
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings, strategies as st

from functions.campaigns import checking, control
from functions.campaigns.checking import check, sweep
from functions.channels.base import Ambiguous, RetryLater
from functions.contracts.campaign_jobs import CheckJob, SweepJob
from functions.contracts.queues import PlanJob, SendJob
from functions.domain.campaign import CampaignStatus
from functions.domain.goal import Goal
from functions.domain.ids import BatchNumber, CampaignId
from functions.domain.message import MessageStatus, Send
from functions.domain.reason import HoldReason
from functions.domain.reconciliation import FaultKind
from tests.builders import NOON, a_campaign, a_part
from tests.fakes.campaigns import FakeCampaigns, FakeOpenCampaigns
from tests.fakes.dying import Death, Killed
from tests.unit.campaigns.ledger import HOUR, LedgerWorld, launched
from tests.unit.campaigns.test_control import CAMPAIGN, PEOPLE


def assert_finished(world: LedgerWorld) -> None:
    assert set(world.provider.deliveries.values()) == {1}
    assert len(world.provider.received) == PEOPLE
    report = world.report()
    assert (report.status, report.sent, report.accounted) == ("finished", PEOPLE, PEOPLE)
    assert world.check().settled
    assert world.open.marked == set()


@pytest.mark.parametrize("steps", range(12))
def test_a_queue_that_lost_everything_at_any_step_is_mended(steps: int) -> None:
    world = launched()
    for _ in range(steps):
        world.step()
    world.lose_everything()

    for _ in range(12):
        world.now += timedelta(minutes=1)
        world.check()
        world.pass_time(world.now)

    assert_finished(world)


def test_hourly_checks_wait_an_hour_before_they_call_a_job_lost() -> None:
    world = launched()
    while not world.provider.calls:
        world.step()
    world.lose_everything()

    mended = []
    for _ in range(4):
        mended.append(dict(world.check(patience_s=3600).mended))
        world.pass_time(world.now)
        world.now += HOUR

    # The two parts that come after the first; what they lead to is found by the way.
    assert mended[0] == {}
    assert mended[1] != {}
    world.pass_time(world.now)
    assert_finished(world)


def test_nothing_is_put_on_its_way_again_while_work_gets_on() -> None:
    world = launched()
    world.provider.fail_before += [RetryLater("busy")] * 40

    for _ in range(8):
        assert world.check(patience_s=3600).mended == {}
        world.pass_time(world.now + timedelta(minutes=30))


def test_a_provider_that_cannot_be_asked_is_not_asked_by_ever_more_jobs() -> None:
    world = launched()
    world.provider.fail_after.append(Ambiguous("timed out"))
    world.provider.fail_find += [RetryLater("down")] * 5_000
    world.pass_time(NOON + timedelta(minutes=10))

    mends = 0
    for _ in range(48):
        mends += sum(world.check(patience_s=3600).mended.values())
        world.pass_time(world.now + HOUR)

    assert mends <= 6
    assert max(world.provider.deliveries.values()) == 1


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("dies_at", range(1, 6))
@pytest.mark.parametrize("steps", [0, 1, 3, 5])
def test_a_check_that_dies_anywhere_and_comes_again_does_no_harm(
    steps: int, dies_at: int, *, after: bool
) -> None:
    world = launched()
    for _ in range(steps):
        world.step()
    world.lose_everything()
    world.queue.append(CheckJob(campaign_id=CAMPAIGN, patience_s=0))

    world.step(death=Death(dies_at, after=after))
    for _ in range(12):
        world.pass_time(world.now + timedelta(minutes=1))
        world.check()

    assert_finished(world)


@given(st.lists(st.sampled_from(["step", "lose", "check", "check", "again"]), max_size=25))
@settings(max_examples=200, deadline=None)
def test_whatever_is_lost_repeated_and_checked_everyone_gets_it_once(moves: list[str]) -> None:
    world = launched()
    for move in moves:
        match move:
            case "step":
                world.step()
            case "lose" if world.queue:
                world.queue.popleft()
            case "again" if world.queue:
                world.queue.append(world.queue[0])
            case "check":
                world.check()
        world.now += timedelta(seconds=20)
    for _ in range(12):
        world.pass_time(world.now + timedelta(minutes=2))
        world.check()

    assert_finished(world)


def test_paused_campaign_is_counted_and_left_alone() -> None:
    world = launched()
    world.step()
    world.call("pause")
    world.lose_everything()

    found = world.check()

    assert (found.mended, found.settled, list(world.queue)) == ({}, False, [])
    assert found.counts == {"pending": 3}


def test_of_a_campaign_that_is_over_the_goal_is_closed_before_it_is_forgotten() -> None:
    world, goal = launched(), Goal(event="purchase")
    known = world.campaigns.campaigns[CAMPAIGN]
    world.campaigns.campaigns[CAMPAIGN] = replace(known, goal=goal)
    world.pass_time(world.now + HOUR)
    job = CheckJob(campaign_id=CAMPAIGN, patience_s=3_600)

    for at in itertools.count(1):
        with suppress(Killed):
            check(job, deps=world.checking(Death(at=at)), now=world.now)
            break
        assert world.open.marked == {CAMPAIGN}

    assert world.closed[-1] == (CAMPAIGN, goal, world.now)
    assert world.open.marked == set()


def test_a_cancel_whose_jobs_were_lost_is_carried_through() -> None:
    world = launched()
    for _ in range(4):
        world.step()
    world.call("cancel")
    world.lose_everything()
    assert world.report().status == "cancelling"

    found = world.check()
    world.pass_time(world.now)

    assert set(found.mended) == {PlanJob.KIND}
    assert world.report().status == "cancelled"
    assert world.check().settled
    assert world.open.marked == set()


def test_a_scheduled_campaign_whose_timer_was_lost_is_launched() -> None:
    at = NOON + 2 * HOUR
    world = LedgerWorld(campaigns=FakeCampaigns.of(a_campaign(send_at=at)))
    control.launch(CAMPAIGN, deps=world.deps(), now=NOON)
    world.timers.clear()

    assert world.check(patience_s=3600).mended == {}
    world.now = at + HOUR
    assert world.check(patience_s=3600).mended == {"campaign.launch": 1}
    for _ in range(6):
        world.pass_time(world.now)
        world.check()

    assert_finished(world)


@pytest.mark.parametrize("status", [CampaignStatus.EXPIRED, CampaignStatus.ENDED])
def test_what_is_over_is_forgotten(status: CampaignStatus) -> None:
    world = LedgerWorld(campaigns=FakeCampaigns.of(a_campaign(status=status)))

    assert world.check().settled

    assert world.open.marked == set()


def test_draft_keeps_its_mark_for_it_may_be_launched_at_this_moment() -> None:
    world = LedgerWorld()

    assert not world.check().settled

    assert world.open.marked == {CAMPAIGN}


def test_campaign_that_is_not_there_is_no_fault() -> None:
    world = LedgerWorld()
    job = CheckJob(campaign_id="cmp_nobody", patience_s=0)

    assert check(job, deps=world.checking(), now=NOON) is None


def test_a_batch_whose_rows_are_gone_is_named_and_keeps_the_campaign_open() -> None:
    world = launched()
    world.pass_time(NOON)
    del world.batches.batches[BatchNumber(1)]

    found = world.check()

    assert [(each.kind, each.batch) for each in found.faults] == [(FaultKind.BATCH_MISSING, 1)]
    assert (found.settled, found.amiss) == (False, 1)
    assert world.open.marked == {CAMPAIGN}
    report = world.report()
    assert report.status == "running"
    assert report.accounted != report.recipients


def test_messages_in_doubt_whose_job_was_lost_are_asked_about_again() -> None:
    world = launched()
    world.provider.fail_after.append(Ambiguous("timed out"))
    world.pass_time(NOON)
    world.lose_everything()
    world.now = NOON + timedelta(days=10)

    found = world.check(patience_s=0)

    assert found.mended["dispatch.send"] > 0
    world.drain()
    assert set(world.provider.deliveries.values()) == {1}


def test_held_batches_are_not_started_before_their_time() -> None:
    world = launched()
    world.pass_time(NOON)
    batch = world.batches.batches[BatchNumber(1)]
    held = replace(
        batch,
        meta=replace(batch.meta, not_before=NOON + 10 * HOUR),
        state=batch.state.with_sends(
            dict.fromkeys(range(len(batch.state)), Send.held(HoldReason.SCHEDULED))
        ),
    )
    world.batches.batches[BatchNumber(1)] = held
    world.now = NOON + 5 * HOUR

    assert world.check().mended == {}
    world.now = NOON + 10 * HOUR
    assert world.check().mended == {SendJob.KIND: 1}


def test_one_job_checks_a_chunk_and_asks_for_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("functions.campaigns.checking", "functions.domain.reconciliation"):
        monkeypatch.setattr(f"{module}.PARTS_PER_CHUNK", 2)
    assert checking.PARTS_PER_CHUNK == 2
    world = launched()
    world.pass_time(NOON)

    world.queue.append(CheckJob(campaign_id=CAMPAIGN, patience_s=0))
    world.step()
    assert list(world.queue) == [CheckJob(campaign_id=CAMPAIGN, patience_s=0, chunk=1)]
    assert world.open.marked == {CAMPAIGN}
    world.step()

    first, second = world.open.checks(CAMPAIGN)
    assert (first.recipients, first.last, first.settled) == (6, False, True)
    assert (second.recipients, second.last, second.settled) == (1, True, True)
    assert world.open.marked == set()


def test_a_chunk_that_is_settled_is_not_read_again_unless_somebody_asks() -> None:
    world = launched()
    world.pass_time(NOON)
    world.check()
    world.batches.batches.clear()

    assert world.check().settled
    assert world.check(asked=1).amiss == 3


def test_forgets_only_when_every_chunk_is_settled(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("functions.campaigns.checking", "functions.domain.reconciliation"):
        monkeypatch.setattr(f"{module}.PARTS_PER_CHUNK", 2)
    world = launched()
    world.pass_time(NOON)
    del world.batches.batches[BatchNumber(1)]

    world.queue.append(CheckJob(campaign_id=CAMPAIGN, patience_s=0))
    world.step()
    world.step()

    assert [each.settled for each in world.open.checks(CAMPAIGN)] == [False, True]
    assert world.open.marked == {CAMPAIGN}


def test_names_some_of_many_faults_and_counts_the_others() -> None:
    world = LedgerWorld(campaigns=FakeCampaigns.of(a_campaign(status=CampaignStatus.LAUNCHED)))
    for number in range(30):
        world.campaigns.add_part(
            a_part(
                number, size=1, planned=True, batches=(BatchNumber(90 + number),), batch_sizes=(1,)
            )
        )

    found = world.check()

    assert (len(found.faults), found.more_faults, found.amiss) == (20, 10, 30)


def test_a_sweep_asks_for_a_check_of_each_campaign_under_way() -> None:
    marked = {CampaignId(f"cmp_{number}") for number in range(3)}
    world = LedgerWorld(open=FakeOpenCampaigns(marked))

    assert sweep(SweepJob(patience_s=60), deps=world.checking()) == 3

    assert list(world.queue) == [
        CheckJob(campaign_id=each, patience_s=60) for each in sorted(marked)
    ]


def test_statuses_after_a_check_are_those_before() -> None:
    """A check counts and starts; it changes no message itself."""
    world = launched()
    for _ in range(5):
        world.step()
    before = world.statuses()

    world.check()

    assert world.statuses() == before
    assert MessageStatus.PENDING in before
