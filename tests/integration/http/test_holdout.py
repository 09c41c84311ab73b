"""People held out through the API and the workers: nothing is sent, and everything is measured."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from functions.campaigns import wiring as campaigns
from functions.contracts.queues import Queue
from functions.domain.ids import ContactId
from functions.domain.outcome import BatchOutcomes, Model
from functions.storage.batches import BatchItem
from functions.storage.histories import HistoryStore
from functions.storage.outcomes import OutcomeStore
from functions.storage.policies import PolicyItem
from infra.local.carrier.client import CarrierControl
from tests.integration.account import Account
from tests.integration.api import Api
from tests.integration.http.clock import Clock
from tests.integration.http.problems import assert_problem
from tests.integration.http.pump import Pump
from tests.integration.http.shop import (
    a_campaign,
    a_customer,
    a_sender,
    a_template,
    an_ad,
    consent,
    message_of,
    open_link,
)

PEOPLE = 80
LINK = '봄 {{ "https://shop.example.com/spring" | track }}'
GOAL = {"event": "purchase", "window_hours": 24}
Json = dict[str, Any]


@pytest.fixture(scope="module", autouse=True)
def people(api: Api) -> None:
    for number in range(PEOPLE):
        a_customer(api, f"held-{number}", 8_000 + number)


@pytest.fixture(scope="module")
def sender(api: Api) -> str:
    return a_sender(api)


@pytest.fixture(scope="module")
def ad(api: Api) -> str:
    return an_ad(api, body=LINK)


@pytest.fixture(autouse=True)
def the_law_alone(account: Account) -> Iterator[None]:
    yield
    for item in PolicyItem.scan():
        item.delete()
    campaigns.deps.cache_clear()
    for queue in Queue:
        account.take_bodies(queue)


def ids(first: int = 0, last: int = PEOPLE) -> list[str]:
    return [f"held-{number}" for number in range(first, last)]


def put_policy(api: Api, **policy: object) -> Json:
    version = api.get("/v1/policy").body["version"]
    answer = api.put("/v1/policy", {"version": version, **policy})
    campaigns.deps.cache_clear()
    assert answer.status == 200, answer.text
    found: Json = answer.body
    return found


def launched(api: Api, pump: Pump, ad: str, sender: str, **values: object) -> str:
    facts: Json = {"recipients": {"direct": ids()}, "goal": GOAL}
    campaign = a_campaign(api, ad, sender, **(facts | values))
    assert api.post(f"/v1/campaigns/{campaign}/launch", {}).status == 202
    pump.run()
    return campaign


def report(api: Api, campaign: str) -> Json:
    found: Json = api.get(f"/v1/campaigns/{campaign}/report").body
    return found


def why(api: Api, campaign: str, contact_id: str) -> Json:
    found: Json = api.get(f"/v1/campaigns/{campaign}/why?contact_id={contact_id}").body
    return found


def arms(api: Api, campaign: str) -> dict[str, Json]:
    return {each["arm"]: each for each in report(api, campaign)["holdout"]["arms"]}


def parted(api: Api, campaign: str, people: list[str]) -> tuple[list[str], list[str]]:
    """Who is sent the message, and who is held out."""
    told = {each: why(api, campaign, each)["held_out"] for each in people}
    return [e for e, held in told.items() if held is None], [e for e, held in told.items() if held]


def buy(api: Api, pump: Pump, contact_id: str, minor: int = 10_000, key: str = "order") -> None:
    event = {"event_id": f"{key}-{contact_id}", "contact_id": contact_id, "name": "purchase"}
    money = {"value": {"minor": minor, "currency": "KRW"}}
    assert api.post("/v1/events", {"events": [event | money]}).status == 202
    pump.run()


def conversions() -> dict[int, BatchOutcomes]:
    rows = BatchItem.scan(BatchItem.kind == "CONVERSIONS")
    return {int(row.batch): BatchOutcomes.unpack(row.outcomes) for row in rows}


def test_who_is_held_out_gets_nothing_and_is_measured_all_the_same(
    api: Api, pump: Pump, carrier: CarrierControl, clock: Clock, ad: str, sender: str
) -> None:
    campaign = launched(api, pump, ad, sender, holdout_percent=25)
    sent, held = parted(api, campaign, ids())
    assert (len(sent), len(held)) == (60, 20)
    assert len(carrier.ledger(status="any")) == 60
    clock.move_by(timedelta(minutes=5))

    for each in (*sent[:30], *held[:5]):
        buy(api, pump, each, 20_000)

    found = report(api, campaign)
    assert found["adds_up"]
    assert found["refused_by_reason"] == {"held_out": 20}
    assert (found["sent"], found["cost"]["minor"]) == (60, 60 * 18)
    # Nobody opened it, so no model puts anything down to the campaign.
    assert (found["converted"], found["value"]["minor"]) == (0, 0)
    assert [each["messages"] for each in found["by_channel"]] == [60]
    measured = found["holdout"]
    assert (measured["percent"], measured["global"]) == (25.0, None)
    assert {each["arm"]: (each["people"], each["converted"]) for each in measured["arms"]} == {
        "sent": (60, 30),
        "held_out": (20, 5),
    }
    assert measured["arms"][0]["revenue"] == {"minor": 600_000, "currency": "KRW"}
    # Twenty people are too few to say more.
    assert measured["lift"]["enough"] is False
    assert measured["lift"]["conversion"] is None
    assert measured["programme_lift"] is None


def test_a_message_that_did_not_leave_counts_where_chance_put_it(
    api: Api, account: Account, pump: Pump, clock: Clock, ad: str, sender: str
) -> None:
    campaign = a_campaign(
        api, ad, sender, recipients={"direct": ids()}, goal=GOAL, holdout_percent=50
    )
    api.post(f"/v1/campaigns/{campaign}/launch", {})
    for _ in ("resolve", "plan"):
        api.deliver("plan", *account.take_bodies(Queue.PLAN))
    sent, _ = parted(api, campaign, ids())
    consent(api, sent[0], "withdraw")
    pump.run()
    clock.move_by(timedelta(minutes=5))

    buy(api, pump, sent[0], key="late")

    assert why(api, campaign, sent[0])["reason"] == "no_consent"
    found = arms(api, campaign)
    assert (found["sent"]["people"], found["sent"]["converted"]) == (40, 1)
    consent(api, sent[0], "grant")


def test_a_click_makes_it_a_touch_and_the_arms_stay_as_they_are(
    api: Api, pump: Pump, clock: Clock, ad: str, sender: str
) -> None:
    campaign = launched(api, pump, ad, sender, holdout_percent=50)
    sent, _ = parted(api, campaign, ids())
    clock.move_by(timedelta(minutes=5))
    message, clicked = message_of(api, campaign, sent[0]), clock.now()
    clock.move_by(timedelta(minutes=1))
    buy(api, pump, sent[0], key="early")
    before = arms(api, campaign)
    assert report(api, campaign)["converted"] == 0
    open_link(message, clicked)
    pump.run()
    assert api.post(f"/v1/campaigns/{campaign}/recompute-conversions", {}).status == 202
    pump.run()

    assert arms(api, campaign) == before
    assert before["sent"]["converted"] == 1
    assert report(api, campaign)["converted"] == 1
    found = OutcomeStore().of(message.batch).credits
    assert [each.counts(Model.LAST) for each in found] == [True]


def test_looking_again_writes_nothing_new(
    api: Api, pump: Pump, clock: Clock, ad: str, sender: str
) -> None:
    campaign = launched(api, pump, ad, sender, holdout_percent=50)
    sent, held = parted(api, campaign, ids())
    clock.move_by(timedelta(minutes=5))
    for each in (*sent[:3], *held[:4]):
        buy(api, pump, each, key="again")
    before = conversions()

    api.post(f"/v1/campaigns/{campaign}/recompute-conversions", {})
    pump.run()

    assert conversions() == before
    assert {arm: each["converted"] for arm, each in arms(api, campaign).items()} == {
        "sent": 3,
        "held_out": 4,
    }


def test_events_outside_of_the_window_or_of_another_name_do_not_count(
    api: Api, pump: Pump, clock: Clock, ad: str, sender: str
) -> None:
    campaign = launched(api, pump, ad, sender, holdout_percent=50)
    _, held = parted(api, campaign, ids())
    clock.move_by(timedelta(hours=23))
    buy(api, pump, held[0], key="inside")
    clock.move_by(timedelta(hours=1, minutes=1))
    buy(api, pump, held[1], key="outside")

    assert arms(api, campaign)["held_out"]["converted"] == 1


def test_the_companys_group_is_the_same_in_every_campaign(
    api: Api, pump: Pump, clock: Clock, ad: str, sender: str
) -> None:
    policy = put_policy(api, holdout={"name": "2026", "percent": 30})
    first = launched(api, pump, ad, sender)
    second = launched(api, pump, ad, sender, holdout_percent=50)
    put_policy(api, holdout={"name": "2026", "percent": 50})
    third = launched(api, pump, ad, sender)

    def group(campaign: str) -> set[str]:
        told = {each: why(api, campaign, each) for each in ids()}
        return {e for e, found in told.items() if found["reason"] == "held_out_globally"}

    assert group(first) == group(second)
    assert group(first) < group(third)
    of_group = next(iter(group(first)))
    assert why(api, first, of_group)["held_out"] == {
        "by": "policy",
        "percent": 30.0,
        "name": "2026",
    }
    found = report(api, second)["holdout"]
    assert found["global"] == {"name": "2026", "percent": 30.0, "policy_version": policy["version"]}
    others = PEOPLE - len(group(second))
    people = {each["arm"]: each["people"] for each in found["arms"]}
    assert people["held_out_globally"] == len(group(second))
    assert people["sent"] + people["held_out"] == others
    assert abs(people["held_out"] - others / 2) < 1


def test_every_setting_of_the_company_is_kept(api: Api) -> None:
    put_policy(api, holdout={"name": "2026", "percent": 5})
    put_policy(api, holdout={"name": "2026", "percent": 7.5})
    put_policy(api)

    first = api.get("/v1/policy/versions?limit=2").body
    rest = api.get(f"/v1/policy/versions?limit=2&cursor={first['next_cursor']}").body

    kept = [each["holdout"] for each in (*first["items"], *rest["items"])]
    assert kept == [None, {"name": "2026", "percent": 7.5}, {"name": "2026", "percent": 5.0}]
    assert {each["by"] for each in first["items"]} != {""}
    assert first["items"][0]["made"] > first["items"][1]["made"]


def test_shadows_stand_in_histories_and_leave_with_an_erasure(
    api: Api, pump: Pump, clock: Clock, ad: str, sender: str
) -> None:
    a_customer(api, "held-gone", 8_500)
    everybody = [*ids(0, 5), "held-gone"]
    campaign = launched(api, pump, ad, sender, holdout_percent=50, recipients={"direct": everybody})
    number = why(api, campaign, "held-gone")["message_id"]
    listed = api.get("/v1/messages?contact_id=held-gone").body["items"]
    assert [each["message_id"] for each in listed] == [number]
    clock.move_by(timedelta(minutes=1))
    buy(api, pump, "held-gone", key="gone")
    before = arms(api, campaign)

    assert api.delete("/v1/contacts/held-gone").status in {202, 204}
    pump.run()

    assert list(HistoryStore().of(ContactId("held-gone"))) == []
    assert arms(api, campaign) == before


def test_zero_percent_is_as_if_nothing_was_said(api: Api, ad: str, sender: str) -> None:
    campaign = a_campaign(api, ad, sender, holdout_percent=0)

    assert api.get(f"/v1/campaigns/{campaign}").body["holdout_percent"] == 0
    assert report(api, campaign)["holdout"] is None


@pytest.mark.parametrize(
    ("percent", "code"),
    [
        (-0.1, "out_of_range"),
        (50.1, "out_of_range"),
        (1.25, "too_precise"),
        ("10", "wrong_type"),
        (None, "wrong_type"),
    ],
)
def test_bad_shares_are_refused(api: Api, ad: str, sender: str, percent: object, code: str) -> None:
    body = {
        "name": "봄",
        "template_id": ad,
        "template_version": 1,
        "sender_id": sender,
        "recipients": {"everyone": True},
        "holdout_percent": percent,
    }

    assert_problem(
        api.post("/v1/campaigns", body), 422, "invalid_input", ("/holdout_percent", code)
    )


def test_a_notice_cannot_hold_people_out(api: Api, sender: str) -> None:
    body = {
        "name": "공지",
        "template_id": a_template(api),
        "template_version": 1,
        "sender_id": sender,
        "recipients": {"everyone": True},
        "holdout_percent": 10,
    }

    answer = api.post("/v1/campaigns", body)

    assert_problem(answer, 422, "invalid_input", ("/holdout_percent", "not_advertising"))


@pytest.mark.parametrize(
    "group", [{"name": "", "percent": 5}, {"name": "x", "percent": 0}, {"percent": 60}, {}]
)
def test_bad_groups_are_refused(api: Api, group: Json) -> None:
    answer = api.put("/v1/policy", {"version": 0, "holdout": group})

    assert answer.status == 422
    found = {each["pointer"] for each in answer.body["errors"]}
    assert found <= {"/holdout/name", "/holdout/percent"}


def test_a_shadow_can_be_read_and_not_be_moved(
    api: Api, pump: Pump, carrier: CarrierControl, ad: str, sender: str
) -> None:
    campaign = launched(api, pump, ad, sender, holdout_percent=50)
    _, held = parted(api, campaign, ids())
    number = why(api, campaign, held[0])["message_id"]
    sent = len(carrier.ledger(status="any"))

    message = api.get(f"/v1/messages/{number}").body
    evidence = api.get(f"/v1/messages/{number}/evidence").body
    cancelled = api.post(f"/v1/messages/{number}/cancel", {})
    api.post("/v1/held/release", {"message_ids": [number]})
    api.post(f"/v1/campaigns/{campaign}/pause", {})
    api.post(f"/v1/campaigns/{campaign}/resume", {})
    pump.run()

    assert (message["status"], message["reason"]) == ("refused", "held_out")
    assert (evidence["status"], evidence["looks"]) == ("refused", [])
    assert_problem(cancelled, 409, "not_cancellable")
    assert len(carrier.ledger(status="any")) == sent
    assert report(api, campaign)["refused_by_reason"] == {"held_out": 40}
