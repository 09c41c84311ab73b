from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.contracts.codec import from_body
from functions.contracts.queues import Queue, SendJob
from functions.contracts.timer import Timer
from functions.domain.channel import Channel
from functions.domain.ids import BatchNumber
from functions.storage.later import send_batch_at, start_batch
from functions.storage.timers import TimerItem, TimerStore
from tests.builders import MORNING, NIGHT, NOON, a_meta
from tests.fakes.timers import FakeTimers
from tests.integration.account import Account

MINUTE = timedelta(minutes=1)


@pytest.fixture(params=[FakeTimers, TimerStore], ids=["fake", "real"])
def timers(request: pytest.FixtureRequest) -> Any:
    return request.param()


def a_timer(name: str = "a", *, due: datetime = NOON, body: str = "job") -> Timer:
    return Timer(timer_id=name, due=due, queue=Queue.DISPATCH_SMS, body=body)


def test_timers_of_a_minute_are_found_to_the_second(timers: Any) -> None:
    due = NOON + timedelta(seconds=59, microseconds=999_999)
    timers.put(a_timer("a", due=due, body='{"kind":"of a later release"}'))

    assert list(timers.due_in(NOON)) == [
        a_timer("a", due=due, body='{"kind":"of a later release"}')
    ]
    assert list(timers.due_in(NOON + MINUTE)) == []
    assert list(timers.due_in(NOON - MINUTE)) == []


def test_timers_of_one_minute_stay_apart_by_name(timers: Any) -> None:
    timers.put(a_timer("a"))
    timers.put(a_timer("b"))
    timers.put(a_timer("a", body="newer"))

    found = {each.timer_id: each.body for each in timers.due_in(NOON)}

    assert found == {"a": "newer", "b": "job"}


def test_timers_that_are_removed_are_gone(timers: Any) -> None:
    for name in ("a", "b", "c"):
        timers.put(a_timer(name))

    timers.remove(NOON, [a_timer("a"), a_timer("c"), a_timer("never")])

    assert [each.timer_id for each in timers.due_in(NOON)] == ["b"]


def test_cursor_goes_forward_only(timers: Any) -> None:
    assert timers.cursor() is None

    timers.advance(NOON)
    assert timers.cursor() == NOON
    timers.advance(NOON - MINUTE)
    assert timers.cursor() == NOON
    timers.advance(NOON + MINUTE)
    assert timers.cursor() == NOON + MINUTE


def test_cursor_is_no_timer() -> None:
    TimerStore().advance(NOON)

    assert list(TimerStore().due_in(NOON)) == []


def test_minutes_are_those_of_utc() -> None:
    TimerStore().put(a_timer(due=datetime(2026, 11, 20, 3, 0, 5, tzinfo=UTC)))

    assert TimerItem.count("2026-11-20T03:00") == 1


def test_many_timers_of_a_minute_are_all_found_and_removed() -> None:
    store = TimerStore()
    with TimerItem.batch_write() as write:
        for number in range(60):
            item = TimerItem("2026-11-20T03:00", f"t{number:03d}", queue="plan", body="job")
            item.due = NOON
            write.save(item)

    found = list(store.due_in(NOON))
    store.remove(NOON, found)

    assert len(found) == 60
    assert list(store.due_in(NOON)) == []


def test_batch_that_starts_now_goes_into_the_queue_of_its_channel(account: Account) -> None:
    start_batch(a_meta(7), NOON)
    start_batch(a_meta(8, channel=Channel.KAKAO), NOON)

    assert account.take_jobs(Queue.DISPATCH_SMS) == [SendJob(batch=7)]
    assert account.take_jobs(Queue.DISPATCH_KAKAO) == [SendJob(batch=8)]


def test_batch_that_starts_later_waits_as_a_timer(account: Account) -> None:
    meta = a_meta(7, not_before=MORNING)

    start_batch(meta, NIGHT)
    start_batch(meta, NIGHT)

    assert account.take_jobs(Queue.DISPATCH_SMS) == []
    (timer,) = TimerStore().due_in(MORNING)
    assert (timer.due, timer.queue) == (MORNING, Queue.DISPATCH_SMS)
    assert from_body(timer.body) == SendJob(batch=7)


def test_moment_that_is_past_means_now(account: Account) -> None:
    start_batch(a_meta(7, not_before=NOON - MINUTE), NOON)

    assert account.take_jobs(Queue.DISPATCH_SMS) == [SendJob(batch=7)]


def test_job_that_comes_back_keeps_its_attempt(account: Account) -> None:
    job = SendJob(batch=BatchNumber(7), attempt=4)

    send_batch_at(job, a_meta(7), None, NOON)
    send_batch_at(job, a_meta(7), NOON + timedelta(hours=1), NOON)

    assert account.take_jobs(Queue.DISPATCH_SMS) == [job]
    (timer,) = TimerStore().due_in(NOON + timedelta(hours=1))
    assert '"attempt":4' in timer.body
