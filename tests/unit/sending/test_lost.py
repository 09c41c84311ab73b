"""Requests that died on their way, and jobs that were lost: found by the hour, sent once."""

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from functions.contracts.queues import RequestCheckJob
from functions.domain.batch import Source
from functions.domain.held import place_of
from functions.domain.ids import BatchNumber
from functions.domain.lost_requests import Watch
from functions.domain.message import BatchState, MessageStatus, Send
from functions.sending.lost import LostDeps, check
from tests.builders import NOON, a_batch, a_contact, a_phone
from tests.fakes.dying import Death, Killed
from tests.fakes.recents import one_by_one
from tests.unit.sending.test_service import (
    World,
    a_request,
    a_world,
    dying_ports,
    statuses,
    to_contact,
)

HOUR = timedelta(hours=1)
JOB = RequestCheckJob(patience_s=3_600)


@dataclass
class Watches:
    """The store, over batches in memory."""

    world: World
    watch: Watch | None = None
    looked: list[int] = field(default_factory=list)

    def newest(self) -> int:
        return self.world.batches.next_number - 1

    def get(self) -> Watch | None:
        return self.watch

    def save(self, watch: Watch) -> bool:
        same = watch.version == (0 if self.watch is None else self.watch.version)
        if same:
            self.watch = replace(watch, version=watch.version + 1)
        return same

    def unsettled(self, numbers: Sequence[int]) -> Mapping[BatchNumber, BatchState]:
        self.looked += numbers
        found = [self.world.batches.load(BatchNumber(number)) for number in numbers]
        return {
            each.meta.number: each.state
            for each in found
            if each is not None
            and each.state.unsettled
            and place_of(each.meta.source, each.meta.number) != each.meta.source.source_id
        }


@dataclass
class Ledger:
    """A world of requests, and the hourly look."""

    world: World = field(default_factory=lambda: a_world(a_contact(1), a_contact(2)))
    now: datetime = NOON
    more: list[RequestCheckJob] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.watches = Watches(self.world)
        self.look()

    def look(self, death: Death | None = None) -> Counter[str]:
        deps = LostDeps(
            batches=self.world.batches,
            watches=self.watches if death is None else death.port(self.watches),
            requests=self.world.requests,
            start=self._start if death is None else death.function(self._start),
            enqueue=self.more.append,
            spread=one_by_one,
        )
        return check(JOB, deps=deps, now=self.now)

    def _start(self, meta, now: datetime) -> None:
        self.world.started.append(meta.number)

    def pass_hours(self, hours: int) -> None:
        for _ in range(hours):
            self.now += HOUR
            self.counts += self.look()

    def lose(self, **request: object) -> tuple[BatchNumber, ...]:
        """Accept a request to two people whose job is lost."""
        batches = self.world.accept(a_request(to_contact(1), to_contact(2), **request))
        self.world.started.clear()
        return tuple(each.meta.number for each in batches)

    def state(self, number: BatchNumber) -> BatchState:
        return self.world.batches.batches[number].state


def test_a_request_whose_job_was_lost_is_sent_within_two_hours_and_once() -> None:
    ledger = Ledger()
    lost = ledger.lose()

    ledger.pass_hours(1)
    assert ledger.world.started == []
    ledger.pass_hours(1)
    ledger.world.dispatch()

    assert ledger.world.started == list(lost)
    assert ledger.world.deliveries() == {a_phone(1): 1, a_phone(2): 1}
    assert ledger.counts["started"] == 1
    ledger.pass_hours(30)
    assert ledger.world.started == list(lost)
    assert ledger.watches.watch is not None
    assert ledger.watches.watch.watched == ()


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("dies_at", range(1, 15))
def test_a_request_that_died_anywhere_and_is_not_repeated_reaches_everyone_or_nobody(
    dies_at: int, *, after: bool
) -> None:
    ledger = Ledger()
    world = ledger.world
    death = Death(dies_at, after=after)
    with suppress(Killed):
        world.accept(a_request(to_contact(1), to_contact(2)), **dying_ports(world, death))

    ledger.pass_hours(3)
    world.dispatch()

    bound = "req_1" in world.requests.bound
    assert world.deliveries() == ({a_phone(1): 1, a_phone(2): 1} if bound else {})
    assert all(not each.state.unsettled for each in world.batches.batches.values())


@pytest.mark.parametrize("dies_at", range(1, 15))
def test_what_lost_against_its_own_repetition_is_never_sent(dies_at: int) -> None:
    ledger = Ledger()
    world = ledger.world
    request = a_request(to_contact(1), to_contact(2), fingerprint="f")
    with suppress(Killed):
        world.accept(request, **dying_ports(world, Death(dies_at)))
    world.accept(request)
    world.started.clear()

    ledger.pass_hours(3)
    world.dispatch()

    assert world.deliveries() == {a_phone(1): 1, a_phone(2): 1}


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("dies_at", range(1, 8))
def test_a_look_that_dies_is_made_good_by_the_next(dies_at: int, *, after: bool) -> None:
    ledger = Ledger()
    ledger.lose()
    ledger.pass_hours(1)
    ledger.now += HOUR
    with suppress(Killed):
        ledger.look(Death(dies_at, after=after))

    ledger.pass_hours(1)
    ledger.world.dispatch()

    assert ledger.world.deliveries() == {a_phone(1): 1, a_phone(2): 1}


def test_what_waits_for_its_moment_is_left_alone_until_an_hour_after_it() -> None:
    ledger = Ledger()
    (lost,) = ledger.lose(send_at=NOON + 5 * HOUR)

    ledger.pass_hours(5)
    assert ledger.world.started == []
    ledger.pass_hours(1)

    assert ledger.world.started == [lost]
    # Nothing was read of it in between.
    assert Counter(ledger.watches.looked)[lost] == 2


def test_campaigns_tests_and_what_is_settled_are_left_alone() -> None:
    ledger = Ledger()
    for kind in ("campaign", "test"):
        number = ledger.world.batches.reserve(1)
        batch = a_batch(number)
        source = Source(kind=kind, source_id="cmp_1")
        ledger.world.batches.create([replace(batch, meta=replace(batch.meta, source=source))])
    (sent,) = ledger.lose()
    ledger.world.batches.change_state(
        sent, lambda state: state.with_sends(dict.fromkeys(range(2), Send.sent(round_=0)))
    )

    ledger.pass_hours(4)

    assert ledger.world.started == []
    others = [each for each in ledger.world.batches.batches.values() if each.meta.number != sent]
    assert statuses(others) == [(MessageStatus.PENDING, None)] * len(others)


def test_a_binding_that_is_gone_by_its_age_proves_nothing() -> None:
    ledger = Ledger()
    (lost,) = ledger.lose()
    ledger.pass_hours(1)
    ledger.world.requests.bound.clear()
    ledger.now += timedelta(days=3)

    ledger.pass_hours(1)

    assert ledger.counts["unclear"] == 1
    assert ledger.state(lost).unsettled
    assert ledger.world.started == []


def test_a_look_with_too_many_numbers_goes_on_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("functions.domain.lost_requests.NUMBERS_A_LOOK", 1)
    ledger = Ledger()
    lost = [ledger.lose(request_id=f"req_{n}")[0] for n in range(3)]
    ledger.pass_hours(1)

    ledger.pass_hours(1)
    while ledger.more:
        ledger.more.pop()
        ledger.look()

    assert sorted(ledger.world.started) == lost
