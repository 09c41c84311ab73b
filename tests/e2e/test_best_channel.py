"""Who opens links in texts gets a text; the others get the cheaper Alimtalk."""

import re
import time

import httpx
import pytest

from infra.demo.story import ALIMTALK_ID, ALIMTALK_TEXT
from infra.local.carrier.client import wait_until
from tests.e2e.shop import Json, Shop

pytestmark = pytest.mark.e2e

_PHONE = (
    "Mozilla/5.0 (Linux; Android 14; SM-S928N) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/130.0.0.0 Mobile Safari/537.36"
)
_SETTLE_S = 6.0
"""Who opens a link within seconds of its sending is taken for a machine."""


def test_each_gets_it_where_they_open_links(shop: Shop) -> None:
    reader, other = shop.a_customer(), shop.a_customer()
    _open_an_ad(shop, reader, other)

    campaign = _launched(shop, reader, other, channel="best", ways=_ways(shop), explore_percent=0)
    report = wait_until(lambda: _finished(shop, campaign), deadline_s=60)

    assert {each["channel"]: each["delivered"] for each in report["by_channel"]} == {
        "sms": 1,
        "kakao": 1,
    }
    because = shop.api.get(f"/v1/campaigns/{campaign}/why", contact_id=reader)
    assert because["best_channel"] == {
        "channel": "sms",
        "because": "own_openings",
        "own_messages": 1,
        "own_openings": 1,
        "passed_over": [],
    }


def _open_an_ad(shop: Shop, reader: str, other: str) -> None:
    """Both get an advertisement as a text; one of them opens it."""
    ad = shop.a_template(
        '봄 {{ "https://shop.example.com/spring" | track }}', purpose="advertising"
    )
    way = {"template_id": ad, "template_version": 1, "sender_id": shop.a_sender()}
    campaign = _launched(shop, reader, other, **way)
    wait_until(lambda: _finished(shop, campaign), deadline_s=60)
    phone = shop.api.get(f"/v1/contacts/{reader}")["phone"].replace("+82", "0")
    (text,) = [each["text"] for each in shop.carrier.ledger(status="any") if each["to"] == phone]
    (link,) = re.findall(r"https?://\S+", text)
    time.sleep(_SETTLE_S)
    httpx.get(link, headers={"User-Agent": _PHONE})
    report = f"/v1/campaigns/{campaign}/report"
    wait_until(lambda: shop.api.get(report)["human_clicks"] == 1, deadline_s=60)


def _ways(shop: Shop) -> list[Json]:
    text = shop.a_template("주문을 보냈습니다.")
    alimtalk = shop.a_template(
        ALIMTALK_TEXT,
        channel="kakao",
        provider_template_id=ALIMTALK_ID,
        variables=dict.fromkeys(re.findall(r"#\{([^{}]+)\}", ALIMTALK_TEXT), "1"),
    )
    return [
        {"template_id": text, "template_version": 1, "sender_id": shop.a_sender()},
        {"template_id": alimtalk, "template_version": 1, "sender_id": shop.a_sender("kakao")},
    ]


def _launched(shop: Shop, *contact_ids: str, **values: object) -> str:
    body = {"name": "봄", "recipients": {"direct": list(contact_ids)}}
    campaign: str = shop.api.post("/v1/campaigns", body | values)["campaign_id"]
    shop.api.post(f"/v1/campaigns/{campaign}/launch", {})
    return campaign


def _finished(shop: Shop, campaign: str) -> Json | None:
    report: Json = shop.api.get(f"/v1/campaigns/{campaign}/report")
    return report if report["delivered"] == report["recipients"] > 0 else None
