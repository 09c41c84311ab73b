from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from functions.channels.base import (
    Ambiguous,
    ChannelError,
    OptOutEvent,
    OptOutPage,
    OptOutSource,
    Rejected,
    RetryLater,
)
from functions.contracts.queues import AddressRefused
from functions.domain.reason import FailureReason, SuppressionReason
from functions.domain.sweep import OVERLAP, Sweep
from functions.optouts.ports import SweepDeps
from functions.optouts.sweeping import Swept, sweep, sweep_all
from tests.builders import NOON, a_phone
from tests.fakes.people import fake_hash

LATER = NOON + timedelta(minutes=2)


@dataclass
class World:
    """A provider whose list of refusals has some pages, and what was made of them."""

    pages: list[OptOutPage] = field(default_factory=list)
    fails: list[ChannelError] = field(default_factory=list)
    asked: list[tuple[datetime | None, str | None]] = field(default_factory=list)
    queued: list[AddressRefused] = field(default_factory=list)
    stored: dict[str, Sweep] = field(default_factory=dict)
    full: bool = False

    def opt_outs(self, *, since: datetime | None, cursor: str | None, now: datetime) -> OptOutPage:
        self.asked.append((since, cursor))
        if self.fails:
            raise self.fails.pop(0)
        return self.pages[int(cursor or 0)]

    def get(self, name: str) -> Sweep:
        return self.stored.get(name, Sweep())

    def put(self, name: str, sweep: Sweep) -> None:
        self.stored[name] = sweep

    def enqueue(self, jobs: Sequence[AddressRefused]) -> None:
        if self.full:
            raise ConnectionError
        self.queued.extend(jobs)

    def sweep(self, now: datetime = NOON) -> Swept:
        return sweep("solapi", deps=self.deps(solapi=self), now=now)

    def deps(self, **sources: OptOutSource) -> SweepDeps:
        return SweepDeps(sources=sources, sweeps=self, enqueue=self.enqueue, hash_of=fake_hash)


def some_calls(*numbers: int) -> tuple[OptOutEvent, ...]:
    reason = SuppressionReason.OPT_OUT_CALL
    return tuple(
        OptOutEvent(key=f"k{number}", phone=a_phone(number), reason=reason, at=NOON)
        for number in numbers
    )


def a_list(*pages: tuple[int, ...]) -> list[OptOutPage]:
    last = len(pages) - 1
    return [
        OptOutPage(events=some_calls(*page), cursor=None if place == last else str(place + 1))
        for place, page in enumerate(pages)
    ]


def test_everything_in_the_list_is_queued() -> None:
    world = World(pages=a_list((1, 2), (3,)))

    assert world.sweep() == Swept(pages=2, found=3, finished=True)

    assert world.asked == [(None, None), (None, "1")]
    assert [job.address for job in world.queued] == ["hash1", "hash2", "hash3"]
    assert world.queued[0] == AddressRefused(
        address="hash1", reason="opt_out_call", at=int(NOON.timestamp()), source="080:solapi"
    )


def test_next_tick_asks_for_what_is_new_and_queues_nothing_twice() -> None:
    world = World(pages=a_list((1, 2)))
    world.sweep()
    world.pages = a_list((2, 3, 3))

    world.sweep(LATER)

    assert world.asked[-1] == (NOON - OVERLAP, None)
    assert [job.address for job in world.queued] == ["hash1", "hash2", "hash3", "hash3"]


def test_long_list_is_read_over_many_ticks() -> None:
    world = World(pages=a_list(*((number,) for number in range(1, 46))))

    ticks = [world.sweep(NOON + timedelta(minutes=2 * tick)) for tick in range(3)]

    assert [tick.pages for tick in ticks] == [20, 20, 5]
    assert [tick.finished for tick in ticks] == [False, False, True]
    assert len(world.queued) == 45
    assert world.stored["solapi"].since == NOON - OVERLAP


@pytest.mark.parametrize("error", [RetryLater("429"), Ambiguous("500")], ids=str)
def test_provider_that_does_not_answer_is_asked_again_next_time(error: ChannelError) -> None:
    world = World(pages=a_list((1,), (2,)), fails=[error])

    assert world.sweep() == Swept(pages=0, found=0, finished=False, why_not=str(error))
    assert world.sweep(LATER) == Swept(pages=2, found=2, finished=True)

    assert world.stored["solapi"].since == LATER - OVERLAP


def test_cursor_that_the_provider_no_longer_knows_begins_the_sweep_again() -> None:
    rejected = Rejected(FailureReason.OTHER, code="400")
    world = World(pages=a_list((1,), (2,)), stored={"solapi": Sweep(began=NOON, cursor="1")})
    world.fails = [rejected]

    world.sweep(LATER)
    world.sweep(LATER)

    assert world.asked == [(None, "1"), (None, None), (None, "1")]
    assert [job.address for job in world.queued] == ["hash1", "hash2"]


def test_refused_question_is_a_fault_to_look_at() -> None:
    world = World(fails=[Rejected(FailureReason.OTHER, code="400")])

    with pytest.raises(Rejected):
        world.sweep()


def test_nothing_is_noted_that_is_not_in_the_queue() -> None:
    world = World(pages=a_list((1,)), full=True)
    with pytest.raises(ConnectionError):
        world.sweep()
    assert world.stored == {}

    world.full = False
    world.sweep()

    assert len(world.queued) == 1


@pytest.mark.parametrize("order", [("main", "second"), ("second", "main")], ids="-".join)
@pytest.mark.parametrize(
    "fault", [RetryLater("HTTP 403"), Rejected(FailureReason.OTHER, code="Forbidden")], ids=repr
)
def test_account_that_fails_does_not_keep_the_others_refusals(
    order: tuple[str, str], fault: ChannelError
) -> None:
    world = World(pages=a_list((1,)))
    sources = {"main": world, "second": World(fails=[fault])}
    deps = world.deps(**{name: sources[name] for name in order})

    with suppress(Rejected):
        assert not sweep_all(deps=deps, now=NOON).finished

    assert [job.source for job in world.queued] == ["080:main"]


def test_sweep_is_finished_when_every_list_was_read() -> None:
    world = World(pages=a_list((1,)))
    other = World(pages=a_list((2, 3), (4,)))

    swept = sweep_all(deps=world.deps(main=world, second=other), now=NOON)

    assert swept == Swept(pages=3, found=4, finished=True)
    assert [job.source for job in world.queued] == ["080:main", *["080:second"] * 3]
