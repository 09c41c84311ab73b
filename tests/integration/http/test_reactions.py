"""Opt-outs and complaints are counted in the report of the campaign that they came of."""

import pytest

from functions.contracts.campaign_jobs import WatchJob
from functions.contracts.codec import to_body
from functions.contracts.queues import Queue
from tests.integration.account import Account
from tests.integration.api import Api
from tests.integration.http.pump import Pump
from tests.integration.http.shop import Json, a_campaign, a_customer, a_sender, an_ad, phone

NUMBERS = {"reply": (1, 2, 3, 4), "page": (5, 6, 7, 8), "complaint": (9, 10, 11, 12)}
RULES = {"min_sent": 3, "opt_out_percent": 5, "complaint_percent": 5}


@pytest.mark.parametrize("way", NUMBERS)
def test_a_campaign_that_people_refuse_is_stopped(
    api: Api, pump: Pump, account: Account, way: str
) -> None:
    ids = [a_customer(api, f"{way}-{number}", number) for number in NUMBERS[way]]
    sender = a_sender(api)
    earlier = a_campaign(api, an_ad(api), sender, recipients={"direct": ids})
    campaign = a_campaign(
        api,
        an_ad(api),
        sender,
        recipients={"direct": ids},
        stop_rules=RULES,
    )
    for each in (earlier, campaign):
        api.post(f"/v1/campaigns/{each}/launch", {})
        pump.run()

    for number in NUMBERS[way][:3]:
        for _ in range(2):
            _refuse(api, pump, way, number, sender=sender)

    report = _report(api, campaign)
    before = _report(api, earlier)
    counted, other = "opted_out", "complained"
    if way == "complaint":
        counted, other = other, counted
    assert (report[counted], report[other]) == (3, 0)
    assert (before[counted], before[other]) == (0, 0)
    version = 1
    api.deliver("plan", to_body(WatchJob(campaign_id=campaign, turn=version * 100_000 + 1)))
    assert account.take_bodies(Queue.PLAN) == []
    stopped = api.get(f"/v1/campaigns/{campaign}").body["safety"]["paused_because"]
    assert stopped == ("complaint_rate" if way == "complaint" else "opt_out_rate")


def _report(api: Api, campaign: str) -> Json:
    report: Json = api.get(f"/v1/campaigns/{campaign}/report").body
    return report


def _refuse(api: Api, pump: Pump, way: str, number: int, *, sender: str) -> None:
    match way:
        case "reply":
            hooks = api.get("/v1/webhooks/incoming").body
            text = {"id": f"mo-{number}", "from": phone(number), "to": sender, "text": "STOP"}
            answer = api.post(hooks["paths"]["inbound"], [text], Authorization="")
            pump.run()
        case "page":
            made = api.post(f"/v1/contacts/{way}-{number}/preference-link", {"sender_id": sender})
            path = "/p/" + made.body["url"].rpartition("/p/")[2]
            form = "application/x-www-form-urlencoded"
            answer = api.call("POST", path, b"refuse=all", Content_Type=form, Authorization="")
        case _:
            body = {"phone": phone(number), "reason": "complaint", "source": "call centre"}
            answer = api.post("/v1/suppressions", body)
    assert answer.status in (200, 201), answer.text
