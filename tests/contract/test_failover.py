"""A campaign over two accounts of the carrier simulator, over real HTTP; one of them fails."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from functions.channels.base import Ambiguous, Parcel, Taken
from functions.channels.solapi import Credentials, SolapiChannel
from functions.dispatch.report import Outcome, Report
from functions.domain.breaker import MOST_FAILURES
from functions.domain.ids import AccountName, BatchNumber, MessageNumber
from functions.domain.message import MessageStatus
from infra.local.carrier.client import CarrierControl, wait_until
from infra.local.carrier.clock import real_time
from infra.local.carrier.testing import running_carrier
from tests.builders import NOON, a_sender
from tests.contract.test_solapi_channel import outgoing, parcel
from tests.fakes.two_accounts import MAIN, SECOND, SIZE, World, a_world

NUMBER = "0200001234"
SECRET_BY_ACCOUNT = {MAIN: ("SIMULATEDKEY", "simulated-secret"), SECOND: ("SECONDKEY", "hidden")}
MAIN_KEY, SECOND_KEY = (SECRET_BY_ACCOUNT[each][0] for each in (MAIN, SECOND))


@pytest.fixture(scope="module")
def shared() -> Iterator[CarrierControl]:
    with running_carrier(more_accounts=dict([SECRET_BY_ACCOUNT[SECOND]])) as carrier:
        yield carrier


@pytest.fixture
def carrier(shared: CarrierControl) -> CarrierControl:
    shared.reset()
    shared.add_sender(NUMBER)
    shared.configure(report_delay_s=0)
    return shared


def adapter(carrier: CarrierControl, account: AccountName) -> SolapiChannel:
    key, secret = SECRET_BY_ACCOUNT[account]
    return SolapiChannel(Credentials(api_key=key, api_secret=secret), base_url=carrier.base_url)


class Today:
    """An account that is told today's time while the workers live at a noon of their own."""

    can_be_asked = True

    def __init__(self, inner: SolapiChannel) -> None:
        self._inner = inner
        self._ahead = real_time() - NOON

    def send(self, parcel: Parcel, *, now: datetime) -> Taken:
        return self._inner.send(parcel, now=now + self._ahead)

    def find(self, refs: Any, *, since: datetime, now: datetime) -> Any:
        return self._inner.find(refs, since=since + self._ahead, now=now + self._ahead)


class Run:
    """Workers that hand over for real; their clock is moved on by hand."""

    def __init__(self, carrier: CarrierControl, world: World) -> None:
        self.carrier, self.world = carrier, world
        self.now = NOON
        self.adapters = {each: Today(adapter(carrier, each)) for each in (MAIN, SECOND)}

    def send(self, number: int) -> Report:
        called = self.adapters
        return self.world.report(number, now=self.now, channel=lambda _, each: called[each])

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def arrived(self, number: int) -> list[int]:
        """How often each message of a batch was accepted, at whichever account."""
        refs = (MessageNumber(batch=BatchNumber(number), ordinal=n) for n in range(SIZE))
        return [len(self.carrier.ledger(ref=str(ref), status="any")) for ref in refs]

    def accounts(self) -> list[str]:
        """Which account each message was accepted at, in the order of time."""
        return [item["account"] for item in self.carrier.ledger(status="any")]


@pytest.fixture
def run(carrier: CarrierControl) -> Run:
    sender = a_sender(address=NUMBER, accounts={SECOND: NUMBER})
    return Run(carrier, a_world(batches=12, sender=sender))


def test_one_account_takes_over_in_the_middle_and_each_phone_rings_once(run: Run) -> None:
    after_accept = {"kind": "timeout_after_accept", "hang_s": 0.1, "api_key": MAIN_KEY}
    down = {"kind": "http_503", "count": 1000, "path": "/", "api_key": MAIN_KEY}

    in_doubt = range(2, 2 + MOST_FAILURES)
    first, second, third, fourth = range(2 + MOST_FAILURES, 6 + MOST_FAILURES)

    assert run.send(1).account == "main"
    run.carrier.configure(fault=[after_accept, {**down, "path": "/messages/v4/send"}])
    doubtful = [run.send(n).outcome for n in in_doubt]
    run.carrier.configure(fault=down)
    meanwhile = [run.send(n).account for n in (first, second)]
    run.wait(31)
    unanswered = [run.send(n).outcome for n in in_doubt]
    tried = run.send(third)
    run.carrier.configure(fault=None)
    run.wait(120)
    settled = [run.send(n).outcome for n in in_doubt]
    healed = run.send(fourth)

    assert doubtful == unanswered == [Outcome.UNKNOWN] * MOST_FAILURES
    assert meanwhile == ["second", "second"]
    assert tried.account == "second"
    assert settled == [Outcome.NOTHING_DUE, *[Outcome.SENT] * (MOST_FAILURES - 1)]
    assert healed.account == "main"
    for number in range(1, fourth + 1):
        assert run.world.statuses(number) == [MessageStatus.SENT] * SIZE
        assert run.arrived(number) == [1] * SIZE


def test_storm_of_429_slows_its_lane_only(run: Run) -> None:
    storm = {"kind": "http_429", "count": 1000, "retry_after_s": 20, "api_key": MAIN_KEY}
    run.carrier.configure(fault=storm)

    assert run.send(1).outcome is Outcome.LATER
    accounts = [run.send(n).account for n in range(2, 9)]

    assert accounts == ["second"] * 7
    assert run.carrier.counters()["faults"] == {"http_429": 1}
    run.carrier.configure(fault=None)
    run.wait(19)
    assert run.send(1).account == "second"
    run.wait(1)
    assert run.send(9).account == "main"


def test_key_that_was_revoked_does_not_stop_the_campaign(run: Run) -> None:
    world = run.world
    revoked = SolapiChannel(
        Credentials(api_key="REVOKED", api_secret="x"), base_url=run.carrier.base_url
    )
    run.adapters[MAIN] = Today(revoked)

    outcomes = [run.send(n).outcome for n in (1, 2, 1)]

    assert outcomes == [Outcome.LATER, Outcome.SENT, Outcome.SENT]
    assert world.account(1) == SECOND


def test_each_account_lists_its_own_messages_only(carrier: CarrierControl) -> None:
    """Why it matters at which account a batch in doubt is asked about."""
    carrier.configure(fault={"kind": "http_500_after_accept", "api_key": SECOND_KEY})
    began = real_time()

    with pytest.raises(Ambiguous):
        adapter(carrier, SECOND).send(parcel(outgoing(0)), now=began)

    found = {
        each: adapter(carrier, each).find(
            {outgoing(0).ref: outgoing(0).to}, since=began, now=real_time()
        )
        for each in (MAIN, SECOND)
    }
    assert found == {MAIN: {}, SECOND: {outgoing(0).ref: None}}


def test_asking_for_nothing_tells_whether_an_account_answers(carrier: CarrierControl) -> None:
    main = adapter(carrier, MAIN)
    now = real_time()

    assert main.find({}, since=now, now=now) == {}
    carrier.configure(fault={"kind": "http_503", "path": "/messages/v4/list", "api_key": MAIN_KEY})
    with pytest.raises(Ambiguous):
        main.find({}, since=now, now=now)


def test_second_account_that_does_not_know_the_number_is_not_used(run: Run) -> None:
    run.world.sender = a_sender(address=NUMBER)
    run.carrier.configure(
        fault={"kind": "http_429", "retry_after_s": 20, "count": 9, "api_key": MAIN_KEY}
    )

    assert [run.send(n).outcome for n in (1, 2)] == [Outcome.LATER, Outcome.SHUT]
    run.carrier.configure(fault=None)
    run.wait(20)

    assert [run.send(n).outcome for n in (1, 2)] == [Outcome.SENT, Outcome.SENT]
    assert set(run.accounts()) == {MAIN_KEY}
    wait_until(lambda: len(run.carrier.ledger()) == 2 * SIZE)
