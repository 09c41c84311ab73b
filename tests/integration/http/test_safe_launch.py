"""Safe launches through the API: ramp, stop rules, budget, approval, tests."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from functions.campaigns import wiring as campaigns
from functions.contracts.campaign_jobs import WatchJob
from functions.contracts.codec import to_body
from functions.contracts.queues import Queue
from functions.domain.refresh import Refresh
from functions.storage.policies import PolicyItem
from functions.storage.refreshes import RefreshStore
from functions.storage.timers import TimerItem
from infra.local.carrier.client import CarrierControl, wait_until
from tests.builders import NOON
from tests.integration.account import Account
from tests.integration.api import Answer, Api
from tests.integration.http.clock import Clock, later
from tests.integration.http.problems import assert_problem
from tests.integration.http.pump import Pump
from tests.integration.http.shop import (
    Json,
    a_campaign,
    a_contact,
    a_customer,
    a_sender,
    a_template,
    an_ad,
    phone,
)

PEOPLE, WON = 20, 18
ALL_FAIL = {str(number % 10): "3042" for number in range(10)}
RULES = {"min_sent": 2, "failed_percent": 10}
RAMP = {"steps": [20, 100], "wait_minutes": 20}


@pytest.fixture(scope="module", autouse=True)
def people(api: Api) -> None:
    """Twenty people who agreed to advertisements, as the last refresh counted them."""
    for number in range(1, PEOPLE + 1):
        a_customer(api, f"c{number}", number)
    refresh = Refresh(
        run_id="20261119T001000-a",
        day=NOON.date(),
        started=NOON,
        people_segments=1,
        message_segments=0,
        shards=1,
        people=PEOPLE,
    )
    RefreshStore().add(refresh, expires_at=0)
    RefreshStore().finish(refresh, at=NOON)


@pytest.fixture(scope="module")
def sender(api: Api) -> str:
    return a_sender(api)


@pytest.fixture(scope="module")
def ad(api: Api) -> str:
    return an_ad(api)


@pytest.fixture
def second(make_api: Callable[..., Api]) -> Api:
    """Somebody else, with a key of their own."""
    return make_api("campaigns", "read")


@pytest.fixture(autouse=True)
def clean(account: Account, carrier: CarrierControl) -> Iterator[None]:
    yield
    carrier.configure(forced_codes={})
    for queue in Queue:
        account.take_bodies(queue)
    for item in (*TimerItem.scan(), *PolicyItem.scan()):
        item.delete()
    campaigns.deps.cache_clear()


# Ramp and stop rules


def test_a_ramp_lets_its_share_in_and_after_a_while_the_rest(
    api: Api, ad: str, sender: str, pump: Pump, clock: Clock, carrier: CarrierControl
) -> None:
    campaign = a_campaign(api, ad, sender, ramp=RAMP, stop_rules=RULES)

    _move(api, campaign, "launch")
    pump.run()
    first = _report(api, campaign)
    with later(clock, carrier, timedelta(minutes=21)):
        pump.tick()

    assert (first["sent"], first["status"], first["ramp_percent"]) == (4, "running", 20)
    assert first["recipients_final"] is False
    report = _report(api, campaign)
    assert (report["sent"], report["status"], report["ramp_percent"]) == (20, "finished", 100)


def test_a_bad_first_share_stops_the_rest_until_a_person_goes_on(  # noqa: PLR0917  # fixtures
    api: Api, second: Api, ad: str, sender: str, pump: Pump, clock: Clock, carrier: CarrierControl
) -> None:
    carrier.configure(forced_codes=ALL_FAIL)
    campaign = a_campaign(api, ad, sender, ramp=RAMP, stop_rules=RULES)

    _move(api, campaign, "launch")
    pump.run()
    _merge_reports(api, pump, campaign, failed=4)
    with later(clock, carrier, timedelta(minutes=21)):
        pump.tick()

    stopped = api.get(f"/v1/campaigns/{campaign}").body
    assert (stopped["status"], stopped["safety"]["paused_because"]) == ("paused", "failed_rate")
    report = _report(api, campaign)
    assert (report["status"], report["failed"], report["recipients"]) == ("paused", 4, 4)
    assert report["paused_because"] == "failed_rate"

    carrier.configure(forced_codes={})
    resumed = _move(second, campaign, "resume")
    pump.run()

    (note,) = resumed.body["safety"]["resumes"]
    assert (note["by"], note["because"]) == ("key_campaigns_read", "failed_rate")
    report = _report(api, campaign)
    assert (report["sent"], report["failed"], report["adds_up"]) == (16, 4, True)


def test_the_usual_ramp_and_rules_are_shown_and_can_be_switched_off(
    api: Api, ad: str, sender: str
) -> None:
    usual = api.get(f"/v1/campaigns/{a_campaign(api, ad, sender)}").body["safety"]
    none = a_campaign(api, ad, sender, ramp=None, stop_rules=None)

    assert usual["ramp"] == {"steps": [1, 10, 100], "wait_minutes": 15, "only_above": 100_000}
    assert usual["stop_rules"] == {
        "failed_percent": 10,
        "opt_out_percent": 2,
        "complaint_percent": 0.1,
        "min_sent": 100,
    }
    off = api.get(f"/v1/campaigns/{none}").body["safety"]
    assert (off["ramp"], off["stop_rules"], off["budget"]) == (None, None, None)


def test_the_watch_stops_a_campaign_in_the_middle(
    api: Api, ad: str, sender: str, pump: Pump, carrier: CarrierControl
) -> None:
    carrier.configure(forced_codes=ALL_FAIL)
    campaign = a_campaign(api, ad, sender, ramp=RAMP, stop_rules=RULES)
    _move(api, campaign, "launch")
    pump.run()
    _merge_reports(api, pump, campaign, failed=4)

    version = 1
    job = WatchJob(campaign_id=campaign, turn=version * 100_000 + 1)
    failed = [api.deliver("plan", to_body(job)) for _ in range(2)]

    assert failed == [[], []]
    assert _report(api, campaign)["paused_because"] == "failed_rate"


# Budget


def test_a_budget_stops_before_it_is_passed_and_goes_on_when_raised(
    api: Api, ad: str, sender: str, pump: Pump
) -> None:
    ramp = {"steps": [50, 100], "wait_minutes": 20}
    won = {"amount": 10 * WON + WON, "currency": "KRW"}
    campaign = a_campaign(api, ad, sender, ramp=ramp, stop_rules=None, budget=won)
    _move(api, campaign, "launch")
    pump.run()
    assert _report(api, campaign)["budget_reserved"] == {"amount": 180, "currency": "KRW"}

    without_ramp = {"ramp": None, "stop_rules": None, "budget": won}
    api.put(f"/v1/campaigns/{campaign}/safety", without_ramp)
    _move(api, campaign, "resume")
    pump.run()

    stopped = _report(api, campaign)
    assert (stopped["status"], stopped["paused_because"]) == ("paused", "budget_reached")
    assert (stopped["sent"], stopped["pending"], stopped["cost"]["minor"]) == (10, 10, 180)
    raised = {"amount": PEOPLE * WON, "currency": "KRW"}
    put = api.put(f"/v1/campaigns/{campaign}/safety", without_ramp | {"budget": raised})
    assert put.body["safety"]["budget"] == raised
    _move(api, campaign, "resume")
    pump.run()
    report = _report(api, campaign)
    assert (report["status"], report["sent"]) == ("finished", 20)
    assert report["cost"]["minor"] == report["budget_reserved"]["amount"] == PEOPLE * WON


def test_a_launched_campaign_gets_no_first_budget(api: Api, ad: str, sender: str) -> None:
    campaign = a_campaign(api, ad, sender)
    _move(api, campaign, "launch")

    answer = api.put(f"/v1/campaigns/{campaign}/safety", {"budget": {"amount": 5}})

    assert_problem(answer, 409, "budget_fixed")


# Approval


def test_a_large_campaign_is_approved_by_another_key(
    api: Api, second: Api, ad: str, sender: str, pump: Pump
) -> None:
    _put_policy(api, approval_above=PEOPLE - 1)
    campaign = a_campaign(api, ad, sender)

    assert_problem(_move(api, campaign, "launch"), 409, "approval_required")
    assert_problem(_move(api, campaign, "approve"), 409, "same_key")
    approved = _move(second, campaign, "approve")
    assert_problem(_move(second, campaign, "launch"), 409, "same_key")
    _move(api, campaign, "launch")
    pump.run()

    approval = approved.body["safety"]["approval"]
    assert (approval["by"], approval["recipients"]) == ("key_campaigns_read", PEOPLE)
    assert _report(api, campaign)["sent"] == PEOPLE
    assert f"POST /v1/campaigns/{campaign}/approve" in _accesses(api, approval["at"][:10])


def test_an_edit_voids_the_approval(api: Api, second: Api, ad: str, sender: str) -> None:
    _put_policy(api, approval_above=PEOPLE - 1)
    campaign = a_campaign(api, ad, sender)
    _move(second, campaign, "approve")

    edited = api.put(f"/v1/campaigns/{campaign}/safety", {"budget": {"amount": 10_000}})

    assert (edited.body["safety"]["edition"], edited.body["safety"]["approval"]) == (2, None)
    assert_problem(_move(api, campaign, "launch"), 409, "approval_required")


# Tests


def test_a_test_reaches_its_people_and_counts_in_no_report(
    api: Api, ad: str, sender: str, pump: Pump, carrier: CarrierControl
) -> None:
    campaign = a_campaign(api, ad, sender)
    a_contact(api, "no-ads", 900)

    answer = _test(api, campaign, ["c1", phone(2), "no-ads", phone(901)])
    pump.run()

    assert answer.status == 202
    assert [each["contact_id"] for each in answer.body["messages"]] == ["c1", "c2"]
    assert answer.body["refused"] == [
        {"contact_id": "no-ads", "reason": "no_consent"},
        {"contact_id": None, "reason": "no_consent"},
    ]
    for message in answer.body["messages"]:
        found = api.get(f"/v1/messages/{message['message_id']}").body
        assert (found["status"], found["source"]) == ("sent", {"kind": "test", "id": campaign})
        (received,) = carrier.ledger(ref=message["message_id"])
        assert received["text"].startswith("(광고)")
    assert _report(api, campaign)["recipients"] == 0
    assert api.get(f"/v1/campaigns/{campaign}").body["safety"]["tested"] is True


def test_a_repeated_request_for_a_test_sends_once(
    api: Api, ad: str, sender: str, account: Account
) -> None:
    campaign = a_campaign(api, ad, sender)

    answers = [_test(api, campaign, ["c3"], Idempotency_Key="t-1") for _ in range(2)]

    assert answers[0].body == answers[1].body
    assert len(account.take_bodies(Queue.DISPATCH_SMS)) == 1


def test_a_policy_may_ask_for_a_test_to_its_seeds(api: Api, ad: str, sender: str) -> None:
    _put_policy(api, test_before_launch=True, seeds=["c4"])
    campaign = a_campaign(api, ad, sender)

    assert_problem(_move(api, campaign, "launch"), 409, "test_required")
    tested = api.post(f"/v1/campaigns/{campaign}/test", {})

    assert [each["contact_id"] for each in tested.body["messages"]] == ["c4"]
    assert _move(api, campaign, "launch").status == 202


def test_a_notice_goes_to_seeds_without_consent(api: Api, sender: str, pump: Pump) -> None:
    notice = a_template(api)
    campaign = a_campaign(api, notice, sender)

    tested = _test(api, campaign, [phone(950)])

    assert [each["status"] for each in tested.body["messages"]] == ["pending"]


# What cannot be


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"ramp": {"steps": [10, 5, 100]}}, [("/ramp/steps", "not_rising")]),
        ({"ramp": {"steps": [10, 50]}}, [("/ramp/steps", "not_rising")]),
        ({"ramp": {"steps": []}}, [("/ramp/steps", "too_few")]),
        ({"ramp": {"steps": [0, 100]}}, [("/ramp/steps/0", "out_of_range")]),
        ({"ramp": "none"}, [("/ramp", "wrong_type")]),
        (
            {"stop_rules": {"failed_percent": 0.123}},
            [("/stop_rules/failed_percent", "too_precise")],
        ),
        (
            {"stop_rules": {"failed_percent": 101}},
            [("/stop_rules/failed_percent", "out_of_range")],
        ),
        ({"budget": {"amount": -1}}, [("/budget/amount", "out_of_range")]),
        ({"budget": {"amount": 1.5}}, [("/budget/amount", "wrong_type")]),
        ({"budget": {"amount": 1, "currency": "USD"}}, [("/budget/currency", "not_allowed")]),
    ],
)
def test_refuses_what_cannot_be_kept(
    api: Api, ad: str, sender: str, values: Json, fields: list[tuple[str, str]]
) -> None:
    campaign = a_campaign(api, ad, sender)

    answer = api.put(f"/v1/campaigns/{campaign}/safety", values)

    assert_problem(answer, 422, "invalid_input", *fields)


@pytest.mark.parametrize(
    ("to", "field"),
    [
        ([], ("/to", "too_few")),
        (["c1"] * 11, ("/to", "too_many")),
        (["02-123-4567"], ("/to/0", "landline")),
        (None, ("/to", "missing")),
    ],
)
def test_refuses_a_test_to_nobody_and_to_too_many(
    api: Api, ad: str, sender: str, to: list[str] | None, field: tuple[str, str]
) -> None:
    assert_problem(_test(api, a_campaign(api, ad, sender), to), 422, "invalid_input", field)


@pytest.mark.parametrize("call", ["approve", "test"])
def test_there_is_no_campaign(api: Api, call: str) -> None:
    body = {"to": ["c1"]} if call == "test" else {}

    assert_problem(api.post(f"/v1/campaigns/cmp_none/{call}", body), 404, "not_found")


def _test(api: Api, campaign: str, to: list[str] | None, **headers: str) -> Answer:
    return api.post(f"/v1/campaigns/{campaign}/test", {"to": to}, **headers)


def _move(api: Api, campaign: str, name: str) -> Answer:
    return api.post(f"/v1/campaigns/{campaign}/{name}", {})


def _report(api: Api, campaign: str) -> Json:
    report: Json = api.get(f"/v1/campaigns/{campaign}/report").body
    return report


def _merge_reports(api: Api, pump: Pump, campaign: str, *, failed: int) -> None:
    """Hand the carrier's reports on until so many failures are known."""

    def merged() -> bool:
        pump.post_reports(pump.receiver.calls[-3:])
        return bool(_report(api, campaign)["failed"] >= failed)

    wait_until(merged)


def _put_policy(api: Api, **policy: object) -> None:
    version = api.get("/v1/policy").body["version"]
    answer = api.put("/v1/policy", {"version": version, **policy})
    assert answer.status == 200, answer.text
    campaigns.deps.cache_clear()


def _accesses(api: Api, day: str) -> list[str]:
    found: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        more = f"&cursor={cursor}" if cursor else ""
        page = api.get(f"/v1/accesses?day={day}&limit=500{more}").body
        found += [each["route"] for each in page["items"]]
        cursor = page["next_cursor"]
    return found
