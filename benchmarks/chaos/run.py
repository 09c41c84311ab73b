"""One run in one process: campaigns, faults, operators, and the judge at the end."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from benchmarks.chaos.boundary import Boundaries
from benchmarks.chaos.carrier import Carrier
from benchmarks.chaos.clockwork import Clockwork
from benchmarks.chaos.cloud import Cloud, Function, QueueDown, report_bodies
from benchmarks.chaos.fate import Fate, Rates
from benchmarks.chaos.judge import Verdict, check_pauses, judge, report_of
from benchmarks.chaos.shop import Shop, Stores, campaign, installed, mark, people
from functions.campaigns import control, events as campaign_events
from functions.campaigns.resolving import PART_SIZE
from functions.contracts.errors import Unavailable
from functions.contracts.queues import CallbackReceived, Queue
from functions.dispatch import events as dispatch_events
from functions.domain.campaign import Campaign, CampaignStatus
from functions.domain.channel import Purpose
from functions.domain.ids import MAX_BATCH_SIZE
from functions.receipts import events as receipt_events
from functions.runtime import queues
from functions.timers import events as timer_events
from tests.builders import SEOUL
from tests.fakes.dying import Killed
from tests.integration.template import Resolver, load

MORNING = datetime(2026, 11, 20, 10, 0, tzinfo=SEOUL).astimezone(UTC)
EVENING = datetime(2026, 11, 20, 20, 59, 30, tzinfo=SEOUL).astimezone(UTC)
PAUSES = 20
_HANDLERS = {
    Queue.PLAN: ("Plan", campaign_events.plan),
    Queue.DISPATCH_SMS: ("DispatchSms", dispatch_events.dispatch_sms),
    Queue.RECEIPTS: ("Receipts", receipt_events.merge_receipts),
}
_API_S, _AGAIN_S = 29, 2
_LAUNCHED = "already_launched"
_MINUTE_S, _STEP_S = 60.0, 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is sent. Everyone gets every campaign, so there are ``people`` x ``campaigns``."""

    seed: int = 1
    people: int = 2_000
    campaigns: int = 10
    pauses: int = PAUSES
    deploys: int = 3
    gap_s: float = 600
    days: int = 5
    batch_size: int = MAX_BATCH_SIZE
    part_size: int = PART_SIZE
    rates: Rates = field(default_factory=Rates)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of it. ``errors`` are those that nobody injected."""

    plan: Plan
    verdict: Verdict
    faults: dict[str, int]
    errors: list[str]
    invocations: dict[str, int]
    simulated_h: float
    cpu_s: float


class World:
    """Everything there is in a run."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.clockwork = Clockwork(MORNING.timestamp())
        self.fate = Fate(plan.seed, plan.rates)
        self.boundaries = Boundaries(self.clockwork, self.fate)
        self.stores = Stores()
        self.shop = Shop(
            stores=self.stores,
            boundaries=self.boundaries,
            clock=lambda: self.cloud.now(),  # noqa: PLW0108  # the cloud comes after
            batch_size=plan.batch_size,
            part_size=plan.part_size,
        )
        self.cloud = Cloud(
            self.clockwork,
            self.fate,
            self.boundaries,
            make_deps=self.shop.make_deps,
            functions=functions(),
        )
        self.carrier = Carrier(
            self.clockwork, self.fate, self.boundaries, mark=mark, post=self._post
        )
        self.paused: list[tuple[str, float, float]] = []
        self.identity_breaks: list[str] = []

    # Operators

    def call(self, work: Callable[[Any, datetime], object], done: Callable[[], None]) -> None:
        """Call the API until it answers; whoever calls it starts over after an error."""
        environment = self.cloud.environment()
        worker = self.cloud.worker("api", environment, timeout_s=_API_S)

        def attempt() -> None:
            try:
                work(environment.deps["campaigns"], self.cloud.now())
            except (Killed, Exception) as error:  # noqa: BLE001  # whatever the caller is told
                if getattr(error, "code", "") != _LAUNCHED:
                    self.clockwork.after(_AGAIN_S, lambda: self.call(work, done))
                    return
            done()

        self.clockwork.start(worker, attempt)

    def launch(self, one: Campaign) -> None:
        """Write a draft and launch it."""
        self.stores.campaigns.create(one)
        self.call(
            lambda deps, now: control.launch(one.campaign_id, deps=deps, now=now), lambda: None
        )

    def cancel(self, one: Campaign) -> None:
        """End a campaign."""
        self.fate.counts["cancelled"] += 1
        self.call(lambda deps, _: control.cancel(one.campaign_id, deps=deps), lambda: None)

    def pause(self, one: Campaign, times: int) -> None:
        """Pause a campaign and resume it, again and again."""
        if times == 0:
            return
        between = self.fate.between

        def paused() -> None:
            self.fate.counts["paused_and_resumed"] += 1
            began = self.clockwork.now
            self.check_identity()
            self.clockwork.after(between(7, 60), lambda: resume(began))

        def resume(began: float) -> None:
            self.paused.append((one.campaign_id, began, self.clockwork.now))
            self.call(lambda deps, _: control.resume(one.campaign_id, deps=deps), resumed)

        def resumed() -> None:
            self.clockwork.after(between(2, 30), lambda: self.pause(one, times - 1))

        self.call(lambda deps, _: control.pause(one.campaign_id, deps=deps), paused)

    def check_identity(self) -> None:
        """Everyone is counted once at any moment, also while workers are under way."""
        for one in self.stores.campaigns.campaigns.values():
            found = report_of(one, self.stores)
            if found.accounted != found.recipients:
                self.identity_breaks.append(f"{one.campaign_id} in the middle")

    @property
    def busy(self) -> bool:
        """Whether something is still to come."""
        return bool(self.cloud.busy or self.stores.timers.timers or self.carrier.unreported)

    # What AWS and the carrier start

    def tick(self) -> None:
        """EventBridge calls each minute: late, twice, or not at all."""
        self.clockwork.after(_MINUTE_S, self.tick)
        if self.fate.strikes("tick_missed"):
            return
        late_s = self.fate.between(1, 50) if self.fate.strikes("tick_late") else 0
        for _ in range(2 if self.fate.strikes("tick_twice") else 1):
            self.clockwork.after(late_s + self.fate.between(0, 1), self.invoke_tick)

    def invoke_tick(self, *, doom: tuple[str, str] | None = None, passes: int = 1) -> None:
        """Run one tick, which may be told where to die."""
        worker = self.cloud.worker("tick", self.cloud.environment(), timeout_s=60)
        if doom is not None:
            worker.doom, worker.passes_left = doom, passes

        def work() -> None:
            try:
                timer_events.tick({"source": "aws.events"} | _CLOUDWATCH, None)
            except (Killed, Exception):  # noqa: BLE001  # EventBridge comes again in a minute
                self.fate.counts["ticks_failed"] += 1

        self.clockwork.start(worker, work)

    def _post(self, reports: Any) -> bool:  # noqa: ANN401  # the carrier's own form
        """The webhook; False lets the carrier post again."""
        body = report_bodies(reports)
        try:
            queues.send([CallbackReceived(provider="solapi", body=body)], to=Queue.RECEIPTS)
        except (QueueDown, Unavailable):
            return False
        return True


_CLOUDWATCH = {"detail-type": "", "resources": [], "detail": {}, "time": "", "region": ""}
_CLOUDWATCH |= {"version": "0", "account": "", "id": ""}


def functions() -> dict[Queue, Function]:
    """The workers as template.yaml declares them."""
    resources = Resolver(lambda name, _: name).resolve(load()["Resources"])
    return dict(_functions(resources))


def _functions(resources: Any) -> Iterator[tuple[Queue, Function]]:  # noqa: ANN401  # YAML
    for queue, (name, handler) in _HANDLERS.items():
        properties = resources[name]["Properties"]
        source = properties["Events"][f"{name}SqsEventSource"]["Properties"]
        yield (
            queue,
            Function(
                handler=handler,
                timeout_s=properties["Timeout"],
                visibility_s=resources[f"{name}Queue"]["Properties"]["VisibilityTimeout"],
                batch_size=int(source["BatchSize"]),
                concurrency=int(source["ScalingConfig"]["MaximumConcurrency"]),
            ),
        )


def run(plan: Plan, *, progress: Callable[[str], None] = lambda _: None) -> Outcome:
    """Send everything, in spite of everything, and judge."""
    began, world = time.process_time(), World(plan)
    for contact in people(plan.people):
        world.stores.contacts.contacts[contact.contact_id] = contact
    gc.freeze()
    with installed(world) as errors:
        _set_off(world)
        _until_done(world, progress)
        world.clockwork.stop()
    verdict = judge(world.stores, world.carrier.ledger, people=plan.people)
    check_pauses(world.paused, world.carrier.ledger, verdict)
    for what in world.identity_breaks:
        verdict.note("identity_breaks", what)
    return Outcome(
        plan=plan,
        verdict=verdict,
        faults=dict(sorted(world.fate.counts.items())),
        errors=[each for each in errors if not each.startswith(("Throttled", "QueueDown"))],
        invocations=dict(world.cloud.invocations),
        simulated_h=round((world.clockwork.now - MORNING.timestamp()) / 3600, 1),
        cpu_s=round(time.process_time() - began, 1),
    )


def _set_off(world: World) -> None:
    plan, clockwork = world.plan, world.clockwork
    world.tick()
    drafts = [_draft(plan, number) for number in range(plan.campaigns)]
    for number, draft in enumerate(drafts):
        at = _launch_at(plan, number)
        clockwork.at(at, partial(world.launch, draft))
    half = plan.pauses // 2
    starts = [_starts(plan, number) for number in range(plan.campaigns)]
    clockwork.at(starts[0] + 4, lambda: world.pause(drafts[0], plan.pauses - half))
    clockwork.at(starts[-2] + 4, lambda: world.pause(drafts[-2], half))
    clockwork.at(starts[1] + 12, lambda: world.cancel(drafts[1]))
    for n in range(plan.deploys):
        clockwork.at(starts[2 + n % (plan.campaigns - 2)] + 20 + n, world.cloud.deploy)


def _draft(plan: Plan, number: int) -> Campaign:
    """One in five is no advertisement, one in four is scheduled."""
    purpose = Purpose.TRANSACTIONAL if number % 5 == 3 else Purpose.ADVERTISING
    at = datetime.fromtimestamp(_launch_at(plan, number), tz=UTC)
    draft = campaign(number, purpose=purpose, at=at)
    if number % 4 == 2:
        send_at = datetime.fromtimestamp(_starts(plan, number), tz=UTC)
        return replace(draft, send_at=send_at)
    return draft


def _starts(plan: Plan, number: int) -> float:
    """When a campaign begins; the last one just before the night, which catches its rest."""
    if number == plan.campaigns - 1:
        return EVENING.timestamp()
    return MORNING.timestamp() + 60 + number * plan.gap_s


def _launch_at(plan: Plan, number: int) -> float:
    scheduled_s = 45 * 60 if number % 4 == 2 else 0
    return max(_starts(plan, number) - scheduled_s, MORNING.timestamp())


def _until_done(world: World, progress: Callable[[str], None]) -> None:
    end = MORNING + timedelta(days=world.plan.days)
    while world.clockwork.now < end.timestamp():
        world.clockwork.run(until=world.clockwork.now + _STEP_S)
        world.cloud.redrive()
        taken = len(world.carrier.ledger.refs)
        at = datetime.fromtimestamp(world.clockwork.now, tz=SEOUL)
        progress(f"{at:%a %H:%M}  {taken:,} taken")
        if _is_done(world):
            return


def _is_done(world: World) -> bool:
    campaigns = world.stores.campaigns.campaigns
    if len(campaigns) < world.plan.campaigns or world.busy:
        return False
    return all(
        report_of(each, world.stores).status in ("finished", "cancelled")
        for each in campaigns.values()
        if each.status is not CampaignStatus.SCHEDULED
    )
