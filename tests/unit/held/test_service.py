"""The ledger: listed page by page, counted, and handed on in few jobs."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given, strategies as st

from functions.contracts.campaign_jobs import HeldJob
from functions.contracts.held_document import chosen_from_text, chosen_to_text
from functions.domain.batch import Batch, Source
from functions.domain.evidence import Evidence
from functions.domain.held import HeldAction, Wait
from functions.domain.ids import MAX_BATCH_SIZE, BatchNumber, CampaignId, MessageNumber
from functions.domain.message import BatchState, Send
from functions.domain.reason import HoldReason
from functions.held import service
from functions.held.ports import HeldDeps
from functions.held.service import Place, Wanted, change, change_these, listed, summary
from tests.builders import MORNING, NIGHT, NOON, a_batch, a_case
from tests.fakes.campaigns import FakeOpenCampaigns
from tests.fakes.recents import one_by_one
from tests.fakes.stores import FakeBatches, FakeHeld

NIGHT_HELD = Send.held(HoldReason.NIGHT)
SCHEDULED = Send.held(HoldReason.SCHEDULED)
SENT = Send.sent(round_=0)
REQUEST = Source(kind="request", source_id="req_1")
EVERYTHING = Wanted()


@dataclass
class World:
    batches: FakeBatches = field(default_factory=FakeBatches)
    open: set[CampaignId] = field(default_factory=set)
    jobs: list[HeldJob] = field(default_factory=list)
    loaded: list[BatchNumber] = field(default_factory=list)

    def deps(self) -> HeldDeps:
        return HeldDeps(
            held=FakeHeld(self.batches),
            batches=self,
            campaigns=FakeOpenCampaigns(self.open),
            enqueue=self.jobs.extend,
            spread=one_by_one,
        )

    def load(self, number: BatchNumber) -> Batch | None:
        self.loaded.append(number)
        return self.batches.load(number)

    def evidence(self, number: BatchNumber) -> tuple[Evidence, ...]:
        return self.batches.evidence(number)

    def add(self, number: int, *sends: int, source: Source | None = None) -> None:
        """Add a batch; of the campaign cmp_1 unless it is of another source."""
        batch = a_batch(number, size=len(sends), not_before=MORNING)
        source = source or batch.meta.source
        if source.kind == "campaign":
            self.open.add(CampaignId(source.source_id))
        state = BatchState.fresh(sends, now=NOON)
        made = replace(batch, meta=replace(batch.meta, source=source), state=state)
        self.batches.create([made])

    def ids(self, wanted: Wanted = EVERYTHING, *, limit: int = 50) -> list[tuple[int, int]]:
        """All messages that paging through the list gives."""
        found: list[tuple[int, int]] = []
        after: Place | None = None
        for _ in range(1_000):
            page = listed(wanted, after=after, limit=limit, deps=self.deps())
            assert len(page.messages) <= limit
            found += [(each.batch.meta.number, each.ordinal) for each in page.messages]
            after = page.after
            if after is None:
                return found
        pytest.fail("the list does not end")


def of(campaign_id: str) -> Source:
    return Source(kind="campaign", source_id=campaign_id, part="000000")


def test_lists_campaigns_by_id_then_requests_and_nothing_that_does_not_wait() -> None:
    world = World()
    world.add(16, NIGHT_HELD, source=REQUEST)
    world.add(9, SENT, NIGHT_HELD, source=of("cmp_b"))
    world.add(12, SCHEDULED, source=of("cmp_a"))
    world.add(3, SENT, Send.PENDING, source=of("cmp_a"))

    assert world.ids() == [(12, 0), (9, 1), (16, 0)]


def test_lists_of_one_campaign_for_one_reason() -> None:
    world = World()
    world.add(1, NIGHT_HELD, SCHEDULED, NIGHT_HELD, source=of("cmp_a"))
    world.add(2, SCHEDULED, source=of("cmp_a"))
    world.add(3, NIGHT_HELD, source=of("cmp_b"))

    wanted = Wanted(campaign_id=CampaignId("cmp_a"), reason=HoldReason.NIGHT)

    assert world.ids(wanted) == [(1, 0), (1, 2)]
    assert world.loaded == [1]


@st.composite
def ledgers(draw: st.DrawFn) -> World:
    world = World()
    sends = st.lists(st.sampled_from([NIGHT_HELD, SCHEDULED, SENT]), min_size=1, max_size=5)
    sources = st.sampled_from([of("cmp_a"), of("cmp_b"), REQUEST])
    for number in draw(st.sets(st.integers(1, 60), max_size=20)):
        world.add(number, *draw(sends), source=draw(sources))
    return world


@given(
    ledgers(),
    st.integers(1, 7),
    st.none() | st.sampled_from([HoldReason.NIGHT, HoldReason.SCHEDULED]),
)
def test_paging_comes_to_each_held_message_once(
    world: World, limit: int, reason: HoldReason | None
) -> None:
    found = world.ids(Wanted(reason=reason), limit=limit)

    wanted = {None: (NIGHT_HELD, SCHEDULED)}.get(reason) or (Send.held(reason or HoldReason.NIGHT),)
    expected = [
        (number, ordinal)
        for number, batch in world.batches.batches.items()
        for ordinal in batch.state.ordinals(*wanted)
    ]
    assert sorted(found) == sorted(expected)
    assert summary(Wanted(reason=reason), deps=world.deps()).complete


def test_what_left_between_two_pages_is_passed_over() -> None:
    world = World()
    for number in (1, 2, 3):
        world.add(number, NIGHT_HELD, NIGHT_HELD)
    page = listed(EVERYTHING, after=None, limit=3, deps=world.deps())

    world.batches.change_state(BatchNumber(2), BatchState.cancelled)
    rest = listed(EVERYTHING, after=page.after, limit=50, deps=world.deps())

    assert [(each.batch.meta.number, each.ordinal) for each in rest.messages] == [(3, 0), (3, 1)]


def test_a_page_looks_at_so_many_batches_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "_MOST_LOADED", 3)
    world = World()
    for number in range(1, 9):
        world.add(number, SCHEDULED)
    # The index is behind: these left meanwhile.
    deps = replace(world.deps(), held=FakeHeld(FakeBatches(dict(world.batches.batches))))
    for number in (1, 2, 3):
        world.batches.change_state(BatchNumber(number), BatchState.cancelled)

    page = listed(EVERYTHING, after=None, limit=50, deps=deps)

    assert page.messages == ()
    assert page.after == Place(place="cmp_1", batch=3)
    rest = listed(EVERYTHING, after=page.after, limit=50, deps=deps)
    assert [each.batch.meta.number for each in rest.messages] == [4, 5, 6]


def test_batch_that_is_gone_is_passed_over() -> None:
    world = World()
    world.add(1, SCHEDULED)
    deps = replace(world.deps(), held=FakeHeld(FakeBatches(dict(world.batches.batches))))
    world.batches.batches.clear()

    assert listed(EVERYTHING, after=None, limit=5, deps=deps).messages == ()


def test_tells_since_when_and_until_when() -> None:
    world = World()
    world.add(1, SCHEDULED, NIGHT_HELD)
    look = Evidence(at=NIGHT, cases={1: a_case()})
    world.batches.save_evidence(BatchNumber(1), look)

    scheduled, night = listed(EVERYTHING, after=None, limit=5, deps=world.deps()).messages

    assert scheduled.wait == Wait(since=NOON, until=MORNING)
    assert night.wait == Wait(since=NIGHT, until=MORNING)


def test_counts_by_reason_without_reading_a_batch() -> None:
    world = World()
    world.add(1, NIGHT_HELD, SCHEDULED, NIGHT_HELD)
    world.add(2, SCHEDULED, source=REQUEST)

    found = summary(EVERYTHING, deps=world.deps())

    assert found.counts == {HoldReason.NIGHT: 2, HoldReason.SCHEDULED: 2}
    assert found.complete
    assert world.loaded == []
    only = summary(Wanted(reason=HoldReason.NIGHT), deps=world.deps())
    assert only.counts == {HoldReason.NIGHT: 2}


def test_says_when_there_was_too_much_to_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST_BATCHES", 2)
    world = World()
    for number in (1, 2, 3):
        world.add(number, SCHEDULED)

    assert not summary(EVERYTHING, deps=world.deps()).complete


def _chosen(jobs: Iterable[HeldJob]) -> dict[BatchNumber, frozenset[int] | None]:
    return {n: only for job in jobs for n, only in chosen_from_text(job.messages).items()}


def test_puts_whole_batches_of_a_campaign_on_their_way() -> None:
    world = World()
    world.add(1, NIGHT_HELD, SCHEDULED)
    world.add(2, SENT)
    world.add(3, SCHEDULED, source=REQUEST)
    wanted = Wanted(campaign_id=CampaignId("cmp_1"), reason=HoldReason.SCHEDULED)

    queued = change(HeldAction.RELEASE, wanted, after=None, deps=world.deps())

    assert (queued.messages, queued.after) == (1, None)
    (job,) = world.jobs
    assert (job.action, job.reason) == ("release", "scheduled")
    assert _chosen(world.jobs) == {1: None}


def test_goes_on_where_a_call_came_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST_BATCHES", 2)
    world = World()
    for number in range(1, 6):
        world.add(number, SCHEDULED)

    after, calls = None, 0
    while after is not None or not calls:
        queued = change(HeldAction.CANCEL, EVERYTHING, after=after, deps=world.deps())
        after, calls = queued.after, calls + 1

    assert calls == 3
    assert _chosen(world.jobs) == dict.fromkeys(range(1, 6))
    assert len(world.jobs) == 3


def test_nothing_held_puts_nothing_on_its_way() -> None:
    world = World()

    assert change(HeldAction.CANCEL, EVERYTHING, after=None, deps=world.deps()).messages == 0
    assert world.jobs == []


def test_ten_thousand_messages_are_few_jobs() -> None:
    world = World()
    numbers = [
        MessageNumber(batch=BatchNumber((1 << 32) - 1 - batch), ordinal=ordinal)
        for batch in range(10_000 // MAX_BATCH_SIZE)
        for ordinal in range(MAX_BATCH_SIZE)
    ]

    queued = change_these(HeldAction.CANCEL, numbers, None, deps=world.deps())

    assert queued.messages == 10_000
    assert len(world.jobs) == 1
    assert len(world.jobs[0].messages) < 8_000


def test_ten_thousand_messages_that_travel_alone_are_a_hundred_jobs() -> None:
    world = World()
    numbers = [MessageNumber(batch=BatchNumber(n), ordinal=0) for n in range(1, 10_001)]

    change_these(HeldAction.RELEASE, numbers, HoldReason.NIGHT, deps=world.deps())

    assert len(world.jobs) == 100
    assert {job.reason for job in world.jobs} == {"night"}
    assert _chosen(world.jobs) == dict.fromkeys(range(1, 10_001), frozenset({0}))


def test_an_id_given_twice_counts_once() -> None:
    number = MessageNumber(batch=BatchNumber(1), ordinal=5)

    queued = change_these(HeldAction.CANCEL, [number, number], None, deps=World().deps())

    assert queued.messages == 1


@given(
    st.dictionaries(
        st.integers(1, (1 << 32) - 1).map(BatchNumber),
        st.none() | st.frozensets(st.integers(0, MAX_BATCH_SIZE - 1), min_size=1),
        max_size=6,
    )
)
def test_what_was_chosen_is_read_as_it_was_written(
    chosen: dict[BatchNumber, frozenset[int] | None],
) -> None:
    assert chosen_from_text(chosen_to_text(chosen)) == chosen
