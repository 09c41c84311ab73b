"""Opt-outs from everywhere but the preference page, through the real handlers."""

import json
from datetime import datetime, timedelta

import pytest

from functions.contracts.queues import Queue
from infra.local.carrier.client import CarrierControl, wait_until
from tests.integration.account import Account
from tests.integration.api import Answer, Api
from tests.integration.http.clock import Clock
from tests.integration.http.problems import assert_problem
from tests.integration.http.pump import Pump
from tests.integration.http.shop import (
    Json,
    a_customer,
    a_sender,
    a_template,
    an_ad,
    consent,
    phone,
    send,
)


@pytest.fixture(scope="module")
def hooks(api: Api) -> Json:
    found: Json = api.get("/v1/webhooks/incoming").body
    return found


@pytest.fixture(scope="module")
def sender(api: Api) -> str:
    return a_sender(api)


@pytest.fixture(scope="module")
def ad(api: Api) -> str:
    return an_ad(api)


def test_a_stop_word_refuses_advertisements(api: Api, pump: Pump, hooks: Json) -> None:
    a_customer(api, "reply-1", 101)

    _relay(api, pump, hooks, number=101, text=" 수신거부! ")

    assert _marks(api, "reply-1") == [("opt_out_reply", "advertising")]
    rows = _evidence(api, "reply-1")
    assert [(row["action"], row["source"]) for row in rows][-1] == ("withdraw", "reply:inbound")


@pytest.mark.parametrize(
    ("number", "text"), [(111, "수신거부는 어떻게 하나요?"), (112, "START"), (113, "안녕하세요")]
)
def test_any_other_text_refuses_nothing(
    api: Api, pump: Pump, hooks: Json, number: int, text: str
) -> None:
    a_customer(api, f"reply-{number}", number)

    _relay(api, pump, hooks, number=number, text=text)

    assert _marks(api, f"reply-{number}") == []
    assert len(_evidence(api, f"reply-{number}")) == 1


def test_what_people_wrote_is_not_logged(
    api: Api, pump: Pump, hooks: Json, caplog: pytest.LogCaptureFixture
) -> None:
    _relay(api, pump, hooks, number=120, text="비밀입니다")

    log = " ".join(str(vars(record)) for record in caplog.records)
    assert "optouts.taken" in log
    assert "비밀" not in log
    assert "0000120" not in log.replace("-", "")


def test_a_relay_that_repeats_a_message_does_not_undo_a_later_consent(
    api: Api, pump: Pump, hooks: Json, clock: Clock
) -> None:
    a_customer(api, "again", 130)
    body = _text(130, "STOP", at="never")
    _post(api, hooks, "inbound", body)
    pump.run()
    clock.move_by(timedelta(minutes=1))
    consent(api, "again", "grant")

    _post(api, hooks, "inbound", body)
    pump.run()

    assert [row["action"] for row in _evidence(api, "again")] == ["grant", "withdraw", "grant"]


def test_nhn_tells_of_080_calls(api: Api, pump: Pump, hooks: Json, clock: Clock) -> None:
    a_customer(api, "nhn-1", 140)

    answer = _post(api, hooks, "nhn", _unsubscribe(140, clock.now()))
    pump.run()

    assert answer.status == 200
    assert _marks(api, "nhn-1") == [("opt_out_call", "advertising")]


@pytest.mark.parametrize("signature", ["", "x", "서명".encode().decode("latin-1")])
def test_nhn_without_its_signature_is_refused(
    api: Api, account: Account, hooks: Json, clock: Clock, signature: str
) -> None:
    body = json.dumps(_unsubscribe(141, clock.now())).encode()

    answer = api.call(
        "POST", hooks["paths"]["nhn"], body, X_Toast_Webhook_Signature=signature, Authorization=""
    )

    assert_problem(answer, 404, "not_found")
    assert account.take_jobs(Queue.OPTOUTS) == []


def test_what_people_say_does_not_wait_behind_reports(
    api: Api, account: Account, hooks: Json
) -> None:
    _post(api, hooks, "inbound", _text(150, "STOP"))

    assert account.take_jobs(Queue.RECEIPTS) == []
    assert [job.provider for job in account.take_jobs(Queue.OPTOUTS)] == ["inbound"]


def test_a_callback_that_cannot_be_read_is_poison(api: Api, pump: Pump, hooks: Json) -> None:
    before = len(pump.poison)

    _post(api, hooks, "inbound", {"from": phone(1)})
    pump.run()

    assert len(pump.poison) == before + 1


def test_who_called_the_080_number_is_found_at_the_provider(
    api: Api, pump: Pump, carrier: CarrierControl, sender: str, ad: str
) -> None:
    a_customer(api, "caller", 160)
    a_customer(api, "listener", 161)
    _send(api, pump, carrier, ad, sender, "caller", "listener")

    carrier.call("01000000160")
    pump.poll_opt_outs()

    assert _marks(api, "caller") == [("opt_out_call", "advertising")]
    assert _marks(api, "listener") == []


def test_a_call_that_is_found_again_changes_nothing(
    api: Api, pump: Pump, carrier: CarrierControl, sender: str, ad: str, clock: Clock
) -> None:
    carrier.configure(clock_offset_s=clock.offset_s)
    a_customer(api, "caller-2", 170)
    _send(api, pump, carrier, ad, sender, "caller-2")
    carrier.call("01000000170")
    pump.poll_opt_outs()
    clock.move_by(timedelta(minutes=1))
    consent(api, "caller-2", "grant")

    pump.poll_opt_outs()

    assert [row["action"] for row in _evidence(api, "caller-2")] == ["grant", "withdraw", "grant"]


def test_whom_the_provider_refuses_at_registration_is_opted_out(
    api: Api, pump: Pump, carrier: CarrierControl, sender: str, ad: str
) -> None:
    a_customer(api, "denied", 180)
    carrier.add_denial("01000000180", sender="0200001234")

    (message,) = send(api, ad, sender, {"contact_id": "denied"})["messages"]
    pump.run()

    shown = api.get(f"/v1/messages/{message['message_id']}").body
    assert (shown["status"], shown["reason"]) == ("failed", "opted_out")
    assert _marks(api, "denied") == [("opt_out_call", "advertising")]


@pytest.mark.parametrize(
    ("number", "code", "marks"),
    [
        (190, "2061", [("opt_out_call", "advertising")]),
        (191, "3047", []),
        (192, "2060", []),
        (193, "3104", []),
        (194, "3107", []),
    ],
    ids=["080", "refused by the phone", "blocked", "no KakaoTalk", "Alimtalk blocked"],
)
def test_a_report_opts_out_only_who_refused_by_080(
    api: Api,
    pump: Pump,
    hooks: Json,
    *,
    number: int,
    code: str,
    marks: list[tuple[str, str]],
) -> None:
    a_customer(api, f"reported-{number}", number)
    made = send(api, a_template(api), a_sender(api), {"contact_id": f"reported-{number}"})
    pump.run()
    ref = made["messages"][0]["message_id"]

    _post(api, hooks, "solapi", [{"data": {"customFields": {"ref": ref}, "statusCode": code}}])
    pump.run()

    assert _marks(api, f"reported-{number}") == marks


def test_a_refusal_stops_what_is_already_planned(
    api: Api,
    pump: Pump,
    carrier: CarrierControl,
    hooks: Json,
    ad: str,
) -> None:
    a_customer(api, "planned", 200)
    (message,) = send(api, ad, a_sender(api), {"contact_id": "planned"})["messages"]

    _post(api, hooks, "inbound", _text(200, "STOP"))
    _only(pump, Queue.OPTOUTS)
    pump.run()

    shown = api.get(f"/v1/messages/{message['message_id']}").body
    assert (shown["status"], shown["reason"]) == ("refused", "suppressed")
    assert carrier.ledger(to="01000000200", status="any") == []


def test_a_refusal_by_a_number_of_nobody_holds_when_it_gets_an_owner(
    api: Api, pump: Pump, hooks: Json
) -> None:
    _relay(api, pump, hooks, number=210, text="STOP")

    a_customer(api, "newcomer", 210)

    assert _marks(api, "newcomer") == [("opt_out_reply", "advertising")]


def _relay(api: Api, pump: Pump, hooks: Json, *, number: int, text: str) -> None:
    answer = _post(api, hooks, "inbound", [_text(number, text)])
    assert answer.status == 200, answer.text
    pump.run()


def _text(number: int, text: str, **values: object) -> Json:
    message: Json = {"id": f"mo-{number}", "from": phone(number), "to": "0200001234", "text": text}
    return message | values


def _unsubscribe(number: int, at: datetime) -> Json:
    hook = {
        "hookId": f"hook-{number}",
        "recipientNo": phone(number).replace("-", ""),
        "unsubscribeNo": "0800123456",
        "createdDateTime": at.isoformat(timespec="milliseconds"),
    }
    return {"hooksId": "1", "productName": "SMS", "event": "UNSUBSCRIBE", "hooks": [hook]}


def _post(api: Api, hooks: Json, provider: str, body: object) -> Answer:
    signature = hooks["signatures"].get(provider, "")
    return api.post(
        hooks["paths"][provider], body, Authorization="", X_Toast_Webhook_Signature=signature
    )


def _send(api: Api, pump: Pump, carrier: CarrierControl, ad: str, sender: str, *to: str) -> None:
    """Send an advertisement to these contacts and wait until it is on their phones."""
    made = send(api, ad, sender, *({"contact_id": each} for each in to))
    pump.run()
    refs = {each["message_id"] for each in made["messages"]}
    wait_until(lambda: all(carrier.ledger(ref=ref) for ref in refs))


def _only(pump: Pump, queue: Queue) -> None:
    """Work this queue off before any other."""
    pump._work_off(queue)


def _marks(api: Api, contact_id: str) -> list[tuple[str, str]]:
    shown = api.get(f"/v1/contacts/{contact_id}").body
    return [(each["reason"], each["scope"]) for each in shown["suppressed"]]


def _evidence(api: Api, contact_id: str) -> list[Json]:
    rows: list[Json] = api.get(f"/v1/contacts/{contact_id}/consents").body["items"]
    return rows
