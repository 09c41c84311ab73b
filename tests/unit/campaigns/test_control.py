"""Campaigns that are paused, resumed, cancelled and scheduled while workers work and die."""

from collections import Counter, deque
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from functions.campaigns import control
from functions.campaigns.ports import CampaignDeps, Slice
from functions.campaigns.report import Report, report
from functions.campaigns.service import people_of, plan_part, resolve
from functions.channels.base import Ambiguous, RetryLater
from functions.contracts.errors import Conflict, InvalidInput
from functions.contracts.queues import Job, LaunchJob, PlanJob, ResolveJob, SendJob
from functions.dispatch.ports import DispatchDeps
from functions.dispatch.service import send_batch
from functions.domain.batch import BatchMeta, Source
from functions.domain.campaign import Campaign, CampaignStatus, Gate, gate_of
from functions.domain.channel import Channel
from functions.domain.fatigue import Recent
from functions.domain.ids import MAIN_ACCOUNT, AudienceId, CampaignId
from functions.domain.message import BatchState, MessageStatus
from functions.domain.planning import Composed
from functions.domain.policy import LAW_ALONE
from functions.domain.recipients import Pin, Recipients, Source as RecipientSource, SourceKind
from functions.domain.text_size import MessageType
from tests.builders import (
    AD_TEXT,
    NOON,
    SEOUL,
    a_campaign,
    a_contact,
    a_sender,
    a_template,
    an_audience,
)
from tests.fakes.accounts import one_account
from tests.fakes.audiences import FakeAudiences
from tests.fakes.campaigns import FakeCampaigns, FakePeople
from tests.fakes.channels import channel_ports
from tests.fakes.coupons import FakeCoupons
from tests.fakes.dying import Death, Killed
from tests.fakes.experiments import experiment_ports
from tests.fakes.histories import FakeHistories
from tests.fakes.holdouts import holdout_ports
from tests.fakes.pace import FakeLanes, unlimited
from tests.fakes.provider import FakeProvider
from tests.fakes.recents import FakeRecents, one_by_one
from tests.fakes.safety import safety_ports
from tests.fakes.stores import FakeBatches, FakeContacts, FakeSenders, FakeTemplates

CAMPAIGN = CampaignId("cmp_1")
PEOPLE = 7
LEASE = timedelta(seconds=41)
AT_NINE = NOON + timedelta(hours=21)


@dataclass
class World:
    """The API, the planner and the sender of one campaign to seven people in three slices.

    ``waking`` are jobs that were put back for later; time passes when the queue runs dry.
    """

    campaigns: FakeCampaigns = field(default_factory=lambda: FakeCampaigns.of(a_campaign()))
    people: FakePeople = field(default_factory=FakePeople)
    batches: FakeBatches = field(default_factory=FakeBatches)
    provider: FakeProvider = field(default_factory=FakeProvider)
    recents: FakeRecents = field(default_factory=FakeRecents)
    queue: deque[Job] = field(default_factory=deque)
    waking: list[Job] = field(default_factory=list)
    timers: list[tuple[Job, datetime]] = field(default_factory=list)
    now: datetime = NOON
    refreshes: list[datetime] = field(default_factory=list)
    names: "count[int]" = field(default_factory=count)
    audiences: FakeAudiences = field(default_factory=FakeAudiences)
    lanes: FakeLanes = field(default_factory=FakeLanes)

    def deps(self) -> CampaignDeps:
        return CampaignDeps(
            campaigns=self.campaigns,
            people=self.people,
            batches=self.batches,
            histories=FakeHistories(),
            templates=FakeTemplates.of(a_template()),
            senders=FakeSenders.of(a_sender()),
            audiences=self.audiences,
            coupons=FakeCoupons(),
            slice_of=lambda _, cursor: _slice(cursor),
            excluded_by=lambda *_: None,
            composer=lambda *_: lambda _: Composed(message_type=MessageType.SMS, text=AD_TEXT),
            code_of=lambda *_: "code",
            token_of=lambda *_: "token",
            start=lambda meta, _: self.queue.append(SendJob(batch=meta.number)),
            start_in_turn=lambda meta, turn, _: self.queue.append(
                SendJob(batch=meta.number, turn=turn)
            ),
            lanes=self.lanes,
            provider_of=lambda _: "solapi",
            enqueue=self.queue.extend,
            enqueue_at=lambda job, at, _: self.timers.append((job, at)),
            refresh=self.refreshes.append,
            fresh=lambda prefix: f"{prefix}_{next(self.names)}",
            policy=lambda: LAW_ALONE,
            next_run=self._next_run,
            zones_of_phone=lambda _: (),
            default_zone=SEOUL,
            safety=safety_ports(self.campaigns),
            experiments=experiment_ports(),
            channels=channel_ports(),
            holdouts=holdout_ports(),
        )

    def dispatch_deps(self) -> DispatchDeps:
        return DispatchDeps(
            batches=self.batches,
            contacts=FakeContacts.of(*(a_contact(n) for n in range(1, PEOPLE + 1))),
            recents=self.recents,
            templates=FakeTemplates.of(a_template()),
            senders=FakeSenders.of(a_sender()),
            **one_account(self.provider),
            suppressed=lambda _: {},
            file_id=lambda *_: "file",
            later=self._later,
            opted_out=lambda _: None,
            clock=lambda: NOON,
            gate=self._gate,
            **unlimited(),
            jitter=round,
            spread=one_by_one,
            policy=lambda: LAW_ALONE,
            zones_of_phone=lambda _: (),
            default_zone=SEOUL,
            lease_s=40,
        )

    def _later(self, job: SendJob, meta: BatchMeta, at: datetime, now: datetime) -> None:
        self.waking.append(job)

    def _next_run(self, rule: str, first: datetime, after: datetime) -> datetime | None:
        """Daily at nine, for as many days as the rule says."""
        days = (first + timedelta(days=day) for day in range(int(rule)))
        return next((day for day in days if day > after), None)

    def _gate(self, source: Source, now: datetime) -> Gate:
        return gate_of(self.campaigns.campaigns[CampaignId(source.source_id)].status)

    def call(self, name: str, *, deps: CampaignDeps | None = None) -> Campaign:
        deps = deps or self.deps()
        if name == "launch":
            return control.launch(CAMPAIGN, deps=deps, now=self.now)
        move = {"pause": control.pause, "resume": control.resume, "cancel": control.cancel}[name]
        return move(CAMPAIGN, deps=deps)

    def handle(self, job: Job, *, death: Death | None = None) -> None:
        deps, dispatch = self.deps(), self.dispatch_deps()
        if death is not None:
            deps, dispatch = dying(deps, death), dying_dispatch(dispatch, death)
        match job:
            case ResolveJob():
                resolve(job, deps=deps)
            case PlanJob():
                plan_part(job, deps=deps, now=self.now)
            case LaunchJob():
                control.launch_due(job, deps=deps, now=self.now)
            case SendJob():
                leased = self.batches.batches[job.batch].state.leased(now=self.now)  # type: ignore[index]  # a number
                send_batch(job, deps=dispatch, now=self.now)
                if leased:
                    self.waking.append(job)

    def step(self, *, death: Death | None = None) -> None:
        """Handle the next job; one whose worker dies is delivered again."""
        if not self.queue:
            self.now += LEASE
            self.queue.extend(self.waking)
            self.waking.clear()
        if self.queue:
            job = self.queue.popleft()
            try:
                self.handle(job, death=death)
            except Killed:
                self.queue.append(job)

    def drain(self) -> None:
        for _ in range(300):
            if not self.queue and not self.waking:
                return
            self.step()
        pytest.fail("the queue does not run dry")

    def report(self) -> Report:
        campaign = self.campaigns.campaigns[CAMPAIGN]
        return report(campaign, self.campaigns.parts(CAMPAIGN), self.batches.standings)

    def statuses(self) -> Counter[MessageStatus]:
        """Of the messages that count, with those whose part was cancelled as a whole."""
        found: Counter[MessageStatus] = Counter()
        for part in self.campaigns.parts(CAMPAIGN):
            found[MessageStatus.CANCELLED] += part.cancelled
            for number in part.batches:
                state = self.batches.batches[number].state
                found.update(state.state_of(i).status for i in range(len(state)))
        return found


def _slice(cursor: str | None) -> Slice:
    first, last, following = {
        None: (1, 3, "after-3"),
        "after-3": (4, 6, "after-6"),
        "after-6": (7, 7, None),
    }[cursor]
    people = people_of((a_contact(number), Recent()) for number in range(first, last + 1))
    return Slice(people=people, next_cursor=following)


def dying(deps: CampaignDeps, death: Death) -> CampaignDeps:
    return replace(
        deps,
        campaigns=death.port(deps.campaigns),
        people=death.port(deps.people),
        batches=death.port(deps.batches),
        start=death.function(deps.start),
        enqueue=death.function(deps.enqueue),
        enqueue_at=death.function(deps.enqueue_at),
        refresh=death.function(deps.refresh),
    )


def dying_dispatch(deps: DispatchDeps, death: Death) -> DispatchDeps:
    channel = death.port(deps.channel(Channel.SMS, MAIN_ACCOUNT))
    return replace(
        deps,
        batches=death.port(deps.batches),
        gate=death.function(deps.gate),
        later=death.function(deps.later),
        channel=lambda *_: channel,
    )


def launched() -> World:
    world = World()
    world.call("launch")
    return world


def test_nothing_leaves_while_paused_and_nothing_asks_again() -> None:
    world = launched()
    for _ in range(2):
        world.step()  # one part is planned
    world.call("pause")

    world.drain()

    assert world.provider.calls == 0
    assert (list(world.queue), world.waking) == ([], [])
    assert world.report().status == "paused"


@pytest.mark.parametrize("steps", range(12))
def test_pause_at_any_step_and_resume_reach_everyone_once(steps: int) -> None:
    world = launched()
    for _ in range(steps):
        world.step()

    world.call("pause")
    world.drain()
    sent = world.provider.calls
    world.drain()
    assert world.provider.calls == sent
    world.call("resume")
    world.drain()

    assert world.statuses() == {MessageStatus.SENT: PEOPLE} | {MessageStatus.CANCELLED: 0}
    assert set(world.provider.deliveries.values()) == {1}
    assert world.report().status == "finished"


def test_resuming_a_finished_campaign_sends_nothing_again() -> None:
    world = launched()
    world.drain()

    world.call("resume")
    world.call("pause")
    world.call("resume")
    jobs = [job for job in world.queue if isinstance(job, SendJob)]
    world.drain()

    assert jobs == []
    assert set(world.provider.deliveries.values()) == {1}
    assert world.provider.calls == 3


@pytest.mark.parametrize("steps", range(12))
def test_cancel_at_any_step_leaves_everyone_sent_or_cancelled(steps: int) -> None:
    world = launched()
    for _ in range(steps):
        world.step()

    world.call("cancel")
    world.drain()

    assert_settled(world)
    assert world.report().status == "cancelled"


def test_cancelling_again_changes_nothing() -> None:
    world = launched()
    for _ in range(4):
        world.step()
    world.call("cancel")
    world.drain()
    before = world.statuses(), world.campaigns.campaigns[CAMPAIGN]

    world.call("cancel")
    world.drain()

    assert (world.statuses(), world.campaigns.campaigns[CAMPAIGN]) == before


def test_cancelled_draft_cannot_be_launched() -> None:
    world = World()
    world.call("cancel")

    with pytest.raises(Conflict) as refused:
        world.call("launch")

    assert refused.value.code == "campaign_cancelled"
    assert list(world.queue) == []


@pytest.mark.parametrize("name", ["pause", "resume"])
def test_draft_is_neither_paused_nor_resumed(name: str) -> None:
    with pytest.raises(Conflict) as refused:
        World().call(name)

    assert refused.value.code == "not_launched"


def test_message_in_a_call_that_failed_is_cancelled_when_its_batch_comes_back() -> None:
    world = launched()
    for _ in range(3):
        world.step()
    world.provider.fail_before.append(RetryLater("busy"))
    while world.provider.calls == 0:
        world.step()

    world.call("cancel")
    world.drain()

    assert world.provider.received == {}
    assert_settled(world)


def test_message_whose_fate_is_unknown_is_asked_about_before_it_counts_as_cancelled() -> None:
    world = launched()
    world.provider.fail_after.append(Ambiguous("lost"))
    while world.provider.calls == 0:
        world.step()

    world.call("cancel")
    assert world.report().status == "cancelling"
    world.drain()

    assert world.statuses()[MessageStatus.SENT] == len(world.provider.received) > 0
    assert_settled(world)


def test_plan_that_comes_after_the_cancellation_is_not_started() -> None:
    world = launched()
    world.step()

    class Slow(FakeCampaigns):
        def mark_planned(self, part: Any) -> bool:
            if not part.cancelled:
                world.call("cancel")
                world.drain()
            return super().mark_planned(part)

    slow = Slow(world.campaigns.campaigns, world.campaigns.parts_by_name)
    job = next(job for job in world.queue if isinstance(job, PlanJob))
    plan_part(job, deps=replace(world.deps(), campaigns=slow), now=NOON)
    world.drain()

    assert world.provider.received == {}
    assert_settled(world)


def test_cancellation_between_the_look_and_the_claim_wins() -> None:
    world = launched()
    while not any(isinstance(job, SendJob) for job in world.queue):
        world.step()
    job = next(job for job in world.queue if isinstance(job, SendJob))

    def cancelled_meanwhile(source: Source, now: datetime) -> Gate:
        world.call("cancel")
        for number in world.batches.batches:
            world.batches.change_state(number, BatchState.cancelled)
        return Gate.OPEN

    send_batch(job, deps=replace(world.dispatch_deps(), gate=cancelled_meanwhile), now=NOON)
    world.drain()

    assert world.provider.received == {}
    assert_settled(world)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("dies_at", range(1, 6))
@pytest.mark.parametrize("name", ["resume", "cancel"])
def test_move_killed_at_any_step_and_repeated_loses_nobody(
    name: str, dies_at: int, *, after: bool
) -> None:
    world = launched()
    for _ in range(4):
        world.step()
    world.call("pause")
    world.drain()

    with suppress(Killed):
        world.call(name, deps=dying(world.deps(), Death(dies_at, after=after)))
    world.call(name)
    world.drain()

    if name == "resume":
        assert world.statuses()[MessageStatus.SENT] == PEOPLE
    assert_settled(world)


MOVES = ("pause", "resume", "cancel", "step", "step", "step", "die")


@settings(max_examples=400, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(MOVES), st.integers(1, 9), st.booleans()),
        max_size=40,
    )
)
def test_whatever_happens_in_any_order_everyone_is_sent_to_once_or_cancelled(
    moves: list[tuple[str, int, bool]],
) -> None:
    world = launched()

    for move, dies_at, after in moves:
        if move in ("step", "die"):
            world.step(death=Death(dies_at, after=after) if move == "die" else None)
        else:
            with suppress(Conflict):
                world.call(move)
        found = world.report()
        assert found.accounted == found.recipients
    if world.campaigns.campaigns[CAMPAIGN].status is not CampaignStatus.CANCELLED:
        world.call("resume")
    world.drain()

    if world.campaigns.campaigns[CAMPAIGN].status is CampaignStatus.LAUNCHED:
        assert world.statuses()[MessageStatus.SENT] == PEOPLE
    assert_settled(world)


def assert_settled(world: World) -> None:
    """Everyone found was sent to exactly once, or cancelled and not sent to."""
    statuses = world.statuses()
    found = world.report()
    sent, cancelled = statuses[MessageStatus.SENT], statuses[MessageStatus.CANCELLED]
    assert sent + cancelled == found.recipients == found.accounted
    assert sent == len(world.provider.deliveries)
    assert set(world.provider.deliveries.values()) <= {1}


def scheduled() -> World:
    world = World(campaigns=FakeCampaigns.of(a_campaign(send_at=AT_NINE)))
    world.call("launch")
    return world


def fire(world: World, *, at: datetime = AT_NINE, number: int = 0) -> None:
    """Let a timer fire, and work off what comes of it."""
    world.now = at
    world.queue.append(world.timers[number][0])
    world.drain()


def test_scheduled_campaign_is_launched_at_its_moment() -> None:
    world = scheduled()
    assert [at for _, at in world.timers] == [AT_NINE]
    assert list(world.queue) == []
    assert world.report().status == "scheduled"

    fire(world)

    assert world.statuses()[MessageStatus.SENT] == PEOPLE


def test_timer_that_fires_twice_launches_once() -> None:
    world = scheduled()

    fire(world)
    fire(world)

    assert set(world.provider.deliveries.values()) == {1}
    assert world.provider.calls == 3


def test_old_timer_of_a_changed_schedule_does_nothing() -> None:
    world = scheduled()
    later = AT_NINE + timedelta(hours=2)
    control.reschedule(CAMPAIGN, later, deps=world.deps(), now=NOON)

    fire(world)
    assert world.report().status == "scheduled"
    fire(world, at=later, number=1)

    assert world.report().status == "finished"
    assert {at for _, at in world.timers} == {AT_NINE, later}


def test_cancelled_schedule_does_not_launch() -> None:
    world = scheduled()
    world.call("cancel")

    fire(world)

    assert world.report().status == "cancelled"
    assert world.provider.calls == 0


def test_missed_moment_is_made_good_while_the_messages_would_live() -> None:
    world = scheduled()

    fire(world, at=AT_NINE + timedelta(days=2))

    assert world.statuses()[MessageStatus.SENT] == PEOPLE


def test_moment_missed_for_too_long_is_given_up() -> None:
    world = scheduled()

    fire(world, at=AT_NINE + timedelta(days=3))

    assert world.report().status == "expired"
    assert world.provider.calls == 0


def test_schedule_taken_away_leaves_a_draft_that_can_be_launched() -> None:
    world = scheduled()

    control.reschedule(CAMPAIGN, None, deps=world.deps(), now=NOON)
    fire(world)
    assert world.report().status == "draft"
    world.call("launch")
    world.drain()

    assert world.statuses()[MessageStatus.SENT] == PEOPLE


def test_schedule_moved_behind_now_is_now() -> None:
    world = scheduled()

    changed = control.reschedule(CAMPAIGN, NOON - timedelta(days=30), deps=world.deps(), now=NOON)

    assert changed.send_at == NOON
    assert world.timers[-1][1] == NOON


def test_schedule_beyond_a_year_is_refused() -> None:
    world = scheduled()

    with pytest.raises(InvalidInput):
        control.reschedule(CAMPAIGN, NOON + timedelta(days=367), deps=world.deps(), now=NOON)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("dies_at", range(1, 6))
def test_scheduling_killed_at_any_step_and_repeated_sets_the_timer(
    dies_at: int, *, after: bool
) -> None:
    world = World(campaigns=FakeCampaigns.of(a_campaign(send_at=AT_NINE)))

    with suppress(Killed):
        world.call("launch", deps=dying(world.deps(), Death(dies_at, after=after)))
    with suppress(Conflict):
        world.call("launch")
    fire(world, number=-1)

    assert world.statuses()[MessageStatus.SENT] == PEOPLE
    assert set(world.provider.deliveries.values()) == {1}


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("dies_at", range(1, 7))
def test_due_launch_killed_at_any_step_and_delivered_again_launches_once(
    dies_at: int, *, after: bool
) -> None:
    world = scheduled()
    world.now = AT_NINE
    job = world.timers[0][0]

    with suppress(Killed):
        world.handle(job, death=Death(dies_at, after=after))
    fire(world)

    assert world.statuses()[MessageStatus.SENT] == PEOPLE
    assert set(world.provider.deliveries.values()) == {1}


def daily(days: int) -> World:
    series = a_campaign(send_at=AT_NINE, first_at=AT_NINE, recurs=str(days))
    world = World(campaigns=FakeCampaigns.of(series))
    world.call("launch")
    return world


def runs(world: World) -> dict[str, CampaignStatus]:
    return {
        str(each.campaign_id): each.status
        for each in world.campaigns.campaigns.values()
        if each.series == CAMPAIGN
    }


def test_recurring_campaign_makes_a_run_each_time_until_its_rule_ends() -> None:
    world = daily(2)

    fire(world)
    assert world.timers[-1][1] == AT_NINE + timedelta(days=1)
    fire(world, at=AT_NINE + timedelta(days=1), number=-1)

    assert set(runs(world)) == {"cmp_1-202611210000", "cmp_1-202611220000"}
    assert world.report().status == "ended"
    assert len(world.timers) == 2
    # A run is a campaign of its own: everybody got both.
    assert len(world.provider.received) == 2 * PEOPLE


def test_run_whose_timer_fires_twice_is_made_once() -> None:
    world = daily(9)

    fire(world)
    fire(world)

    assert len(runs(world)) == 1
    assert len(world.provider.received) == PEOPLE


def test_of_several_missed_times_one_is_made_good() -> None:
    world = daily(9)

    fire(world, at=AT_NINE + timedelta(days=2, hours=1))

    assert list(runs(world).values()) == [CampaignStatus.LAUNCHED]
    assert world.timers[-1][1] == AT_NINE + timedelta(days=3)


def test_time_missed_for_too_long_is_given_up_and_the_series_goes_on() -> None:
    world = daily(9)

    fire(world, at=AT_NINE + timedelta(days=4))

    assert list(runs(world).values()) == [CampaignStatus.EXPIRED]
    assert world.provider.calls == 0
    assert world.report().status == "scheduled"


def test_cancelled_series_makes_no_more_runs() -> None:
    world = daily(9)
    fire(world)
    world.call("cancel")

    fire(world, at=AT_NINE + timedelta(days=1), number=-1)

    assert len(runs(world)) == 1
    assert world.report().status == "cancelled"


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("dies_at", range(1, 12))
def test_run_killed_at_any_step_and_delivered_again_is_made_once(
    dies_at: int, *, after: bool
) -> None:
    world = daily(2)
    world.now = AT_NINE
    job = world.timers[0][0]

    with suppress(Killed):
        world.handle(job, death=Death(dies_at, after=after))
    fire(world)
    fire(world, at=AT_NINE + timedelta(days=1), number=-1)

    assert len(runs(world)) == 2
    assert len(world.provider.received) == 2 * PEOPLE
    assert set(world.provider.deliveries.values()) == {1}


def _to_an_audience(**values: Any) -> Campaign:
    source = RecipientSource(kind=SourceKind.AUDIENCE, name="aud_1")
    return a_campaign(recipients=Recipients(include=(source,)), **values)


def _pins(world: World, campaign_id: str) -> list[Pin | None]:
    campaign = world.campaigns.campaigns[CampaignId(campaign_id)]
    return [each.pin for each in campaign.recipients.include]


def test_a_scheduled_campaign_uses_the_refresh_of_its_moment() -> None:
    world = World(campaigns=FakeCampaigns.of(_to_an_audience(send_at=AT_NINE)))
    world.audiences.add(an_audience("aud_1", run_id="evening", shards=1))
    control.launch(CAMPAIGN, deps=world.deps(), now=NOON)
    assert _pins(world, CAMPAIGN) == [None]
    ((job, at),) = world.timers

    world.audiences.add(an_audience("aud_1", run_id="morning", shards=2))
    control.launch_due(job, deps=world.deps(), now=at)

    assert _pins(world, CAMPAIGN) == [Pin(run_id="morning", shards=2)]


def test_a_campaign_without_its_audience_is_not_launched() -> None:
    world = World(campaigns=FakeCampaigns.of(_to_an_audience()))

    with pytest.raises(Conflict) as refused:
        control.launch(CAMPAIGN, deps=world.deps(), now=NOON)

    assert refused.value.code == "audience_not_ready"
    assert world.campaigns.campaigns[CAMPAIGN].status is CampaignStatus.DRAFT
    assert not world.queue


def test_each_run_of_a_series_uses_the_refresh_of_its_own_moment() -> None:
    series = _to_an_audience(send_at=AT_NINE, first_at=AT_NINE, recurs="3")
    world = World(campaigns=FakeCampaigns.of(series))
    world.audiences.add(an_audience("aud_1", run_id="first", shards=1))
    control.launch(CAMPAIGN, deps=world.deps(), now=NOON)

    for run_id in ("first", "second"):
        world.audiences.add(an_audience("aud_1", run_id=run_id, shards=1))
        job, at = world.timers[-1]
        control.launch_due(job, deps=world.deps(), now=at)

    runs = sorted(each for each in world.campaigns.campaigns if each != CAMPAIGN)
    assert [_pins(world, each) for each in runs] == [
        [Pin(run_id="first", shards=1)],
        [Pin(run_id="second", shards=1)],
    ]
    assert _pins(world, CAMPAIGN) == [None]


def _refresh_first(**values: Any) -> World:
    """A campaign to an audience of yesterday's refresh, launched at noon."""
    world = World(campaigns=FakeCampaigns.of(_to_an_audience(refresh_first=True, **values)))
    old = NOON - timedelta(days=1)
    world.audiences.add(an_audience("aud_1", run_id="old", at=old))
    control.launch(CAMPAIGN, deps=world.deps(), now=NOON)
    return world


def _look(world: World, *, at: datetime) -> CampaignStatus:
    job, _ = world.timers[-1]
    return control.launch_due(job, deps=world.deps(), now=at).status  # type: ignore[arg-type]


def test_a_campaign_waits_for_the_refresh_that_it_asked_for() -> None:
    world = _refresh_first()
    assert world.timers[-1][1] == NOON

    assert _look(world, at=NOON) is CampaignStatus.SCHEDULED
    soon = world.timers[-1][1]
    assert _look(world, at=soon) is CampaignStatus.SCHEDULED
    assert soon == NOON + timedelta(seconds=10)
    assert set(world.refreshes) == {NOON}
    assert not world.queue

    world.audiences.add(an_audience("aud_1", run_id="new", at=NOON + timedelta(seconds=1)))
    assert _look(world, at=world.timers[-1][1]) is CampaignStatus.LAUNCHED
    assert _pins(world, CAMPAIGN) == [Pin(run_id="new", shards=1)]


def test_a_scheduled_campaign_asks_at_its_moment_and_not_before() -> None:
    world = _refresh_first(send_at=AT_NINE)
    world.audiences.add(an_audience("aud_1", run_id="night", at=AT_NINE - timedelta(hours=8)))
    assert [at for _, at in world.timers] == [AT_NINE]

    assert _look(world, at=AT_NINE) is CampaignStatus.SCHEDULED
    assert world.refreshes == [AT_NINE]

    world.audiences.add(an_audience("aud_1", run_id="morning", at=AT_NINE))
    assert _look(world, at=AT_NINE + timedelta(seconds=20)) is CampaignStatus.LAUNCHED


def test_a_refresh_that_never_comes_ends_the_campaign_not_on_old_people() -> None:
    world = _refresh_first()

    assert _look(world, at=NOON + timedelta(days=2)) is CampaignStatus.SCHEDULED
    assert _look(world, at=NOON + timedelta(days=4)) is CampaignStatus.EXPIRED
    assert not world.queue


def test_who_waits_for_a_refresh_can_be_cancelled() -> None:
    world = _refresh_first()
    control.cancel(CAMPAIGN, deps=world.deps())
    world.audiences.add(an_audience("aud_1", run_id="new", at=NOON + timedelta(seconds=1)))

    assert _look(world, at=NOON + timedelta(seconds=10)) is CampaignStatus.CANCELLED
    assert not world.refreshes


def test_without_audiences_there_is_nothing_to_wait_for() -> None:
    world = World(campaigns=FakeCampaigns.of(a_campaign(refresh_first=True)))

    launched = control.launch(CAMPAIGN, deps=world.deps(), now=NOON)

    assert launched.status is CampaignStatus.LAUNCHED


def test_what_is_answered_once_only_is_not_waited_for_again() -> None:
    world = _refresh_first()
    audience = world.audiences.rows[AudienceId("aud_1")]
    world.audiences.add(replace(audience, fixed=True))

    assert _look(world, at=NOON) is CampaignStatus.LAUNCHED


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("dies_at", range(1, 9))
def test_waiting_killed_at_any_step_and_delivered_again_launches_once(
    dies_at: int, *, after: bool
) -> None:
    world = _refresh_first()
    job = world.timers[-1][0]
    with suppress(Killed):
        control.launch_due(job, deps=dying(world.deps(), Death(dies_at, after=after)), now=NOON)  # type: ignore[arg-type]
    _look(world, at=NOON)
    assert NOON in world.refreshes
    world.audiences.add(an_audience("aud_1", run_id="new", at=NOON))
    with suppress(Killed):
        control.launch_due(job, deps=dying(world.deps(), Death(dies_at, after=after)), now=NOON)  # type: ignore[arg-type]

    assert _look(world, at=NOON) is CampaignStatus.LAUNCHED
    world.queue.extend(job for job, _ in world.timers)
    world.drain()
    assert set(world.provider.deliveries.values()) == {1}
    assert sum(world.provider.deliveries.values()) == PEOPLE
