"""Webhooks on the deployed system: a receiver on this machine is told, dies, and is told later."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import httpx
import pytest

from infra.local.carrier.client import wait_until
from tests.contract.receiver import Receiver, a_receiver, is_signed, saying
from tests.e2e.shop import Shop

pytestmark = pytest.mark.e2e
_PHONE = (
    "Mozilla/5.0 (Linux; Android 14; SM-S928N) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/130.0.0.0 Mobile Safari/537.36"
)
_TYPES = ["message.sent", "message.delivered", "message.clicked"]


def _events(receiver: Receiver) -> list[dict[str, Any]]:
    return [
        event
        for heard in receiver.heard
        if heard.json["type"] == "message.events"
        for event in heard.json["data"]["events"]
    ]


def _told(receiver: Receiver) -> set[tuple[str, str]]:
    return {
        (each["contact_id"], each["type"].removeprefix("message.")) for each in _events(receiver)
    }


def test_a_receiver_is_told_of_a_campaign_dies_is_told_later_and_all_again(shop: Shop) -> None:
    people = [shop.a_customer() for _ in range(3)]
    began = shop.system.simulated_now() - timedelta(minutes=1)
    with a_receiver(saying(204)) as receiver:
        hook = shop.api.post("/v1/webhooks", {"url": receiver.url(), "types": _TYPES})
        path = f"/v1/webhooks/{hook['webhook_id']}"
        assert shop.api.post(f"{path}/test", {})["delivered"]
        # Processes remember for 15 s that nobody listens.
        wait_until(lambda: _is_heard(shop, receiver, people[0]), deadline_s=60)
        receiver.heard.clear()

        campaign = _launch(shop, people)
        everybody = {(each, what) for each in people for what in ("sent", "delivered")}
        wait_until(lambda: everybody <= _told(receiver), deadline_s=60)
        assert all(is_signed(each, hook["secret"]) for each in receiver.heard)
        port = receiver.port

    _open(_link_of(shop, people[0], campaign))
    wait_until(lambda: _tries(shop, path)[0]["trouble"] == "not_connected", deadline_s=60)
    assert _tries(shop, path)[0]["next_attempt"] is not None
    assert shop.api.get(path)["failing_since"] is not None
    with a_receiver(saying(204), port=port) as receiver:
        wait_until(lambda: (people[0], "clicked") in _told(receiver), deadline_s=60)
        clicked = _events(receiver)[-1]
        assert clicked["source_id"] == campaign

        receiver.heard.clear()
        body = {"from": began.isoformat(), "to": shop.system.simulated_now().isoformat()}
        shop.api.post(f"{path}/replay", body)
        wait_until(lambda: shop.api.get(f"{path}/replay")["status"] == "done", deadline_s=60)
        again = _events(receiver)
        of_campaign = [each for each in again if each["source_id"] == campaign]
        assert len({each["event_id"] for each in of_campaign}) == 7
        assert clicked["event_id"] in {each["event_id"] for each in of_campaign}
        assert all(is_signed(each, hook["secret"]) for each in receiver.heard)
    shop.api.delete(path)


def _is_heard(shop: Shop, receiver: Receiver, contact_id: str) -> bool:
    shop.send(shop.a_template("주문을 보냈습니다."), contact_id)
    try:
        wait_until(lambda: bool(_events(receiver)), deadline_s=8)
    except TimeoutError:
        return False
    return True


def _launch(shop: Shop, people: list[str]) -> str:
    ad = shop.a_template(
        "가을 신상 https://shop.example.com/new",
        purpose="advertising",
        name="가을 신상",
        track="all",
    )
    campaign: str = shop.api.post(
        "/v1/campaigns",
        {
            "name": "가을 신상",
            "template_id": ad,
            "template_version": 1,
            "sender_id": shop.a_sender(),
            "recipients": {"direct": people},
        },
    )["campaign_id"]
    shop.api.post(f"/v1/campaigns/{campaign}/launch", {})
    return campaign


def _link_of(shop: Shop, contact_id: str, campaign: str) -> str:
    told = shop.api.get(f"/v1/campaigns/{campaign}/why", contact_id=contact_id)
    (found,) = shop.on_the_phone(told["message_id"])
    (link,) = re.findall(r"https?://\S+", found["text"])
    return str(link)


def _open(link: str) -> None:
    headers = {"User-Agent": _PHONE}
    answer = httpx.get(link, headers=headers, follow_redirects=False, trust_env=False)
    assert answer.status_code == 302


def _tries(shop: Shop, path: str) -> list[dict[str, Any]]:
    tries: list[dict[str, Any]] = shop.api.get(f"{path}/deliveries")["items"]
    return tries
