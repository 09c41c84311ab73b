"""People refuse by a call or a word, and what was already planned does not reach them."""

import json
import statistics
import time
from collections.abc import Iterable
from typing import Any

import httpx
import pytest

from infra.demo.story import SENDER_NUMBER
from infra.local.carrier.client import wait_until
from tests.e2e.shop import Json, Shop

pytestmark = pytest.mark.e2e
MEASURED = 10


def test_who_refused_is_not_reached_by_a_campaign_already_planned(shop: Shop) -> None:
    sender = shop.a_sender()
    caller, writer, foreigner, stays = people = [shop.a_customer() for _ in range(4)]
    told = shop.a_template("봄 할인", purpose="advertising")
    for message in shop.send(told, *people, sender_id=sender):
        shop.wait_for(message["message_id"], "delivered")
    shop.carrier.configure(fault={"kind": "http_429", "count": 1, "retry_after_s": 20})

    campaign = _launch(shop, told, sender, people)
    wait_until(lambda: shop.carrier.counters()["faults"].get("http_429"), deadline_s=60)
    shop.carrier.reply(_phone(shop, writer), " 수신거부! ")
    shop.carrier.reply(_phone(shop, foreigner), "STOP")
    shop.carrier.reply(_phone(shop, stays), "수신거부는 어떻게 하나요?")
    shop.carrier.call(_phone(shop, caller))
    _poll_opt_outs(shop)
    reasons = {each: _reason_when_suppressed(shop, each) for each in (caller, writer, foreigner)}

    report = wait_until(lambda: _finished(shop, campaign), deadline_s=120)
    wait_until(lambda: len(shop.carrier.ledger(to=_phone(shop, stays))) > 1)
    assert reasons == {
        caller: "opt_out_call",
        writer: "opt_out_reply",
        foreigner: "opt_out_reply",
    }
    assert (report["sent"], report["refused_by_reason"]) == (1, {"suppressed": 3})
    reached = {each: len(shop.carrier.ledger(to=_phone(shop, each))) for each in people}
    assert reached == {caller: 1, writer: 1, foreigner: 1, stays: 2}
    assert _granted(shop, stays)
    assert not any(_granted(shop, each) for each in (caller, writer, foreigner))


def test_whom_the_provider_refuses_is_opted_out_here_too(shop: Shop) -> None:
    customer = shop.a_customer()
    notice = shop.a_template("주문이 접수되었습니다.")
    shop.carrier.add_denial(_phone(shop, customer), sender=SENDER_NUMBER.replace("-", ""))

    (sent,) = shop.send(notice, customer)
    seen = shop.wait_for(sent["message_id"], "failed")

    assert seen["reason"] == "opted_out"
    assert _reason_when_suppressed(shop, customer) == "opt_out_call"
    assert not _granted(shop, customer)


def test_refusal_is_in_force_soon_after_it_was_accepted(shop: Shop, record_property: Any) -> None:
    url = shop.system.deployment.api_url + shop.api.get("/v1/webhooks/incoming")["paths"]["inbound"]
    customers = [shop.a_customer() for _ in range(MEASURED + 1)]

    took = [_refuse(shop, url, customer) for customer in customers][1:]

    figures = f"median {statistics.median(took):.2f} s, slowest {max(took):.2f} s"
    record_property("refusal_in_force", figures)
    print(f"a refusal is in force: {figures}")  # noqa: T201  # a measurement, not asserted
    assert len(took) == MEASURED


def _refuse(shop: Shop, url: str, customer: str) -> float:
    """Seconds from the acceptance of a word of refusal until the profile shows it."""
    text = {"id": f"mo-{customer}", "from": _phone(shop, customer), "text": "STOP"}
    httpx.post(url, json=text, timeout=60, trust_env=False).raise_for_status()
    accepted = time.monotonic()
    _reason_when_suppressed(shop, customer)
    return time.monotonic() - accepted


def _launch(shop: Shop, template: str, sender: str, people: Iterable[str]) -> str:
    group = f"refusing-{next(iter(people))}"
    shop.api.post(f"/v1/groups/{group}/members", {"contact_ids": list(people)})
    body: Json = {
        "name": "봄 할인",
        "template_id": template,
        "template_version": 1,
        "sender_id": sender,
        "recipients": {"group": group},
    }
    campaign_id: str = shop.api.post("/v1/campaigns", body)["campaign_id"]
    shop.api.post(f"/v1/campaigns/{campaign_id}/launch")
    return campaign_id


def _poll_opt_outs(shop: Shop) -> None:
    """What the schedule does every two minutes."""
    account = shop.system.stack.account
    event = {"version": "0", "source": "aws.events", "detail-type": "", "detail": {}}
    event |= {"account": "", "time": "", "region": "", "resources": [], "id": ""}
    account.session.client("lambda", endpoint_url=account.endpoint_url).invoke(
        FunctionName="allim-local-opt-out-poll", Payload=json.dumps(event)
    )


def _finished(shop: Shop, campaign: str) -> Json | None:
    report = shop.api.get(f"/v1/campaigns/{campaign}/report")
    return report if report["status"] == "finished" and not report["pending"] else None


def _contact(shop: Shop, contact_id: str) -> Json:
    return shop.api.get(f"/v1/contacts/{contact_id}")


def _phone(shop: Shop, contact_id: str) -> str:
    phone: str = _contact(shop, contact_id)["phone"]
    return "0" + phone.removeprefix("+82")


def _granted(shop: Shop, contact_id: str) -> bool:
    granted: bool = _contact(shop, contact_id)["consents"]["sms:advertising"]["granted"]
    return granted


def _reason_when_suppressed(shop: Shop, contact_id: str) -> str:
    marks = wait_until(lambda: _contact(shop, contact_id)["suppressed"], deadline_s=60)
    reason: str = marks[0]["reason"]
    return reason
