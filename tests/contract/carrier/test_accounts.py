"""Several accounts at one simulator: each with its own messages, numbers and faults."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from infra.local.carrier.testing import running_carrier
from tests.contract.carrier.direct import DirectClient, sms

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.local.carrier.client import CarrierControl

KEYS = {"KEYONE": "one", "KEYTWO": "two"}
SENDER = "0212345678"


@pytest.fixture(scope="module")
def running() -> Iterator[CarrierControl]:
    with running_carrier(
        api_key="KEYONE", api_secret="one", more_accounts={"KEYTWO": "two"}
    ) as control:
        yield control


@pytest.fixture
def accounts(running: CarrierControl) -> Iterator[dict[str, DirectClient]]:
    running.reset()
    running.configure(report_delay_s=0)
    clients = {
        key: DirectClient(running.base_url, api_key=key, api_secret=secret)
        for key, secret in KEYS.items()
    }
    yield clients
    for client in clients.values():
        client.http.close()


def test_each_lists_its_own_groups(accounts: dict[str, DirectClient]) -> None:
    group = accounts["KEYONE"].send(sms())["groupInfo"]["groupId"]

    one, two = (accounts[key] for key in KEYS)

    assert set(one.get("/messages/v4/groups").json()["groupList"]) == {group}
    assert two.get("/messages/v4/groups").json()["groupList"] == {}


def test_messages_are_listed_where_they_were_accepted(
    accounts: dict[str, DirectClient], running: CarrierControl
) -> None:
    running.add_sender(SENDER)
    accounts["KEYTWO"].send(sms())

    found = {key: client.get("/messages/v4/list").json() for key, client in accounts.items()}

    assert {key: len(page["messageList"]) for key, page in found.items()} == {
        "KEYONE": 0,
        "KEYTWO": 1,
    }
    (line,) = running.ledger(status="any")
    assert line["account"] == "KEYTWO"


def test_number_may_be_registered_at_one_account_only(
    accounts: dict[str, DirectClient], running: CarrierControl
) -> None:
    running.add_sender(SENDER, api_key="KEYONE")

    refused = {key: client.refusals(sms()) for key, client in accounts.items()}

    assert refused == {"KEYONE": [], "KEYTWO": ["1062"]}


def test_fault_happens_to_its_account_only(
    accounts: dict[str, DirectClient], running: CarrierControl
) -> None:
    running.configure(
        fault={"kind": "http_503", "path": "/messages/v4/list", "api_key": "KEYTWO", "count": 2}
    )

    statuses = [
        accounts[key].get("/messages/v4/list").status_code
        for key in ("KEYONE", "KEYTWO", "KEYONE", "KEYTWO", "KEYTWO")
    ]

    assert statuses == [200, 503, 200, 503, 200]


def test_secret_of_one_does_not_open_the_other(running: CarrierControl) -> None:
    crossed = DirectClient(running.base_url, api_key="KEYONE", api_secret="two")

    answer = crossed.get("/cash/v1/balance")
    crossed.http.close()

    assert (answer.status_code, answer.json()["errorCode"]) == (403, "SignatureDoesNotMatch")


def test_an_account_may_have_money_of_its_own(
    accounts: dict[str, DirectClient], running: CarrierControl
) -> None:
    running.add_sender(SENDER)
    running.configure(balances={"KEYONE": 0})

    refused, taken = (accounts[key].send(sms()) for key in KEYS)
    left = {key: each.get("/cash/v1/balance").json()["balance"] for key, each in accounts.items()}

    assert [each["statusCode"] for each in refused["failedMessageList"]] == ["1030"]
    assert taken["failedMessageList"] == []
    assert left["KEYONE"] == 0 < left["KEYTWO"]
    running.configure(balances={"KEYONE": 1_000})
    assert accounts["KEYONE"].send(sms())["failedMessageList"] == []
