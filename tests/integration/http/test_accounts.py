"""Two accounts at the provider, through the API and the real workers and rows."""

from datetime import timedelta

import pytest

from functions.storage.breakers import BreakerStore
from infra.local.carrier.client import CarrierControl
from tests.integration.api import Api
from tests.integration.http.clock import Clock
from tests.integration.http.problems import assert_problem
from tests.integration.http.pump import Pump
from tests.integration.http.shop import (
    KAKAO_TEMPLATE,
    SENDER,
    Json,
    a_customer,
    a_kakao_sender,
    a_sender,
    a_template,
    an_alimtalk,
    phone,
    send,
)
from tests.integration.template import PARAMETERS

MAIN_KEY, SECOND_KEY = PARAMETERS["SolapiApiKey"], PARAMETERS["SolapiSecondApiKey"]


@pytest.fixture(scope="module")
def notice(api: Api) -> str:
    return a_template(api, body="보냈습니다.")


@pytest.fixture
def sender(api: Api) -> str:
    sender_id = a_sender(api)
    answer = api.put(f"/v1/senders/{sender_id}/accounts", {"accounts": {"second": "02-0000-1234"}})
    assert (answer.status, answer.body["accounts"]) == (200, {"second": SENDER})
    return sender_id


@pytest.fixture(autouse=True)
def _well(carrier: CarrierControl, clock: Clock) -> None:
    """Every test begins with accounts that were well for an hour."""
    carrier.configure(fault=None)
    for lane in ("sms#main", "sms#second", "kakao#main"):
        BreakerStore().change(lane, lambda b: type(b)(version=b.version), now=clock.now())


def sent(api: Api, pump: Pump, notice: str, sender: str, number: int) -> Json:
    """Send one message and let the workers do what they can at once."""
    (made,) = send(api, notice, sender, {"phone": phone(number)})["messages"]
    pump.run()
    shown: Json = api.get(f"/v1/messages/{made['message_id']}").body
    return shown


def account_of(carrier: CarrierControl, message: Json) -> str:
    (line,) = carrier.ledger(ref=message["message_id"], status="any")
    account: str = line["account"]
    return account


def busy(retry_after_s: int = 60) -> Json:
    return {"kind": "http_429", "count": 99, "retry_after_s": retry_after_s, "api_key": MAIN_KEY}


def test_accounts_of_a_sender_are_said_anew(api: Api, sender: str) -> None:
    assert api.get(f"/v1/senders/{sender}").body["accounts"] == {"second": SENDER}

    gone = api.put(f"/v1/senders/{sender}/accounts", {"accounts": {}})

    assert (gone.body["accounts"], gone.body["status"]) == ({}, "approved")


@pytest.mark.parametrize(
    ("accounts", "pointer", "code"),
    [
        ({"third": SENDER}, "/accounts/third", "unknown_account"),
        ({"main": SENDER}, "/accounts/main", "unknown_account"),
        ({"second": "02-0000-9999"}, "/accounts/second", "another_number"),
        ({"second": "114"}, "/accounts/second", "special_number"),
    ],
)
def test_refuses_accounts_that_are_none_and_numbers_of_others(
    api: Api, accounts: dict[str, str], pointer: str, code: str
) -> None:
    answer = api.put(f"/v1/senders/{a_sender(api)}/accounts", {"accounts": accounts})

    assert_problem(answer, 422, "invalid_input", (pointer, code))


def test_template_of_an_unknown_account_is_refused(api: Api) -> None:
    alimtalk = {
        "name": "알림",
        "channel": "kakao",
        "purpose": "transactional",
        "body": "보냈습니다.",
        "provider_template_id": KAKAO_TEMPLATE,
        "provider_template_ids": {"third": "KA01TP3"},
    }

    answer = api.post("/v1/templates", alimtalk)

    pointer = "/provider_template_ids/third"
    assert_problem(answer, 422, "invalid_input", (pointer, "unknown_account"))


def test_second_account_takes_over_and_the_first_comes_back(
    api: Api, pump: Pump, carrier: CarrierControl, clock: Clock, notice: str, sender: str
) -> None:
    before = sent(api, pump, notice, sender, 1)
    carrier.configure(fault=busy())
    meets_it = sent(api, pump, notice, sender, 2)
    during = sent(api, pump, notice, sender, 3)
    carrier.configure(fault=None)
    clock.move_by(timedelta(seconds=61))
    after = sent(api, pump, notice, sender, 4)

    assert meets_it["status"] == "pending"
    assert [account_of(carrier, each) for each in (before, during, after)] == [
        MAIN_KEY,
        SECOND_KEY,
        MAIN_KEY,
    ]
    assert BreakerStore().look("sms#main", now=clock.now()).closed


def test_other_lanes_do_not_notice(
    api: Api, pump: Pump, carrier: CarrierControl, notice: str, sender: str
) -> None:
    carrier.configure(fault=busy(600))
    sent(api, pump, notice, sender, 11)
    carrier.configure(fault=None)

    alimtalk, kakao = an_alimtalk(api), a_kakao_sender(api)
    to = {"contact_id": a_customer(api, "c-12", 12), "variables": {"order": "A-1"}}
    (made,) = send(api, alimtalk, kakao, to)["messages"]
    pump.run()

    assert account_of(carrier, made) == MAIN_KEY


def test_sender_of_one_account_waits_for_it(
    api: Api, pump: Pump, carrier: CarrierControl, notice: str
) -> None:
    sender = a_sender(api)
    carrier.configure(fault=busy(600))
    sent(api, pump, notice, sender, 21)

    waiting = sent(api, pump, notice, sender, 22)

    assert waiting["status"] == "pending"
    assert carrier.ledger(ref=waiting["message_id"], status="any") == []
    assert carrier.counters()["faults"]["http_429"] >= 1
