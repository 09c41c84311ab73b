"""A campaign with more people than codes: each phone shows its own code, the rest is refused."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from infra.local.carrier.client import wait_until
from tests.e2e.shop import Shop

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.local.session import LocalSystem

pytestmark = pytest.mark.e2e
_CODES = [f"AUTUMN-{number:04d}" for number in range(7, 14)]
_PEOPLE = 10


@pytest.fixture(scope="module")
def campaign(system: LocalSystem) -> Iterator[dict[str, Any]]:
    """Ten people and seven codes, sent."""
    shop = Shop(system)
    shop.carrier.reset()
    shop.register_at_the_carrier()
    pool = shop.api.post("/v1/coupon-pools", {"name": "가을 쿠폰", "warn_below": 1})["pool_id"]
    shop.api.post(f"/v1/coupon-pools/{pool}/codes", {"codes": _CODES})
    ad = shop.a_template("가을 할인 쿠폰 {{ coupon }}", purpose="advertising", name="가을 할인")
    customers = [shop.a_customer() for _ in range(_PEOPLE)]
    made = shop.api.post(
        "/v1/campaigns",
        {
            "name": "가을 할인",
            "template_id": ad,
            "template_version": 1,
            "sender_id": shop.a_sender(),
            "recipients": {"direct": customers},
            "coupon_pool": pool,
        },
    )
    shop.api.post(f"/v1/campaigns/{made['campaign_id']}/launch", {})
    place = f"/v1/campaigns/{made['campaign_id']}/report"
    wait_until(lambda: shop.api.get(place)["status"] == "finished", deadline_s=60)
    texts = [item for item in shop.carrier.ledger(status="any") if "가을 할인 쿠폰" in item["text"]]
    yield {"shop": shop, "pool": pool, "report": shop.api.get(place), "sent": texts}
    shop.close()


def test_every_phone_shows_its_own_code(campaign: dict[str, Any]) -> None:
    shop, report = campaign["shop"], campaign["report"]
    by_phone = {item["to"]: _codes_in(item["text"]) for item in campaign["sent"]}

    assert (report["sent"], report["refused_by_reason"]) == (7, {"coupon_exhausted": 3})
    assert report["adds_up"]
    assert len(campaign["sent"]) == len(by_phone) == 7
    assert sorted(code for codes in by_phone.values() for code in codes) == _CODES
    counted = shop.api.get(f"/v1/coupon-pools/{campaign['pool']}")
    assert (counted["given"], counted["left"], counted["low"]) == (7, 0, True)


def test_a_code_is_redeemed_and_counts_for_its_person(campaign: dict[str, Any]) -> None:
    shop, pool, message = campaign["shop"], campaign["pool"], campaign["sent"][0]
    (code,) = _codes_in(message["text"])
    body = {"code": code, "order": "o-1", "value": {"minor": 39_000, "currency": "KRW"}}

    done = shop.api.post(f"/v1/coupon-pools/{pool}/redemptions", body)

    assert done["event"] == "coupon_redeemed"
    assert shop.api.get(f"/v1/coupon-pools/{pool}")["redeemed"] == 1
    (owner,) = shop.api.get("/v1/contacts", phone=message["to"])["items"]
    held = shop.api.get(f"/v1/contacts/{owner['contact_id']}/coupons/{pool}")
    assert (held["code"], held["redemption"]["order"]) == (code, "o-1")
    # Seconds later it is among the person's events.
    wait_until(lambda: _redeemed(shop, owner["contact_id"]), deadline_s=60)


def _codes_in(text: str) -> list[str]:
    return re.findall(r"AUTUMN-\d{4}", text)


def _redeemed(shop: Shop, contact_id: str) -> bool:
    exported = shop.api.get(f"/v1/contacts/{contact_id}/export")
    return any(each["event"] == "coupon_redeemed" for each in exported["activity"])
