"""Replays: everything of the range, whatever dies, and a receiver that fails is not pressed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings, strategies as st

from functions.contracts.errors import Conflict
from functions.contracts.webhook_jobs import ReplayJob
from functions.domain.ids import BatchNumber
from functions.domain.message_event import BatchFacts, events_of
from functions.domain.webhook_replay import Replay, ReplayStatus
from functions.webhooks import replaying
from functions.webhooks.ports import PostDeps, Said
from functions.webhooks.replaying import ReplayDeps, get_on
from tests.builders import NOON, a_batch
from tests.fakes.accounts import FakeBreakers
from tests.fakes.dying import Death, Killed
from tests.fakes.webhooks import (
    DOWN,
    OK,
    FakeLog,
    FakeReceiver,
    FakeReplays,
    FakeWebhooks,
    a_webhook,
)
from tests.unit.webhooks.world import EVERYTHING, facts_of, left, opened

HOOK = a_webhook("whk_1", *EVERYTHING)
DAY = timedelta(days=1)


@dataclass
class World:
    """Batches by the days on which the door looked at them."""

    by_day: dict[date, dict[BatchNumber, BatchFacts]]
    receiver: FakeReceiver = field(default_factory=FakeReceiver)
    store: FakeWebhooks = field(default_factory=FakeWebhooks)
    replays: FakeReplays = field(default_factory=FakeReplays)
    queue: list[tuple[datetime, ReplayJob]] = field(default_factory=list)
    log: FakeLog = field(default_factory=FakeLog)
    breakers: FakeBreakers = field(default_factory=FakeBreakers)
    now: datetime = NOON + 3 * DAY
    took: timedelta = timedelta(0)
    on: bool = True
    low: int = 4
    high: int = 10

    def __post_init__(self) -> None:
        self.store.add(HOOK)

    def start(self, first: datetime, last: datetime, types: Sequence[str] | None = None) -> Replay:
        return replaying.start(
            HOOK.webhook_id,
            replay_id="rpl_1",
            between=(first, last),
            types=types,
            deps=self.deps(Death(at=-1)),
            now=self.now,
        )

    def step(self, death: Death | None = None) -> None:
        at, job = self.queue.pop(0)
        self.now = max(self.now, at)
        try:
            get_on(job, deps=self.deps(death or Death(at=-1)), now=self.now)
        except Killed:
            self.queue.append((at, job))

    def run(self) -> Replay:
        for _ in range(500):
            if not self.queue:
                break
            self.step()
        found = self.replays.of(HOOK.webhook_id)
        assert found is not None
        return found

    def deps(self, death: Death) -> ReplayDeps:
        return ReplayDeps(
            post=PostDeps(
                connect=lambda _: death.port(self.receiver),
                keys_of=lambda *_: [b"k" * 32],
                webhooks=death.port(self.store),
                breakers=death.port(self.breakers),
                jitter=round,
                clock=self._tick,
            ),
            replays=death.port(self.replays),
            numbers=lambda *_: (self.low, self.high),
            batches=death.function(self._batches),
            facts=death.function(self._facts),
            log=death.port(self.log),
            later=death.function(lambda job, at, _: self.queue.append((at, job))),
            zone=ZoneInfo("Asia/Seoul"),
            on=self.on,
        )

    def _batches(self, replay: Replay) -> list[BatchNumber]:
        """Two at a time: by days below ``low``, by numbers from there on."""
        if replay.is_past_days:
            numbers = range(replay.batch, min(replay.batch + 2, replay.high))
            return [BatchNumber(each) for each in numbers]
        of_day = sorted(self.by_day.get(replay.day, {}))
        return [each for each in of_day if replay.batch <= each < replay.low][:2]

    def _facts(self, numbers: Sequence[BatchNumber], span: range) -> list[BatchFacts]:
        known = {number: each for of_day in self.by_day.values() for number, each in of_day.items()}
        return [known[each] for each in numbers if each in known]

    def _tick(self) -> datetime:
        self.now += self.took
        return self.now


def a_world(batches: int = 5, size: int = 3) -> World:
    """Batches on two days, of each message of which two things happened."""
    by_day: dict[date, dict[BatchNumber, BatchFacts]] = {}
    for number in range(1, batches + 1):
        looked_at = NOON + DAY * (number % 2)
        facts = left(facts_of(a_batch(number, size=size)), looked_at)
        elapsed_s = int((looked_at - NOON).total_seconds()) + 3600 * 20
        for ordinal in range(size):
            facts = opened(facts, ordinal, elapsed_s)
        by_day.setdefault(looked_at.date(), {})[BatchNumber(number)] = facts
    return World(by_day)


def ids_between(world: World, first: datetime, last: datetime) -> set[str]:
    return {
        each.event_id
        for of_day in world.by_day.values()
        for facts in of_day.values()
        for each in events_of(facts)
        if first.timestamp() <= each.at < last.timestamp()
    }


@pytest.mark.parametrize("batched", [True, False])
@pytest.mark.parametrize(
    ("first", "last"),
    [(NOON, NOON + DAY), (NOON, NOON + timedelta(hours=1)), (NOON + DAY / 2, NOON + 9 * DAY)],
)
def test_all_of_the_range_is_told_once(first: datetime, last: datetime, batched: bool) -> None:
    world = a_world()
    world.store.change(
        HOOK.webhook_id, lambda known: a_webhook("whk_1", *EVERYTHING, batched=batched)
    )
    world.start(first, last)
    done = world.run()

    told = world.receiver.event_ids()
    assert done.status is ReplayStatus.DONE
    assert set(told) == ids_between(world, first, last)
    assert len(told) == len(set(told)) == done.events


def test_only_some_types() -> None:
    world = a_world()
    world.start(NOON, NOON + 2 * DAY, ["message.clicked"])
    world.run()

    assert {each.rpartition(".")[2] for each in world.receiver.event_ids()} == {"clicked"}


@settings(max_examples=200, deadline=None)
@given(
    deaths=st.lists(st.tuples(st.integers(1, 30), st.booleans()), max_size=8),
    fails=st.lists(st.booleans(), max_size=8),
    slow=st.booleans(),
    batched=st.booleans(),
)
def test_nothing_is_lost_whatever_dies(
    deaths: list[tuple[int, bool]], fails: list[bool], slow: bool, batched: bool
) -> None:
    world = a_world()
    world.store.known[HOOK.webhook_id] = a_webhook("whk_1", *EVERYTHING, batched=batched)
    world.took = timedelta(seconds=4 if slow else 0)
    answers = iter(fails)
    world.receiver.says = lambda: DOWN if next(answers, False) else OK
    world.start(NOON, NOON + 2 * DAY)
    for at, after in deaths:
        if world.queue:
            world.step(Death(at=at, after=after))
    done = world.run()

    assert done.status is ReplayStatus.DONE
    assert set(world.receiver.event_ids()) == ids_between(world, NOON, NOON + 2 * DAY)


def test_who_takes_nothing_for_a_day_ends_it() -> None:
    world = a_world()
    world.receiver.says = lambda: Said(status=500)
    world.start(NOON, NOON + DAY)
    began = world.now
    done = world.run()

    assert done.status is ReplayStatus.FAILED
    assert timedelta(hours=23) < world.now - began <= timedelta(hours=25)
    assert world.receiver.calls < 20


def test_one_at_once() -> None:
    world = a_world()
    world.start(NOON, NOON + DAY)

    with pytest.raises(Conflict) as error:
        world.start(NOON, NOON + DAY)
    assert error.value.code == "replay_running"
    world.run()
    world.start(NOON, NOON + DAY)


@pytest.mark.parametrize(
    ("on", "enabled", "code"), [(False, True, "webhooks_off"), (True, False, "webhook_off")]
)
def test_nothing_is_replayed_to_who_is_told_nothing(on: bool, enabled: bool, code: str) -> None:
    world = a_world()
    world.on = on
    world.store.known[HOOK.webhook_id] = a_webhook("whk_1", enabled=enabled)

    with pytest.raises(Conflict) as error:
        world.start(NOON, NOON + DAY)
    assert error.value.code == code


def test_stopped_it_tells_nothing_any_more() -> None:
    world = a_world()
    world.start(NOON, NOON + DAY)
    world.step()
    before = world.receiver.calls
    replaying.stop(HOOK.webhook_id, deps=world.deps(Death(at=-1)), now=world.now)

    assert world.run().status is ReplayStatus.STOPPED
    assert world.receiver.calls == before


def test_a_webhook_that_is_switched_off_ends_it() -> None:
    world = a_world()
    world.start(NOON, NOON + DAY)
    world.store.remove(HOOK.webhook_id)

    assert world.run().status is ReplayStatus.STOPPED
    assert world.receiver.calls == 0
