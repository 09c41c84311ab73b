"""Two buy after a click: one tells it on the page, of the other the shop tells; and a stranger."""

from __future__ import annotations

import json
import re
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from infra.local.carrier.client import wait_until
from tests.e2e.shop import Shop

pytestmark = pytest.mark.e2e
_PHONE = (
    "Mozilla/5.0 (Linux; Android 14; SM-S928N) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/130.0.0.0 Mobile Safari/537.36"
)


def _link_of(shop: Shop, contact_id: str, campaign_id: str) -> str:
    told = shop.api.get(f"/v1/campaigns/{campaign_id}/why", contact_id=contact_id)
    (found,) = shop.on_the_phone(told["message_id"])
    (link,) = re.findall(r"https?://\S+", found["text"])
    return str(link)


def _open(link: str) -> str:
    answer = httpx.get(
        link, headers={"User-Agent": _PHONE}, follow_redirects=False, trust_env=False
    )
    return answer.headers["Location"]


def test_purchases_are_put_down_to_the_message_that_was_clicked(shop: Shop) -> None:
    page, till, stranger = (shop.a_customer() for _ in range(3))
    ad = shop.a_template(
        "가을 신상 https://shop.example.com/new#top",
        purpose="advertising",
        name="가을 신상",
        track="all",
        click_id=True,
    )
    campaign = shop.api.post(
        "/v1/campaigns",
        {
            "name": "가을 신상",
            "template_id": ad,
            "template_version": 1,
            "sender_id": shop.a_sender(),
            "recipients": {"direct": [page, till, stranger]},
            "goal": {"event": "purchase", "window_hours": 24, "touch": "clicked"},
        },
    )["campaign_id"]
    shop.api.post(f"/v1/campaigns/{campaign}/launch", {})
    report = f"/v1/campaigns/{campaign}/report"
    wait_until(lambda: shop.api.get(report)["delivered"] == 3, deadline_s=60)
    # Who opens a link within seconds of its sending is taken for a machine.
    time.sleep(6)

    place = urlsplit(_open(_link_of(shop, page, campaign)))
    _open(_link_of(shop, till, campaign))
    wait_until(lambda: shop.api.get(report)["human_clicks"] == 2, deadline_s=60)
    (code,) = parse_qs(place.query)["allim_click"]
    base = shop.system.deployment.api_url
    script = httpx.get(f"{base}/v1/conversions.js", trust_env=False)
    value = {"minor": 39_000, "currency": "KRW"}
    told = {"click": code, "event": "purchase", "event_id": "order-1", "value": value}
    beacon = httpx.post(
        f"{base}/v1/conversions",
        content=json.dumps(told),
        headers={"Content-Type": "text/plain;charset=UTF-8"},
        trust_env=False,
    )
    forged = code[:-1] + ("A" if code[-1] != "A" else "B")
    attack = httpx.post(
        f"{base}/v1/conversions", json={"click": forged, "event": "purchase"}, trust_env=False
    )
    events: list[dict[str, Any]] = [
        {"event_id": "order-2", "contact_id": each, "name": "purchase", "value": value}
        for each in (till, stranger)
    ]
    for _ in range(2):
        shop.api.post("/v1/events", {"events": events})

    assert (place.netloc, place.fragment) == ("shop.example.com", "top")
    assert (script.status_code, "sendBeacon" in script.text) == (200, True)
    assert (beacon.status_code, attack.status_code) == (202, 404)

    def figures(model: str = "last") -> dict[str, Any]:
        return dict(shop.api.get(f"/v1/campaigns/{campaign}/conversions", model=model))

    wait_until(lambda: figures()["conversions"] == 2, deadline_s=60)
    found = figures()
    assert (found["converted"], found["value"]["minor"]) == (2, 78_000)
    assert found["conversion_rate"] == pytest.approx(2 / 3, abs=1e-6)
    assert [figures(model)["converted"] for model in ("first", "linear")] == [2, 2]
    again = shop.api.post(f"/v1/campaigns/{campaign}/recompute-conversions", {})
    assert again["parts"] == 1
    time.sleep(3)
    assert figures() == found
    assert shop.api.get(report)["value"]["minor"] == 78_000
