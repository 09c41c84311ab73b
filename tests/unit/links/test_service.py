"""Recording hits: one write a batch, people and machines apart, nothing twice."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from functions.contracts.errors import Unavailable
from functions.contracts.queues import LinkHit
from functions.domain.batch import BatchMeta
from functions.domain.clicks import BatchClicks, Hit, Visitor
from functions.domain.follow_up import Condition
from functions.domain.hits import Seen
from functions.domain.ids import BatchNumber, MessageNumber
from functions.domain.visitor import Sign
from functions.links.service import LinksDeps, Tally, judge_again, openings, record
from tests.builders import a_meta

MADE = datetime(2026, 11, 22, 3, 0, 0, tzinfo=UTC)
NOW = MADE + timedelta(hours=2)
MADE_S = 1_795_316_400
PHONE = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/130.0.0.0 Mobile Safari/537.36"
)
SIZE = 5


class FakeBatches:
    """One batch and its clicks; runs every change twice, as after a lost race."""

    def __init__(self) -> None:
        self.clicks = BatchClicks.none(SIZE)
        self.not_before: datetime | None = None
        self.released: datetime | None = None
        self.writes = 0
        self.asked: list[int] = []
        self.fault: Exception | None = None

    def meta(self, number: BatchNumber) -> BatchMeta | None:
        self.asked.append(number)
        if number != 7:
            return None
        return a_meta(7, size=SIZE, created=MADE, not_before=self.not_before)

    def began(self, meta: BatchMeta) -> datetime:
        return self.released or meta.began

    def change_clicks(
        self, number: BatchNumber, size: int, change: Callable[[BatchClicks], BatchClicks]
    ) -> None:
        assert (number, size) == (7, SIZE)
        if self.fault is not None:
            raise self.fault
        change(self.clicks)
        new = change(self.clicks)
        self.writes += new != self.clicks
        self.clicks = new


@dataclass
class FakeHits:
    """Openings in memory."""

    rows: list[Seen] = field(default_factory=list)

    def add(self, number: BatchNumber, seen: Iterable[Seen]) -> None:
        assert number == 7
        self.rows += sorted(seen)

    def since(self, number: BatchNumber, epoch_s: int) -> tuple[Seen, ...]:
        return tuple(sorted({each for each in self.rows if each.at >= epoch_s}))


def deps_of(
    batches: FakeBatches,
    hits: FakeHits | None = None,
    followed: list[tuple[int, Condition]] | None = None,
) -> LinksDeps:
    told = [] if followed is None else followed
    return LinksDeps(
        batches=batches,
        hits=hits or FakeHits(),
        network_hash=lambda n: f"#{len(n)}",
        followed=lambda meta, fact: told.append((meta.number, fact)),
    )


def a_hit(
    ordinal: int = 0,
    *,
    batch: int = 7,
    at: int = MADE_S + 60,
    method: str = "GET",
    user_agent: str = PHONE,
    link: int = 0,
) -> LinkHit:
    return LinkHit(
        batch=batch,
        ordinal=ordinal,
        link=link,
        at=at,
        method=method,
        user_agent=user_agent,
        network="203.0.113.0/24",
    )


def test_records_all_hits_of_a_batch_in_one_write() -> None:
    batches = FakeBatches()

    tally = record(
        [a_hit(0), a_hit(1, at=MADE_S + 90), a_hit(0, user_agent="curl/8.5.0", at=MADE_S + 5)],
        deps=deps_of(batches),
        now=NOW,
    )

    assert tally == Tally(
        by_visitor={Visitor.HUMAN: 2, Visitor.MACHINE: 1},
        by_sign={Sign.PROGRAM: 1, Sign.NOT_A_BROWSER: 1},
        dropped=0,
    )
    assert batches.writes == 1
    assert batches.clicks.first(0, Visitor.HUMAN) == 60
    assert batches.clicks.first(0, Visitor.MACHINE) == 5
    assert batches.clicks.first(1, Visitor.HUMAN) == 90


def test_only_what_people_open_is_followed_and_each_time_it_is_told() -> None:
    batches, hits = FakeBatches(), FakeHits()
    followed: list[tuple[int, Condition]] = []

    for job in (a_hit(user_agent="curl/8.5.0"), a_hit(1), a_hit(1)):
        record([job], deps=deps_of(batches, hits, followed), now=NOW)

    assert followed == [(7, Condition.CLICKED)] * 2


def test_head_is_never_a_person() -> None:
    batches = FakeBatches()

    record([a_hit(method="HEAD")], deps=deps_of(batches), now=NOW)

    assert batches.clicks.count(Visitor.HUMAN) == 0
    assert batches.clicks.count(Visitor.MACHINE) == 1


def test_writes_nothing_when_the_same_hits_come_again() -> None:
    batches = FakeBatches()
    hits = [a_hit(0), a_hit(3, user_agent="")]
    record(hits, deps=deps_of(batches), now=NOW)

    tally = record(hits, deps=deps_of(batches), now=NOW)

    assert batches.writes == 1
    assert tally.by_visitor == {Visitor.HUMAN: 1, Visitor.MACHINE: 1}


def test_drops_hits_of_an_unknown_batch() -> None:
    batches = FakeBatches()

    tally = record([a_hit(batch=8), a_hit(batch=8)], deps=deps_of(batches), now=NOW)

    assert tally == Tally(by_visitor={}, by_sign={}, dropped=2)
    assert batches.writes == 0


@pytest.mark.parametrize("batch", [-1, 0, 2**32, 10**40])
def test_does_not_even_ask_for_a_batch_that_cannot_be(batch: int) -> None:
    batches = FakeBatches()

    tally = record([a_hit(batch=batch)], deps=deps_of(batches), now=NOW)

    assert tally.dropped == 1
    assert batches.asked == []


def test_drops_only_the_hits_of_messages_that_the_batch_does_not_have() -> None:
    batches = FakeBatches()

    tally = record(
        [a_hit(-1), a_hit(SIZE), a_hit(255), a_hit(SIZE - 1)],
        deps=deps_of(batches),
        now=NOW,
    )

    assert tally.dropped == 3
    assert batches.clicks.count(Visitor.HUMAN) == 1
    assert len(batches.clicks.slots) == SIZE * 4


def test_a_hit_is_not_later_than_its_recording() -> None:
    batches = FakeBatches()

    record([a_hit(at=MADE_S + 10**9)], deps=deps_of(batches), now=NOW)

    assert batches.clicks.first(0, Visitor.HUMAN) == 7200


def test_a_hit_before_the_message_can_be_read_is_a_machine() -> None:
    batches = FakeBatches()

    tally = record([a_hit(at=MADE_S + 1)], deps=deps_of(batches), now=NOW)

    assert tally.by_sign == {Sign.TOO_SOON: 1}


def test_a_message_that_waits_is_not_opened_before_it_leaves() -> None:
    batches = FakeBatches()
    batches.not_before = MADE + timedelta(hours=1)

    tally = record(
        [a_hit(0, at=MADE_S + 3600), a_hit(1, at=MADE_S + 3605)],
        deps=deps_of(batches),
        now=NOW,
    )

    assert tally.by_visitor == {Visitor.MACHINE: 1, Visitor.HUMAN: 1}
    assert batches.clicks.first(1, Visitor.HUMAN) == 5


def test_times_count_from_a_release_before_the_batchs_moment() -> None:
    batches = FakeBatches()
    batches.not_before, batches.released = MADE + timedelta(hours=6), MADE + timedelta(hours=1)

    tally = record([a_hit(0, at=MADE_S + 3605)], deps=deps_of(batches), now=NOW)

    assert tally.by_visitor == {Visitor.HUMAN: 1}
    assert batches.clicks.first(0, Visitor.HUMAN) == 5


def test_says_that_the_store_does_not_answer() -> None:
    batches = FakeBatches()
    batches.fault = Unavailable("The store answered nothing.")

    with pytest.raises(Unavailable):
        record([a_hit()], deps=deps_of(batches), now=NOW)


@given(
    hits=st.lists(
        st.builds(
            LinkHit,
            batch=st.just(7),
            ordinal=st.integers(),
            link=st.integers(),
            at=st.integers(),
            method=st.sampled_from(["GET", "HEAD"]) | st.text(),
            user_agent=st.just(PHONE) | st.text(),
            network=st.text(),
            purpose=st.text(),
        ),
        min_size=1,
        max_size=10,
    )
)
def test_every_hit_is_recorded_or_dropped(hits: list[LinkHit]) -> None:
    batches = FakeBatches()

    tally = record(hits, deps=deps_of(batches), now=NOW)

    # Hits that are alike in everything are one.
    recorded = sum(tally.by_visitor.values())
    assert recorded + tally.dropped <= len(hits)
    assert recorded or tally.dropped == len(hits)
    assert len(batches.clicks.slots) == SIZE * 4


def test_the_second_hit_of_a_burst_turns_the_first() -> None:
    batches, hits = FakeBatches(), FakeHits()
    for link in range(3):
        record([a_hit(0, link=link)], deps=deps_of(batches, hits), now=NOW)
        later = a_hit(1, link=link, at=MADE_S + 60 * (link + 1))
        record([later], deps=deps_of(batches, hits), now=NOW)

    assert batches.clicks.first(0, Visitor.HUMAN) is None
    assert batches.clicks.first(0, Visitor.MACHINE) == 60
    assert batches.clicks.first(1, Visitor.HUMAN) == 60


@given(order=st.permutations(range(4)), cuts=st.sets(st.integers(1, 3)))
def test_however_a_burst_is_parted_it_is_a_machine(order: list[int], cuts: set[int]) -> None:
    batches, hits = FakeBatches(), FakeHits()
    burst = [a_hit(0, link=link, at=MADE_S + 60 + link // 2) for link in order]
    borders = [0, *sorted(cuts), 4]
    for start, end in pairwise(borders):
        record(burst[start:end], deps=deps_of(batches, hits), now=NOW)

    assert batches.clicks.count(Visitor.HUMAN) == batches.clicks.count(Visitor.UNKNOWN) == 0
    assert batches.clicks.first(0, Visitor.MACHINE) == 60


def test_a_rival_that_adds_a_hit_meanwhile_is_seen() -> None:
    batches, hits = FakeBatches(), FakeHits()
    rivals = [a_hit(0, link=1), a_hit(0, link=2)]

    def rival(number: BatchNumber, size: int, change: Callable[[BatchClicks], BatchClicks]) -> None:
        change(batches.clicks)
        batches.change_clicks = ours  # type: ignore[method-assign]  # once
        record(rivals, deps=deps_of(batches, hits), now=NOW)
        ours(number, size, change)

    ours = batches.change_clicks
    batches.change_clicks = rival  # type: ignore[method-assign]  # wins the race
    record([a_hit(0, link=0)], deps=deps_of(batches, hits), now=NOW)

    assert batches.clicks.count(Visitor.HUMAN) == 0


def test_openings_are_judged_again_by_the_rules_of_now() -> None:
    batches, hits = FakeBatches(), FakeHits()
    record([a_hit(0), a_hit(2, user_agent="curl/8")], deps=deps_of(batches, hits), now=NOW)
    right = batches.clicks
    batches.clicks = right.judged_anew(
        [Hit(ordinal=2, link=0, visitor=Visitor.HUMAN, elapsed_s=60)]
    )

    assert judge_again(BatchNumber(7), deps=deps_of(batches, hits)) == 2

    assert batches.clicks == right
    assert judge_again(BatchNumber(8), deps=deps_of(batches, hits)) == 0


def test_openings_of_a_message_are_told_in_order_without_its_network() -> None:
    batches, hits = FakeBatches(), FakeHits()
    record([a_hit(1, at=MADE_S + 90), a_hit(1), a_hit(2)], deps=deps_of(batches, hits), now=NOW)

    told = openings(MessageNumber(batch=BatchNumber(7), ordinal=1), deps=deps_of(batches, hits))

    assert told is not None
    assert [(seen.at - MADE_S, verdict.visitor) for seen, verdict in told] == [
        (60, Visitor.HUMAN),
        (90, Visitor.HUMAN),
    ]
    assert {seen.network for seen, _ in told} == {"#14"}


@pytest.mark.parametrize(("batch", "ordinal"), [(8, 0), (7, SIZE)])
def test_there_are_no_openings_of_what_is_no_message(batch: int, ordinal: int) -> None:
    number = MessageNumber(batch=BatchNumber(batch), ordinal=ordinal)

    assert openings(number, deps=deps_of(FakeBatches())) is None
