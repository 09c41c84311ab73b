"""Recording hits: one write a batch, people and machines apart, nothing twice."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from functions.contracts.errors import Unavailable
from functions.contracts.queues import LinkHit
from functions.domain.batch import BatchMeta
from functions.domain.clicks import BatchClicks, Visitor
from functions.domain.ids import BatchNumber
from functions.domain.visitor import Sign
from functions.links.service import LinksDeps, Tally, record
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
        self.writes = 0
        self.asked: list[int] = []
        self.fault: Exception | None = None

    def meta(self, number: BatchNumber) -> BatchMeta | None:
        self.asked.append(number)
        if number != 7:
            return None
        return a_meta(7, size=SIZE, created=MADE, not_before=self.not_before)

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


def a_hit(
    ordinal: int = 0,
    *,
    batch: int = 7,
    at: int = MADE_S + 60,
    method: str = "GET",
    user_agent: str = PHONE,
) -> LinkHit:
    return LinkHit(
        batch=batch,
        ordinal=ordinal,
        link=0,
        at=at,
        method=method,
        user_agent=user_agent,
        network="203.0.113.0/24",
    )


def test_records_all_hits_of_a_batch_in_one_write() -> None:
    batches = FakeBatches()

    tally = record(
        [a_hit(0), a_hit(1, at=MADE_S + 90), a_hit(0, user_agent="curl/8.5.0", at=MADE_S + 5)],
        deps=LinksDeps(batches=batches),
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


def test_head_is_never_a_person() -> None:
    batches = FakeBatches()

    record([a_hit(method="HEAD")], deps=LinksDeps(batches=batches), now=NOW)

    assert batches.clicks.count(Visitor.HUMAN) == 0
    assert batches.clicks.count(Visitor.MACHINE) == 1


def test_writes_nothing_when_the_same_hits_come_again() -> None:
    batches = FakeBatches()
    hits = [a_hit(0), a_hit(3, user_agent="")]
    record(hits, deps=LinksDeps(batches=batches), now=NOW)

    tally = record(hits, deps=LinksDeps(batches=batches), now=NOW)

    assert batches.writes == 1
    assert tally.by_visitor == {Visitor.HUMAN: 1, Visitor.MACHINE: 1}


def test_drops_hits_of_an_unknown_batch() -> None:
    batches = FakeBatches()

    tally = record([a_hit(batch=8), a_hit(batch=8)], deps=LinksDeps(batches=batches), now=NOW)

    assert tally == Tally(by_visitor={}, by_sign={}, dropped=2)
    assert batches.writes == 0


@pytest.mark.parametrize("batch", [-1, 0, 2**32, 10**40])
def test_does_not_even_ask_for_a_batch_that_cannot_be(batch: int) -> None:
    batches = FakeBatches()

    tally = record([a_hit(batch=batch)], deps=LinksDeps(batches=batches), now=NOW)

    assert tally.dropped == 1
    assert batches.asked == []


def test_drops_only_the_hits_of_messages_that_the_batch_does_not_have() -> None:
    batches = FakeBatches()

    tally = record(
        [a_hit(-1), a_hit(SIZE), a_hit(255), a_hit(SIZE - 1)],
        deps=LinksDeps(batches=batches),
        now=NOW,
    )

    assert tally.dropped == 3
    assert batches.clicks.count(Visitor.HUMAN) == 1
    assert len(batches.clicks.slots) == SIZE * 4


def test_a_hit_is_not_later_than_its_recording() -> None:
    batches = FakeBatches()

    record([a_hit(at=MADE_S + 10**9)], deps=LinksDeps(batches=batches), now=NOW)

    assert batches.clicks.first(0, Visitor.HUMAN) == 7200


def test_a_hit_before_the_message_can_be_read_is_a_machine() -> None:
    batches = FakeBatches()

    tally = record([a_hit(at=MADE_S + 1)], deps=LinksDeps(batches=batches), now=NOW)

    assert tally.by_sign == {Sign.TOO_SOON: 1}


def test_a_message_that_waits_is_not_opened_before_it_leaves() -> None:
    batches = FakeBatches()
    batches.not_before = MADE + timedelta(hours=1)

    tally = record(
        [a_hit(0, at=MADE_S + 3600), a_hit(1, at=MADE_S + 3602)],
        deps=LinksDeps(batches=batches),
        now=NOW,
    )

    assert tally.by_visitor == {Visitor.MACHINE: 1, Visitor.HUMAN: 1}
    assert batches.clicks.first(1, Visitor.HUMAN) == 3602


def test_says_that_the_store_does_not_answer() -> None:
    batches = FakeBatches()
    batches.fault = Unavailable("The store answered nothing.")

    with pytest.raises(Unavailable):
        record([a_hit()], deps=LinksDeps(batches=batches), now=NOW)


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

    tally = record(hits, deps=LinksDeps(batches=batches), now=NOW)

    assert sum(tally.by_visitor.values()) + tally.dropped == len(hits)
    assert len(batches.clicks.slots) == SIZE * 4
