"""Audiences on the deployed system: DuckDB in its layer, the queue's steps, previews in the API."""

from datetime import timedelta
from typing import Any

import pytest

from infra.local.carrier.client import wait_until
from tests.e2e.shop import Shop

pytestmark = pytest.mark.e2e


def test_an_audience_by_behaviour_is_answered_previewed_and_explained(shop: Shop) -> None:
    bought, looked = shop.a_customer(), shop.a_customer()
    yesterday = (shop.system.simulated_now() - timedelta(days=1)).isoformat()
    shop.api.post(
        "/v1/events",
        {
            "events": [
                {"event_id": "b", "contact_id": bought, "name": "purchase", "time": yesterday},
                {"event_id": "l", "contact_id": looked, "name": "view", "time": yesterday},
            ]
        },
    )
    definition = {"event": "purchase", "window": {"last_days": 7}}
    body = {"name": "산 사람", "definition": definition}
    audience_id = shop.api.post("/v1/audiences", body)["audience_id"]

    def asked() -> dict[str, Any] | None:
        run = _refreshed(shop, audience_id)
        assert run["people"] >= 2
        return run if {"contact_id": bought} in _members(shop, audience_id) else None

    wait_until(asked, deadline_s=60)

    members = [each["contact_id"] for each in _members(shop, audience_id)]
    preview = shop.api.post("/v1/audiences/preview", {"definition": definition})
    told = shop.api.get(f"/v1/audiences/{audience_id}/explain", contact_id=looked)
    assert looked not in members
    assert preview["count"] == len(members)
    assert preview["exact"]
    assert (told["holds"], told["saw"]) == (False, 0)


def test_a_campaign_refreshes_its_audience_before_it_is_launched(shop: Shop) -> None:
    body = {"name": "새 사람", "definition": {"attribute": "name", "equals": "이야기꾼"}}
    audience_id = shop.api.post("/v1/audiences", body)["audience_id"]
    newcomer = shop.a_customer()
    campaign = {
        "name": "새로 고침",
        "template_id": shop.a_template("안녕하세요"),
        "template_version": 1,
        "sender_id": shop.a_sender(),
        "recipients": {"audience": audience_id},
        "refresh_first": True,
    }
    path = f"/v1/campaigns/{shop.api.post('/v1/campaigns', campaign)['campaign_id']}"

    launched = shop.api.post(f"{path}/launch")

    assert launched["status"] == "scheduled"
    wait_until(lambda: shop.api.get(f"{path}/report")["status"] == "finished", deadline_s=60)
    assert {"contact_id": newcomer} in _members(shop, audience_id)
    assert shop.api.get(f"{path}/why", contact_id=newcomer)["status"] in {"sent", "delivered"}


def _members(shop: Shop, audience_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = shop.api.get(f"/v1/audiences/{audience_id}/members")["items"]
    return found


def _refreshed(shop: Shop, audience_id: str) -> dict[str, Any]:
    path = f"/v1/refreshes/{shop.api.post(f'/v1/audiences/{audience_id}/refresh')['run_id']}"
    return wait_until(
        lambda: found if (found := shop.api.get(path))["status"] == "done" else None, deadline_s=60
    )
