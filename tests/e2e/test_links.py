"""Tracked links that lead into apps, are led elsewhere after sending, and end."""

import re
import time
from datetime import timedelta

import httpx
import pytest

from infra.local.carrier.client import wait_until
from tests.e2e.shop import Shop

pytestmark = pytest.mark.e2e

SALE = "https://shop.example.com/sale?from=모바일#top"
_IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1"
_GALAXY = (
    "Mozilla/5.0 (Linux; Android 14; SM-S928N) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/130.0.0.0 Mobile Safari/537.36"
)
_DESKTOP = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/130.0.0.0 Safari/537.36"
)
_ADDED = "utm_source=sms&utm_campaign=request"


def _open(link: str, agent: str = _DESKTOP, language: str = "ko") -> httpx.Response:
    headers = {"User-Agent": agent, "Accept-Language": language}
    return httpx.get(link, headers=headers, follow_redirects=False, trust_env=False)


def _clicks(shop: Shop, message_id: str) -> list[dict]:
    return shop.api.get(f"/v1/messages/{message_id}/clicks")["items"]


def test_a_link_leads_into_the_app_elsewhere_and_to_its_end(shop: Shop) -> None:
    template = shop.a_template(
        f"여름 할인은 {SALE} (오늘까지)",
        track="all",
        utm={"source": "sms", "campaign": "{campaign}"},
        links=[{"url": SALE, "ios": "shopapp://sale", "android": "intent://sale#Intent;end"}],
    )
    (sent,) = shop.send(template, shop.a_customer())
    message = shop.wait_for(sent["message_id"], "delivered")
    (link,) = re.findall(r"https?://\S+", shop.on_the_phone(sent["message_id"])[0]["text"])
    text = message["text"]
    # Who opens a link within seconds of its sending is taken for a machine.
    time.sleep(6)

    by_phone = {agent: _open(link, agent).headers["Location"] for agent in (_IPHONE, _GALAXY)}
    page = _open(link)

    assert by_phone == {_IPHONE: "shopapp://sale", _GALAXY: "intent://sale#Intent;end"}
    before = f"https://shop.example.com/sale?from=%EB%AA%A8%EB%B0%94%EC%9D%BC&{_ADDED}#top"
    assert (page.status_code, page.headers["Location"]) == (302, before)
    glued = _open(link + ".")
    assert glued.headers["Location"] == before

    path = f"/v1/templates/{template}/versions/1/links/0"
    shop.api.put(path, {"url": "https://shop.example.com/sold-out"})
    started = time.monotonic()
    after = f"https://shop.example.com/sold-out?{_ADDED}"
    wait_until(lambda: _open(link).headers["Location"] == after, deadline_s=60)
    assert time.monotonic() - started < 60
    assert _open(link, _IPHONE).headers["Location"] == after
    assert shop.message(sent["message_id"])["text"] == text

    over = shop.system.simulated_now() - timedelta(minutes=1)
    shop.api.put(path, {"url": "https://shop.example.com/sold-out", "until": over.isoformat()})
    wait_until(lambda: _open(link).status_code == 410, deadline_s=60)
    korean, english = _open(link), _open(link, language="en")
    assert "기간이 끝났습니다" in korean.text
    assert "This has ended" in english.text
    assert "Location" not in korean.headers
    assert "shop.example.com" not in korean.text

    (version,) = shop.api.get(f"/v1/templates/{template}")["versions"]
    (destination,) = version["destinations"]
    assert [each["url"] for each in destination["history"]] == [SALE, after.partition("?")[0]]
    opened = wait_until(
        lambda: found if len(found := _clicks(shop, sent["message_id"])) > 5 else None,
        deadline_s=60,
    )
    assert {each["link"] for each in opened} == {0}


def test_a_rule_for_what_is_not_tracked_is_refused_by_name(shop: Shop) -> None:
    with pytest.raises(RuntimeError, match=r"/links/0/url.*not_tracked"):
        shop.a_template("여름 할인", links=[{"url": SALE}])
