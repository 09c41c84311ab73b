"""A campaign under a limit on the deployed stack: watched at the phones, paused, and sped up."""

import time
from datetime import datetime

import pytest

from infra.local.carrier.client import wait_until
from tests.e2e.shop import Json, Shop

pytestmark = pytest.mark.e2e
PEOPLE = 120
PAUSED_WITHIN_S = 5
TEN: Json = {"messages": 10, "per": "second"}


@pytest.fixture
def campaign(shop: Shop) -> str:
    ids = [f"paced-{number}" for number in range(PEOPLE)]
    contacts = [
        {"contact_id": each, "phone": f"010-0666-{number:04d}", "attributes": {"name": "느린이"}}
        for number, each in enumerate(ids)
    ]
    shop.api.post("/v1/contacts/batch", {"contacts": contacts})
    body = {
        "name": "느리게",
        "template_id": shop.a_template("{{ contact.name }}님, 천천히 갑니다."),
        "template_version": 1,
        "sender_id": shop.a_sender(),
        "recipients": {"direct": ids},
        "rate": TEN,
    }
    campaign_id: str = shop.api.post("/v1/campaigns", body)["campaign_id"]
    return campaign_id


def test_a_limited_campaign_is_paused_resumed_and_sped_up(shop: Shop, campaign: str) -> None:
    launched = shop.api.post(f"/v1/campaigns/{campaign}/launch")
    wait_until(lambda: len(_accepted(shop)) >= 30, deadline_s=60)
    shop.api.post(f"/v1/campaigns/{campaign}/pause")
    answered = shop.system.simulated_now().timestamp()
    time.sleep(PAUSED_WITHIN_S)
    at_pause = len(_accepted(shop))
    time.sleep(4)
    while_paused = len(_accepted(shop))
    last_call = max(_accepted(shop))
    shop.api.post(f"/v1/campaigns/{campaign}/resume")
    wait_until(lambda: len(_accepted(shop)) >= at_pause + 20, deadline_s=60)
    slow = _accepted(shop)
    shop.api.put(f"/v1/campaigns/{campaign}/rate", {"rate": {"messages": 100, "per": "second"}})
    report = wait_until(lambda: _finished(shop, campaign), deadline_s=60)

    assert launched["estimate"]["messages"] == PEOPLE
    assert launched["estimate"]["seconds"] == PEOPLE // 10
    assert while_paused == at_pause < PEOPLE
    assert last_call - answered <= PAUSED_WITHIN_S
    # A batch of five, and what the way to the provider varies by.
    assert _excess(slow, per_second=10) <= 10
    assert (report["sent"], report["adds_up"], report["estimate"]) == (PEOPLE, True, None)
    assert len({item["to"] for item in shop.carrier.ledger(status="any")}) == PEOPLE
    assert len(_accepted(shop)) == PEOPLE
    assert not any(shop.dead_letters().values())


def test_what_waits_for_its_turn_is_listed_cancelled_given_up_and_let_go(shop: Shop) -> None:
    one_a_minute: Json = {"messages": 1, "per": "minute"}
    body = {
        "name": "한 분씩",
        "template_id": shop.a_template("{{ contact.name }}님, 차례가 되었습니다."),
        "template_version": 1,
        "sender_id": shop.a_sender(),
        "recipients": {"direct": [shop.a_customer() for _ in range(5)]},
        "rate": one_a_minute,
    }
    campaign = shop.api.post("/v1/campaigns", body)["campaign_id"]
    which = {"campaign_id": campaign, "reason": "throttle"}
    shop.api.post(f"/v1/campaigns/{campaign}/launch")

    held = wait_until(lambda: _in_line(shop, campaign, 4), deadline_s=60)
    shop.api.post("/v1/held/cancel", {"message_ids": [held[0]["message_id"]]})
    shop.api.post("/v1/held/expire", {"message_ids": [held[1]["message_id"]]})
    wait_until(lambda: _in_line(shop, campaign, 2), deadline_s=60)
    assert shop.api.post("/v1/held/release", which)["queued"] == 2
    time.sleep(3)
    wait_until(lambda: _in_line(shop, campaign, 2), deadline_s=60)
    beyond_the_limit = _report(shop, campaign)["sent"] - 1
    shop.api.put(f"/v1/campaigns/{campaign}/rate", {"rate": None})
    report = wait_until(lambda: _finished(shop, campaign), deadline_s=60)

    assert beyond_the_limit == 0
    assert (report["sent"], report["cancelled"]) == (3, 1)
    assert report["failed_by_reason"] == {"expired": 1}
    taken = [shop.carrier.ledger(ref=each["message_id"], status="any") for each in held]
    assert [len(each) for each in taken] == [0, 0, 1, 1]


def _in_line(shop: Shop, campaign: str, count: int) -> list[Json] | None:
    items: list[Json] = shop.api.get("/v1/held", campaign_id=campaign, reason="throttle")["items"]
    return items if len(items) == count else None


def _report(shop: Shop, campaign: str) -> Json:
    report: Json = shop.api.get(f"/v1/campaigns/{campaign}/report")
    return report


def _accepted(shop: Shop) -> list[float]:
    ledger = shop.carrier.ledger(status="any")
    return [datetime.fromisoformat(item["acceptedAt"]).timestamp() for item in ledger]


def _finished(shop: Shop, campaign: str) -> Json | None:
    report = _report(shop, campaign)
    return report if report["status"] == "finished" else None


def _excess(moments: list[float], *, per_second: int) -> float:
    """By how many messages the worst of all windows is above the limit."""
    worst = running = 0.0
    last = min(moments)
    for at in sorted(moments):
        running = max(running - (at - last) * per_second, 0) + 1
        worst, last = max(worst, running), at
    return worst
