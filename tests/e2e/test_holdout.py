"""A campaign that half of its people do not get, and what it brought about."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from infra.local.carrier.client import wait_until
from tests.e2e.shop import Json, Shop

pytestmark = pytest.mark.e2e

PEOPLE, BUYERS, WON = 120, {"sent": 45, "held_out": 22}, 30_000


def _why(shop: Shop, campaign: str, contact_id: str) -> Json:
    found: Json = shop.api.get(f"/v1/campaigns/{campaign}/why", contact_id=contact_id)
    return found


def _report(shop: Shop, campaign: str) -> Json:
    found: Json = shop.api.get(f"/v1/campaigns/{campaign}/report")
    return found


def _converted(report: Json) -> dict[str, int]:
    return {each["arm"]: each["converted"] for each in report["holdout"]["arms"]}


def _order(contact_id: str) -> dict[str, Any]:
    return {
        "event_id": f"held-{contact_id}",
        "contact_id": contact_id,
        "name": "purchase",
        "value": {"minor": WON, "currency": "KRW"},
    }


def test_half_of_the_people_get_nothing_and_the_report_tells_what_that_changed(shop: Shop) -> None:
    people = [shop.a_customer() for _ in range(PEOPLE)]
    ad = shop.a_template("가을 신상", purpose="advertising", name="가을 신상")
    campaign = shop.api.post(
        "/v1/campaigns",
        {
            "name": "가을 신상",
            "template_id": ad,
            "template_version": 1,
            "sender_id": shop.a_sender(),
            "recipients": {"direct": people},
            "goal": {"event": "purchase", "window_hours": 24},
            "holdout_percent": 50,
        },
    )["campaign_id"]
    shop.api.post(f"/v1/campaigns/{campaign}/launch", {})
    report = wait_until(
        lambda: found if (found := _report(shop, campaign))["status"] == "finished" else None,
        deadline_s=90,
    )

    assert (report["sent"], report["refused_by_reason"]) == (60, {"held_out": 60})
    assert (report["adds_up"], report["cost"]["minor"]) == (True, 60 * 18)
    told = {each: _why(shop, campaign, each) for each in people}
    held = [each for each in people if told[each]["held_out"]]
    sent = [each for each in people if not told[each]["held_out"]]
    assert len(held) == len(sent) == 60
    reached = {each["to"] for each in shop.carrier.ledger(status="any")}
    phones = {each: shop.api.get(f"/v1/contacts/{each}")["phone"] for each in held}
    assert not {f"0{each.removeprefix('+82')}" for each in phones.values()} & reached

    buyers = [*sent[: BUYERS["sent"]], *held[: BUYERS["held_out"]]]
    # A goal is looked for from 15 seconds after the launch on.
    wait_until(lambda: _bought(shop, campaign, buyers), deadline_s=90)
    found = _report(shop, campaign)["holdout"]

    lift = found["lift"]
    assert (lift["enough"], lift["enough_for_revenue"]) == (True, True)
    assert lift["conversion"]["per_person"]["low"] > 0
    assert lift["conversion"]["incremental"]["seen"] == BUYERS["sent"] - BUYERS["held_out"]
    assert lift["revenue"]["incremental"]["seen"] == 23 * WON
    assert lift["incremental_roi"]["seen"] == pytest.approx((23 * WON - 1_080) / 1_080, abs=1e-3)
    url = shop.api.post(f"/v1/campaigns/{campaign}/report-link", {})["url"]
    page = httpx.get(f"{url}?lang=en", trust_env=False).text
    assert "What the campaign brought about" in page


def _bought(shop: Shop, campaign: str, buyers: list[str]) -> bool:
    """Tell of all orders, once more where the goal was not looked for yet; they count once."""
    shop.api.post("/v1/events", {"events": [_order(each) for each in buyers]})
    return bool(_converted(_report(shop, campaign)) == BUYERS)
