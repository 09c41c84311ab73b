"""A look that was lost is found by the check of the step, and a step that is over is left."""

from datetime import datetime, timedelta

from functions.campaigns.checking import CheckingDeps, check
from functions.contracts.campaign_jobs import CheckJob, FollowJob
from functions.domain.follow_up import Condition
from functions.domain.ids import CampaignId
from functions.domain.reconciliation import ChunkCheck
from tests.builders import NOON
from tests.fakes.campaigns import FakeOpenCampaigns
from tests.unit.campaigns.following_world import HOUR, NO, YES, Following, a_step
from tests.unit.campaigns.test_following import armed

NOT_CLICKED = a_step(Condition.NOT_CLICKED, 2 * HOUR)


class Checked:
    """The world with its checks; nothing is lost but what a test loses."""

    def __init__(self, world: Following) -> None:
        self.world = world
        self.open = FakeOpenCampaigns(marked=world.campaigns.marked)

    def check(self, campaign_id: CampaignId, now: datetime) -> ChunkCheck:
        self.world.now = now
        deps = CheckingDeps(
            campaigns=self.world.campaigns,
            open=self.open,
            batches=self.world.batches,
            start=lambda meta, _: self.world.started.append(meta.number),
            enqueue=self.world._enqueue,  # its own
            spread=map,
            close_goal=lambda *_: None,
        )
        found = check(CheckJob(campaign_id=campaign_id, patience_s=3600), deps=deps, now=now)
        assert found is not None
        return found


def test_look_that_was_lost_is_made_anew_an_hour_after_it_was_due() -> None:
    world = armed(NOT_CLICKED)
    world.timers.clear()
    checked = Checked(world)
    mended = [dict(checked.check(NO, NOON + i * HOUR).mended) for i in range(5)]

    world.run(NOON + 5 * HOUR)

    assert mended[:2] == [{}, {}]
    assert {FollowJob.KIND: 1} in mended
    assert len(world.got(NO)) == 5
    assert set(world.got(NO).values()) == {1}


def test_step_is_checked_until_everybody_was_looked_at_and_what_it_sent_is_settled() -> None:
    world = armed(NOT_CLICKED)
    checked = Checked(world)

    assert not checked.check(NO, NOON + HOUR).settled
    world.run(NOON + 2 * HOUR)
    assert not checked.check(NO, NOON + 3 * HOUR).settled
    world.leave(*set(world.started))
    assert checked.check(NO, NOON + 4 * HOUR).settled

    assert NO not in world.campaigns.marked


def test_step_at_once_is_checked_again_when_it_finds_somebody() -> None:
    world = armed(a_step(Condition.CLICKED))
    checked = Checked(world)
    assert checked.check(YES, NOON).settled
    assert YES not in world.campaigns.marked

    world.click(7, 0)
    world.trigger(7)
    world.run(NOON)

    assert YES in world.campaigns.marked
    assert not checked.check(YES, NOON + timedelta(minutes=1)).settled
    assert checked.check(YES, NOON).faults == ()
