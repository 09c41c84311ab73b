from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings, strategies as st

from functions.domain.breaker import (
    FIRST_OPEN_S,
    LONGEST_ASKED_S,
    MOST_FAILURES,
    Breaker,
    Passage,
)
from tests.builders import NOON

LEASE_S = 40


def later(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def opened(*, now: datetime = NOON) -> Breaker:
    breaker = Breaker()
    for _ in range(MOST_FAILURES):
        breaker = breaker.failed(now=now, jitter=round)
    return breaker


def at(epoch_s: int) -> datetime:
    return datetime.fromtimestamp(epoch_s, tz=UTC)


def test_failures_in_a_row_open_it_and_fewer_do_not() -> None:
    breaker = Breaker()
    for _ in range(MOST_FAILURES - 1):
        breaker = breaker.failed(now=NOON, jitter=round)

    assert breaker.passage(now=NOON) is Passage.FREE
    breaker = breaker.failed(now=NOON, jitter=round)
    assert breaker.passage(now=NOON) is Passage.WAIT
    assert breaker.look_again(now=NOON) == later(FIRST_OPEN_S)


def test_a_success_between_starts_the_count_anew() -> None:
    breaker = Breaker()
    for _ in range(10):
        for _ in range(MOST_FAILURES - 1):
            breaker = breaker.failed(now=NOON, asked_s=0, jitter=round)
        breaker = breaker.succeeded()

    assert breaker.closed


def test_success_of_a_healthy_account_changes_nothing() -> None:
    assert Breaker(version=7).succeeded() == Breaker(version=7)


@pytest.mark.parametrize(("asked", "waited"), [(1, 1), (30, 30), (10**9, LONGEST_ASKED_S)])
def test_wait_that_the_provider_asks_for_is_kept_at_once_within_a_bound(
    asked: int, waited: int
) -> None:
    breaker = Breaker().failed(now=NOON, asked_s=asked, jitter=round)

    assert breaker.passage(now=later(waited - 1)) is Passage.WAIT
    assert breaker.passage(now=later(waited)) is Passage.PROBE


def test_after_the_while_one_may_try_and_the_others_wait() -> None:
    due = later(FIRST_OPEN_S)
    breaker = opened()

    probing = breaker.probed(now=due, lease_s=LEASE_S)

    assert probing is not None
    assert probing.passage(now=due) is Passage.WAIT
    assert probing.probed(now=due, lease_s=LEASE_S) is None
    assert due < probing.look_again(now=due) < due + timedelta(seconds=LEASE_S)


def test_probe_that_is_never_heard_of_lapses() -> None:
    due = later(FIRST_OPEN_S)
    probing = opened().probed(now=due, lease_s=LEASE_S)
    assert probing is not None

    assert probing.passage(now=later(FIRST_OPEN_S + LEASE_S)) is Passage.PROBE


def test_probe_that_came_to_no_call_is_taken_back() -> None:
    due = later(FIRST_OPEN_S)
    probing = opened().probed(now=due, lease_s=LEASE_S)
    assert probing is not None

    back = probing.unprobed(probe=probing.probe_until)

    assert back.passage(now=due) is Passage.PROBE
    assert probing.unprobed(probe=1) == probing


def test_success_of_the_probe_closes() -> None:
    probing = opened().probed(now=later(FIRST_OPEN_S), lease_s=LEASE_S)
    assert probing is not None

    closed = probing.succeeded(probe=probing.probe_until)

    assert closed == Breaker(version=probing.version)


def test_failure_of_the_probe_opens_for_longer_up_to_a_bound() -> None:
    breaker, now, waits = opened(), NOON, []
    for _ in range(8):
        waits.append(breaker.open_until - int(now.timestamp()))
        now = at(breaker.open_until)
        probing = breaker.probed(now=now, lease_s=LEASE_S)
        assert probing is not None
        breaker = probing.failed(now=now, probe=probing.probe_until, jitter=round)

    assert waits == [30, 60, 120, 240, 300, 300, 300, 300]


def test_stragglers_of_before_the_opening_change_nothing() -> None:
    breaker = opened()

    assert breaker.failed(now=later(1), jitter=round) == breaker
    assert breaker.failed(now=later(1), asked_s=900, jitter=round) == breaker
    assert breaker.succeeded() == breaker


def test_probe_that_lapsed_is_a_straggler() -> None:
    first = opened().probed(now=later(FIRST_OPEN_S), lease_s=LEASE_S)
    assert first is not None
    second = first.probed(now=later(FIRST_OPEN_S + LEASE_S), lease_s=LEASE_S)
    assert second is not None

    assert second.succeeded(probe=first.probe_until) == second
    late = second.failed(now=later(99), probe=first.probe_until, jitter=round)
    assert late == second


@pytest.mark.parametrize("back", [timedelta(hours=2), timedelta(days=400)], ids=str)
def test_a_clock_set_back_does_not_keep_it_open(back: timedelta) -> None:
    breaker = opened()

    assert breaker.passage(now=NOON - back) is Passage.PROBE
    assert breaker.look_again(now=NOON - back) <= NOON - back + timedelta(seconds=10)


@given(st.lists(st.booleans(), max_size=50))
def test_successes_alone_never_open_it(probes: Sequence[bool]) -> None:
    breaker = Breaker()
    for probe in probes:
        breaker = breaker.succeeded(probe=int(probe))

    assert breaker == Breaker()


steps = st.lists(
    st.tuples(
        st.sampled_from(["call", "succeed", "fail", "fail_asked", "die"]),
        st.integers(0, 400),
        st.floats(0.5, 1),
    ),
    max_size=80,
)


@given(steps)
@settings(max_examples=300)
def test_at_most_one_probe_is_under_way_and_no_opening_is_longer_than_its_bound(
    script: list[tuple[str, int, float]],
) -> None:
    """Calls begin, end well or badly, late or never, in any order and at any moment."""
    breaker, now = Breaker(), NOON
    under_way: list[tuple[int, datetime]] = []  # probe (0: ordinary), when its lease ends
    for what, wait_s, share in script:
        now += timedelta(seconds=wait_s)
        breaker = _step(what, breaker, now, share, under_way)
        probes = {probe for probe, until in under_way if probe and until > now}
        assert len(probes) <= 1
        assert breaker.open_until - now.timestamp() <= LONGEST_ASKED_S


def _step(
    what: str,
    breaker: Breaker,
    now: datetime,
    share: float,
    under_way: list[tuple[int, datetime]],
) -> Breaker:
    until = now + timedelta(seconds=LEASE_S)
    if what == "call":
        passage = breaker.passage(now=now)
        if passage is Passage.FREE:
            under_way.append((0, until))
        probing = breaker.probed(now=now, lease_s=LEASE_S)
        assert (probing is not None) == (passage is Passage.PROBE)
        if probing is not None:
            under_way.append((probing.probe_until, until))
            return probing
        return breaker
    if not under_way:
        return breaker
    probe, _ = under_way.pop(0)
    if what == "succeed":
        return breaker.succeeded(probe=probe)
    if what == "die":
        return breaker
    asked_s = 7_200 if what == "fail_asked" else None
    return breaker.failed(now=now, probe=probe, asked_s=asked_s, jitter=lambda s: round(s * share))


@given(steps)
@settings(max_examples=300)
def test_whatever_happened_it_heals_by_itself_within_its_bounds(
    script: list[tuple[str, int, float]],
) -> None:
    breaker, now = Breaker(), NOON
    under_way: list[tuple[int, datetime]] = []
    for what, wait_s, share in script:
        now += timedelta(seconds=wait_s)
        breaker = _step(what, breaker, now, share, under_way)

    well = now + timedelta(seconds=LONGEST_ASKED_S + LEASE_S)
    if not breaker.closed:
        probing = breaker.probed(now=well, lease_s=LEASE_S)
        assert probing is not None
        breaker = probing.succeeded(probe=probing.probe_until)

    assert breaker.closed
    assert breaker.passage(now=well) is Passage.FREE
