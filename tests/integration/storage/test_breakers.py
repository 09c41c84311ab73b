from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from functions.domain.breaker import Breaker, Passage
from functions.storage.batches import BatchItem, BatchStore
from functions.storage.breakers import BreakerStore
from tests.builders import NOON
from tests.fakes.accounts import FakeBreakers

LANE, OTHER = "sms#main", "sms#second"
SOON = NOON + timedelta(seconds=1)
LATER = NOON + timedelta(seconds=3)


def opened(breaker: Breaker) -> Breaker:
    return breaker.failed(now=NOON, asked_s=60, jitter=round)


@pytest.fixture(params=[FakeBreakers, BreakerStore], ids=["fake", "real"])
def breakers(request: pytest.FixtureRequest) -> Any:
    return request.param()


def test_lane_that_never_failed_is_closed(breakers: Any) -> None:
    assert breakers.look(LANE, now=NOON) == Breaker()


def test_change_is_seen_at_once_by_who_made_it_and_touches_no_other_lane(breakers: Any) -> None:
    breakers.look(LANE, now=NOON)

    changed = breakers.change(LANE, opened, now=NOON)

    assert breakers.look(LANE, now=NOON) == changed
    assert changed.passage(now=NOON) is Passage.WAIT
    assert breakers.look(OTHER, now=NOON) == Breaker()


def test_nothing_is_stored_where_nothing_changes(breakers: Any) -> None:
    assert breakers.change(LANE, Breaker.succeeded, now=NOON) is None
    assert breakers.change(LANE, lambda _: None, now=NOON) is None
    assert breakers.look(LANE, now=LATER).version == 0


def test_every_change_has_a_version_of_its_own(breakers: Any) -> None:
    breakers.change(LANE, opened, now=NOON)
    breakers.change(LANE, lambda b: b.probed(now=NOON + timedelta(minutes=2), lease_s=9), now=NOON)

    closed = breakers.change(LANE, lambda b: b.succeeded(probe=b.probe_until), now=NOON)

    assert closed == Breaker(version=3)


def test_other_workers_see_a_change_within_two_seconds() -> None:
    one, other = BreakerStore(), BreakerStore()
    other.look(LANE, now=NOON)
    changed = one.change(LANE, opened, now=NOON)

    assert other.look(LANE, now=SOON) == Breaker()
    assert other.look(LANE, now=LATER) == changed
    assert other.look(LANE, now=NOON - timedelta(hours=1)) == changed


def test_of_many_who_want_to_try_one_does() -> None:
    BreakerStore().change(LANE, opened, now=NOON)
    due = NOON + timedelta(seconds=60)

    def probe(_: int) -> Breaker | None:
        return BreakerStore().change(LANE, lambda b: b.probed(now=due, lease_s=40), now=due)

    with ThreadPoolExecutor(8) as pool:
        tried = [each for each in pool.map(probe, range(8)) if each is not None]

    assert len(tried) == 1


def test_failures_of_workers_who_meet_are_all_counted() -> None:
    store, rival = BreakerStore(), BreakerStore()
    rivals = iter([1])

    def fail(breaker: Breaker) -> Breaker:
        if next(rivals, None):
            rival.change(LANE, lambda b: b.failed(now=NOON, jitter=round), now=NOON)
        return breaker.failed(now=NOON, jitter=round)

    changed = store.change(LANE, fail, now=NOON)

    assert changed == Breaker(failures=2, version=2)


def test_rows_of_breakers_are_no_batches() -> None:
    BreakerStore().change(LANE, opened, now=NOON)

    assert BatchStore().reserve(1) >= 1
    (row,) = [each for each in BatchItem.scan() if each.kind.startswith("BREAKER")]
    assert int(row.batch) == 0
