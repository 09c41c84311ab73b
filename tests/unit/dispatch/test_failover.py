"""Two accounts of one channel: one takes over from the other, and nobody gets anything twice."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from functions.channels.base import Ambiguous, ChannelError, Rejected, RetryLater
from functions.dispatch.report import Outcome
from functions.domain.breaker import FIRST_OPEN_S, LONGEST_OPEN_S, MOST_FAILURES, Breaker
from functions.domain.campaign import Gate
from functions.domain.channel import Channel, Purpose
from functions.domain.fatigue import Cap, Period
from functions.domain.ids import AccountName, BatchNumber, ImageId
from functions.domain.message import MessageStatus, Send
from functions.domain.policy import LAW_ALONE, Policy, WhenUnknown
from functions.domain.reason import FailureReason
from tests.builders import NOON, a_sender, a_template
from tests.fakes.dying import Death, Killed
from tests.fakes.provider import FakeProvider
from tests.fakes.two_accounts import LEASE_S, MAIN, SECOND, SIZE, World, a_world


def later(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def test_a_healthy_account_costs_no_write() -> None:
    world = a_world(batches=3)

    for number in (1, 2, 3):
        assert world.run(number) is Outcome.SENT

    assert world.breakers.writes == 0
    assert world.second.calls == 0


def test_failures_in_a_row_open_the_lane_and_the_second_account_takes_over() -> None:
    world = a_world(batches=MOST_FAILURES + 1)
    world.main.fail_before = [RetryLater("HTTP 429") for _ in range(MOST_FAILURES)]

    reports = [world.report(n) for n in range(1, MOST_FAILURES + 1)]
    after = world.report(MOST_FAILURES + 1)

    assert [each.turn.opened for each in reports] == [*[0] * (MOST_FAILURES - 1), 1]
    assert (after.outcome, after.account) == (Outcome.SENT, "second")
    assert world.second.calls == 1
    assert world.main.calls == MOST_FAILURES


def test_what_was_certainly_not_sent_leaves_at_the_second_account_when_it_comes_back() -> None:
    world = a_world()
    world.main.fail_before = [RetryLater("HTTP 429", after_s=300)]

    assert world.run() is Outcome.LATER
    ((_, at),) = world.put_back

    assert at < later(30)
    assert world.run(now=at) is Outcome.SENT
    assert (world.main.calls, world.second.calls) == (1, 1)
    assert world.account() == SECOND


def test_it_goes_back_by_itself_when_the_first_account_is_well_again() -> None:
    world = a_world(batches=4)
    world.break_main(wait_s=60)

    assert world.report(1).account == "second"
    tried = world.report(2, now=later(60))
    assert (tried.account, tried.turn.healed) == ("main", 1)
    assert world.report(3, now=later(61)).account == "main"


def test_only_one_batch_tries_while_the_others_leave_at_the_second() -> None:
    world = a_world(batches=2)
    world.break_main(wait_s=60)
    due = later(60)

    class Slow(FakeProvider):
        def send(self, parcel: Any, *, now: datetime) -> Any:
            assert world.report(2, now=now).account == "second"
            return super().send(parcel, now=now)

    world.main = Slow()
    assert world.report(1, now=due).account == "main"


def test_account_that_cannot_even_be_asked_gets_no_batch_to_try_with() -> None:
    world = a_world()
    world.break_main(wait_s=60)
    world.main.fail_find = [Ambiguous("HTTP 503")]

    assert world.report(now=later(60)).account == "second"

    assert world.main.calls == 0
    assert world.breakers.breakers["sms#main"].openings == 2


def test_with_one_account_batches_wait_without_a_call_and_do_not_return_at_once() -> None:
    seconds = iter(range(30, 200, 7))
    world = a_world(batches=5, order=(MAIN,), jitter=lambda _: next(seconds))
    world.break_main(wait_s=60)

    outcomes = [world.run(n) for n in range(1, 6)]

    assert outcomes == [Outcome.SHUT] * 5
    assert world.main.calls == 0
    moments = [at for _, at in world.put_back]
    assert len(set(moments)) == 5
    assert min(moments) >= later(60)
    assert all(each == MessageStatus.PENDING for n in range(1, 6) for each in world.statuses(n))


def test_waiting_for_the_account_does_not_count_as_an_attempt() -> None:
    world = a_world(order=(MAIN,))
    world.break_main(wait_s=60)

    world.run()

    ((job, _),) = world.put_back
    assert job.attempt == 0


def test_messages_expire_although_no_account_may_be_called() -> None:
    world = a_world(order=(MAIN,))
    expires = world.batches.batches[BatchNumber(1)].meta.expires
    world.break_main(now=expires - timedelta(seconds=9), wait_s=600)

    assert world.run(now=expires - timedelta(seconds=9)) is Outcome.SHUT
    ((_, at),) = world.put_back
    assert at == expires
    assert world.run(now=at) is Outcome.REJECTED
    assert world.statuses() == [MessageStatus.FAILED] * SIZE


def test_other_channels_lanes_are_not_touched() -> None:
    world = a_world()
    world.breakers.change(
        "kakao#main", lambda b: b.failed(now=NOON, asked_s=60, jitter=round), now=NOON
    )

    assert world.report().account == "main"


@pytest.mark.parametrize("reason", [FailureReason.BALANCE, FailureReason.CONTENT])
def test_refused_parcel_is_no_failure_of_the_account(reason: FailureReason) -> None:
    world = a_world(batches=9)
    world.main.fail_before = [Rejected(reason, code="x") for _ in range(9)]

    assert {world.run(n) for n in range(1, 10)} == {Outcome.REJECTED}
    assert world.breakers.writes == 0


def test_sender_that_only_the_first_account_knows_waits_for_it() -> None:
    world = a_world(sender=a_sender())
    world.break_main(wait_s=60)

    assert world.run() is Outcome.SHUT
    assert world.run(now=later(60)) is Outcome.SENT
    assert (world.main.calls, world.second.calls) == (1, 0)


def test_each_account_is_given_the_names_it_knows() -> None:
    seen: list[tuple[str, str | None]] = []

    class Noting(FakeProvider):
        def send(self, parcel: Any, *, now: datetime) -> Any:
            seen.append((parcel.sender, parcel.provider_template_id))
            return super().send(parcel, now=now)

    kakao = {"channel": Channel.KAKAO, "purpose": Purpose.TRANSACTIONAL}
    template = a_template(
        provider_template_id="TP1", provider_template_ids={SECOND: "TP2"}, **kakao
    )
    sender = a_sender(channel=Channel.KAKAO, address="PF1", accounts={SECOND: "PF2"})
    world = a_world(batches=2, purpose=Purpose.TRANSACTIONAL, template=template, sender=sender)
    world.main, world.second = Noting(), Noting()

    world.run(1)
    world.break_main()
    world.run(2)

    assert seen == [("PF1", "TP1"), ("PF2", "TP2")]


def test_kakao_template_that_the_second_account_does_not_know_waits_for_the_first() -> None:
    template = a_template(
        channel=Channel.KAKAO, purpose=Purpose.TRANSACTIONAL, provider_template_id="TP1"
    )
    sender = a_sender(channel=Channel.KAKAO, address="PF1", accounts={SECOND: "PF2"})
    world = a_world(purpose=Purpose.TRANSACTIONAL, template=template, sender=sender)
    world.break_main()

    assert world.run() is Outcome.SHUT


def test_image_is_uploaded_at_the_account_that_sends() -> None:
    world = a_world(template=a_template(image_id=ImageId("img_1")))
    world.break_main()

    world.run()

    assert (world.main.uploads, world.second.uploads) == (0, 1)


def in_doubt_at(world: World, account: AccountName) -> None:
    """The account took the batch and did not say so."""
    world.order = (account,)
    world.providers[account].fail_after = [Ambiguous("ReadTimeoutError")]
    assert world.run() is Outcome.UNKNOWN
    world.order = (MAIN, SECOND)


@pytest.mark.parametrize("account", [MAIN, SECOND])
def test_batch_in_doubt_is_asked_about_where_it_was_tried(account: AccountName) -> None:
    world = a_world()
    in_doubt_at(world, account)

    assert world.run(now=later(41)) is Outcome.NOTHING_DUE

    assert world.statuses() == [MessageStatus.SENT] * SIZE
    assert world.main.calls + world.second.calls == 1


@pytest.mark.parametrize("account", [MAIN, SECOND])
def test_batch_in_doubt_waits_while_its_account_cannot_be_asked(account: AccountName) -> None:
    world = a_world()
    in_doubt_at(world, account)
    world.providers[account].fail_find = [RetryLater("HTTP 429"), Ambiguous("HTTP 500")]

    assert [world.run(now=later(41)) for _ in range(2)] == [Outcome.UNKNOWN] * 2

    assert world.main.calls + world.second.calls == 1
    assert world.run(now=later(99)) is Outcome.NOTHING_DUE


def test_batch_in_doubt_that_never_arrived_may_leave_at_the_other() -> None:
    world = a_world()
    world.main.fail_before = [Ambiguous("HTTP 503")]
    assert world.run() is Outcome.UNKNOWN
    world.break_main(wait_s=600)

    assert world.run(now=later(41)) is Outcome.SENT

    assert world.account() == SECOND
    assert set(world.rings().values()) == {1}


def test_without_the_name_of_the_account_somebody_would_get_it_twice() -> None:
    """A test of the test: asked at the wrong account, the messages seem never to have arrived."""
    world = a_world()
    in_doubt_at(world, SECOND)
    world.batches.change_state(BatchNumber(1), lambda s: replace(s, account=MAIN))

    world.run(now=later(41))

    assert set(world.rings().values()) == {2}


# Anything may happen, in any order.

FAULTS: Mapping[str, tuple[str, ChannelError] | None] = {
    "well": None,
    "busy": ("fail_before", RetryLater("HTTP 429")),
    "asks_to_wait": ("fail_before", RetryLater("HTTP 429", after_s=90)),
    "refused_connection": ("fail_before", RetryLater("NewConnectionError")),
    "lost": ("fail_before", Ambiguous("HTTP 503")),
    "taken_unsaid": ("fail_after", Ambiguous("ReadTimeoutError")),
    "cannot_be_asked": ("fail_find", Ambiguous("HTTP 500")),
}


@dataclass(frozen=True)
class Move:
    """A worker gets a batch; how each account behaves then, and at which step the worker dies."""

    batch: int
    wait_s: int
    main: str
    second: str
    dies_at: int
    after: bool


moves = st.lists(
    st.builds(
        Move,
        batch=st.integers(1, 3),
        wait_s=st.sampled_from([0, 1, 20, 31, 41, 120, 400]),
        main=st.sampled_from(sorted(FAULTS)),
        second=st.sampled_from(sorted(FAULTS)),
        dies_at=st.sampled_from([0, 0, 0, *range(1, 16)]),
        after=st.booleans(),
    ),
    max_size=25,
)


def dying(world: World, death: Death) -> dict[str, Any]:
    ports = {
        name: _Askable(death.port(provider), provider) for name, provider in world.providers.items()
    }
    return {
        "batches": death.port(world.batches),
        "breakers": death.port(world.breakers),
        "channel": lambda _, account: ports[account],
    }


@dataclass
class _Askable:
    """A port whose ``can_be_asked`` is no step."""

    port: Any
    inner: FakeProvider

    @property
    def can_be_asked(self) -> bool:
        return self.inner.can_be_asked

    def __getattr__(self, name: str) -> Any:
        return getattr(self.port, name)


def play(world: World, script: Sequence[Move]) -> datetime:
    now = NOON
    for move in script:
        now += timedelta(seconds=move.wait_s)
        for provider, what in ((world.main, move.main), (world.second, move.second)):
            provider.fail_before, provider.fail_after, provider.fail_find = [], [], []
            if (fault := FAULTS[what]) is not None:
                setattr(provider, fault[0], [fault[1]])
        death = Death(move.dies_at, after=move.after)
        with suppress(Killed):
            world.run(move.batch, now=now, **dying(world, death))
        assert set(world.rings().values()) <= {1}
    return now


def all_is_well(world: World, now: datetime) -> Iterator[datetime]:
    """Moments at which every batch gets a turn, with both accounts well."""
    for provider in world.providers.values():
        provider.fail_before, provider.fail_after, provider.fail_find = [], [], []
    for _ in range(8):
        now += timedelta(seconds=LONGEST_OPEN_S + LEASE_S)
        yield now


@given(moves)
@settings(max_examples=400, deadline=None)
def test_whatever_happens_at_two_accounts_everyone_gets_it_exactly_once(
    script: list[Move],
) -> None:
    world = a_world(batches=4)  # the fourth finds an account that was left in any state

    now = play(world, script)
    for moment in all_is_well(world, now):
        for number in (4, 1, 2, 3):
            world.run(number, now=moment)

    for number in (1, 2, 3, 4):
        assert world.statuses(number) == [MessageStatus.SENT] * SIZE
    assert sum(world.rings().values()) == 4 * SIZE
    assert set(world.rings().values()) == {1}
    assert world.account(4) == MAIN
    assert world.breakers.look("sms#main", now=now).closed


@given(moves, st.sampled_from([LAW_ALONE, Policy(ambiguous_transactional=WhenUnknown.RESEND)]))
@settings(max_examples=200, deadline=None)
def test_accounts_that_can_never_be_asked_send_no_advertisement_twice(
    script: list[Move], policy: Policy
) -> None:
    world = a_world(batches=3, policy=policy)
    world.main.can_be_asked = world.second.can_be_asked = False

    now = play(world, script)
    for moment in all_is_well(world, now):
        for number in (1, 2, 3):
            world.run(number, now=moment)

    final = {MessageStatus.SENT, MessageStatus.UNKNOWN}
    assert {status for n in (1, 2, 3) for status in world.statuses(n)} <= final
    assert not any(batch.state.unsettled for batch in world.batches.batches.values())
    assert set(world.rings().values()) <= {1}


def test_a_notice_is_sent_again_where_the_policy_wants_it_and_nobody_can_say() -> None:
    world = a_world(
        purpose=Purpose.TRANSACTIONAL, policy=Policy(ambiguous_transactional=WhenUnknown.RESEND)
    )
    world.main.can_be_asked = False
    world.main.fail_after = [Ambiguous("ReadTimeoutError")]
    world.run()

    assert world.run(now=later(41)) is Outcome.SENT
    assert set(world.rings().values()) == {2}


def test_a_notice_that_is_never_answered_is_sent_three_times_at_most() -> None:
    world = a_world(
        purpose=Purpose.TRANSACTIONAL, policy=Policy(ambiguous_transactional=WhenUnknown.RESEND)
    )
    world.order = (MAIN,)
    world.main.can_be_asked = False
    world.main.fail_after = [Ambiguous("ReadTimeoutError") for _ in range(9)]

    for n in range(20):
        world.run(now=later(n * 400))

    assert set(world.rings().values()) == {3}
    assert world.statuses() == [MessageStatus.UNKNOWN] * SIZE


def test_probe_of_a_worker_that_died_lapses_with_its_lease() -> None:
    world = a_world(order=(MAIN,))
    world.break_main(wait_s=FIRST_OPEN_S)
    due = later(FIRST_OPEN_S)
    world.breakers.change("sms#main", lambda b: b.probed(now=due, lease_s=LEASE_S), now=due)

    assert world.run(now=due + timedelta(seconds=LEASE_S - 1)) is Outcome.SHUT
    assert world.run(now=due + timedelta(seconds=LEASE_S)) is Outcome.SENT
    assert world.breakers.breakers["sms#main"] == Breaker(version=4)


def test_batch_whose_people_are_all_capped_lets_another_try() -> None:
    none = Cap(name="none", most=0, period=Period.CALENDAR_DAYS, length=1)
    world = a_world(batches=2, order=(MAIN,), policy=Policy(caps=(none,)))
    world.break_main(wait_s=60)

    with_looks = [world.run(1, now=later(60)), world.run(2, now=later(60))]

    assert with_looks == [Outcome.HELD, Outcome.HELD]
    assert world.breakers.breakers["sms#main"].probe_until == 0


def test_pause_ordered_while_the_account_is_asked_holds() -> None:
    world = a_world()
    world.break_main(wait_s=60)

    def find(*_: Any, **__: Any) -> dict[Any, None]:
        world.gate = Gate.SHUT
        return {}

    world.main.find = find  # type: ignore[assignment, method-assign]

    assert world.run(now=later(60)) is Outcome.PARKED
    assert world.main.calls == 0
    assert world.breakers.breakers["sms#main"].probe_until == 0


def test_batch_that_a_rival_takes_lets_another_try() -> None:
    world = a_world()
    world.break_main(wait_s=60)
    due = later(60)
    rival = {0: Send.SENDING}

    def find(*_: Any, **__: Any) -> dict[Any, None]:
        claim = world.batches.change_state
        claim(BatchNumber(1), lambda s: s.claimed(rival, now=due, lease_s=LEASE_S))
        return {}

    world.main.find = find  # type: ignore[assignment, method-assign]

    assert world.run(now=due) is Outcome.LEASED
    assert world.breakers.breakers["sms#main"].probe_until == 0


def test_batch_of_whom_nobody_may_get_anything_takes_no_probe() -> None:
    world = a_world()
    world.batches.change_state(
        BatchNumber(1), lambda s: s.with_sends(dict.fromkeys(range(SIZE), Send.CANCELLED))
    )
    world.break_main(wait_s=60)

    assert world.run(now=later(60)) is Outcome.NOTHING_DUE
    assert world.breakers.writes == 1
