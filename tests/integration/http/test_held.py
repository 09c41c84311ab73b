"""Held messages through the API: listed, counted, released, cancelled."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from functions.contracts.campaign_jobs import HeldJob
from functions.contracts.queues import Queue
from functions.domain.clicks import Visitor
from functions.domain.ids import MessageNumber
from functions.domain.message import MessageStatus
from functions.domain.reason import HoldReason
from functions.storage.batches import BatchStore
from functions.storage.timers import TimerItem
from infra.local.carrier.client import CarrierControl
from tests.integration.account import Account
from tests.integration.api import Answer, Api
from tests.integration.http.clock import Clock, later as after
from tests.integration.http.problems import assert_problem
from tests.integration.http.pump import Pump
from tests.integration.http.shop import (
    Json,
    a_campaign,
    a_customer,
    a_sender,
    a_template,
    an_ad,
    open_link,
    send,
)

HELD = "/v1/held"
WEEK = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


@pytest.fixture(scope="module", autouse=True)
def people(api: Api) -> None:
    """Three people who agreed to advertisements."""
    for number in (1, 2, 3):
        a_customer(api, f"c{number}", number)


@pytest.fixture(scope="module")
def sender(api: Api) -> str:
    return a_sender(api)


@pytest.fixture(scope="module")
def notice(api: Api) -> str:
    return a_template(api)


@pytest.fixture(autouse=True)
def workers_read_the_policy_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers remember the policy for some seconds; a test does not wait for them."""
    monkeypatch.setattr("functions.storage.policies._FRESH", timedelta(0))


@pytest.fixture(autouse=True)
def nothing_is_left_over(api: Api, account: Account, pump: Pump) -> Iterator[None]:
    yield
    for reason in HoldReason:
        api.post(f"{HELD}/cancel", {"reason": reason})
    pump.run()
    assert api.get(HELD).body == {"items": [], "next_cursor": None}
    TimerItem("CURSOR", "CURSOR").delete()


def later(clock: Clock, hours: int = 6) -> str:
    return (clock.now() + timedelta(hours=hours)).isoformat()


def scheduled(api: Api, notice: str, sender: str, clock: Clock, *contacts: str) -> list[Json]:
    """Messages to these contacts that wait for six hours."""
    to = [{"contact_id": each} for each in contacts]
    found: list[Json] = send(api, notice, sender, *to, send_at=later(clock))["messages"]
    return found


def status_of(api: Api, message: Json) -> str:
    found: str = api.get(f"/v1/messages/{message['message_id']}").body["status"]
    return found


def test_what_waits_is_listed_with_its_reason_and_times(
    api: Api, notice: str, sender: str, clock: Clock
) -> None:
    request = send(api, notice, sender, {"contact_id": "c1"}, send_at=later(clock))

    (item,) = api.get(HELD).body["items"]

    assert item["message_id"] == request["messages"][0]["message_id"]
    assert item["contact_id"] == "c1"
    assert (item["channel"], item["purpose"], item["reason"]) == (
        "sms",
        "transactional",
        "scheduled",
    )
    assert item["source"] == {"kind": "request", "id": request["request_id"]}
    since, until = (datetime.fromisoformat(item[name]) for name in ("since", "until"))
    assert abs(since - clock.now()) < timedelta(minutes=1)
    assert timedelta(hours=5) < until - since <= timedelta(hours=6)
    assert datetime.fromisoformat(item["expires"]) > until


def test_pages_come_to_everything_once(api: Api, notice: str, sender: str, clock: Clock) -> None:
    sent = [
        *scheduled(api, notice, sender, clock, "c1", "c2", "c3"),
        *scheduled(api, notice, sender, clock, "c1"),
        *scheduled(api, notice, sender, clock, "c2", "c3"),
    ]

    found, cursor = [], ""
    for _ in range(10):
        page = api.get(f"{HELD}?limit=2{cursor}").body
        found += [each["message_id"] for each in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"

    assert sorted(found) == sorted(each["message_id"] for each in sent)
    assert api.get(f"{HELD}/summary").body == {
        "messages": 6,
        "by_reason": {"scheduled": 6},
        "complete": True,
    }


def test_a_released_message_leaves_at_once_and_only_once(
    api: Api, notice: str, sender: str, clock: Clock, pump: Pump, carrier: CarrierControl
) -> None:
    one, other = scheduled(api, notice, sender, clock, "c1", "c2")

    released = api.post(f"{HELD}/release", {"message_ids": [one["message_id"]]})
    pump.run()

    assert (released.status, released.body) == (202, {"queued": 1, "next_cursor": None})
    assert status_of(api, one) == MessageStatus.SENT
    assert status_of(api, other) == MessageStatus.HELD
    clock.move_by(timedelta(hours=7))
    carrier.configure(clock_offset_s=clock.offset_s)
    pump.tick()
    clock.set_to_noon()
    carrier.configure(clock_offset_s=clock.offset_s)
    assert status_of(api, other) == MessageStatus.SENT
    assert [len(carrier.ledger(ref=each["message_id"], status="any")) for each in (one, other)] == [
        1,
        1,
    ]


def test_an_opening_of_what_was_released_early_is_a_persons_at_its_own_time(
    api: Api, pump: Pump, sender: str, clock: Clock, carrier: CarrierControl
) -> None:
    text = '안내 {{ "https://shop.example.com/a" | track }}'
    (message,) = scheduled(api, a_template(api, body=text), sender, clock, "c1")
    api.post(f"{HELD}/release", {"message_ids": [message["message_id"]]})
    pump.run()
    number = MessageNumber.parse(message["message_id"])
    assert number is not None
    with after(clock, carrier, timedelta(minutes=5)):
        opened = clock.now()
        open_link(number, opened)
        pump.run()

    (seen,) = api.get(f"/v1/messages/{number}/clicks").body["items"]
    (standing,) = BatchStore().standings([number.batch])
    elapsed_s = standing.clicks.first(number.ordinal, Visitor.HUMAN)
    assert (seen["visitor"], seen["reasons"]) == ("human", [])
    assert elapsed_s is not None
    assert abs(standing.state.created + elapsed_s - opened.timestamp()) <= 1


def test_a_cancelled_message_never_leaves(
    api: Api, notice: str, sender: str, clock: Clock, pump: Pump
) -> None:
    one, other = scheduled(api, notice, sender, clock, "c1", "c2")

    cancelled = api.post(f"{HELD}/cancel", {"message_ids": [one["message_id"]]})
    pump.run()

    assert (cancelled.status, cancelled.body["queued"]) == (202, 1)
    assert status_of(api, one) == MessageStatus.CANCELLED
    assert status_of(api, other) == MessageStatus.HELD
    assert [each["message_id"] for each in api.get(HELD).body["items"]] == [other["message_id"]]


def test_what_is_given_up_counts_as_expired(
    api: Api, notice: str, sender: str, clock: Clock, pump: Pump
) -> None:
    one, other = scheduled(api, notice, sender, clock, "c1", "c2")

    given_up = api.post(f"{HELD}/expire", {"message_ids": [one["message_id"]]})
    pump.run()

    assert (given_up.status, given_up.body) == (202, {"queued": 1, "next_cursor": None})
    found = api.get(f"/v1/messages/{one['message_id']}").body
    assert (found["status"], found["reason"]) == ("failed", "expired")
    assert status_of(api, other) == MessageStatus.HELD


def test_what_waits_for_its_turn_is_listed_released_cancelled_and_given_up(
    api: Api, notice: str, sender: str, pump: Pump
) -> None:
    one_an_hour = {"messages": 1, "per": "hour"}
    campaign = a_campaign(api, notice, sender, rate=one_an_hour)
    api.post(f"/v1/campaigns/{campaign}/launch", {})
    pump.run()
    which = {"campaign_id": campaign, "reason": "throttle"}

    counted = api.get(f"{HELD}/summary?campaign_id={campaign}").body
    first, second = api.get(f"{HELD}?campaign_id={campaign}&reason=throttle").body["items"]
    assert (counted["by_reason"], first["until"]) == ({"throttle": 2}, None)
    # The limit has no exception: whoever is released gets back into the line.
    assert api.post(f"{HELD}/release", which).body["queued"] == 2
    pump.run()
    assert api.get(f"/v1/campaigns/{campaign}/report").body["sent"] == 1
    assert api.get(f"{HELD}/summary?campaign_id={campaign}").body["by_reason"] == {"throttle": 2}

    api.post(f"{HELD}/cancel", {"message_ids": [first["message_id"]]})
    api.post(f"{HELD}/expire", {"message_ids": [second["message_id"]]})
    pump.run()

    report = api.get(f"/v1/campaigns/{campaign}/report").body
    assert (report["sent"], report["cancelled"], report["failed_by_reason"]) == (
        1,
        1,
        {"expired": 1},
    )
    assert (report["status"], report["adds_up"]) == ("finished", True)


def test_a_request_behind_a_full_lane_stands_in_the_ledger(
    api: Api, notice: str, sender: str, pump: Pump
) -> None:
    limit = f"/v1/senders/{sender}/rate"
    assert api.put(limit, {"rate": {"messages": 1, "per": "hour"}}).status == 200
    try:
        first = send(api, notice, sender, {"contact_id": "c1"})["messages"][0]
        pump.run()
        second = send(api, notice, sender, {"contact_id": "c2"})["messages"][0]
        pump.run()

        (item,) = api.get(f"{HELD}?reason=throttle").body["items"]

        assert status_of(api, first) == MessageStatus.SENT
        assert item["message_id"] == second["message_id"]
        assert item["source"]["kind"] == "request"
    finally:
        api.put(limit, {"rate": None})
    api.post(f"{HELD}/release", {"reason": "throttle"})
    pump.run()
    assert status_of(api, second) == MessageStatus.SENT


def test_a_campaign_held_by_own_hours_leaves_once_they_are_changed(
    api: Api, sender: str, clock: Clock, pump: Pump
) -> None:
    _put_policy(api, {"name": "stock", "starts": "10:00", "ends": "18:00", "weekdays": WEEK})
    campaign = a_campaign(api, an_ad(api), sender)
    api.post(f"/v1/campaigns/{campaign}/launch", {})
    pump.run()
    which = {"campaign_id": campaign, "reason": "quiet_hours"}
    assert api.get(f"{HELD}/summary?campaign_id={campaign}").body["by_reason"] == {"quiet_hours": 3}

    api.post(f"{HELD}/release", which)
    pump.run()
    held = api.get(f"{HELD}?campaign_id={campaign}&reason=quiet_hours").body["items"]
    assert len(held) == 3
    assert {each["until"] for each in held} == {held[0]["until"]}
    _put_policy(api)
    released = api.post(f"{HELD}/release", which)
    pump.run()

    assert released.body["queued"] == 3
    report = api.get(f"/v1/campaigns/{campaign}/report").body
    assert (report["sent"], report["held"], report["status"]) == (3, 0, "finished")


def _put_policy(api: Api, *windows: Json) -> None:
    version = api.get("/v1/policy").body["version"]
    answer = api.put("/v1/policy", {"version": version, "windows": list(windows)})
    assert answer.status == 200, answer.text


def test_ten_thousand_in_one_call(api: Api, account: Account) -> None:
    ids = [f"m-{batch:x}-{ordinal:02x}" for batch in range(900, 950) for ordinal in range(200)]

    answer = api.post(f"{HELD}/cancel", {"message_ids": ids})

    assert (answer.status, answer.body["queued"]) == (202, 10_000)
    (job,) = account.take_jobs(Queue.PLAN)
    assert isinstance(job, HeldJob)


def test_a_repeated_call_with_a_key_does_it_once(
    api: Api, account: Account, notice: str, sender: str, clock: Clock
) -> None:
    scheduled(api, notice, sender, clock, "c1")
    body = {"reason": "scheduled"}

    answers = [api.post(f"{HELD}/cancel", body, Idempotency_Key="once") for _ in range(2)]

    assert answers[0].body == answers[1].body == {"queued": 1, "next_cursor": None}
    assert len(account.take_jobs(Queue.PLAN)) == 1


@pytest.mark.parametrize("action", ["release", "cancel", "expire"])
@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, [("", "one_of")]),
        ({"message_ids": []}, [("/message_ids", "too_few")]),
        ({"message_ids": ["m-1-00"] * 10_001}, [("/message_ids", "too_many")]),
        ({"message_ids": ["x", "m-1-00", "m-1-ff"]}, None),
        ({"message_ids": ["m-1-00"], "campaign_id": "cmp_1"}, [("", "one_of")]),
        ({"reason": "laziness"}, [("/reason", "not_allowed")]),
        ({"reason": "night", "everything": True}, [("/everything", "unknown_field")]),
        ({"reason": "night", "cursor": "abc"}, [("/cursor", "invalid_cursor")]),
        ({"campaign_id": "requests#0"}, [("/campaign_id", "invalid_format")]),
    ],
)
def test_says_what_is_wrong(api: Api, account: Account, action: str, body: Any, fields) -> None:
    answer = api.post(f"{HELD}/{action}", body)

    expected = fields or [(f"/message_ids/{place}", "invalid_format") for place in (0, 2)]
    assert_problem(answer, 422, "invalid_input", *expected)
    assert account.take_jobs(Queue.PLAN) == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("reason=laziness", ("/query/reason", "not_allowed")),
        ("limit=201", ("/query/limit", "out_of_range")),
        ("cursor=abc", ("/query/cursor", "invalid_cursor")),
        ("campaign_id=", ("/query/campaign_id", "length")),
    ],
)
def test_a_list_says_what_is_wrong(api: Api, query: str, field: tuple[str, str]) -> None:
    assert_problem(api.get(f"{HELD}?{query}"), 422, "invalid_input", field)


def test_a_cursor_is_good_for_its_own_filter(
    api: Api, notice: str, sender: str, clock: Clock
) -> None:
    scheduled(api, notice, sender, clock, "c1", "c2")
    cursor = api.get(f"{HELD}?limit=1").body["next_cursor"]

    answer = api.get(f"{HELD}?limit=1&reason=night&cursor={cursor}")

    assert_problem(answer, 422, "invalid_input", ("/query/cursor", "invalid_cursor"))


def test_a_campaign_that_is_not_there_holds_nothing(api: Api) -> None:
    assert api.get(f"{HELD}?campaign_id=cmp_none").body["items"] == []
    assert api.post(f"{HELD}/cancel", {"campaign_id": "cmp_none"}).body["queued"] == 0


def test_needs_its_scopes(make_api: Callable[..., Api]) -> None:
    def refused(answer: Answer) -> None:
        assert_problem(answer, 403, "forbidden")

    refused(make_api("read").post(f"{HELD}/release", {"reason": "night"}))
    refused(make_api("read").post(f"{HELD}/cancel", {"reason": "night"}))
    refused(make_api("read").post(f"{HELD}/expire", {"reason": "night"}))
    refused(make_api("send").get(HELD))
    refused(make_api("send").get(f"{HELD}/summary"))


def test_who_was_erased_is_listed_without_a_name(
    api: Api, notice: str, sender: str, clock: Clock, pump: Pump
) -> None:
    a_customer(api, "goes", 9)
    scheduled(api, notice, sender, clock, "goes")

    api.delete("/v1/contacts/goes")
    pump.run()

    (item,) = api.get(HELD).body["items"]
    assert item["contact_id"] is None
    api.post(f"{HELD}/release", {"reason": "scheduled"})
    pump.run()
    assert api.get(HELD).body["items"] == []
