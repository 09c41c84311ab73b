"""Idempotency keys: a repeated call has the same answer, and does nothing twice."""

from collections.abc import Callable, Iterator

import pytest

from functions.contracts.queues import Queue
from infra.local.carrier.client import CarrierControl
from tests.integration.account import Account
from tests.integration.api import Api
from tests.integration.http.problems import assert_problem, everything_in
from tests.integration.http.pump import Pump
from tests.integration.http.shop import (
    Json,
    a_contact,
    a_sender,
    a_template,
    message,
    phone,
)


@pytest.fixture(scope="module")
def notice(api: Api) -> Json:
    return message(a_template(api), a_sender(api))


@pytest.fixture(autouse=True)
def no_leftovers(account: Account) -> Iterator[None]:
    yield
    for queue in Queue:
        account.take_bodies(queue)


def test_a_repeated_send_has_the_same_answer_and_arrives_once(
    api: Api, notice: Json, pump: Pump, carrier: CarrierControl
) -> None:
    body = notice | {"to": [{"phone": phone(1)}, {"phone": phone(2)}]}

    once = api.post("/v1/messages", body, Idempotency_Key="order-1")
    twice = api.post("/v1/messages", body, Idempotency_Key="order-1")
    pump.run()
    later = api.post("/v1/messages", body, Idempotency_Key="order-1")
    pump.run()

    assert (once.status, twice.status, later.status) == (202, 202, 202)
    assert once.body == twice.body == later.body
    assert len(carrier.ledger(to="01000000001", status="any")) == 1
    assert len(carrier.ledger(to="01000000002", status="any")) == 1


def test_a_repeated_call_leaves_everything_as_it_is(
    api: Api, account: Account, notice: Json
) -> None:
    body = notice | {"to": [{"phone": phone(3)}]}
    api.post("/v1/messages", body, Idempotency_Key="order-2")
    before = everything_in(account)

    api.post("/v1/messages", body, Idempotency_Key="order-2")

    assert everything_in(account) == before


def test_the_same_body_in_another_spelling_is_the_same(api: Api, notice: Json) -> None:
    body = notice | {"to": [{"phone": phone(4)}]}
    reordered = dict(reversed(body.items()))

    once = api.post("/v1/messages", body, Idempotency_Key="order-3")
    twice = api.post("/v1/messages", reordered, Idempotency_Key="order-3")

    assert once.body == twice.body


def test_refuses_a_key_that_was_used_with_another_body(
    api: Api, account: Account, notice: Json
) -> None:
    api.post("/v1/messages", notice | {"to": [{"phone": phone(5)}]}, Idempotency_Key="order-4")
    before = everything_in(account)

    other = api.post(
        "/v1/messages", notice | {"to": [{"phone": phone(6)}]}, Idempotency_Key="order-4"
    )

    assert_problem(other, 409, "idempotency_key_reused")
    assert everything_in(account) == before


def test_a_refused_call_may_be_corrected_under_its_key(
    api: Api, account: Account, notice: Json
) -> None:
    before = everything_in(account)
    refused = api.post(
        "/v1/messages", notice | {"to": [{"phone": "02-123-4567"}]}, Idempotency_Key="order-5"
    )
    kept = everything_in(account)

    corrected = api.post(
        "/v1/messages", notice | {"to": [{"phone": phone(7)}]}, Idempotency_Key="order-5"
    )

    assert refused.status == 422
    assert kept == before
    assert corrected.status == 202


def test_a_key_belongs_to_its_caller_and_its_call(
    api: Api, make_api: Callable[..., Api], notice: Json
) -> None:
    body = notice | {"to": [{"phone": phone(8)}]}

    mine = api.post("/v1/messages", body, Idempotency_Key="order-6")
    another = make_api("send").post("/v1/messages", body, Idempotency_Key="order-6")
    other_call = api.post("/v1/senders", {}, Idempotency_Key="order-6")

    assert mine.body["request_id"] != another.body["request_id"]
    assert other_call.body["code"] == "invalid_input"


@pytest.mark.parametrize("key", ["x" * 256])
def test_refuses_a_key_of_the_wrong_length(api: Api, account: Account, key: str) -> None:
    before = everything_in(account)

    answer = api.post(
        "/v1/contacts/batch", {"contacts": [{"contact_id": "k"}]}, Idempotency_Key=key
    )

    assert_problem(answer, 422, "invalid_input", ("/headers/Idempotency-Key", "length"))
    assert everything_in(account) == before


def test_a_key_belongs_to_the_thing_that_the_path_names(api: Api) -> None:
    body = {"channel": "sms", "purpose": "advertising", "action": "withdraw", "source": "form"}
    for contact_id in ("one", "other"):
        a_contact(api, contact_id, None)

    for contact_id in ("one", "other"):
        api.post(f"/v1/contacts/{contact_id}/consents", body, Idempotency_Key="consent-2")

    assert len(api.get("/v1/contacts/one/consents").body["items"]) == 1
    assert len(api.get("/v1/contacts/other/consents").body["items"]) == 1


def test_a_consent_is_recorded_once(api: Api) -> None:
    a_contact(api, "once", None)
    body = {"channel": "sms", "purpose": "advertising", "action": "grant", "source": "form"}

    for _ in range(3):
        api.post("/v1/contacts/once/consents", body, Idempotency_Key="consent-1")

    assert len(api.get("/v1/contacts/once/consents").body["items"]) == 1


@pytest.mark.parametrize("body", [b"", b"{", b"[" * 50_000, b"\xff"])
def test_a_call_whose_body_nobody_reads_can_be_repeated(
    api: Api, notice: Json, body: bytes
) -> None:
    made = api.post("/v1/messages", notice | {"to": [{"phone": phone(9)}]}).body
    path = f"/v1/messages/{made['messages'][0]['message_id']}/cancel"

    answers = [api.call("POST", path, body, Idempotency_Key="cancel-1") for _ in range(2)]

    assert [each.status for each in answers] == [200, 200]
    assert answers[0].body == answers[1].body
