"""Webhooks through the API: made, told over a real connection, tried again, replayed."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from functions.contracts.queues import Queue
from functions.domain.webhook import MAX_WEBHOOKS
from tests.contract.receiver import Heard, Receiver as Hook, a_receiver, is_signed, saying
from tests.integration.account import Account
from tests.integration.api import Api
from tests.integration.conftest import _forget_everything
from tests.integration.http.clock import Clock
from tests.integration.http.emulation import Emulation
from tests.integration.http.problems import assert_problem, everything_in
from tests.integration.http.pump import Pump
from tests.integration.http.shop import (
    Json,
    a_campaign,
    a_customer,
    a_sender,
    a_template,
    an_ad,
    phone,
    send,
)

ALL = ["message.sent", "message.delivered", "message.failed", "message.refused"]


@pytest.fixture(scope="module", autouse=True)
def webhooks_are_on(emulation: Emulation) -> None:
    emulation.environment.setenv("WEBHOOKS", "on")
    # No job waits for more to happen, so none stands for what happens later.
    emulation.environment.setattr("functions.storage.announcing.WAIT_S", 0)
    emulation.environment.setattr("functions.storage.announcing._STANDS_FOR", timedelta(0))
    _forget_everything()


@pytest.fixture
def hook() -> Iterator[Hook]:
    with a_receiver(saying(204)) as receiver:
        yield receiver


@pytest.fixture
def made(api: Api, hook: Hook) -> Iterator[Json]:
    webhook = make(api, hook.url(), types=ALL)
    yield webhook
    api.delete(f"/v1/webhooks/{webhook['webhook_id']}")


def make(api: Api, url: str, **values: object) -> Json:
    answer = api.post("/v1/webhooks", {"url": url, "types": ["message.sent"]} | values)
    assert answer.status == 201, answer.text
    # Who listens is remembered for 15 seconds.
    _forget_everything()
    return answer.body


def events_in(heard: list[Heard]) -> list[Json]:
    return [event for each in heard for event in each.json["data"]["events"]]


def ids_of(sent: Json, hook: Hook) -> set[str]:
    """The events of one message: another test's may have happened within the same second."""
    return {
        each["event_id"]
        for each in events_in(hook.heard)
        if each["message_id"] == sent["message_id"]
    }


def test_a_webhook_is_made_read_changed_and_removed(api: Api) -> None:
    made = make(api, "https://crm.example.com/hooks", description="CRM")
    path = f"/v1/webhooks/{made['webhook_id']}"

    assert made.pop("secret").startswith("whsec_")
    assert made["enabled"]
    assert made["batch"]
    assert made["disabled_reason"] is None
    assert api.get(path).body == made
    assert made in api.get("/v1/webhooks").body["items"]
    changed = api.put(
        path, {"url": "https://b.example.com/", "types": ALL, "enabled": False, "batch": False}
    ).body
    assert changed == api.get(path).body
    assert (changed["types"], changed["enabled"], changed["batch"]) == (sorted(ALL), False, False)
    assert api.delete(path).status == 204
    for answer in (api.get(path), api.delete(path), api.post(f"{path}/test", {})):
        assert_problem(answer, 404, "not_found")


def test_there_are_ten_at_most(api: Api) -> None:
    made = [make(api, f"https://a{i}.example.com/") for i in range(MAX_WEBHOOKS)]

    refused = api.post("/v1/webhooks", {"url": "https://b.example.com/", "types": ALL})

    assert_problem(refused, 409, "too_many_webhooks")
    for each in made:
        assert api.delete(f"/v1/webhooks/{each['webhook_id']}").status == 204


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://crm.example.com/", "https_only"),
        ("http://10.0.0.1/", "https_only"),
        ("https://10.0.0.1/", "not_public"),
        ("https://localhost/", "not_public"),
        ("https://169.254.169.254/latest", "not_public"),
        ("https://metadata.google.internal/", "not_public"),
        ("https://[::ffff:169.254.169.254]/", "not_public"),
        ("https://0251.0376.0251.0376/", "not_public"),
        ("https://2852039166/", "not_public"),
        ("https://user@crm.example.com/", "invalid_link"),
        ("ftp://crm.example.com/", "invalid_link"),
        ("https://crm.example.com/a b", "invalid_link"),
        ("https://crm.example.com/#x", "invalid_link"),
    ],
)
def test_a_url_that_is_no_good_is_refused(api: Api, url: str, code: str) -> None:
    refused = api.post("/v1/webhooks", {"url": url, "types": ALL})

    assert_problem(refused, 422, "invalid_input", ("/url", code))


def test_every_bad_field_is_named(api: Api) -> None:
    refused = api.post(
        "/v1/webhooks", {"url": "", "types": ["message.eaten"], "enabled": 1, "color": "red"}
    )

    assert (refused.status, refused.body["code"]) == (422, "invalid_input")
    assert {each["pointer"] for each in refused.body["errors"]} == {
        "/url",
        "/types/0",
        "/enabled",
        "/color",
    }


def test_webhooks_are_for_admins(make_api: Callable[..., Api]) -> None:
    for scope in ("read", "send", "campaigns", "contacts"):
        assert_problem(make_api(scope).get("/v1/webhooks"), 403, "forbidden")


def test_a_stack_without_webhooks_makes_none(
    api: Api, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEBHOOKS", "")
    _forget_everything()

    assert_problem(
        api.post("/v1/webhooks", {"url": "https://a.example.com/", "types": ALL}),
        409,
        "webhooks_off",
    )
    monkeypatch.undo()
    _forget_everything()


def test_a_secret_is_shown_once_and_kept_nowhere(
    api: Api, account: Account, hook: Hook, made: Json, capsys: pytest.CaptureFixture[str]
) -> None:
    path = f"/v1/webhooks/{made['webhook_id']}"
    again = api.post(f"{path}/secret", {}, Idempotency_Key="again").body

    for secret in (made["secret"], again["secret"]):
        bare = secret.removeprefix("whsec_")
        assert bare not in json.dumps(everything_in(account), default=str)
        assert bare not in api.get(path).text + api.get("/v1/webhooks").text
        assert bare not in capsys.readouterr().out


def test_a_test_is_signed_by_both_secrets_for_a_day_after_a_rotation(
    api: Api, hook: Hook, made: Json, clock: Clock
) -> None:
    path = f"/v1/webhooks/{made['webhook_id']}"
    old = made["secret"]

    tried = api.post(f"{path}/test", {}).body
    new = api.post(f"{path}/secret", {}).body["secret"]
    api.post(f"{path}/test", {})
    clock.move_by(timedelta(hours=25))
    api.post(f"{path}/test", {})
    clock.move_by(-timedelta(hours=25))

    first, overlapping, last = hook.heard
    assert (tried["delivered"], tried["status"], tried["trouble"]) == (True, 204, None)
    assert first.headers["webhook-id"] == tried["webhook_message_id"]
    assert first.json["type"] == "webhook.test"
    assert old != new
    signed = [(is_signed(each, old), is_signed(each, new)) for each in hook.heard]
    assert signed == [(True, False), (True, True), (False, True)]
    assert overlapping.headers["webhook-signature"].count("v1,") == 2
    assert last.headers["webhook-signature"].count("v1,") == 1


def test_what_came_of_a_test_is_told(api: Api, made: Json, hook: Hook) -> None:
    path = f"/v1/webhooks/{made['webhook_id']}"
    hook.answers[:] = [saying(307, "Location: http://169.254.169.254/")]
    redirected = api.post(f"{path}/test", {}).body
    api.put(path, {"url": "http://127.0.0.1:1/", "types": ALL})
    unreachable = api.post(f"{path}/test", {}).body

    assert (redirected["delivered"], redirected["status"]) == (False, 307)
    assert (unreachable["delivered"], unreachable["trouble"]) == (False, "not_connected")
    assert len(hook.heard) == 1


def test_what_happens_to_messages_is_told(
    api: Api, pump: Pump, hook: Hook, made: Json, capsys: pytest.CaptureFixture[str]
) -> None:
    a_customer(api, "hook-1", 901)
    sent = send(
        api, a_template(api), a_sender(api), {"contact_id": "hook-1"}, {"phone": phone(902)}
    )["messages"]
    pump.run()
    pump.take_reports(*sent)

    assert all(is_signed(each, made["secret"]) for each in hook.heard)
    assert {each.json["type"] for each in hook.heard} == {"message.events"}
    events = events_in(hook.heard)
    ids = [each["message_id"] for each in sent]
    assert sorted((each["message_id"], each["type"]) for each in events) == sorted(
        (each, kind) for each in ids for kind in ("message.delivered", "message.sent")
    )
    assert len({each["event_id"] for each in events}) == 4
    assert phone(902)[4:] not in json.dumps(events)
    log = api.get(f"/v1/webhooks/{made['webhook_id']}/deliveries").body["items"]
    assert [(each["status"], each["trouble"]) for each in log] == [(204, None)] * len(log)
    assert sum(each["events"] for each in log) == 4
    assert made["secret"][6:] not in capsys.readouterr().out


def test_one_event_a_request_where_that_is_wanted(api: Api, pump: Pump, hook: Hook) -> None:
    single = make(api, hook.url(), types=["message.sent"], batch=False)
    a_customer(api, "hook-2", 903)
    (sent,) = send(api, a_template(api), a_sender(api), {"contact_id": "hook-2"})["messages"]
    pump.run()

    (heard,) = hook.heard
    assert heard.headers["webhook-id"] == f"{sent['message_id']}.sent"
    assert heard.json["type"] == "message.sent"
    assert heard.json["data"]["contact_id"] == "hook-2"
    assert heard.json["timestamp"] == heard.json["data"]["occurred_at"]
    assert is_signed(heard, single["secret"])
    api.delete(f"/v1/webhooks/{single['webhook_id']}")


def test_what_was_refused_is_told(api: Api, pump: Pump, hook: Hook, made: Json) -> None:
    a_customer(api, "hook-3", None)
    send(api, a_template(api), a_sender(api), {"contact_id": "hook-3"})
    pump.run()

    (event,) = events_in(hook.heard)
    assert (event["type"], event["reason"]) == ("message.refused", "no_address")


def test_what_people_do_is_told(api: Api, pump: Pump, hook: Hook, clock: Clock) -> None:
    kinds = ("complained", "converted", "opted_out", "replied")
    made = make(api, hook.url(), types=[f"message.{kind}" for kind in kinds])
    a_customer(api, "hook-9", 909)
    goal = {"event": "purchase", "touch": "delivered"}
    to = {"direct": ["hook-9"]}
    campaign = a_campaign(api, an_ad(api), a_sender(api), recipients=to, goal=goal)
    api.post(f"/v1/campaigns/{campaign}/launch", {})
    pump.run()
    pump.take_reports(api.get(f"/v1/campaigns/{campaign}/why?contact_id=hook-9").body)
    # Workers remember for some seconds which goals are open.
    clock.move_by(timedelta(minutes=1))

    buys = {"event_id": "order-9", "contact_id": "hook-9", "name": "purchase"}
    api.post("/v1/events", {"events": [buys]})
    pump.run()
    assert _kinds(hook) == ["converted"]

    inbound = api.get("/v1/webhooks/incoming").body["paths"]["inbound"]
    said = {"from": phone(909), "to": "1688-1234"}
    api.post(inbound, [said | {"id": "mo-1", "text": "몇 시까지 하나요?"}], Authorization="")
    pump.run()
    assert _kinds(hook) == ["converted", "replied"]

    api.post(inbound, [said | {"id": "mo-2", "text": "STOP"}], Authorization="")
    pump.run()
    assert _kinds(hook) == ["converted", "opted_out", "replied"]

    complaint = {"phone": phone(909), "reason": "complaint", "source": "call centre"}
    api.post("/v1/suppressions", complaint)
    pump.run()
    assert _kinds(hook) == ["complained", "converted", "opted_out", "replied"]
    api.delete(f"/v1/webhooks/{made['webhook_id']}")


def _kinds(hook: Hook) -> list[str]:
    return sorted(each["type"].removeprefix("message.") for each in events_in(hook.heard))


def test_a_receiver_that_was_down_is_told_later(
    api: Api, pump: Pump, hook: Hook, made: Json, clock: Clock
) -> None:
    hook.answers[:] = [saying(500)]
    path = f"/v1/webhooks/{made['webhook_id']}"
    (sent,) = send(api, a_template(api), a_sender(api), {"phone": phone(904)})["messages"]
    pump.run()

    (failed,) = api.get(f"{path}/deliveries").body["items"]
    assert (failed["status"], failed["attempt"], failed["events"]) == (500, 1, 0)
    assert failed["next_attempt"] > failed["at"]
    assert api.get(path).body["failing_since"] is not None
    hook.answers[:] = [saying(200)]
    clock.move_by(timedelta(seconds=15))
    pump.account.make_visible(Queue.WEBHOOKS)
    pump.run()

    first, again = hook.heard
    assert first.headers["webhook-id"] == again.headers["webhook-id"]
    assert first.body == again.body
    assert [each["message_id"] for each in events_in([again])] == [sent["message_id"]]
    assert api.get(path).body["failing_since"] is None


def test_who_is_gone_is_switched_off(api: Api, pump: Pump, hook: Hook, made: Json) -> None:
    hook.answers[:] = [saying(410)]
    path = f"/v1/webhooks/{made['webhook_id']}"
    send(api, a_template(api), a_sender(api), {"phone": phone(905)})
    pump.run()

    found = api.get(path).body
    assert (found["enabled"], found["disabled_reason"]) == (False, "gone")
    assert found["disabled_at"] is not None
    body = {"url": hook.url(), "types": ALL}
    assert api.put(path, body).body["disabled_reason"] is None


def test_a_replay_tells_again_what_happened(
    api: Api, pump: Pump, hook: Hook, made: Json, clock: Clock
) -> None:
    began = clock.now()
    (sent,) = send(api, a_template(api), a_sender(api), {"phone": phone(906)})["messages"]
    pump.run()
    pump.take_reports(sent)
    before = ids_of(sent, hook)
    assert len(before) == 2
    hook.heard.clear()
    path = f"/v1/webhooks/{made['webhook_id']}/replay"
    assert_problem(api.get(path), 404, "not_found")
    clock.move_by(timedelta(seconds=30))
    body = {"from": began.isoformat(), "to": (began + timedelta(days=1)).isoformat()}

    started = api.post(path, body)
    assert (started.status, started.body["status"]) == (202, "running")
    assert_problem(api.post(path, body), 409, "replay_running")
    pump.run()

    done = api.get(path).body
    assert (done["status"], done["events"]) == ("done", len(events_in(hook.heard)))
    assert ids_of(sent, hook) == before
    assert all(is_signed(each, made["secret"]) for each in hook.heard)


def test_a_replay_can_be_stopped(
    api: Api, pump: Pump, hook: Hook, made: Json, clock: Clock
) -> None:
    path = f"/v1/webhooks/{made['webhook_id']}/replay"
    now = clock.now()
    body = {"from": (now - timedelta(days=3)).isoformat(), "to": now.isoformat()}
    api.post(path, body)

    stopped = api.delete(path).body
    pump.run()

    assert stopped["status"] == "stopped"
    assert api.get(path).body == stopped
    assert hook.heard == []


@pytest.mark.parametrize("days", [0, -1, 32])
def test_a_replay_goes_over_a_month_at_most(api: Api, made: Json, clock: Clock, days: int) -> None:
    first = clock.now() - timedelta(days=40)
    body = {"from": first.isoformat(), "to": (first + timedelta(days=days)).isoformat()}

    refused = api.post(f"/v1/webhooks/{made['webhook_id']}/replay", body)

    assert_problem(refused, 422, "invalid_input", ("/to", "out_of_range"))
