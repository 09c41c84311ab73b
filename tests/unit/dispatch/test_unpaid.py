"""An account without balance: its messages leave at the other account or wait; none fails."""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from functions.channels.base import ASK_BALANCE_AFTER_S
from functions.dispatch.report import Outcome
from functions.domain.breaker import LONGEST_OPEN_S, Breaker
from functions.domain.ids import BatchNumber
from functions.domain.message import MessageStatus, Send
from functions.domain.reason import FailureReason
from tests.builders import NOON
from tests.fakes.dying import Death, Killed
from tests.fakes.provider import FakeProvider
from tests.fakes.two_accounts import LEASE_S, MAIN, SIZE, World, a_world

SENT, PENDING = MessageStatus.SENT, MessageStatus.PENDING


def later(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def an_unpaid_world(pays: int = 0, **facts: object) -> World:
    return a_world(main=FakeProvider(pays=pays), **facts)


def breaker(world: World) -> Breaker:
    return world.breakers.breakers["sms#main"]


def test_what_the_first_account_cannot_pay_leaves_at_the_second() -> None:
    world = an_unpaid_world(batches=2)

    first = world.report(1)
    (_, at), *_ = world.put_back

    assert (first.outcome, first.failed, first.turn.unpaid) == (Outcome.LATER, 0, 1)
    assert world.report(1, now=at).account == "second"
    assert world.report(2).account == "second"
    assert world.main.calls == 1
    assert world.statuses(1) == world.statuses(2) == [SENT] * SIZE


def test_of_a_parcel_that_is_paid_in_part_the_rest_leaves_at_the_second() -> None:
    world = an_unpaid_world(pays=1)

    first = world.report()
    (_, at), *_ = world.put_back

    assert (first.outcome, first.sent, first.failed) == (Outcome.SENT, 1, 0)
    assert world.statuses() == [SENT, PENDING, PENDING]
    assert world.report(now=at).sent == SIZE - 1
    assert (len(world.main.received), len(world.second.received)) == (1, SIZE - 1)
    assert set(world.rings().values()) == {1}


def test_with_one_account_messages_wait_until_it_is_topped_up() -> None:
    world = an_unpaid_world(order=(MAIN,), batches=2)
    world.run(1)

    assert world.run(2) is Outcome.SHUT
    # Nothing is handed to it to find out whether it can pay by now.
    still = later(ASK_BALANCE_AFTER_S)
    assert world.run(2, now=still) is Outcome.SHUT
    assert world.main.calls == 1
    assert (breaker(world).unpaid, breaker(world).openings) == (True, 2)

    world.main.pays = None
    topped_up = still + timedelta(seconds=LONGEST_OPEN_S)
    healed = world.report(2, now=topped_up)

    assert (healed.outcome, healed.turn.healed) == (Outcome.SENT, 1)
    assert breaker(world) == Breaker(version=breaker(world).version)
    assert world.run(1, now=topped_up) is Outcome.SENT


def test_an_advertisement_waits_until_its_time_is_over_and_no_longer() -> None:
    world = an_unpaid_world(order=(MAIN,))
    expires = world.batches.batches[BatchNumber(1)].meta.expires
    world.run()
    world.run()

    assert all(at <= expires for _, at in world.put_back)
    assert world.run(now=expires) is Outcome.REJECTED
    state = world.batches.batches[BatchNumber(1)].state
    assert {state.state_of(i).reason for i in range(SIZE)} == {FailureReason.EXPIRED}


@pytest.mark.parametrize("pays", [0, 1, SIZE])
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("step", range(1, 25))
def test_a_worker_that_dies_on_the_way_loses_and_repeats_nothing(
    step: int, after: bool, pays: int
) -> None:
    world = an_unpaid_world(pays=pays)
    death = Death(step, after=after)
    with suppress(Killed):
        world.run(
            batches=death.port(world.batches),
            breakers=death.port(world.breakers),
            later=death.function(lambda job, meta, at, now: world.put_back.append((job, at))),
        )
    for minutes in range(1, 6):
        world.run(now=later(LEASE_S + 60 * minutes))

    assert set(world.rings().values()) == {1}
    if world.statuses() != [SENT] * SIZE:
        # It died in the very call in which the balance ran out. The list does not tell why it
        # lacks the others: see docs/providers.md.
        assert world.statuses() == [SENT, MessageStatus.FAILED, MessageStatus.FAILED]
        assert (pays, len(world.rings())) == (1, 1)


def test_what_the_list_shows_as_unpaid_was_not_sent() -> None:
    world = an_unpaid_world()
    state = world.batches.batches[BatchNumber(1)].state
    claimed = state.claimed(dict.fromkeys(range(SIZE), Send.SENDING), now=NOON, lease_s=LEASE_S)
    world.batches.change_state(BatchNumber(1), lambda _: claimed)

    class Listing(FakeProvider):
        def find(self, refs, *, since, now):
            return {ref: None if ref.ordinal == 0 else FailureReason.BALANCE for ref in refs}

    world.main = Listing(pays=0)
    report = world.report(now=later(LEASE_S + 1))

    assert report.outcome is Outcome.LATER
    assert world.statuses() == [SENT, PENDING, PENDING]


@given(st.lists(st.sampled_from(["unpaid", "fails", "probe fails", "passes"]), max_size=20))
def test_an_unpaid_account_stays_so_until_a_probe_succeeds(events: list[str]) -> None:
    at, found, unpaid = NOON, Breaker(), False
    for event in events:
        at += timedelta(seconds=LONGEST_OPEN_S + 1)
        probing = found.probed(now=at, lease_s=LEASE_S)
        probe = 0 if probing is None else probing.probe_until
        found = probing or found
        if event == "passes":
            found, unpaid = found.succeeded(probe=probe), False
        else:
            asked = ASK_BALANCE_AFTER_S if event == "unpaid" else None
            was_closed = found.closed
            found = found.failed(
                now=at, probe=probe, asked_s=asked, unpaid=event == "unpaid", jitter=round
            )
            unpaid = unpaid or event == "unpaid"
            assert was_closed or not found.closed
        assert found.unpaid is (unpaid and not found.closed)
        assert replace(found, unpaid=False).closed is found.closed
