"""Conversions through the API and the workers: reported, put down, recomputed, erased, attacked."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from functions.activity import paging
from functions.contracts.queues import Queue
from functions.domain.ids import MessageNumber
from functions.runtime.tracking import code_of
from functions.storage.batches import BatchItem, BatchStore
from functions.storage.goal_logs import GoalLogStore
from functions.storage.outcomes import OutcomeStore
from tests.integration.account import Account
from tests.integration.api import Answer, Api
from tests.integration.http.clock import Clock
from tests.integration.http.problems import assert_problem, fields_of
from tests.integration.http.pump import Pump
from tests.integration.http.shop import (
    a_campaign,
    a_contact,
    a_customer,
    a_sender,
    an_ad,
    message_of,
    open_link,
    phone,
)
from tests.traces import CHROME

LINK = '신상품 {{ "https://shop.example.com/a" | track }}'
MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module")
def sender(api: Api) -> str:
    return a_sender(api)


@pytest.fixture(scope="module")
def ad(api: Api) -> str:
    return an_ad(api, body=LINK)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The queue of the test has no time: clicks are recorded before pages report."""
    monkeypatch.setattr(paging, "LOOKED_AT_AFTER_S", 0)


class Shop:
    """Sends campaigns, and does what people do."""

    def __init__(self, api: Api, pump: Pump, clock: Clock, ad: str, sender: str) -> None:
        self.api, self.pump, self.clock, self.ad, self.sender = api, pump, clock, ad, sender

    def wait(self, step: timedelta) -> None:
        """Let time pass for us and for the carrier."""
        self.clock.move_by(step)
        self.pump.carrier.configure(clock_offset_s=self.clock.offset_s)

    def campaign(self, *people: str, touch: str = "clicked", **values: Any) -> str:
        """Send a campaign with a goal to these; five minutes pass."""
        goal = {"event": "purchase", "touch": touch}
        facts: dict[str, Any] = {"recipients": {"direct": list(people)}, "goal": goal}
        template = str(values.pop("template", self.ad))
        campaign_id = a_campaign(self.api, template, self.sender, **(facts | values))
        assert self.api.post(f"/v1/campaigns/{campaign_id}/launch", {}).status == 202
        self.pump.run()
        self.wait(5 * MINUTE)
        return campaign_id

    def message(self, campaign_id: str, contact_id: str) -> MessageNumber:
        return message_of(self.api, campaign_id, contact_id)

    def click(
        self, number: MessageNumber, *, agent: str = CHROME, at: datetime | None = None
    ) -> None:
        open_link(number, at or self.clock.now(), agent=agent)
        self.pump.run()
        self.wait(MINUTE)

    def buys(self, contact_id: str, event_id: str, minor: int = 10_000, **values: Any) -> None:
        event = {"event_id": event_id, "contact_id": contact_id, "name": "purchase"}
        money = {"value": {"minor": minor, "currency": "KRW"}}
        answer = self.api.post("/v1/events", {"events": [event | money | values]})
        assert answer.status == 202, answer.text
        self.pump.run()

    def figures(self, campaign_id: str, model: str = "last") -> tuple[int, float, int]:
        found = self.api.get(f"/v1/campaigns/{campaign_id}/conversions?model={model}").body
        return found["converted"], found["conversions"], found["value"]["minor"]

    def recompute(self, campaign_id: str) -> Answer:
        answer = self.api.post(f"/v1/campaigns/{campaign_id}/recompute-conversions", {})
        self.pump.run()
        return answer


@pytest.fixture
def shop(api: Api, pump: Pump, clock: Clock, ad: str, sender: str) -> Shop:
    return Shop(api, pump, clock, ad, sender)


def test_a_purchase_after_a_click_is_counted_once_with_its_value(shop: Shop) -> None:
    for number, each in enumerate(("conv-1", "conv-2", "conv-3")):
        a_customer(shop.api, each, 4_001 + number)
    campaign = shop.campaign("conv-1", "conv-2", "conv-3")
    shop.click(shop.message(campaign, "conv-1"))
    shop.click(shop.message(campaign, "conv-2"), agent="curl/8.5.0")

    for _ in range(2):
        shop.buys("conv-1", "order-1", 25_000)
        shop.buys("conv-2", "order-1")
        shop.buys("conv-3", "order-1")

    answer = shop.api.get(f"/v1/campaigns/{campaign}/conversions")
    assert answer.body == {
        "campaign_id": campaign,
        "goal": {"event": "purchase", "window_hours": 72, "touch": "clicked"},
        "model": "last",
        "sent": 3,
        "delivered": 0,
        "human_clicks": 1,
        "converted": 1,
        "conversions": 1.0,
        "value": {"minor": 25_000, "currency": "KRW"},
        "conversion_rate": None,
        "by_variant": [
            {
                "variant": "",
                "sent": 3,
                "delivered": 0,
                "human_clicks": 1,
                "converted": 1,
                "conversions": 1.0,
                "value": {"minor": 25_000, "currency": "KRW"},
                "conversion_rate": None,
            }
        ],
    }
    report = shop.api.get(f"/v1/campaigns/{campaign}/report").body
    assert (report["converted"], report["conversions"], report["value"]["minor"]) == (1, 1, 25_000)


def test_models_share_a_purchase_between_campaigns(shop: Shop) -> None:
    a_customer(shop.api, "both", 4_010)
    first, second = shop.campaign("both"), shop.campaign("both")
    shop.click(shop.message(first, "both"))
    shop.click(shop.message(second, "both"))

    shop.buys("both", "order-2", 101)

    assert [shop.figures(each) for each in (first, second)] == [(0, 0, 0), (1, 1, 101)]
    assert [shop.figures(each, "first") for each in (first, second)] == [(1, 1, 101), (0, 0, 0)]
    assert [shop.figures(each, "linear") for each in (first, second)] == [
        (1, 0.5, 50),
        (1, 0.5, 51),
    ]
    answer = shop.api.get(f"/v1/campaigns/{first}/conversions?model=best")
    assert_problem(answer, 422, "invalid_input", ("/query/model", "not_allowed"))


def test_a_click_recorded_after_the_purchase_counts_when_looked_at_again(shop: Shop) -> None:
    a_customer(shop.api, "late", 4_020)
    campaign = shop.campaign("late")
    clicked = shop.clock.now()
    shop.wait(MINUTE)
    shop.buys("late", "order-3")
    missed = shop.figures(campaign)
    shop.click(shop.message(campaign, "late"), at=clicked)

    answer = shop.recompute(campaign)
    shop.recompute(campaign)

    assert (answer.status, answer.body) == (202, {"campaign_id": campaign, "parts": 1})
    assert (missed, shop.figures(campaign)) == ((0, 0, 0), (1, 1, 10_000))


def test_a_receipt_that_comes_after_the_purchase_counts_when_looked_at_again(shop: Shop) -> None:
    a_customer(shop.api, "slow", 4_021)
    campaign = shop.campaign("slow", touch="delivered")
    told = {"message_id": str(shop.message(campaign, "slow"))}
    shop.buys("slow", "order-4")
    missed = shop.figures(campaign)
    # The carrier's own time of delivery lies before the purchase.
    shop.pump.take_reports(told)
    shop.recompute(campaign)

    assert (missed, shop.figures(campaign)) == ((0, 0, 0), (1, 1, 10_000))
    assert shop.api.get(f"/v1/campaigns/{campaign}/conversions").body["conversion_rate"] == 1.0


def test_recomputing_from_the_events_gives_the_same_rows(shop: Shop) -> None:
    a_customer(shop.api, "again", 4_022)
    campaign = shop.campaign("again")
    number = shop.message(campaign, "again")
    shop.click(number)
    for order in "abc":
        shop.buys("again", order)
    before = OutcomeStore().of(number.batch)
    BatchItem(number.batch, "CONVERSIONS").delete()

    shop.recompute(campaign)

    assert OutcomeStore().of(number.batch) == before
    assert shop.figures(campaign) == (1, 3, 30_000)


def test_a_goal_is_changed_afterwards_and_followed(shop: Shop) -> None:
    a_customer(shop.api, "changed", 4_023)
    campaign = shop.campaign("changed")
    shop.click(shop.message(campaign, "changed"))
    shop.wait(timedelta(hours=2))
    shop.buys("changed", "order-5")
    wide = shop.figures(campaign)

    narrow = {"event": "purchase", "window_hours": 1, "touch": "clicked"}
    answer = shop.api.put(f"/v1/campaigns/{campaign}/goal", {"goal": narrow})
    shop.recompute(campaign)

    assert (answer.status, answer.body["goal"]) == (200, narrow)
    assert (wide, shop.figures(campaign)) == ((1, 1, 10_000), (0, 0, 0))


def test_an_event_after_an_early_release_is_timed_from_it(shop: Shop) -> None:
    a_customer(shop.api, "early", 4_096)
    campaign = shop.campaign("early", at_local="18:00")
    assert shop.api.post("/v1/held/release", {"campaign_id": campaign}).status == 202
    shop.pump.run()
    shop.wait(MINUTE)
    number = shop.message(campaign, "early")
    shop.click(number)
    shop.wait(MINUTE)

    shop.buys("early", "order-early")

    (standing,) = BatchStore().standings([number.batch], outcomes=True)
    elapsed_s = standing.outcomes.converted(number.ordinal)
    assert shop.figures(campaign) == (1, 1, 10_000)
    assert elapsed_s is not None
    assert abs(standing.state.created + elapsed_s - shop.clock.now().timestamp()) < 30


def test_a_goal_that_is_taken_away_counts_no_more(shop: Shop) -> None:
    a_customer(shop.api, "away", 4_095)
    campaign = shop.campaign("away")
    shop.click(shop.message(campaign, "away"))
    shop.wait(MINUTE)

    assert shop.api.put(f"/v1/campaigns/{campaign}/goal", {"goal": None}).status == 200
    # Workers remember goals for some seconds.
    shop.wait(MINUTE)
    shop.buys("away", "order-away")

    assert shop.figures(campaign) == (0, 0, 0)


def test_events_that_are_nobodys_goal_are_not_kept(shop: Shop) -> None:
    a_customer(shop.api, "other", 4_024)
    shop.click(shop.message(shop.campaign("other"), "other"))

    shop.buys("other", "login-1", name="login")

    assert "goal_events" in shop.api.get("/v1/contacts/other/export").body
    assert shop.api.get("/v1/contacts/other/export").body["goal_events"] == []


def test_who_is_merged_takes_along_what_they_did(shop: Shop) -> None:
    a_customer(shop.api, "former", 4_025)
    a_contact(shop.api, "now", None)
    campaign = shop.campaign("former")
    number = shop.message(campaign, "former")
    shop.click(number)
    shop.buys("former", "order-6")
    before = OutcomeStore().of(number.batch)

    assert shop.api.post("/v1/contacts/now/merge", {"from": "former"}).status == 200
    BatchItem(number.batch, "CONVERSIONS").delete()
    shop.recompute(campaign)

    (event,) = shop.api.get("/v1/contacts/now/export").body["goal_events"]
    assert (event["name"], event["value_minor"], event["messages"]) == (
        "purchase",
        10_000,
        [str(number)],
    )
    assert OutcomeStore().of(number.batch) == before


def test_an_erased_person_leaves_figures_and_no_event(shop: Shop) -> None:
    a_customer(shop.api, "gone", 4_026)
    campaign = shop.campaign("gone")
    number = shop.message(campaign, "gone")
    shop.click(number)
    shop.buys("gone", "order-7")
    marks = [each.mark for each in OutcomeStore().of(number.batch).credits]

    erasure = shop.api.delete("/v1/contacts/gone").body["erasure_id"]
    shop.pump.run()

    certificate = shop.api.get(f"/v1/erasures/{erasure}").body
    assert certificate["erased"]["goal_events"] == 1
    assert GoalLogStore().of_people(["gone"]) == {}  # type: ignore[list-item]
    assert [each.mark for each in OutcomeStore().of(number.batch).credits] == [0] != marks
    assert shop.figures(campaign) == (1, 1, 10_000)


# ---- what pages report


def tell(api: Api, code: str, **values: Any) -> Answer:
    body = {"click": code, "event": "purchase"} | values
    return api.post("/v1/conversions", body, Authorization="")


def code_for(number: MessageNumber) -> str:
    return code_of(number.batch, number.ordinal, 0)


def test_a_page_reports_by_the_code_of_its_link(shop: Shop) -> None:
    a_customer(shop.api, "page", 4_030)
    campaign = shop.campaign("page")
    number = shop.message(campaign, "page")
    shop.click(number)

    money = {"minor": 7_000, "currency": "KRW"}
    answers = [tell(shop.api, code_for(number), event_id="order-8", value=money) for _ in range(2)]
    shop.pump.run()
    # The shop's own system knows the order, too.
    shop.buys("page", "order-8", 7_000)

    assert [(each.status, each.body) for each in answers] == [(202, {"accepted": True})] * 2
    assert answers[0].headers["Access-Control-Allow-Origin"] == "*"
    assert shop.figures(campaign) == (1, 1, 7_000)
    activity = shop.api.get("/v1/contacts/page/export").body["activity"]
    assert [each["days"][0]["count"] for each in activity if each["event"] == "purchase"] == [1]


def test_without_an_id_an_event_counts_once_a_message(shop: Shop) -> None:
    a_customer(shop.api, "thanks", 4_031)
    campaign = shop.campaign("thanks")
    number = shop.message(campaign, "thanks")
    shop.click(number)

    for link in (0, 0, 1):
        # Also where each link of the message leads to a page that tells.
        code = code_of(number.batch, number.ordinal, link)
        assert tell(shop.api, code).status == 202
        shop.pump.run()

    assert shop.figures(campaign) == (1, 1, 0)


def test_a_number_that_belongs_to_nobody_known_converts_too(shop: Shop, pump: Pump) -> None:
    goal = {"event": "purchase", "touch": "delivered"}
    template = an_ad(shop.api, body=LINK, purpose="transactional", name="알림")
    campaign = shop.campaign(phone(4_032), goal=goal, template=template)
    parts = shop.api.get(f"/v1/campaigns/{campaign}/report").body
    assert parts["sent"] == 1, parts
    number = _only_message(campaign)
    pump.take_reports({"message_id": str(number)})
    shop.wait(MINUTE)

    for _ in range(2):
        assert tell(shop.api, code_for(number), event_id="x").status == 202
        pump.run()

    assert shop.figures(campaign) == (1, 1, 0)
    BatchItem(number.batch, "CONVERSIONS").delete()
    shop.recompute(campaign)
    assert shop.figures(campaign) == (1, 1, 0)


def _only_message(campaign: str) -> MessageNumber:
    from functions.domain.ids import CampaignId
    from functions.storage.campaigns import CampaignStore

    (part,) = CampaignStore().parts(CampaignId(campaign))
    return MessageNumber(batch=part.batches[0], ordinal=0)


def test_a_page_that_floods_is_not_believed(shop: Shop) -> None:
    a_customer(shop.api, "flood", 4_033)
    campaign = shop.campaign("flood")
    number = shop.message(campaign, "flood")
    shop.click(number)

    for each in range(15):
        tell(shop.api, code_for(number), event_id=f"fake-{each}")
    shop.pump.run()

    assert shop.figures(campaign) == (1, 10, 0)


def test_only_the_goal_of_the_links_own_campaign_is_taken(shop: Shop) -> None:
    a_customer(shop.api, "own", 4_034)
    with_goal = shop.campaign("own")
    without = shop.campaign("own", goal=None)

    codes = [code_for(shop.message(each, "own")) for each in (with_goal, without)]
    answers = [tell(shop.api, codes[0], event="signup"), tell(shop.api, codes[1])]

    assert [fields_of(each) for each in answers] == [[("/event", "not_a_goal")]] * 2


def test_a_forged_code_is_no_code(shop: Shop, account: Account) -> None:
    code = code_of(
        shop.message(shop.campaign(a_customer(shop.api, "forge", 4_035)), "forge").batch, 0, 0
    )
    last = code[-1]
    forged = [code[:-1] + each for each in "0123456789ABCdef" if each != last]

    answers = [tell(shop.api, each) for each in forged]

    assert {each.status for each in answers} == {404}
    assert account.take_bodies(Queue.EVENTS) == []


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("", 422, "invalid_input"),
        ("[]", 422, "invalid_input"),
        ("{", 400, "malformed_body"),
        ('{"click":"' + "0" * 11 + '","event":"purchase","x":1}', 422, "invalid_input"),
        ('{"click":"' + "0" * 12 + '","event":"purchase"}', 422, "invalid_input"),
        ('{"click":"' + "0" * 11 + '","event":"$clicked"}', 422, "invalid_input"),
        ('{"click":"' + "0" * 11 + '","event":"purchase"}', 404, "not_found"),
        (" " * 3_000, 413, "payload_too_large"),
        ('{"click":"' + "가" * 11 + '","event":"purchase"}', 422, "invalid_input"),
    ],
)
def test_what_nobody_honest_sends_is_refused(api: Api, body: str, status: int, code: str) -> None:
    answer = api.call(
        "POST", "/v1/conversions", body.encode(), Authorization="", Content_Type="text/plain"
    )

    assert (answer.status, answer.body["code"]) == (status, code)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("minor", [-1, 10**9 + 1])
def test_no_page_says_such_an_amount(api: Api, minor: int) -> None:
    answer = tell(api, "0" * 11, value={"minor": minor, "currency": "KRW"})

    assert fields_of(answer) == [("/value/minor", "out_of_range")]


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.one_of(
        st.text(max_size=300),
        st.recursive(
            st.none() | st.text() | st.integers(),
            lambda each: st.lists(each) | st.dictionaries(st.text(), each),
            max_leaves=8,
        ).map(json.dumps),
    )
)
def test_no_body_makes_a_fault(api: Api, body: str) -> None:
    answer = api.call(
        "POST", "/v1/conversions", body.encode(), Authorization="", Content_Type="text/plain"
    )

    assert 400 <= answer.status < 500


def test_the_script_is_given_to_any_page_and_looking_changes_nothing(
    api: Api, account: Account
) -> None:
    answer = api.call("GET", "/v1/conversions.js", Authorization="")

    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert "sendBeacon" in answer.text
    assert "cookie" not in answer.text
    assert account.take_bodies(Queue.EVENTS) == []
