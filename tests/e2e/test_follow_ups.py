"""Who clicked is thanked at once; who did not is reminded, once, and whoever opted out is not."""

import re
import time

import httpx
import pytest

from infra.local.carrier.client import wait_until
from tests.e2e.shop import Json, Shop

pytestmark = pytest.mark.e2e

_PHONE = (
    "Mozilla/5.0 (Linux; Android 14; SM-S928N) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/130.0.0.0 Mobile Safari/537.36"
)
_SETTLE_S = 6.0
"""Who opens a link within seconds of its sending is taken for a machine."""


def _texts(shop: Shop, contact_id: str) -> list[str]:
    phone = shop.api.get(f"/v1/contacts/{contact_id}")["phone"].replace("+82", "0")
    return [item["text"] for item in shop.carrier.ledger(status="any") if item["to"] == phone]


def _steps(shop: Shop, campaign: str) -> list[Json]:
    steps: list[Json] = shop.api.get(f"/v1/campaigns/{campaign}/report")["follow_ups"]
    return steps


def test_each_gets_the_step_that_fits_and_once(shop: Shop) -> None:
    sender = shop.a_sender()
    ad, thanks, reminder, last = (
        shop.a_template(body, purpose="advertising")
        for body in (
            '새 상품 {{ "https://shop.example.com/new" | track }}',
            "감사합니다",
            "아직 못 보셨나요",
            "마지막 안내",
        )
    )
    clicks, waits, leaves = (shop.a_customer() for _ in range(3))
    step = {"template_version": 1, "sender_id": sender}
    campaign = shop.api.post(
        "/v1/campaigns",
        {
            "name": "새 상품",
            "template_id": ad,
            **step,
            "recipients": {"direct": [clicks, waits, leaves]},
            "follow_ups": [
                {"if": "clicked", "template_id": thanks, **step},
                {
                    "if": "not_clicked",
                    "after_minutes": 1,
                    "template_id": reminder,
                    **step,
                    "follow_ups": [{"if": "delivered", "template_id": last, **step}],
                },
            ],
        },
    )["campaign_id"]
    shop.api.post(f"/v1/campaigns/{campaign}/launch", {})
    for each in (clicks, waits, leaves):
        wait_until(lambda each=each: _texts(shop, each), deadline_s=60)  # type: ignore[misc]
    shop.change_consent(leaves, "withdraw")

    (link,) = re.findall(r"https?://\S+", _texts(shop, clicks)[0])
    time.sleep(_SETTLE_S)
    for _ in range(3):
        httpx.get(
            link,
            headers={"User-Agent": _PHONE},
            follow_redirects=False,
            trust_env=False,
            timeout=30,
        )
    wait_until(lambda: len(_texts(shop, clicks)) == 2, deadline_s=60)
    assert "감사합니다" in _texts(shop, clicks)[1]

    # A minute after the message, and at once when that arrived.
    wait_until(lambda: len(_texts(shop, waits)) == 3, deadline_s=120)
    yes, no = wait_until(
        lambda: found if (found := _steps(shop, campaign))[1]["status"] == "finished" else None,
        deadline_s=60,
    )
    (below,) = no["follow_ups"]
    assert "아직 못 보셨나요" in _texts(shop, waits)[1]
    assert "마지막 안내" in _texts(shop, waits)[2]
    assert len(_texts(shop, leaves)) == 1
    assert len(_texts(shop, clicks)) == 2
    assert (yes["matched"], yes["sent"]) == (1, 1)
    assert (no["looked_at"], no["matched"], no["sent"]) == (3, 2, 1)
    assert no["dropped_by_reason"] == {"no_consent": 1}
    assert (below["matched"], below["sent"]) == (1, 1)
