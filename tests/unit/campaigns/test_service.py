from collections import Counter, deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count
from typing import Any

import pytest

from functions.campaigns.control import launch
from functions.campaigns.ports import CampaignDeps, Slice
from functions.campaigns.service import (
    create,
    find,
    people_of,
    plan_part,
    resolve,
)
from functions.contracts.errors import Conflict, InvalidInput, NotFound
from functions.contracts.queues import Job, PlanJob, ResolveJob
from functions.domain.audience import Audience
from functions.domain.batch import BatchMeta
from functions.domain.campaign import Campaign, CampaignStatus, Part
from functions.domain.channel import Channel
from functions.domain.fatigue import Recent
from functions.domain.ids import BatchNumber, CampaignId, SenderId, TemplateId
from functions.domain.planning import Composed, Person
from functions.domain.policy import LAW_ALONE, Policy
from functions.domain.reason import RefusalReason
from functions.domain.recipients import EVERYONE, Pin, Recipients, SkipReason, Source, SourceKind
from functions.domain.sender import Sender, SenderStatus
from functions.domain.template import Template, TemplateStatus
from functions.domain.text_size import MessageType
from tests.builders import (
    AD_TEXT,
    MORNING,
    NIGHT,
    NOON,
    SEOUL,
    SMS_ADS,
    a_campaign,
    a_consent,
    a_contact,
    a_part,
    a_sender,
    a_template,
    an_audience,
)
from tests.fakes.audiences import FakeAudiences
from tests.fakes.campaigns import FakeCampaigns, FakePeople
from tests.fakes.channels import channel_ports
from tests.fakes.coupons import FakeCoupons
from tests.fakes.dying import Death, Killed
from tests.fakes.experiments import experiment_ports
from tests.fakes.histories import FakeHistories
from tests.fakes.holdouts import holdout_ports
from tests.fakes.pace import FakeLanes
from tests.fakes.safety import safety_ports
from tests.fakes.stores import FakeBatches, FakeSenders, FakeTemplates

CAMPAIGN = CampaignId("cmp_1")
RESOLVE = ResolveJob(campaign_id="cmp_1", part=0)
PLAN = PlanJob(campaign_id="cmp_1", part="000000")


def some_people(first: int, last: int) -> tuple[Person, ...]:
    return people_of((a_contact(number), Recent()) for number in range(first, last + 1))


@dataclass
class World:
    """Everything around the planning worker, in memory. ``slices`` are the recipients by cursor."""

    slices: dict[str | None, Slice]
    campaigns: FakeCampaigns
    people: FakePeople = field(default_factory=FakePeople)
    batches: FakeBatches = field(default_factory=FakeBatches)
    histories: FakeHistories = field(default_factory=FakeHistories)
    template: Template = field(default_factory=a_template)
    sender: Sender = field(default_factory=a_sender)
    queue: deque[Job] = field(default_factory=deque)
    started: list[BatchNumber] = field(default_factory=list)
    names: "count[int]" = field(default_factory=count)
    audiences: FakeAudiences = field(default_factory=FakeAudiences)
    coupons: FakeCoupons = field(default_factory=FakeCoupons)
    excluded_by: Source | None = None
    lanes: FakeLanes = field(default_factory=FakeLanes)
    turns: list[tuple[BatchNumber, int]] = field(default_factory=list)
    policy: Policy = LAW_ALONE

    def deps(self) -> CampaignDeps:
        return CampaignDeps(
            campaigns=self.campaigns,
            people=self.people,
            batches=self.batches,
            histories=self.histories,
            templates=FakeTemplates.of(self.template),
            senders=FakeSenders.of(self.sender),
            audiences=self.audiences,
            coupons=self.coupons,
            slice_of=lambda _, cursor: self.slices[cursor],
            excluded_by=lambda *_: self.excluded_by,
            composer=lambda *_: lambda _: Composed(message_type=MessageType.SMS, text=AD_TEXT),
            code_of=lambda *_: "code",
            token_of=lambda *_: "token",
            start=lambda meta, _: self.started.append(meta.number),
            start_in_turn=lambda meta, turn, _: self.turns.append((meta.number, turn)),
            lanes=self.lanes,
            provider_of=lambda _: "solapi",
            enqueue=self.queue.extend,
            enqueue_at=lambda job, *_: self.queue.append(job),
            refresh=lambda _: None,
            fresh=lambda prefix: f"{prefix}_{next(self.names)}",
            policy=lambda: self.policy,
            next_run=lambda *_: None,
            zones_of_phone=lambda _: (),
            default_zone=SEOUL,
            safety=safety_ports(self.campaigns),
            experiments=experiment_ports(),
            channels=channel_ports(),
            holdouts=holdout_ports(),
        )

    def launch(self) -> Campaign:
        return launch(CAMPAIGN, deps=self.deps(), now=NOON)

    def handle(self, job: Job, *, now: datetime = NOON, **replaced: Any) -> Part:
        deps = replace(self.deps(), **replaced)
        if isinstance(job, ResolveJob):
            (part,) = resolve(job, deps=deps)
            return part
        assert isinstance(job, PlanJob)
        return plan_part(job, deps=deps, now=now)

    def drain(self) -> None:
        """Deliver every job until the queue is empty."""
        while self.queue:
            self.handle(self.queue.popleft())

    def outcomes(self) -> Counter[str | None]:
        """How often each person is in a started batch or was refused."""
        found: Counter[str | None] = Counter()
        for number in set(self.started):
            found.update(each.contact_id for each in self.batches.batches[number].recipients)
        for part in self.campaigns.parts(CAMPAIGN):
            outcomes = self.people.outcomes.get(part.outcomes_key or "", ())
            refused = (each for each in outcomes if isinstance(each.reason, RefusalReason))
            found.update(each.contact_id for each in refused)
        return found

    def part(self, name: str = "000000") -> Part:
        part = self.campaigns.part(CAMPAIGN, name)
        assert part is not None
        return part


def a_world(*slices: Sequence[Person], **values: Any) -> World:
    """A campaign whose recipients come in these slices."""
    cursors = [None, *(f"after-{place}" for place in range(1, len(slices)))]
    following = [*cursors[1:], None]
    return World(
        slices={
            cursor: Slice(people=tuple(people), next_cursor=after)
            for cursor, after, people in zip(cursors, following, slices, strict=True)
        },
        campaigns=FakeCampaigns.of(a_campaign()),
        **values,
    )


def test_draft_is_written_and_found() -> None:
    world = World(slices={}, campaigns=FakeCampaigns())

    create(a_campaign(), direct={}, deps=world.deps())

    assert find(CAMPAIGN, deps=world.deps()) == a_campaign()


def test_people_given_directly_are_kept_with_the_draft() -> None:
    world = World(slices={}, campaigns=FakeCampaigns())

    create(a_campaign(), direct={"campaigns/cmp_1/direct": ("id:c1",)}, deps=world.deps())

    assert world.people.direct == {"campaigns/cmp_1/direct": ("id:c1",)}


def test_people_given_with_a_bad_draft_are_not_kept() -> None:
    world = World(slices={}, campaigns=FakeCampaigns())

    with pytest.raises(InvalidInput):
        create(
            a_campaign(template_version=9),
            direct={"campaigns/cmp_1/direct": ("id:c1",)},
            deps=world.deps(),
        )

    assert world.people.direct == {}


@pytest.mark.parametrize(
    ("campaign", "expected"),
    [
        (a_campaign(template_id=TemplateId("tpl_9")), [("/template_id", "not_found")]),
        (a_campaign(template_version=9), [("/template_id", "not_found")]),
        (a_campaign(sender_id=SenderId("snd_9")), [("/sender_id", "not_found")]),
        (
            a_campaign(template_version=9, sender_id=SenderId("snd_9")),
            [("/template_id", "not_found"), ("/sender_id", "not_found")],
        ),
    ],
    ids=["no such template", "no such version", "no such sender", "neither"],
)
def test_draft_that_refers_to_nothing_is_refused(
    campaign: Campaign, expected: list[tuple[str, str]]
) -> None:
    world = World(slices={}, campaigns=FakeCampaigns())

    with pytest.raises(InvalidInput) as refused:
        create(campaign, direct={}, deps=world.deps())

    assert [(error.pointer, error.code) for error in refused.value.errors] == expected
    assert world.campaigns.campaigns == {}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (
            {"template": a_template(status=TemplateStatus.REJECTED)},
            ("/template_id", "not_approved"),
        ),
        ({"sender": a_sender(channel=Channel.KAKAO)}, ("/sender_id", "wrong_channel")),
        ({"sender": a_sender(opt_out_number=None)}, ("/sender_id", "no_opt_out_number")),
    ],
)
def test_draft_that_does_not_fit_together_is_refused(
    values: dict[str, Any], expected: tuple[str, str]
) -> None:
    world = World(slices={}, campaigns=FakeCampaigns(), **values)

    with pytest.raises(InvalidInput) as refused:
        create(a_campaign(), direct={}, deps=world.deps())

    assert [(error.pointer, error.code) for error in refused.value.errors] == [expected]


def test_launching_puts_the_first_slice_on_its_way() -> None:
    world = a_world(some_people(1, 3))

    launched = world.launch()

    assert launched.status is CampaignStatus.LAUNCHED
    assert launched.launched == NOON
    assert list(world.queue) == [RESOLVE]


def test_launching_what_is_not_there_is_not_found() -> None:
    world = World(slices={}, campaigns=FakeCampaigns())

    with pytest.raises(NotFound):
        world.launch()


def test_launching_twice_is_a_conflict() -> None:
    world = a_world(some_people(1, 3))
    world.launch()
    world.drain()

    with pytest.raises(Conflict) as refused:
        world.launch()

    assert refused.value.code == "already_launched"
    assert list(world.queue) == []


def test_launching_with_an_unapproved_sender_leaves_a_draft() -> None:
    world = a_world(some_people(1, 3), sender=a_sender(status=SenderStatus.PENDING))

    with pytest.raises(Conflict) as refused:
        world.launch()

    assert refused.value.code == "sender_not_approved"
    assert world.campaigns.campaigns[CAMPAIGN].status is CampaignStatus.DRAFT
    assert list(world.queue) == []


def test_launch_that_died_before_the_queue_is_made_good_by_the_next() -> None:
    world = a_world(some_people(1, 3))
    launched = replace(a_campaign(), status=CampaignStatus.LAUNCHED, launched=NOON)
    world.campaigns.change(a_campaign(), launched)

    with pytest.raises(Conflict):
        world.launch()
    world.drain()

    assert world.outcomes() == {"c1": 1, "c2": 1, "c3": 1}


def test_slice_becomes_a_part_whose_planning_and_the_next_slice_are_on_their_way() -> None:
    world = a_world(some_people(1, 3), some_people(4, 5))

    part = world.handle(RESOLVE)

    assert part == world.part()
    assert (part.size, part.next_cursor, part.planned) == (3, "after-1", False)
    assert world.people.load(part.people_key) == some_people(1, 3)
    following = ResolveJob(campaign_id="cmp_1", part=1, cursor="after-1", found=3)
    assert list(world.queue) == [PLAN, following]


def test_last_slice_is_followed_by_none() -> None:
    world = a_world(some_people(1, 3))

    world.handle(RESOLVE)

    assert list(world.queue) == [PLAN]


def test_slice_resolved_again_stays_what_it_was() -> None:
    world = a_world(some_people(1, 3))
    first = world.handle(RESOLVE)
    world.slices[None] = Slice(people=some_people(7, 9), next_cursor="elsewhere")

    again = world.handle(RESOLVE)

    assert again == first
    assert list(world.queue) == [PLAN, PLAN]


def test_of_two_rivals_resolving_a_slice_the_first_writer_counts() -> None:
    world = a_world(some_people(1, 3))

    def slice_of_a_slow_worker(campaign: Campaign, cursor: str | None) -> Slice:
        world.handle(RESOLVE)
        return Slice(people=some_people(7, 9), next_cursor="elsewhere")

    part = world.handle(RESOLVE, slice_of=slice_of_a_slow_worker)
    world.drain()

    assert part.next_cursor is None
    assert world.outcomes() == {"c1": 1, "c2": 1, "c3": 1}


def test_part_is_planned_into_batches_that_are_started() -> None:
    world = a_world(some_people(1, 3))
    world.handle(RESOLVE)

    part = world.handle(PLAN)

    assert part == world.part()
    assert (part.planned, part.batches, part.batch_sizes, part.refused) == (True, (1,), (3,), {})
    assert world.started == [1]
    batch = world.batches.batches[BatchNumber(1)]
    assert batch.meta.source.source_id == "cmp_1"
    assert batch.meta.source.part == "000000"
    assert batch.recipients[0].text == AD_TEXT


def test_people_refused_are_counted_and_named() -> None:
    unwilling = a_contact(4, consents={SMS_ADS: a_consent(granted=False)})
    world = a_world(
        people_of((each, Recent()) for each in (a_contact(1), unwilling, a_contact(5, phone=None)))
    )
    world.handle(RESOLVE)

    part = world.handle(PLAN)

    assert part.refused == {RefusalReason.NO_CONSENT: 1, RefusalReason.NO_ADDRESS: 1}
    outcomes = world.people.outcomes[part.outcomes_key or ""]
    assert [(each.contact_id, each.reason) for each in outcomes] == [
        ("c4", RefusalReason.NO_CONSENT),
        ("c5", RefusalReason.NO_ADDRESS),
    ]


def test_part_in_which_everybody_is_refused_has_no_batch() -> None:
    world = a_world(people_of([(a_contact(1, phone=None), Recent())]))
    world.handle(RESOLVE)

    part = world.handle(PLAN)

    assert (part.planned, part.batches) == (True, ())
    assert world.started == []


def test_part_of_nobody_is_planned_all_the_same() -> None:
    world = a_world(())
    world.handle(RESOLVE)

    assert world.handle(PLAN).planned


def test_large_part_becomes_batches_of_two_hundred() -> None:
    world = a_world(some_people(1, 450))
    world.handle(RESOLVE)

    part = world.handle(PLAN)

    assert part.batch_sizes == (200, 200, 50)
    assert world.started == [1, 2, 3]


def test_batches_planned_at_night_wait_for_the_morning() -> None:
    world = a_world(some_people(1, 3))
    world.handle(RESOLVE)

    world.handle(PLAN, now=NIGHT)

    assert world.batches.batches[BatchNumber(1)].meta.not_before == MORNING


def test_part_planned_again_starts_the_same_batches() -> None:
    world = a_world(some_people(1, 3))
    world.handle(RESOLVE)
    first = world.handle(PLAN)

    again = world.handle(PLAN, now=NIGHT)

    assert again == first
    assert world.started == [1, 1]
    assert set(world.batches.batches) == {1}


def test_part_that_is_not_there_fails_loudly() -> None:
    world = a_world(some_people(1, 3))

    with pytest.raises(LookupError):
        world.handle(PLAN)


def test_batch_that_cannot_be_read_back_yet_fails_the_job_instead_of_being_forgotten() -> None:
    world = a_world(some_people(1, 3))
    world.handle(RESOLVE)

    class Late(FakeBatches):
        def meta(self, number: BatchNumber, *, consistent: bool = False) -> BatchMeta | None:
            return None

    with pytest.raises(LookupError):
        world.handle(PLAN, batches=Late())


@dataclass
class Slow(FakeCampaigns):
    """The store as a worker sees it whose rival works just before its plan is written."""

    rival: Any = None

    def mark_planned(self, part: Part) -> bool:
        rival, self.rival = self.rival, lambda: None
        rival()
        return super().mark_planned(part)


def test_of_two_rivals_planning_a_part_only_one_plan_is_started() -> None:
    world = a_world(some_people(1, 250))
    world.handle(RESOLVE)
    slow = Slow(
        world.campaigns.campaigns,
        world.campaigns.parts_by_name,
        rival=lambda: world.handle(PLAN),
    )

    part = world.handle(PLAN, campaigns=slow)

    assert part == world.part()
    assert part.batches == (3, 4)
    assert set(world.started) == {3, 4}
    assert set(world.batches.batches) == {1, 2, 3, 4}
    assert set(world.outcomes().values()) == {1}


def dying_ports(world: World, death: Death) -> dict[str, Any]:
    deps = world.deps()
    return {
        "campaigns": death.port(deps.campaigns),
        "people": death.port(deps.people),
        "batches": death.port(deps.batches),
        "histories": death.port(deps.histories),
        "slice_of": death.function(deps.slice_of),
        "start": death.function(deps.start),
        "enqueue": death.function(deps.enqueue),
    }


def a_large_campaign() -> tuple[World, dict[str, int]]:
    """Three slices; among them one who agreed to nothing. With the expected outcomes."""
    unwilling = a_contact(500, consents={SMS_ADS: a_consent(granted=False)})
    slices = [
        some_people(1, 210),
        (*some_people(211, 213), *people_of([(unwilling, Recent())])),
        (),
    ]
    expected = {f"c{number}": 1 for number in (*range(1, 214), 500)}
    return a_world(*slices), expected


def test_campaign_without_accidents_reaches_everyone_once() -> None:
    world, expected = a_large_campaign()

    world.launch()
    world.drain()

    assert world.outcomes() == expected


def test_every_job_delivered_twice_reaches_everyone_once() -> None:
    world, expected = a_large_campaign()

    world.launch()
    while world.queue:
        job = world.queue.popleft()
        world.handle(job)
        world.handle(job)
        # The second delivery of a slice has put its successors in once more.
        world.queue = deque(dict.fromkeys(world.queue))

    assert world.outcomes() == expected


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("dies_at", range(1, 13))
@pytest.mark.parametrize("dying_job", range(6))
def test_worker_killed_at_any_step_and_its_job_delivered_again_reaches_everyone_once(
    dying_job: int, dies_at: int, *, after: bool
) -> None:
    world, expected = a_large_campaign()
    world.launch()
    for _ in range(dying_job):
        world.handle(world.queue.popleft())
    death = Death(dies_at, after=after)
    job = world.queue[0]

    with suppress(Killed):
        world.handle(job, **dying_ports(world, death))
    world.drain()

    assert world.outcomes() == expected
    assert all(part.planned for part in world.campaigns.parts(CAMPAIGN))


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("dies_at", range(1, 4))
def test_launch_killed_at_any_step_and_repeated_by_the_caller_reaches_everyone_once(
    dies_at: int, *, after: bool
) -> None:
    world, expected = a_large_campaign()
    death = Death(dies_at, after=after)

    with pytest.raises(Killed):
        launch(CAMPAIGN, deps=replace(world.deps(), **dying_ports(world, death)), now=NOON)
    with suppress(Conflict):
        world.launch()
    world.drain()

    assert world.outcomes() == expected


def test_without_the_guard_two_plans_would_both_be_started() -> None:
    """A test of the test: the ledger does see a person twice when any plan counts."""
    world = a_world(some_people(1, 3))
    world.handle(RESOLVE)

    class Unguarded(FakeCampaigns):
        def part(self, campaign_id: CampaignId, part: str) -> Part:
            return a_part(people_key=world.part().people_key)

        def mark_planned(self, part: Part) -> bool:
            return True

    slices = FakePeople(dict(world.people.slices))
    unguarded = Unguarded(world.campaigns.campaigns)
    world.handle(PLAN, campaigns=unguarded)
    world.handle(PLAN, campaigns=unguarded, people=slices)

    assert world.outcomes() == {"c1": 2, "c2": 2, "c3": 2}


IN_AUDIENCE = Recipients(include=(EVERYONE, Source(kind=SourceKind.AUDIENCE, name="aud_1")))


def world_for_an_audience(*audiences: Audience) -> World:
    world = a_world(some_people(1, 3), audiences=FakeAudiences.of(*audiences))
    world.campaigns.campaigns[CAMPAIGN] = a_campaign(recipients=IN_AUDIENCE)
    return world


def test_launching_pins_the_refresh_that_is_in_use() -> None:
    world = world_for_an_audience(an_audience("aud_1", run_id="run_1", shards=4))

    launched = world.launch()
    world.audiences.add(an_audience("aud_1", run_id="run_2", shards=8))

    pinned = Source(kind=SourceKind.AUDIENCE, name="aud_1", pin=Pin(run_id="run_1", shards=4))
    assert launched.recipients.include == (EVERYONE, pinned)
    assert find(CAMPAIGN, deps=world.deps()).recipients.include == (EVERYONE, pinned)


def test_launching_again_keeps_the_refresh() -> None:
    world = world_for_an_audience(an_audience("aud_1", run_id="run_1"))
    first = world.launch()
    world.audiences.add(an_audience("aud_1", run_id="run_2"))

    with pytest.raises(Conflict) as refused:
        world.launch()

    assert refused.value.code == "already_launched"
    assert find(CAMPAIGN, deps=world.deps()) == first


@pytest.mark.parametrize(
    "audiences", [(), (an_audience("aud_1", run_id=None),)], ids=["gone", "new"]
)
def test_launching_names_the_audience_that_is_not_ready(audiences: tuple[Audience, ...]) -> None:
    world = world_for_an_audience(*audiences)

    with pytest.raises(Conflict) as refused:
        world.launch()

    assert refused.value.code == "audience_not_ready"
    assert [each.pointer for each in refused.value.errors] == ["/recipients/include/1/audience"]
    assert find(CAMPAIGN, deps=world.deps()).status is CampaignStatus.DRAFT
    assert not world.queue


def test_who_was_skipped_is_counted_in_the_part() -> None:
    world = a_world(some_people(1, 3))
    world.slices = {None: replace(world.slices[None], skipped={SkipReason.EXCLUDED: 2})}

    world.handle(RESOLVE)
    world.handle(PLAN)

    assert world.part().skipped == {SkipReason.EXCLUDED: 2}
    assert world.part().size == 3
