"""Callbacks of the carrier: taken at a secret path, merged later, poison kept apart."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from functions.contracts.queues import Queue
from tests.integration.account import Account
from tests.integration.api import Answer, Api
from tests.integration.http.clock import Clock
from tests.integration.http.problems import assert_problem, everything_in
from tests.integration.http.pump import Pump
from tests.integration.http.shop import Json, a_sender, a_template, phone, send


@pytest.fixture(scope="module")
def path(api: Api) -> str:
    found: str = api.get("/v1/webhooks/incoming").body["paths"]["solapi"]
    return found


def test_the_secret_paths_are_for_admins(api: Api, make_api: Callable[..., Api]) -> None:
    shown = api.get("/v1/webhooks/incoming").body

    assert sorted(shown["paths"]) == ["inbound", "nhn", "solapi"]
    for provider, path in shown["paths"].items():
        assert path.startswith(f"/hooks/{provider}/")
        assert len(path) == len(f"/hooks/{provider}/") + 24
    assert list(shown["signatures"]) == ["nhn"]
    assert shown["signatures"]["nhn"] not in shown["paths"]["nhn"]
    assert_problem(make_api("read").get("/v1/webhooks/incoming"), 403, "forbidden")


def test_a_callback_is_queued_as_it_came(api: Api, account: Account, path: str) -> None:
    body = '[{"data": {"text": "김하늘 \\ud83c\\udf81"}}]  '

    answer = _post(api, path, body.encode())

    assert (answer.status, answer.body) == (200, {"accepted": True})
    (job,) = account.take_jobs(Queue.RECEIPTS)
    assert (job.provider, job.body) == ("solapi", body)


def test_a_callback_is_not_replayed(api: Api, account: Account, path: str) -> None:
    for _ in range(2):
        _post(api, path, b"[]", Idempotency_Key="the same")

    assert len(account.take_jobs(Queue.RECEIPTS)) == 2
    assert everything_in(account)["TABLE_REQUESTS"] == []


@pytest.mark.parametrize(
    "forged",
    [
        "/hooks/solapi/" + "A" * 24,
        "/hooks/solapi/x",
        "/hooks/solapi/%ED%86%A0%ED%81%B0",
        "/hooks/other/" + "A" * 24,
        "/hooks/%00/" + "A" * 24,
    ],
)
def test_refuses_a_forged_path_as_if_there_were_none(
    api: Api, account: Account, forged: str
) -> None:
    before = everything_in(account)

    answer = _post(api, forged, b"[]", Idempotency_Key="a key")

    assert_problem(answer, 404, "not_found")
    assert everything_in(account) == before


def test_another_providers_path_needs_its_own_token(api: Api, path: str) -> None:
    token = path.rpartition("/")[2]

    for other in ("aws", "nhn", "inbound"):
        assert_problem(_post(api, f"/hooks/{other}/{token}", b"[]"), 404, "not_found")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"not json", id="no JSON"),
        pytest.param(b"", id="nothing"),
        pytest.param(b'{"data": {}}', id="no array"),
        pytest.param(b"\xff\xfe[]", id="no UTF-8"),
        pytest.param(b"[" * 50_000, id="too deep"),
    ],
)
def test_a_callback_that_cannot_be_read_is_poison(
    api: Api, pump: Pump, path: str, body: bytes
) -> None:
    before = len(pump.poison)

    answer = _post(api, path, body)
    pump.run()

    assert answer.status == 200
    assert len(pump.poison) == before + 1


def test_poison_does_not_hold_up_the_reports_beside_it(api: Api, pump: Pump, path: str) -> None:
    message = _sent(api, pump, 1)
    before = len(pump.poison)

    for body in (b"not json", json.dumps([_report(message)]).encode(), b"[[]"):
        _post(api, path, body)
    pump.run()

    assert _shown(api, message)["status"] == "delivered"
    assert len(pump.poison) == before + 2


def test_what_is_not_about_our_messages_is_skipped(api: Api, pump: Pump, path: str) -> None:
    before = len(pump.poison)
    strange = [
        1,
        None,
        {},
        {"data": 1},
        {"data": {"customFields": None}},
        _report({"message_id": "x"}),
    ]

    api.post(path, strange)
    api.post(path, [_report({"message_id": "m-fffff-00"})])
    pump.run()

    assert len(pump.poison) == before


def test_reports_in_any_order_and_number_have_one_outcome(api: Api, pump: Pump, path: str) -> None:
    message = _sent(api, pump, 2)

    for code in ("3000", "4000", "3042", "4000", "2000"):
        api.post(path, [_report(message, code=code)])
        pump.run()

    assert _shown(api, message)["status"] == "delivered"


def test_a_failure_says_why_in_our_words(api: Api, pump: Pump, path: str) -> None:
    message = _sent(api, pump, 3)

    api.post(path, [_report(message, code="3042")])
    pump.run()

    shown = _shown(api, message)
    assert (shown["status"], shown["reason"]) == ("failed", "device")


def test_a_report_dated_in_the_future_counts_from_when_it_came(
    api: Api, pump: Pump, path: str, clock: Clock
) -> None:
    message = _sent(api, pump, 4)
    future = (datetime.now(tz=UTC) + timedelta(days=400)).isoformat()

    api.post(path, [_report(message, at=future)])
    pump.run()

    reported = datetime.fromisoformat(_shown(api, message)["reported"])
    assert abs(reported - clock.now()) < timedelta(minutes=1)


def test_a_callback_too_large_for_the_queue_is_refused(
    api: Api, account: Account, path: str
) -> None:
    before = everything_in(account)

    raw = _post(api, path, b"x" * (1 << 20))
    escaped = _post(api, path, b'"' * 600_000)

    assert_problem(raw, 413, "payload_too_large")
    assert_problem(escaped, 413, "payload_too_large")
    assert everything_in(account) == before


def _post(api: Api, path: str, body: bytes, **headers: str) -> Answer:
    return api.call("POST", path, body, Authorization="", Content_Type="text/plain", **headers)


def _sent(api: Api, pump: Pump, number: int) -> Json:
    made = send(api, a_template(api), a_sender(api), {"phone": phone(number)})
    pump.run()
    message: Json = made["messages"][0]
    return message


def _shown(api: Api, message: Json) -> Json:
    shown: Json = api.get(f"/v1/messages/{message['message_id']}").body
    return shown


def _report(message: Json, *, code: str = "4000", at: str | None = None) -> Json:
    data = {"customFields": {"ref": message["message_id"]}, "statusCode": code}
    return {"data": data if at is None else data | {"dateReceived": at}}
