"""Reading changes nothing: link scanners, proxies and browsers repeat every GET as they like."""

import re
from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from app import app
from functions.contracts.queues import Queue
from functions.storage.webhook_replays import ReplayStore
from functions.storage.webhooks import WebhookStore
from tests.fakes.webhooks import a_replay, a_webhook
from tests.integration.account import Account
from tests.integration.api import Api
from tests.integration.http.problems import everything_in
from tests.integration.http.pump import Pump
from tests.integration.http.shop import (
    a_campaign,
    a_customer,
    a_sender,
    a_template,
    consent,
    phone,
    send,
)

_NEEDED = {
    "/v1/messages": "?contact_id=c1",
    "/v1/accesses": "?day=2026-11-26",
    "/v1/notices": "?status=due",
    "/v1/compliance/records": "?month=2026-11",
    "/v1/audiences/{audience_id}/explain": "?contact_id=c1",
    "/v1/campaigns/{campaign_id}/why": "?contact_id=c1",
}
_OF_ITS_OWN = {
    "/r/{token}": ("token", "report_token"),
    "/v1/campaigns/{campaign_id}/experiment": ("campaign_id", "tested_campaign_id"),
    "/v1/exports/{name}/runs/{run_id}": ("run_id", "export_run_id"),
}
"""Paths whose names stand for something else than in other paths."""
_PATHS = sorted(path for path, by_method in app.routes.items() if "GET" in by_method)


@pytest.fixture(scope="module")
def ids(api: Api, account: Account, pump: Pump) -> Mapping[str, str]:
    """One of everything that can be read, by the name it has in paths."""
    sender, template = a_sender(api), a_template(api)
    a_customer(api, "c1", 1)
    consent(api, "c1", "withdraw")
    pool = api.post("/v1/coupon-pools", {"name": "봄"}).body["pool_id"]
    api.post(f"/v1/coupon-pools/{pool}/codes", {"codes": ["SPRING-1", "SPRING-2"]})
    notice = a_template(api, body="쿠폰 {{ coupon }}")
    given = a_campaign(api, notice, sender, coupon_pool=pool, recipients={"direct": ["c1"]})
    api.post(f"/v1/campaigns/{given}/launch", {})
    pump.run()
    api.post("/v1/suppressions", {"phone": phone(1), "source": "hotline"})
    campaign = a_campaign(api, template, sender)
    api.post(f"/v1/campaigns/{campaign}/launch", {})
    simulation = api.post(f"/v1/campaigns/{campaign}/simulate", {}).body["simulation_id"]
    pump.run()
    link = api.post("/v1/contacts/c1/preference-link", {"sender_id": sender}).body["url"]
    message = send(api, template, sender, {"phone": phone(2)})["messages"][0]
    report = api.post(f"/v1/campaigns/{campaign}/report-link", {}).body["url"]
    variants = {"variants": [{"name": "a"}, {"name": "b"}]}
    tested = a_campaign(api, template, sender, experiment=variants)
    poster = {"name": "포스터", "medium": "poster", "url": "https://shop.example.com/"}
    audience = api.post("/v1/audiences", {"name": "all", "definition": {"all": []}}).body[
        "audience_id"
    ]
    run = api.post(f"/v1/audiences/{audience}/refresh", {}).body["run_id"]
    api.put("/v1/exports/purchase", {"format": "csv"})
    today = f"{datetime.now(ZoneInfo('Asia/Seoul')):%Y-%m-%d}"
    days = {"first_day": today, "last_day": today}
    export_run = api.post("/v1/exports/purchase/runs", days).body["run_id"]
    pump.run()
    a_customer(api, "forgotten", 3)
    erasure = api.delete("/v1/contacts/forgotten").body["erasure_id"]
    for queue in Queue:
        account.take_bodies(queue)
    return {
        "contact_id": "c1",
        "sender_id": sender,
        "template_id": template,
        "campaign_id": campaign,
        "pool_id": pool,
        "simulation_id": simulation,
        "erasure_id": erasure,
        "audience_id": audience,
        "run_id": run,
        "export_run_id": export_run,
        "day": today,
        "token": link.rpartition("/")[2],
        "report_token": report.rpartition("/")[2],
        "tested_campaign_id": tested,
        "slug": api.post("/v1/links", poster).body["slug"],
        "message_id": message["message_id"],
        # Of an event and of an export.
        "name": api.put("/v1/event-types/purchase", {"properties": []}).body["name"],
        "webhook_id": _a_webhook(),
        "import_id": api.post("/v1/imports", {"filename": "a.csv"}).body["import_id"],
    }


def _a_webhook() -> str:
    """One to which something was replayed; this stack tells none."""
    webhook = a_webhook()
    WebhookStore().add(webhook)
    ReplayStore().save(webhook.webhook_id, a_replay())
    return webhook.webhook_id


@pytest.mark.parametrize("path", _PATHS)
def test_a_get_changes_nothing(
    api: Api, account: Account, ids: Mapping[str, str], path: str
) -> None:
    before = everything_in(account)

    known = dict(ids)
    if path in _OF_ITS_OWN:
        name, other = _OF_ITS_OWN[path]
        known[name] = ids[other]
    filled = re.sub(r"\{(\w+)\}", lambda name: known[name[1]], path) + _NEEDED.get(path, "")
    accept = "image/png" if path.endswith(".png") else "*/*"
    statuses = [api.call("GET", filled, Accept=accept).status for _ in range(2)]

    assert statuses == [200, 200]
    assert everything_in(account) == before
