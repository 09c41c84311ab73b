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
        members = shop.api.get(f"/v1/audiences/{audience_id}/members")["items"]
        return run if {"contact_id": bought} in members else None

    wait_until(asked, deadline_s=60)

    members = [
        e["contact_id"] for e in shop.api.get(f"/v1/audiences/{audience_id}/members")["items"]
    ]
    preview = shop.api.post("/v1/audiences/preview", {"definition": definition})
    told = shop.api.get(f"/v1/audiences/{audience_id}/explain", contact_id=looked)
    assert looked not in members
    assert preview["count"] == len(members)
    assert preview["exact"]
    assert (told["holds"], told["saw"]) == (False, 0)


def _refreshed(shop: Shop, audience_id: str) -> dict[str, Any]:
    path = f"/v1/refreshes/{shop.api.post(f'/v1/audiences/{audience_id}/refresh')['run_id']}"
    return wait_until(
        lambda: found if (found := shop.api.get(path))["status"] == "done" else None, deadline_s=60
    )
