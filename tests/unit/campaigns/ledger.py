"""A campaign whose jobs get lost, whose messages are held and released, and the check."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from functions.campaigns.checking import CheckingDeps, check
from functions.campaigns.holding import HoldingDeps, change_held
from functions.contracts.campaign_jobs import CheckJob, HeldJob
from functions.contracts.held_document import chosen_to_text
from functions.contracts.queues import Job, SendJob
from functions.dispatch.ports import DispatchDeps
from functions.domain.batch import BatchMeta
from functions.domain.goal import Goal
from functions.domain.ids import BatchNumber, CampaignId
from functions.domain.policy import LAW_ALONE, Policy
from functions.domain.reconciliation import ChunkCheck
from tests.fakes.campaigns import FakeOpenCampaigns
from tests.fakes.dying import Death
from tests.fakes.recents import one_by_one
from tests.unit.campaigns.test_control import CAMPAIGN, World

HOUR = timedelta(hours=1)


@dataclass
class LedgerWorld(World):
    """As ``World``; jobs for later come back at their moment, and the queue can lose jobs."""

    open: FakeOpenCampaigns = field(default_factory=lambda: FakeOpenCampaigns({CAMPAIGN}))
    alarms: list[tuple[datetime, Job]] = field(default_factory=list)
    policy: Policy = LAW_ALONE
    closed: list[tuple[CampaignId, Goal, datetime]] = field(default_factory=list)

    def checking(self, death: Death | None = None) -> CheckingDeps:
        deps = self.deps()
        start, enqueue = deps.start, deps.enqueue
        return CheckingDeps(
            close_goal=lambda each, goal, now: self.closed.append((each, goal, now)),
            campaigns=self.campaigns,
            open=self.open if death is None else death.port(self.open),
            batches=self.batches,
            start=start if death is None else death.function(start),
            enqueue=enqueue if death is None else death.function(enqueue),
            spread=one_by_one,
        )

    def dispatch_deps(self) -> DispatchDeps:
        return replace(World.dispatch_deps(self), policy=lambda: self.policy)

    def _later(self, job: SendJob, meta: BatchMeta, at: datetime, now: datetime) -> None:
        self.alarms.append((at, job))

    def handle(self, job: Job, *, death: Death | None = None) -> None:
        match job:
            case CheckJob():
                check(job, deps=self.checking(death), now=self.now)
            case HeldJob():
                start = self.deps().start
                deps = HoldingDeps(
                    batches=self.batches if death is None else death.port(self.batches),
                    start=start if death is None else death.function(start),
                    look_sooner=lambda *_: None,
                    spread=one_by_one,
                )
                change_held(job, deps=deps, now=self.now)
            case _:
                World.handle(self, job, death=death)

    def pass_time(self, until: datetime) -> None:
        """Work off everything that is due until then."""
        for _ in range(500):
            while self.queue:
                self.step()
            self.alarms.sort(key=lambda each: each[0])
            if not self.alarms or self.alarms[0][0] > until:
                self.now = max(self.now, until)
                return
            at, job = self.alarms.pop(0)
            self.now = max(self.now, at)
            self.queue.append(job)
        pytest.fail("the queue does not run dry")

    def step(self, *, death: Death | None = None) -> None:
        if self.queue:
            World.step(self, death=death)
            self.alarms += [(self.now + timedelta(seconds=41), job) for job in self.waking]
            self.waking.clear()

    def lose_everything(self) -> None:
        """Forget every job, as a queue does that is purged, or after four days."""
        self.queue.clear()
        self.waking.clear()
        self.alarms.clear()

    def check(self, *, patience_s: int = 0, asked: int = 0) -> ChunkCheck:
        job = CheckJob(campaign_id=CAMPAIGN, patience_s=patience_s, asked=asked)
        found = check(job, deps=self.checking(), now=self.now)
        assert found is not None
        return found

    def change_held(
        self, action: str, *, reason: str = "", only: dict[int, set[int]] | None = None
    ) -> None:
        """Have what is held changed: all of it, or these ordinals of these batches."""
        chosen = dict.fromkeys(self.batches.batches) if only is None else only
        text = chosen_to_text({BatchNumber(n): ordinals for n, ordinals in chosen.items()})
        self.queue.append(HeldJob(action=action, messages=text, reason=reason))


def launched() -> LedgerWorld:
    world = LedgerWorld()
    world.call("launch")
    return world
