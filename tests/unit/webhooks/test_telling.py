"""Telling: at least once whatever dies, each receiver by itself, and nobody for ever."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings, strategies as st

from functions.contracts.codec import from_body, to_body
from functions.contracts.webhook_jobs import TellJob
from functions.domain.breaker import Breaker
from functions.domain.ids import BatchNumber
from functions.domain.webhook import TOLD_WITHIN, OffReason
from functions.domain.webhook_retry import TRIED_FOR
from functions.webhooks.ports import Said
from functions.webhooks.posting import BUDGET
from functions.webhooks.telling import Outcome
from tests.builders import NOON, a_batch
from tests.fakes.dying import Death
from tests.fakes.webhooks import DOWN, GONE, OK, a_webhook
from tests.unit.webhooks.world import (
    EVERYTHING,
    SIZE,
    Message,
    World,
    answered,
    arrived,
    bought,
    complained,
    facts_of,
    ids_of,
    left,
    opened,
)

HOOK = a_webhook("whk_1")
JOB = TellJob(webhook_id="whk_1", batch=7)
ORDINALS = st.integers(0, SIZE - 1)
HAPPENINGS = st.one_of(
    st.just(left),
    ORDINALS.map(lambda i: lambda facts: arrived(facts, i, NOON + timedelta(seconds=5))),
    ORDINALS.map(lambda i: lambda facts: opened(facts, i)),
    ORDINALS.map(lambda i: lambda facts: answered(facts, i)),
    ORDINALS.map(lambda i: lambda facts: complained(facts, i)),
    st.builds(lambda i, mark: lambda facts: bought(facts, i, mark), ORDINALS, st.integers(1, 3)),
)
STEPS = st.one_of(
    st.tuples(st.just("happens"), HAPPENINGS),
    st.tuples(st.just("work"), st.tuples(st.integers(0, 9), st.booleans())),
    st.tuples(st.just("dies"), st.tuples(st.integers(0, 9), st.integers(1, 25), st.booleans())),
    st.tuples(st.just("says"), st.tuples(st.integers(0, 1), st.sampled_from([OK, DOWN]))),
    st.tuples(st.just("busy"), st.tuples(st.integers(0, 1), st.integers(1, 9_000))),
    st.tuples(st.just("passes"), st.integers(1, 40_000)),
    st.tuples(st.just("jumps"), st.integers(-90_000, 90_000)),
)


@settings(max_examples=300, deadline=None)
@given(steps=st.lists(STEPS, max_size=30), batched=st.booleans())
def test_each_event_is_told_at_least_once_whatever_happens(
    steps: list[tuple[str, object]], batched: bool
) -> None:
    all_of_it = a_webhook("whk_1", *EVERYTHING, batched=batched)
    some_of_it = a_webhook("whk_2", "message.delivered", "message.converted")
    world = World([all_of_it, some_of_it])
    for step, what in steps:
        _do(world, step, what)
    for each in world.webhooks:
        world.receiver(each).says = lambda: OK
    world.now = max(world.now, NOON) + timedelta(days=2)
    world.run_dry()

    for each in world.webhooks:
        told = world.receiver(each).event_ids()
        assert set(told) == ids_of(world.batches[BatchNumber(7)], each)


def a_world(said: Said) -> World:
    """A batch was sent, of which a receiver that says this is to be told."""
    world = World([HOOK])
    world.receiver(HOOK).says = lambda: said
    world.happens(left)
    return world


def _until_given_up(world: World) -> list[timedelta]:
    """Let all time pass; gives when it was tried."""
    moments = []
    while world.queue:
        world.now = max(world.now, min(each.at for each in world.queue))
        moments.append(world.now - NOON)
        world.take()
    return moments


def _do(world: World, step: str, what: object) -> None:
    match step, what:
        case "happens", change:
            world.happens(change)
        case "work", (place, repeated):
            world.take(place, repeated=repeated)
        case "dies", (place, at, after):
            world.take(place, death=Death(at=at, after=after))
        case "says", (who, said):
            world.receiver(world.webhooks[who]).says = lambda: said
        case "busy", (who, asked_s):
            said = Said(status=429, asked_s=asked_s)
            world.receiver(world.webhooks[who]).says = lambda: said
        case (("passes" | "jumps"), seconds):
            world.now += timedelta(seconds=seconds)


def test_nothing_is_told_twice_where_nothing_goes_wrong() -> None:
    webhook = a_webhook("whk_1", *EVERYTHING)
    world = World([webhook])
    for change in (left, lambda facts: arrived(facts, 0, NOON), lambda facts: opened(facts, 1)):
        world.happens(change)
        world.run_dry()

    told = world.receiver(webhook).event_ids()
    assert len(told) == len(set(told)) == SIZE + 2


def test_nothing_is_sent_or_written_where_nothing_is_new() -> None:
    world = World([a_webhook()])
    world.happens(left)
    world.run_dry()
    writes, calls = world.marks.writes, world.receiver(world.webhooks[0]).calls

    assert world.work(JOB).outcome is Outcome.NOTHING
    assert (world.marks.writes, world.receiver(world.webhooks[0]).calls) == (writes, calls)
    assert world.breakers.writes == 0


@pytest.mark.parametrize("after", [False, True])
def test_dying_anywhere_loses_nothing(after: bool) -> None:
    """Kill the worker at every step, then let the queue bring the job again."""
    for at in range(1, 40):
        webhook = a_webhook("whk_1", *EVERYTHING)
        world = World([webhook])
        world.receiver(webhook).says = lambda: DOWN
        world.happens(left)
        world.take(death=Death(at=at, after=after))
        world.receiver(webhook).says = lambda: OK
        world.run_dry()

        assert set(world.receiver(webhook).event_ids()) == ids_of(world.batches[7], webhook)


def test_one_that_is_down_does_not_delay_another() -> None:
    down, well = a_webhook("whk_1"), a_webhook("whk_2")
    world = World([down, well])
    world.receiver(down).says = lambda: DOWN
    for number in range(10, 40):
        world.batches[BatchNumber(number)] = facts_of(a_batch(number, size=1))
        world.happens(left, number)
    while world.take():
        continue

    assert len(world.receiver(well).event_ids()) == 30
    assert world.receiver(down).calls == 5, "then its breaker is open"
    assert world.now == NOON


def test_changes_while_it_is_down_wait_in_one_job() -> None:
    webhook = a_webhook("whk_1", *EVERYTHING)
    world = World([webhook])
    world.receiver(webhook).says = lambda: DOWN
    for _ in range(20):
        world.happens(left)
    while world.take():
        continue

    assert len(world.queue) == 1
    assert world.receiver(webhook).calls == 1


def test_it_is_tried_for_a_day_and_then_given_up() -> None:
    world = a_world(DOWN)
    moments = _until_given_up(world)

    assert moments[-1] == TRIED_FOR
    assert len(moments) == 15
    assert [each.webhook_id for each in world.dead] == ["whk_1"]
    assert world.dead[0] == JOB


def test_what_was_given_up_can_be_brought_back() -> None:
    world = a_world(DOWN)
    _until_given_up(world)
    world.receiver(HOOK).says = lambda: OK
    world.now += timedelta(minutes=10)

    assert world.work(world.dead[0]).outcome is Outcome.TOLD


@pytest.mark.parametrize(("asked_s", "waits_s"), [(5, 10), (700, 700), (10_000_000, 14_400)])
def test_a_receiver_may_ask_for_a_longer_wait(asked_s: int, waits_s: int) -> None:
    world = a_world(Said(status=503, asked_s=asked_s))
    world.take()

    assert world.queue[0].at == NOON + timedelta(seconds=waits_s)


def test_who_is_gone_is_told_nothing_any_more() -> None:
    world = a_world(GONE)
    world.take()

    assert world.queue == []
    found = world.store.get(HOOK.webhook_id)
    assert (found.off, found.failing_since) == (OffReason.GONE, 0)
    assert world.breakers.writes == 0
    assert world.work(JOB).outcome is Outcome.OFF


def test_who_is_gone_after_failing_for_days_is_gone() -> None:
    long_ago = int((NOON - timedelta(days=9)).timestamp())
    world = World([replace(HOOK, failing_since=long_ago)])
    world.breakers.breakers[f"webhook#{HOOK.webhook_id}"] = Breaker(openings=99, version=1)
    world.receiver(HOOK).says = lambda: GONE
    world.happens(left)
    world.take()

    assert world.store.get(HOOK.webhook_id).off is OffReason.GONE


def test_nothing_but_failures_for_days_switches_it_off() -> None:
    world = a_world(DOWN)
    for _ in range(200):
        world.work(TellJob(webhook_id="whk_1", batch=7, due=2**40))
        world.now += timedelta(hours=1)

    found = world.store.get(HOOK.webhook_id)
    assert (found.enabled, found.off) == (False, OffReason.FAILING)
    assert found.failing_since == int(NOON.timestamp())
    assert (
        timedelta(days=5)
        <= timedelta(seconds=found.off_since) - timedelta(seconds=found.failing_since)
        < timedelta(days=5, hours=2)
    )


def test_a_clock_that_jumps_switches_nothing_off() -> None:
    world = a_world(DOWN)
    world.take()
    world.now += timedelta(days=20)
    world.work(JOB)

    assert world.store.get(HOOK.webhook_id).enabled


def test_a_success_ends_the_failing() -> None:
    world = a_world(DOWN)
    world.take()
    world.receiver(HOOK).says = lambda: OK
    world.run_dry()

    assert world.store.get(HOOK.webhook_id).failing_since == 0
    assert all(
        each == replace(Breaker(), version=each.version)
        for each in world.breakers.breakers.values()
    )


def test_what_happened_before_it_listened_is_not_told() -> None:
    late = a_webhook(since_by_type={"message.sent": int(NOON.timestamp()) + 1})
    world = World([late])
    world.happens(left)
    world.run_dry()

    assert world.receiver(late).event_ids() == []


def test_what_happened_long_ago_is_not_told() -> None:
    webhook = a_webhook()
    world = World([webhook])
    world.happens(left)
    world.now += TOLD_WITHIN + timedelta(seconds=1)

    assert world.work(JOB).outcome is Outcome.NOTHING


def test_who_takes_long_is_left_after_some_seconds_and_told_the_rest_by_another_job() -> None:
    webhook = a_webhook("whk_1", *EVERYTHING, batched=False)
    world = World([webhook], took=timedelta(seconds=2))
    world.happens(left)
    world.happens(lambda facts: opened(opened(opened(facts, 0), 1), 2))
    world.queue.pop()
    began = world.now
    world.take()

    assert world.now - began < BUDGET + timedelta(seconds=10)
    world.took = timedelta(0)
    world.run_dry()
    told = world.receiver(webhook).event_ids()
    assert len(told) == len(set(told)) == 2 * SIZE


def test_a_hundred_events_a_request() -> None:
    webhook = a_webhook()
    world = World([webhook], {BatchNumber(7): facts_of(a_batch(7, size=200))})
    world.happens(left)
    world.run_dry()

    sizes = [len(json.loads(body)["data"]["events"]) for _, body in world.receiver(webhook).posts]
    assert sizes == [100, 100]
    assert max(len(body) for _, body in world.receiver(webhook).posts) < 100_000
    assert len(set(world.receiver(webhook).event_ids())) == 200


def test_repeats_have_the_same_id_and_body() -> None:
    webhook = a_webhook()
    world = World([webhook])
    world.happens(left)
    world.take(repeated=True)
    world.marks.rows.clear()
    world.run_dry()

    (first, body), (again, body_again) = world.receiver(webhook).posts
    assert (first["webhook-id"], body) == (again["webhook-id"], body_again)


def test_no_webhook_and_no_batch_is_nothing_to_do() -> None:
    world = World([a_webhook()])

    assert world.work(TellJob(webhook_id="whk_9", batch=7)).outcome is Outcome.OFF
    assert world.work(TellJob(webhook_id="whk_1", batch=8)).outcome is Outcome.NOTHING


def test_a_try_that_comes_a_moment_early_is_not_left_to_itself() -> None:
    world = a_world(DOWN)
    world.take()
    world.receiver(HOOK).says = lambda: OK
    world.now = world.queue[0].at - timedelta(seconds=1)

    retry = from_body(world.queue[0].body)
    assert isinstance(retry, TellJob)
    assert world.work(JOB).outcome is Outcome.LEFT
    assert world.work(retry).outcome is Outcome.TOLD


@pytest.mark.parametrize("after", [False, True])
def test_dying_at_a_late_try_loses_nothing(after: bool) -> None:
    """Then the next try is hours away, and the job comes back long before that."""
    for at in range(1, 30):
        webhook = a_webhook("whk_1", *EVERYTHING)
        world = World([webhook])
        world.receiver(webhook).says = lambda: DOWN
        world.batches[BatchNumber(7)] = left(world.batches[BatchNumber(7)])
        late = TellJob(webhook_id="whk_1", batch=7, attempt=8, since=int(NOON.timestamp()))
        world.queue.append(Message(world.now, to_body(late)))
        world.take(death=Death(at=at, after=after))
        world.receiver(webhook).says = lambda: OK
        world.run_dry()

        assert set(world.receiver(webhook).event_ids()) == ids_of(world.batches[7], webhook)


def test_who_took_a_part_is_tried_soon_for_the_rest() -> None:
    webhook = a_webhook("whk_1", batched=False)
    world = World([webhook])
    says = iter([OK, DOWN])
    world.receiver(webhook).says = lambda: next(says)
    world.happens(left)
    world.queue[0].body = to_body(replace(JOB, attempt=8, since=int(NOON.timestamp()) - 80_000))
    world.take()

    assert world.queue[0].at - world.now == timedelta(seconds=10)
    assert world.dead == []
