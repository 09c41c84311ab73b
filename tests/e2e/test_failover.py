"""One of two accounts at the provider fails in the middle of a campaign."""

import json
from collections import Counter
from typing import Any

import pytest

from infra.demo.story import SENDER_NUMBER
from infra.local.carrier.client import wait_until
from infra.local.session import PROVIDER_KEY, SECOND_KEY
from tests.e2e.shop import Shop

PEOPLE = 3_000
BEFORE = 400
PATIENCE_S = 240
pytestmark = pytest.mark.e2e


def phones() -> list[str]:
    return [f"0100777{number:04d}" for number in range(PEOPLE)]


def a_sender_of_both_accounts(shop: Shop) -> str:
    sender_id = shop.a_sender()
    path = f"/v1/senders/{sender_id}/accounts"
    assert shop.api.put(path, {"accounts": {"second": SENDER_NUMBER}})["accounts"]
    return sender_id


def launch(shop: Shop, sender_id: str) -> str:
    body = {
        "name": "점검 안내",
        "template_id": shop.a_template("오늘 밤 점검이 있습니다."),
        "template_version": 1,
        "sender_id": sender_id,
        "recipients": {"direct": phones()},
    }
    campaign_id: str = shop.api.post("/v1/campaigns", body)["campaign_id"]
    shop.api.post(f"/v1/campaigns/{campaign_id}/launch")
    return campaign_id


def accepted(shop: Shop) -> list[dict[str, Any]]:
    """Every text of the campaign that an account accepted, delivered or not."""
    return [each for each in shop.carrier.ledger(status="any") if each["to"].startswith("0100777")]


def breaker_of_main(shop: Shop) -> dict[str, int]:
    """The row of the lane, as the workers left it."""
    account = shop.system.stack.account
    found = account.session.client("dynamodb", endpoint_url=account.endpoint_url).get_item(
        TableName=shop.outputs["BatchesTableName"],
        Key={"batch": {"N": "0"}, "kind": {"S": "BREAKER#sms#main"}},
        ConsistentRead=True,
    )
    breaker: dict[str, int] = json.loads(found["Item"]["meta"]["S"])
    return breaker


def test_the_second_account_takes_over_and_every_phone_rings_once(shop: Shop) -> None:
    sender_id = a_sender_of_both_accounts(shop)
    shop.carrier.configure(latency_ms=300)
    campaign_id = launch(shop, sender_id)
    report = f"/v1/campaigns/{campaign_id}/report"
    wait_until(lambda: len(accepted(shop)) >= BEFORE, deadline_s=PATIENCE_S)

    shop.carrier.configure(
        fault=[
            {"kind": "timeout_after_accept", "count": 2, "hang_s": 0.5, "api_key": PROVIDER_KEY},
            {"kind": "http_503", "count": 100_000, "path": "/", "api_key": PROVIDER_KEY},
        ]
    )
    wait_until(lambda: shop.api.get(report)["pending"] == 0, deadline_s=PATIENCE_S)
    in_the_outage, breaker_then = shop.api.get(report), breaker_of_main(shop)
    shop.carrier.configure(fault=None, latency_ms=0)
    done = wait_until(
        lambda: found if (found := shop.api.get(report))["status"] == "finished" else None,
        deadline_s=PATIENCE_S,
    )

    texts = accepted(shop)
    by_account = Counter(each["account"] for each in texts)
    assert in_the_outage["unknown"] > 0
    assert (breaker_then["openings"] > 0, breaker_then["open_until"] > 0) == (True, True)
    assert (done["sent"], done["unknown"], done["failed"]) == (PEOPLE, 0, 0)
    assert Counter(each["to"] for each in texts) == dict.fromkeys(phones(), 1)
    assert by_account[SECOND_KEY] > 0
    assert by_account[PROVIDER_KEY] > BEFORE
    assert {name: count for name, count in shop.dead_letters().items() if count} == {}


def test_an_account_without_balance_fails_nobody(shop: Shop) -> None:
    shop.carrier.configure(balances={PROVIDER_KEY: 0})
    template = shop.a_template("잔액이 없어도 갑니다.")
    at_both = a_sender_of_both_accounts(shop)
    at_main_only = shop.a_sender()

    (taken_over,) = shop.send(template, shop.a_customer(), sender_id=at_both)
    shop.wait_for(taken_over["message_id"], "delivered")
    (waiting,) = shop.send(template, shop.a_customer(), sender_id=at_main_only)
    wait_until(lambda: breaker_of_main(shop).get("unpaid"), deadline_s=PATIENCE_S)
    status_meanwhile = shop.message(waiting["message_id"])["status"]
    shop.carrier.configure(balances={PROVIDER_KEY: 1_000_000})
    shop.wait_for(waiting["message_id"], "delivered", deadline_s=PATIENCE_S)

    assert shop.on_the_phone(taken_over["message_id"])[0]["account"] == SECOND_KEY
    assert status_meanwhile == "pending"
    assert len(shop.on_the_phone(waiting["message_id"])) == 1


def test_it_goes_back_to_the_first_account_by_itself(shop: Shop) -> None:
    sender_id = a_sender_of_both_accounts(shop)
    template = shop.a_template("다시 처음 계정으로")

    def account_of_one_more() -> str:
        (sent,) = shop.send(template, shop.a_customer(), sender_id=sender_id)
        shop.wait_for(sent["message_id"], "delivered")
        account: str = shop.on_the_phone(sent["message_id"])[0]["account"]
        return account

    wait_until(lambda: account_of_one_more() == PROVIDER_KEY, deadline_s=PATIENCE_S)
    assert account_of_one_more() == PROVIDER_KEY
    assert set(breaker_of_main(shop).values()) == {0}
