"""Notices that the law asks for: from a consent over the daily run to a message and its proof."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from functions.contracts.asked import Asked, to_text
from functions.contracts.codec import to_body
from functions.contracts.queues import MessagesRequested, Queue
from functions.domain.ids import ContactId
from functions.storage.requests import RequestStore
from infra.local.carrier.client import CarrierControl
from tests.integration.account import Account
from tests.integration.api import Api
from tests.integration.http.clock import SEOUL, Clock
from tests.integration.http.problems import assert_problem
from tests.integration.http.pump import Pump
from tests.integration.http.shop import (
    a_contact,
    a_sender,
    a_template,
    an_ad,
    consent,
)

TEXT = (
    "[{{ sender_name }}] {{ date }} {{ channel }} {{ purpose }} {{ action }}. "
    "{{ result }}. {{ how }}"
)
TEN = datetime(2027, 3, 2, 10, 5, tzinfo=SEOUL)
_HOW = "거부는 앱 설정에서 하세요."
Json = dict[str, Any]


@pytest.fixture(autouse=True)
def _at_ten(clock: Clock, carrier: CarrierControl) -> None:
    clock.move_to(TEN)
    carrier.configure(clock_offset_s=clock.offset_s)


@pytest.fixture
def configured(api: Api) -> Json:
    """Notices of both kinds leave by SMS."""
    answer = api.put("/v1/notices/settings", settings(api))
    assert answer.status == 200, answer.text
    body: Json = answer.body
    return body


def settings(api: Api, **values: object) -> Json:
    route = {
        "template_id": a_template(api, body=TEXT),
        "template_version": 1,
        "sender_id": a_sender(api),
    }
    return {"result": route, "confirm": route, "how": _HOW} | values


def run_daily(api: Api, pump: Pump) -> None:
    """The hourly look at the clock, all that comes of it, and the look five minutes later."""
    event = api.client.events.generate_cw_event("aws.events", "notices_daily", {}, [])
    api.client.lambda_.invoke("notices_daily", event)
    pump.run()


def look_again(api: Api, pump: Pump, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run with queues that keep nothing back, so that the second look comes at once."""
    monkeypatch.setattr("functions.notices.service.LOOK_AGAIN_S", 0)
    run_daily(api, pump)
    pump.run()


def notices(api: Api, status: str, contact_id: str, **query: str) -> list[Json]:
    asked = "".join(f"&{name.strip('_')}={value}" for name, value in query.items())
    answer = api.get(f"/v1/notices?status={status}{asked}")
    assert answer.status == 200, answer.text
    return [each for each in answer.body["items"] if each["contact_id"] == contact_id]


def test_from_a_consent_to_a_message_and_the_next_confirmation(
    api: Api,
    pump: Pump,
    clock: Clock,
    configured: Json,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    a_contact(api, "told", 501)
    consent(api, "told", "grant")
    (due,) = notices(api, "due", "told")
    assert (due["kind"], due["due"], due["action"]) == ("result", "2027-03-16", "grant")

    look_again(api, pump, monkeypatch)

    (sent,) = notices(api, "sent", "told")
    message = api.get(f"/v1/messages/{sent['message_id']}").body
    assert message["status"] == "sent"
    assert message["text"] == (
        "[알림상점] 2027년 3월 2일 문자 광고성 정보 수신 동의. 수신 동의 처리 완료. " + _HOW
    )

    clock.move_to(datetime(2029, 1, 31, 10, 5, tzinfo=SEOUL))
    look_again(api, pump, monkeypatch)

    asked = {"_from": "2029-03-01", "to": "2029-03-03"}
    (sent,) = notices(api, "sent", "told", **asked)
    assert (sent["kind"], sent["due"]) == ("confirm", "2029-03-02")
    last = api.get("/v1/contacts/told/consents").body["items"][-1]
    assert (last["action"], last["source"]) == ("confirm", f"notice:{sent['message_id']}")
    (ahead,) = notices(api, "due", "told", _from="2031-03-01", to="2031-03-03")
    assert (ahead["kind"], ahead["due"]) == ("confirm", "2031-03-02")


def test_a_refusal_is_confirmed_too(
    api: Api, pump: Pump, configured: Json, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_contact(api, "refuser", 502)
    consent(api, "refuser", "withdraw")

    look_again(api, pump, monkeypatch)

    (sent,) = notices(api, "sent", "refuser")
    assert "수신 거부 처리 완료" in api.get(f"/v1/messages/{sent['message_id']}").body["text"]
    assert pump.poison == []


def test_the_report_counts_what_the_lists_name(
    api: Api,
    pump: Pump,
    clock: Clock,
    configured: Json,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    day = datetime(2027, 7, 1, 10, 5, tzinfo=SEOUL)
    clock.move_to(day)
    for contact_id, number in (("rep1", 511), ("rep2", 512), ("rep3", None)):
        a_contact(api, contact_id, number)
        consent(api, contact_id, "grant")
    look_again(api, pump, monkeypatch)
    a_contact(api, "rep4", 514)
    consent(api, "rep4", "grant")

    body = report(api, "2027-07-15", "2027-07-15")

    counts = {"due": 1, "sent": 2, "undeliverable": 1, "overdue": 0}
    assert body["days"] == [{"day": "2027-07-15", "kind": "result", **counts}]
    assert body["totals"] == counts
    assert body["configured"] == {"result": True, "confirm": True}

    clock.move_to(day + timedelta(days=15))
    body = report(api, "2027-07-15", "2027-07-15")
    assert body["totals"] == {"due": 0, "sent": 2, "undeliverable": 1, "overdue": 2}
    asked = {"_from": "2027-07-15", "to": "2027-07-15"}
    (late,) = notices(api, "overdue", "rep3", **asked)
    assert (late["state"], late["reason"], late["overdue"]) == ("undeliverable", "no_address", True)
    assert notices(api, "overdue", "rep4", **asked) != []
    assert notices(api, "undeliverable", "rep3", **asked) == [late]


def report(api: Api, first: str, last: str) -> Json:
    answer = api.get(f"/v1/notices/report?from={first}&to={last}")
    assert answer.status == 200, answer.text
    body: Json = answer.body
    return body


def test_a_list_goes_on_by_its_cursor(api: Api, clock: Clock) -> None:
    clock.move_to(datetime(2027, 9, 1, 12, tzinfo=SEOUL))
    names = {f"page{number}" for number in range(9)}
    for name in names:
        a_contact(api, name, None)
        consent(api, name, "grant")

    found, cursor = [], ""
    while True:
        path = f"/v1/notices?status=due&from=2027-09-15&to=2027-09-15&limit=2{cursor}"
        body = api.get(path).body
        found += body["items"]
        if body["next_cursor"] is None:
            break
        cursor = "&cursor=" + body["next_cursor"]

    assert len(found) == 9
    assert {each["contact_id"] for each in found} == names


def test_without_settings_nothing_is_sent(
    api: Api, pump: Pump, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = api.put("/v1/notices/settings", {})
    assert answer.body["result"] is None
    a_contact(api, "untold", 521)
    consent(api, "untold", "grant")

    look_again(api, pump, monkeypatch)

    assert len(notices(api, "due", "untold")) == 1
    assert report(api, "2027-03-16", "2027-03-16")["configured"] == {
        "result": False,
        "confirm": False,
    }


def test_settings_are_read_as_they_were_written(api: Api, configured: Json) -> None:
    assert api.get("/v1/notices/settings").body == configured
    assert (configured["confirm_days_before"], configured["how"]) == (30, _HOW)


def test_settings_name_all_that_does_not_fit(api: Api) -> None:
    good = settings(api)["result"]
    unapproved = a_template(api, approved=False)
    bad = {
        "result": good | {"template_id": an_ad(api)},
        "confirm": good | {"template_id": unapproved, "sender_id": "snd_none"},
    }

    assert_problem(
        api.put("/v1/notices/settings", bad),
        422,
        "invalid_input",
        ("/result/template_id", "not_allowed"),
        ("/confirm/template_id", "not_approved"),
        ("/confirm/sender_id", "not_found"),
    )


@pytest.mark.parametrize("text", ["{{ contact.name }}님", "{{ coupon }}"])
def test_a_text_that_needs_more_than_a_notice_has_is_refused(api: Api, text: str) -> None:
    route = settings(api)["result"] | {"template_id": a_template(api, body=text)}

    answer = api.put("/v1/notices/settings", {"result": route})

    assert_problem(answer, 422, "invalid_input", ("/result/template_id", "unrenderable"))


def test_a_sender_that_waits_for_approval_is_refused(api: Api) -> None:
    route = settings(api)["result"] | {"sender_id": a_sender(api, status="pending")}

    answer = api.put("/v1/notices/settings", {"result": route})

    assert_problem(answer, 422, "invalid_input", ("/result/sender_id", "not_approved"))


@pytest.mark.parametrize(
    ("query", "pointer", "code"),
    [
        ("status=lost", "/query/status", "not_allowed"),
        ("", "/query/status", "not_allowed"),
        ("status=due&from=yesterday", "/query/from", "invalid_format"),
        ("status=due&from=2027-01-01&to=2027-02-01", "/query/to", "out_of_range"),
        ("status=due&from=2027-01-02&to=2027-01-01", "/query/to", "out_of_range"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(
    api: Api, query: str, pointer: str, code: str
) -> None:
    assert_problem(api.get(f"/v1/notices?{query}"), 422, "invalid_input", (pointer, code))


def test_only_administrators_set_them(make_api: Any) -> None:
    reader = make_api("read")

    assert reader.get("/v1/notices/report").status == 200
    assert reader.get("/v1/notices/settings").status == 403


def test_requests_of_the_queue_bind_once(
    api: Api, account: Account, pump: Pump, configured: Json
) -> None:
    a_contact(api, "asked", 531)
    job = a_request(configured, "asked")

    assert api.deliver("requests", to_body(job), to_body(job)) == []
    pump.run()

    bound = RequestStore().find(job.request_id)
    assert bound is not None
    assert len(bound.batches) == 1
    found = api.get("/v1/messages?contact_id=asked").body["items"]
    assert [(each["source"]["id"], each["status"]) for each in found] == [(job.request_id, "sent")]


@pytest.mark.parametrize(
    ("number", "values"),
    [
        (541, {"template_version": 9}),
        (542, {"sender_id": "snd_none"}),
        (543, {"variables": {}}),
    ],
)
def test_a_request_that_can_never_be_accepted_is_not_tried_again(
    api: Api, account: Account, configured: Json, number: int, values: Json
) -> None:
    contact_id = a_contact(api, f"faulty{number}", number)
    job = a_request(configured, contact_id, **values)

    assert api.deliver("requests", to_body(job)) == []
    assert RequestStore().find(job.request_id) is None
    assert account.take_jobs(Queue.DISPATCH_SMS) == []


@pytest.mark.parametrize("to", ["", "{}", "[]", '[["c1"]]', '[["c1",{"a":[]}]]', "[[1,{}]]"])
def test_a_request_that_nobody_wrote_is_poison(api: Api, configured: Json, to: str) -> None:
    route = configured["result"]
    job = MessagesRequested(request_id="ntc_poison", to=to, **route)

    assert api.deliver("requests", to_body(job)) == ["0"]


def a_request(configured: Json, contact_id: str, **values: Any) -> MessagesRequested:
    usual = dict.fromkeys(
        ["sender_name", "date", "channel", "purpose", "action", "result", "how"], "값"
    )
    variables = values.pop("variables", usual)
    people = [Asked(contact_id=ContactId(contact_id), variables=variables)]
    facts: Json = configured["result"] | {"request_id": f"ntc_{contact_id}"} | values
    return MessagesRequested(to=to_text(people), **facts)
