"""A campaign whose batches left, and everything that follows it, in memory."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from functions.campaigns.following import FollowDeps, follow
from functions.campaigns.ports import CampaignDeps
from functions.campaigns.service import plan_part
from functions.contracts.campaign_jobs import FollowJob
from functions.contracts.queues import Job, PlanJob
from functions.domain.batch import Recipient
from functions.domain.campaign import Campaign, CampaignStatus, Part
from functions.domain.clicks import BatchClicks, Hit, Visitor
from functions.domain.follow_up import AT_ONCE, Condition, FollowUp
from functions.domain.ids import BatchNumber, CampaignId, ContactId, SenderId, TemplateId
from functions.domain.message import Receipt, Send
from functions.domain.outcome import BatchOutcomes, Credit
from functions.domain.planning import Composed, Person
from functions.domain.policy import LAW_ALONE
from functions.domain.reaction import Reaction, Reactions
from functions.domain.text_size import MessageType
from tests.builders import (
    AD_TEXT,
    NOON,
    SEOUL,
    a_batch,
    a_campaign,
    a_contact,
    a_part,
    a_recipient,
    a_sender,
    a_template,
)
from tests.fakes.audiences import FakeAudiences
from tests.fakes.campaigns import FakeCampaigns, FakePeople
from tests.fakes.channels import channel_ports
from tests.fakes.coupons import FakeCoupons
from tests.fakes.experiments import experiment_ports
from tests.fakes.histories import FakeHistories
from tests.fakes.holdouts import holdout_ports
from tests.fakes.pace import FakeLanes
from tests.fakes.replies import FakeReplies
from tests.fakes.safety import FakeSafetyStore, safety_ports
from tests.fakes.stores import FakeBatches, FakeSenders, FakeTemplates

HOUR = timedelta(hours=1)
PARENT, YES, NO = CampaignId("cmp_1"), CampaignId("cmp_1-y"), CampaignId("cmp_1-n")


def a_step(condition: Condition, after: timedelta = AT_ONCE, **values: Any) -> FollowUp:
    facts: dict[str, Any] = {
        "condition": condition,
        "after": after,
        "template_id": TemplateId("tpl_1"),
        "template_version": 1,
        "sender_id": SenderId("snd_1"),
    }
    return FollowUp(**(facts | values))


@dataclass
class Following:
    """``timers`` are jobs with the moment at which each comes; ``now`` only moves on."""

    campaigns: FakeCampaigns
    batches: FakeBatches
    now: datetime = NOON
    people: FakePeople = field(default_factory=FakePeople)
    replies: FakeReplies = field(default_factory=FakeReplies)
    timers: list[tuple[datetime, Job]] = field(default_factory=list)
    started: list[BatchNumber] = field(default_factory=list)
    names: "count[int]" = field(default_factory=count)

    def __post_init__(self) -> None:
        self.purses = FakeSafetyStore(self.campaigns)

    def follow_deps(self) -> FollowDeps:
        return FollowDeps(
            campaigns=self.campaigns,
            batches=self.batches,
            people=self.people,
            replies=self.replies.of,
            people_again=people_again,
            enqueue=self._enqueue,
            enqueue_at=lambda job, at, _: self.timers.append((at, job)),
            fresh=lambda prefix: f"{prefix}_{next(self.names)}",
        )

    def campaign_deps(self) -> CampaignDeps:
        return CampaignDeps(
            campaigns=self.campaigns,
            people=self.people,
            batches=self.batches,
            templates=FakeTemplates.of(a_template()),
            senders=FakeSenders.of(a_sender()),
            audiences=FakeAudiences(),
            coupons=FakeCoupons(),
            histories=FakeHistories(),
            slice_of=_nobody,
            excluded_by=lambda *_: None,
            composer=lambda *_: lambda _: Composed(message_type=MessageType.SMS, text=AD_TEXT),
            code_of=lambda *_: "code",
            token_of=lambda *_: "token",
            start=lambda meta, _: self.started.append(meta.number),
            start_in_turn=lambda meta, *_: self.started.append(meta.number),
            lanes=FakeLanes(),
            provider_of=lambda _: "solapi",
            enqueue=self._enqueue,
            enqueue_at=lambda job, at, _: self.timers.append((at, job)),
            refresh=lambda _: None,
            fresh=lambda prefix: f"{prefix}_{next(self.names)}",
            policy=lambda: LAW_ALONE,
            next_run=lambda *_: None,
            zones_of_phone=lambda _: (),
            default_zone=SEOUL,
            safety=safety_ports(self.campaigns, store=self.purses),
            experiments=experiment_ports(),
            channels=channel_ports(),
            holdouts=holdout_ports(),
        )

    def _enqueue(self, jobs: Sequence[Job]) -> None:
        self.timers += [(self.now, job) for job in jobs]

    def handle(self, job: Job, **replaced: Any) -> Part | None:
        if isinstance(job, PlanJob):
            return plan_part(job, deps=self.campaign_deps(), now=self.now)
        assert isinstance(job, FollowJob)
        return follow(job, deps=replace(self.follow_deps(), **replaced), now=self.now)

    def run(self, until: datetime) -> int:
        """Deliver everything that is due until then, each at its moment; tells how many looks."""
        looks = 0
        while due := sorted((t for t in self.timers if t[0] <= until), key=lambda t: t[0]):
            at, job = due[0]
            self.timers.remove(due[0])
            self.now = max(self.now, at)
            looks += isinstance(job, FollowJob)
            self.handle(job)
        self.now = max(self.now, until)
        return looks

    def change(self, campaign_id: CampaignId, status: CampaignStatus) -> None:
        known = self.campaigns.campaigns[campaign_id]
        self.campaigns.campaigns[campaign_id] = replace(known, status=status)

    def leave(self, *numbers: int) -> None:
        """All that waits of these batches is sent now."""
        for number in numbers:
            batch = self.batches.batches[BatchNumber(number)]
            sends = dict.fromkeys(batch.state.waiting(), Send.sent(round_=0))
            self._state(number, batch.state.claimed(sends, now=self.now, lease_s=0))

    def arrive(self, number: int, *ordinals: int) -> None:
        receipt = Receipt(delivered=True, reason=None, at=self.now)
        state = self.batches.batches[BatchNumber(number)].state
        self._state(number, state.with_receipts((each, receipt) for each in ordinals))

    def _state(self, number: int, state: Any) -> None:
        known = self.batches.batches[BatchNumber(number)]
        self.batches.batches[BatchNumber(number)] = replace(known, state=state)

    def click(self, number: int, *ordinals: int, link: int = 0) -> None:
        meta = self.batches.batches[BatchNumber(number)].meta
        known = self.batches.clicks.get(meta.number, BatchClicks.none(meta.size))
        elapsed = int((self.now - meta.created).total_seconds())
        hits = [
            Hit(ordinal=each, link=link, visitor=Visitor.HUMAN, elapsed_s=elapsed)
            for each in ordinals
        ]
        self.batches.clicks[meta.number] = known.with_hits(hits)

    def reply(self, number: int, ordinal: int) -> None:
        size = self.batches.batches[BatchNumber(number)].meta.size
        self.replies.change(
            BatchNumber(number), size, lambda known: known.with_reply(ordinal, elapsed_s=60)
        )

    def convert(self, number: int, ordinal: int) -> None:
        credit = Credit(ordinal=ordinal, mark=1, elapsed_s=60, look=0, place=0, of=1)
        known = self.batches.came.get(BatchNumber(number), BatchOutcomes())
        self.batches.came[BatchNumber(number)] = known.merged([credit])

    def opt_out(self, number: int, ordinal: int) -> None:
        known = self.batches.reactions.get(BatchNumber(number), Reactions())
        self.batches.reactions[BatchNumber(number)] = known.having(
            ordinal, Reaction.OPTED_OUT, elapsed_s=60
        )

    def trigger(self, number: int, part: str = "000000", parent: CampaignId = PARENT) -> None:
        """The worker that recorded something of a batch says so."""
        job = FollowJob(campaign_id=parent, part=part, step="y", batch=number)
        self.timers.append((self.now, job))

    def got(self, campaign_id: CampaignId) -> Counter[str | None]:
        """How often each person is in a started batch of a step."""
        found: Counter[str | None] = Counter()
        for number in set(self.started):
            batch = self.batches.batches[number]
            if batch.meta.source.source_id == campaign_id:
                found.update(each.contact_id for each in batch.recipients)
        return found

    def seen(self, campaign_id: CampaignId) -> int:
        return sum(part.seen for part in self.campaigns.parts(campaign_id))


def _nobody(*_: object) -> Any:
    raise AssertionError("a follow-up finds nobody by itself")


def people_again(recipients: Sequence[Recipient]) -> list[Person]:
    return [Person.known(_contact(each.contact_id)) for each in recipients]


def _contact(contact_id: ContactId | None) -> Any:
    return a_contact(int((contact_id or "c0").removeprefix("c")))


def followed_by(*steps: FollowUp, sizes: Sequence[int] = (3, 2), **values: Any) -> Following:
    """A campaign of one part, planned and looked after; nothing of it has left yet."""
    campaign: Campaign = a_campaign(
        status=CampaignStatus.LAUNCHED, launched=NOON, follow_ups=steps, **values
    )
    first, batches = 1, []
    for place, size in enumerate(sizes):
        people = tuple(a_recipient(first + i) for i in range(size))
        batches.append(replace(a_batch(7 + place, size=size), recipients=people))
        first += size
    world = Following(
        campaigns=FakeCampaigns.of(campaign),
        batches=replace_numbers(FakeBatches.of(*batches)),
    )
    world.campaigns.parts_by_name[PARENT, "000000"] = a_part(
        size=sum(sizes),
        planned=True,
        batches=tuple(each.meta.number for each in batches),
        batch_sizes=tuple(sizes),
    )
    return world


def replace_numbers(batches: FakeBatches) -> FakeBatches:
    batches.next_number = 100
    return batches


def everyone_left(world: Following) -> Following:
    world.leave(*(number for number in world.batches.batches))
    return world
