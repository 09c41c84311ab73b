"""The planner, a carrier that may fail, and the people who watch over one campaign."""

from collections import deque
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count

from functions.campaigns import experimenting, ramping, safe, watching
from functions.campaigns.ports import CampaignDeps, Slice
from functions.campaigns.report import Report, report
from functions.campaigns.service import FIRST_PART, create, people_of, plan_part
from functions.contracts.campaign_jobs import ExperimentJob, RampJob, WatchJob
from functions.contracts.queues import Job, PlanJob, ResolveJob, SendJob
from functions.domain.campaign import Campaign, Gate, gate_of
from functions.domain.experiment import Experiment
from functions.domain.fatigue import Recent
from functions.domain.holdout import Holdout
from functions.domain.ids import CampaignId, KeyId
from functions.domain.message import BatchState, Send
from functions.domain.planning import Composed
from functions.domain.policy import LAW_ALONE, Policy
from functions.domain.reason import FailureReason
from functions.domain.safety import Ramp, Safety
from functions.domain.text_size import MessageType
from tests.builders import AD_TEXT, NOON, SEOUL, a_campaign, a_contact, a_sender, a_template
from tests.fakes.audiences import FakeAudiences
from tests.fakes.campaigns import FakeCampaigns, FakePeople
from tests.fakes.channels import channel_ports
from tests.fakes.coupons import FakeCoupons
from tests.fakes.dying import Death, Killed
from tests.fakes.experiments import FakeExperiments, experiment_ports
from tests.fakes.histories import FakeHistories
from tests.fakes.holdouts import holdout_ports
from tests.fakes.pace import FakeLanes
from tests.fakes.safety import FakeSafetyStore, safety_ports
from tests.fakes.stores import FakeBatches, FakeSenders, FakeTemplates

CAMPAIGN = CampaignId("cmp_1")
ANNA, BELA, CARL = KeyId("key_anna"), KeyId("key_bela"), KeyId("key_carl")
PEOPLE, SLICE, WON = 200, 20, 18
WAIT = timedelta(minutes=5)


@dataclass
class World:
    """A campaign to 200 people in slices of 20; whose number is in ``failing`` gets nothing."""

    safety: Safety = field(default_factory=Safety)
    policy: Policy = LAW_ALONE
    failing: frozenset[int] = frozenset()
    campaigns: FakeCampaigns = field(default_factory=FakeCampaigns)
    people: FakePeople = field(default_factory=FakePeople)
    batches: FakeBatches = field(default_factory=FakeBatches)
    queue: deque[Job] = field(default_factory=deque)
    timers: list[tuple[datetime, int, Job]] = field(default_factory=list)
    sent: list[int] = field(default_factory=list)
    now: datetime = NOON
    names: "count[int]" = field(default_factory=count)
    experiment: Experiment | None = None
    experiments: FakeExperiments = field(default_factory=FakeExperiments)
    holdout: Holdout | None = None
    histories: FakeHistories = field(default_factory=FakeHistories)
    size: int = SLICE

    def __post_init__(self) -> None:
        self.store = FakeSafetyStore(self.campaigns)
        drafted = a_campaign(
            safety=replace(self.safety, editors=(ANNA,)),
            experiment=self.experiment,
            holdout=self.holdout,
        )
        create(drafted, direct={}, deps=self.deps())

    def deps(self) -> CampaignDeps:
        return CampaignDeps(
            campaigns=self.campaigns,
            people=self.people,
            batches=self.batches,
            histories=self.histories,
            templates=FakeTemplates.of(a_template()),
            senders=FakeSenders.of(a_sender()),
            audiences=FakeAudiences(),
            coupons=FakeCoupons(),
            slice_of=lambda campaign, cursor: _slice(campaign, cursor, self.size),
            excluded_by=lambda *_: None,
            composer=lambda *_: lambda _: Composed(message_type=MessageType.SMS, text=AD_TEXT),
            code_of=lambda *_: "code",
            token_of=lambda *_: "token",
            start=lambda meta, _: self.queue.append(SendJob(batch=meta.number)),
            start_in_turn=lambda meta, turn, _: self.queue.append(
                SendJob(batch=meta.number, turn=turn)
            ),
            lanes=FakeLanes(),
            provider_of=lambda _: "solapi",
            enqueue=self.queue.extend,
            enqueue_at=self._enqueue_at,
            fresh=lambda prefix: f"{prefix}_{next(self.names)}",
            policy=lambda: self.policy,
            refresh=lambda _: None,
            next_run=lambda *_: None,
            zones_of_phone=lambda _: (),
            default_zone=SEOUL,
            safety=safety_ports(
                self.campaigns,
                slice_up_to=_slice,
                people=PEOPLE,
                store=self.store,
                policy=lambda: self.policy,
            ),
            experiments=experiment_ports(self.experiments),
            channels=channel_ports(),
            holdouts=holdout_ports(),
        )

    def dying(self, death: Death) -> CampaignDeps:
        deps = self.deps()
        return replace(
            deps,
            campaigns=death.port(deps.campaigns),
            people=death.port(deps.people),
            batches=death.port(deps.batches),
            histories=death.port(deps.histories),
            start=death.function(deps.start),
            enqueue=death.function(deps.enqueue),
            enqueue_at=death.function(deps.enqueue_at),
            safety=replace(deps.safety, store=death.port(deps.safety.store)),
            experiments=replace(deps.experiments, store=death.port(deps.experiments.store)),
        )

    def _enqueue_at(self, job: Job, at: datetime, now: datetime) -> None:
        self.timers.append((at, next(self.names), job))

    def campaign(self) -> Campaign:
        return self.campaigns.campaigns[CAMPAIGN]

    def launch(self, *, by: KeyId = ANNA) -> Campaign:
        return safe.launch(CAMPAIGN, by=by, deps=self.deps(), now=self.now)

    def resume(self, *, by: KeyId = ANNA) -> Campaign:
        return safe.resume(CAMPAIGN, by=by, deps=self.deps(), now=self.now)

    def approve(self, *, by: KeyId = BELA) -> Campaign:
        return safe.approve(CAMPAIGN, by=by, deps=self.deps(), now=self.now)

    def put(self, safety: Safety, *, by: KeyId = ANNA) -> Campaign:
        return safe.put_safety(CAMPAIGN, safety, by=by, deps=self.deps(), now=self.now)

    def handle(self, job: Job, *, deps: CampaignDeps | None = None) -> None:
        deps = deps or self.deps()
        match job:
            case ResolveJob():
                ramping.resolve_next(job, deps=deps, now=self.now)
            case PlanJob():
                plan_part(job, deps=deps, now=self.now)
                if job.part == FIRST_PART:
                    watching.begin(CAMPAIGN, deps=deps, now=self.now)
                    experimenting.begin(CAMPAIGN, deps=deps, now=self.now)
            case ExperimentJob():
                experimenting.look(job, deps=deps, now=self.now)
            case RampJob():
                ramping.step_over(job, deps=deps, now=self.now)
            case WatchJob():
                watching.watch(job, deps=deps, now=self.now)
            case SendJob():
                self._send(job)

    def _send(self, job: SendJob) -> None:
        """What dispatch does: nothing while the gate is shut, each message once."""
        if gate_of(self.campaign().status) is not Gate.OPEN:
            return
        batch = self.batches.batches[job.batch]  # type: ignore[index]  # a number
        numbers = {i: int(str(each.contact_id)[1:]) for i, each in enumerate(batch.recipients)}
        waiting = batch.state.ordinals(Send.PENDING)
        self.sent += [numbers[ordinal] for ordinal in waiting]
        failed = Send.failed(FailureReason.DEVICE)
        sends = {i: failed if numbers[i] in self.failing else Send.sent(round_=0) for i in waiting}
        claimed = batch.state.claimed({}, now=self.now, lease_s=0)

        def change(state: BatchState) -> BatchState:
            return replace(state.with_sends(sends), rounds=claimed.rounds)

        self.batches.change_state(batch.meta.number, change)

    def step(self, place: int = 0, *, death: Death | None = None, twice: bool = False) -> bool:
        """Handle one of the jobs; one whose worker dies is delivered again. False without any."""
        if not self.queue:
            if not self.timers:
                return False
            self.timers.sort()
            at, _, job = self.timers.pop(0)
            self.now = max(self.now, at)
            self.queue.append(job)
        self.queue.rotate(-(place % len(self.queue)))
        job = self.queue.popleft()
        if twice:
            self.queue.append(job)
        try:
            self.handle(job, deps=None if death is None else self.dying(death))
        except Killed:
            self.queue.append(job)
        return True

    def work(self) -> None:
        """Work off what is in the queue; timers stay."""
        while self.queue:
            self.step()

    def drain(self, *, looks: int = 2_000) -> None:
        """Work on until nothing is left to do, and let time pass."""
        for _ in range(looks):
            if not self.step():
                return
        msg = "the jobs do not come to an end"
        raise AssertionError(msg)

    def report(self) -> Report:
        return report(self.campaign(), self.campaigns.parts(CAMPAIGN), self.batches.standings)

    def planned_cost(self) -> int:
        return sum(part.cost for part in self.campaigns.parts(CAMPAIGN) if part.planned)


def a_ramp(*steps: int) -> Ramp:
    return Ramp(steps=steps, wait=WAIT)


def _slice(campaign: Campaign, cursor: str | None, most: int) -> Slice:
    first = int(cursor or 0)
    end = min(first + min(most, SLICE), PEOPLE)
    people = people_of((a_contact(number), Recent()) for number in range(first + 1, end + 1))
    return Slice(people=people, next_cursor=str(end) if end < PEOPLE else None)
