"""Tracked links that lead into apps, are led elsewhere after sending, and end; and posters'."""

import base64
import io
import json
import re
import time
from datetime import timedelta

import httpx
import pytest
from PIL import Image

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
    return httpx.get(link, headers=headers, follow_redirects=False, trust_env=False, timeout=30)


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
    # Every process that answers believes for a while what it read.
    for agent in (_DESKTOP, _IPHONE):
        wait_until(
            lambda agent=agent: all(
                _open(link, agent).headers["Location"] == after for _ in range(4)
            ),
            deadline_s=60,
        )
    assert time.monotonic() - started < 60
    assert shop.message(sent["message_id"])["text"] == text

    over = shop.system.simulated_now() - timedelta(minutes=1)
    shop.api.put(path, {"url": "https://shop.example.com/sold-out", "until": over.isoformat()})
    wait_until(lambda: all(_open(link).status_code == 410 for _ in range(4)), deadline_s=60)
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


def test_a_poster_has_a_link_of_its_own_with_its_own_report(shop: Shop) -> None:
    slug = "e2e-poster"
    made = shop.api.post(
        "/v1/links",
        {"url": SALE, "slug": slug, "name": "여름 포스터", "medium": "poster"}
        | {"utm": {"source": "qr", "campaign": "{campaign}"}},
    )
    link = made["address"]
    assert link.endswith(f"/{slug}")
    location = "https://shop.example.com/sale?from=%EB%AA%A8%EB%B0%94%EC%9D%BC&utm_source=qr"

    for _ in range(3):
        assert _open(link).headers["Location"] == f"{location}&utm_campaign={slug}#top"
    assert _open(link.upper().replace("HTTP", "http").replace("/L/", "/l/")).status_code == 302
    assert _open(link, "curl/8.5.0").status_code == 302
    assert _open(link[: -len(slug)] + "~health").status_code == 200
    assert _open(link + "-winter").status_code == 404

    def report() -> dict | None:
        found = shop.api.get(f"/v1/links/{slug}/report")
        return found if found["human"] + found["machine"] >= 5 else None

    found = wait_until(report, deadline_s=20)
    assert (found["human"], found["machine"], found["unknown"]) == (4, 1, 0)
    assert sum(each["human"] for each in found["hours"]) == 4

    base = f"{shop.system.deployment.api_url}/v1/links/{slug}"
    headers = {"Authorization": f"Bearer {shop.system.api_key}", "Accept": "image/png"}
    png = httpx.get(f"{base}/qr.png", headers=headers, trust_env=False)
    # MiniStack 1.5.33 drops what the definition says of binary types: it passes base64 on.
    assert Image.open(io.BytesIO(base64.b64decode(png.content))).format == "PNG"
    svg = httpx.get(f"{base}/qr.svg", headers=headers, trust_env=False)
    assert (svg.headers["Content-Type"], "<svg" in svg.text) == ("image/svg+xml", True)

    httpx.delete(base, headers=headers, trust_env=False).raise_for_status()
    wait_until(lambda: _open(link).status_code == 410, deadline_s=60)


def test_new_messages_get_links_under_the_second_domain_while_the_first_fails(shop: Shop) -> None:
    gateway = shop.client("apigateway")
    redirect = {"restApiId": shop.outputs["RedirectApiId"], "stage": "l", "basePath": "l"}
    gateway.create_domain_name(domainName="127.1")
    gateway.create_base_path_mapping(domainName="127.1", **redirect)
    template = shop.a_template('{{ "https://shop.example.com/sale" | track }}')
    first = _link_of_a_message(shop, template)
    assert _domains(shop) == [("127.0.0.1", True), ("127.1", False)]

    gateway.delete_base_path_mapping(domainName="127.0.0.1", basePath="l")
    try:
        for _ in range(3):
            _tick(shop)
        assert _domains(shop) == [("127.0.0.1", False), ("127.1", True)]
        time.sleep(15)  # so long a process believes what it read
        second = _link_of_a_message(shop, template)

        assert "//127.1:" in second
        assert _open(second).status_code == 302
        assert _open(first).status_code != 302
        assert _open(first.replace("127.0.0.1", "127.1")).status_code == 302
    finally:
        gateway.create_base_path_mapping(domainName="127.0.0.1", **redirect)
    for _ in range(2):
        _tick(shop)
    assert _domains(shop) == [("127.0.0.1", True), ("127.1", False)]
    assert _open(first).status_code == _open(second).status_code == 302


def _link_of_a_message(shop: Shop, template: str) -> str:
    (sent,) = shop.send(template, shop.a_customer())
    shop.wait_for(sent["message_id"], "delivered")
    (link,) = re.findall(r"https?://\S+", shop.on_the_phone(sent["message_id"])[0]["text"])
    return link


def _domains(shop: Shop) -> list[tuple[str, bool]]:
    items = shop.api.get("/v1/link-domains")["items"]
    return [(re.split("[/:]+", each["address"])[1], each["in_use"]) for each in items]


def _tick(shop: Shop) -> None:
    event = {"version": "0", "account": "", "region": "", "detail": {}, "detail-type": "tick"}
    event |= {"source": "aws.events", "time": "", "id": "", "resources": []}
    answer = shop.client("lambda").invoke(
        FunctionName="allim-local-tick", Payload=json.dumps(event).encode()
    )
    assert "FunctionError" not in answer, answer["Payload"].read()
