"""Senders through the API: registered in a form that carriers take, used once approved."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.integration.account import Account
from tests.integration.api import Api
from tests.integration.http.clock import Clock
from tests.integration.http.problems import assert_problem
from tests.integration.http.shop import (
    KAKAO_CHANNEL,
    Json,
    a_contact,
    a_sender,
    a_template,
    send,
)

_SMS = {
    "channel": "sms",
    "address": "02-0000-1234",
    "display_name": "알림상점",
    "opt_out_number": "080-012-3456",
}


def test_a_sender_is_registered_to_be_reviewed(api: Api) -> None:
    made = api.post("/v1/senders", _SMS)

    assert made.status == 201
    sender_id = made.body["sender_id"]
    assert made.body == {
        "sender_id": sender_id,
        "channel": "sms",
        "address": "0200001234",
        "display_name": "알림상점",
        "contact": None,
        "opt_out_number": "080-012-3456",
        "status": "pending",
        "usable": False,
        "proofs": [],
        "registered": made.body["registered"],
        "reviewed": None,
        "note": "",
        "valid_from": None,
        "valid_until": None,
        "accounts": {},
        "rate": None,
    }
    assert api.get(f"/v1/senders/{sender_id}").body == made.body


@pytest.mark.parametrize("status", ["approved", "rejected", "pending", "suspended"])
def test_a_review_may_also_be_taken_back(api: Api, status: str) -> None:
    sender_id = a_sender(api)

    decision = {"status": status, "note": "looked at again"}
    reviewed = api.post(f"/v1/senders/{sender_id}/review", decision)

    assert (reviewed.status, reviewed.body["status"]) == (200, status)
    assert api.get(f"/v1/senders/{sender_id}").body["status"] == status


def test_a_kakao_channel_is_registered_by_its_id(api: Api) -> None:
    kakao = {"channel": "kakao", "address": KAKAO_CHANNEL, "display_name": "알림상점"}

    made = api.post("/v1/senders", kakao)

    assert (made.status, made.body["address"]) == (201, KAKAO_CHANNEL)
    assert made.body["opt_out_number"] is None


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"address": "02-000"}, "/address", "too_short"),
        ({"address": "010-0000-1234"}, "/address", "non_existent_range"),
        ({"address": "050-1234-5678"}, "/address", "not_registrable"),
        ({"address": "전화"}, "/address", "malformed"),
        ({"address": "02-0000-1234\n"}, "/address", "malformed"),
        ({"contact": "112"}, "/contact", "special_number"),
        ({"contact": ""}, "/contact", "too_short"),
        ({"opt_out_number": "02-000-0000"}, "/opt_out_number", "invalid_format"),
        ({"opt_out_number": "080-012-3456\n"}, "/opt_out_number", "invalid_format"),
        ({"channel": "kakao", "address": "카카오"}, "/address", "invalid_format"),
        ({"channel": "fax"}, "/channel", "not_allowed"),
        ({"display_name": "두\n줄"}, "/display_name", "invalid_format"),
        ({"display_name": "  "}, "/display_name", "invalid_format"),
        ({"display_name": ""}, "/display_name", "too_short"),
        ({"display_name": "x" * 201}, "/display_name", "too_long"),
    ],
)
def test_refuses_a_sender_that_no_carrier_would_take(
    api: Api, changes: dict[str, str], pointer: str, code: str
) -> None:
    answer = api.post("/v1/senders", _SMS | changes)

    assert_problem(answer, 422, "invalid_input", (pointer, code))


def test_names_every_bad_field_of_a_sender(api: Api) -> None:
    answer = api.post("/v1/senders", _SMS | {"address": "02-000", "opt_out_number": "1588"})

    assert_problem(
        answer,
        422,
        "invalid_input",
        ("/address", "too_short"),
        ("/opt_out_number", "invalid_format"),
    )


def test_a_sender_that_is_not_there_is_neither_read_nor_reviewed(api: Api) -> None:
    read = api.get("/v1/senders/snd_none")
    reviewed = api.post("/v1/senders/snd_none/review", {"status": "approved"})

    assert_problem(read, 404, "not_found")
    assert_problem(reviewed, 404, "not_found")


def test_only_an_admin_reviews(make_api) -> None:
    sender_id = a_sender(make_api("campaigns"), status="pending")

    answer = make_api("campaigns").post(f"/v1/senders/{sender_id}/review", {"status": "approved"})

    assert_problem(answer, 403, "forbidden")


def _expected_upload(api: Api, sender_id: str, kind: str = "telecom_certificate") -> Json:
    made = api.post(f"/v1/senders/{sender_id}/proof", {"kind": kind})
    assert made.status == 201
    return made.body


def _key_of(url: str) -> str:
    return urlsplit(url).path.lstrip("/")


def test_a_proof_is_uploaded_looked_at_and_approved_on(api: Api, account: Account) -> None:
    sender_id = a_sender(api, status="pending", contact="1588-0000")
    made = _expected_upload(api, sender_id)
    proof_id = made["proof"]["proof_id"]

    key = _key_of(made["upload"]["url"])
    account.put_object(key, b"%PDF-1.7")
    seen = api.get(f"/v1/senders/{sender_id}/proof").body["proofs"]
    approved = api.post(f"/v1/senders/{sender_id}/review", {"status": "approved"})

    assert key.endswith(f"senders/{sender_id}/proof-{proof_id}")
    assert [(each["proof_id"], each["size_bytes"]) for each in seen] == [(proof_id, 8)]
    assert account.get_object(_key_of(seen[0]["url"])) == b"%PDF-1.7"
    assert (approved.status, approved.body["usable"]) == (200, True)
    assert approved.body["proofs"] == [made["proof"]]
    assert approved.body["contact"] == "15880000"


def test_a_proof_is_written_once(api: Api) -> None:
    upload = _expected_upload(api, a_sender(api, status="pending"))["upload"]

    assert upload["method"] == "PUT"
    assert upload["headers"] == {"If-None-Match": "*"}
    assert "if-none-match" in parse_qs(urlsplit(upload["url"]).query)["X-Amz-SignedHeaders"][0]


def test_a_number_is_not_approved_before_its_proof_is_there(api: Api) -> None:
    sender_id = a_sender(api, status="pending")
    _expected_upload(api, sender_id)

    seen = api.get(f"/v1/senders/{sender_id}/proof").body["proofs"]
    answer = api.post(f"/v1/senders/{sender_id}/review", {"status": "approved"})

    assert [(each["url"], each["size_bytes"]) for each in seen] == [(None, None)]
    assert_problem(answer, 422, "invalid_input", ("/note", "reason_required"))
    assert api.get(f"/v1/senders/{sender_id}").body["status"] == "pending"


def test_an_approval_ends_with_its_last_day(api: Api, clock: Clock) -> None:
    sender_id, template_id = a_sender(api, status="pending"), a_template(api)
    a_contact(api, "reader", 9)
    now = clock.now()
    decision = {
        "status": "approved",
        "note": "until the contract ends",
        "valid_from": (now - timedelta(days=1)).isoformat(),
        "valid_until": (now + timedelta(hours=1)).isoformat(),
    }
    assert api.post(f"/v1/senders/{sender_id}/review", decision).body["usable"]
    within = send(api, template_id, sender_id, {"contact_id": "reader"})

    clock.move_by(timedelta(hours=1, minutes=1))
    over = send(api, template_id, sender_id, {"contact_id": "reader"})
    clock.move_by(-timedelta(hours=1, minutes=1))

    assert within["messages"][0]["status"] == "pending"
    assert over["messages"][0]["reason"] == "sender_not_approved"


@pytest.mark.parametrize(
    ("decision", "pointer", "code"),
    [
        ({"valid_until": "2020-01-01T00:00:00Z"}, "/valid_until", "out_of_range"),
        (
            {"status": "rejected", "valid_from": "2026-01-01T00:00:00Z"},
            "/valid_from",
            "not_allowed",
        ),
        ({"valid_from": "2026-01-01"}, "/valid_from", "invalid_format"),
        ({"status": "retired"}, "/status", "not_allowed"),
    ],
)
def test_refuses_a_review_that_cannot_be(
    api: Api, decision: dict[str, str], pointer: str, code: str
) -> None:
    sender_id = a_sender(api, status="pending")

    answer = api.post(
        f"/v1/senders/{sender_id}/review", {"status": "approved", "note": "x"} | decision
    )

    assert_problem(answer, 422, "invalid_input", (pointer, code))


def test_only_an_admin_looks_at_proofs(api: Api, make_api) -> None:
    sender_id = a_sender(api, status="pending")

    assert_problem(
        make_api("campaigns", "read").get(f"/v1/senders/{sender_id}/proof"), 403, "forbidden"
    )
    assert (
        make_api("campaigns")
        .post(f"/v1/senders/{sender_id}/proof", {"kind": "identity_check"})
        .status
        == 201
    )


def test_nobody_proves_a_sender_that_is_not_there(api: Api) -> None:
    assert_problem(api.get("/v1/senders/snd_none/proof"), 404, "not_found")
    answer = api.post("/v1/senders/snd_none/proof", {"kind": "identity_check"})
    assert_problem(answer, 404, "not_found")
    answer = api.post("/v1/senders/snd_none/proof", {"kind": "photo"})
    assert_problem(answer, 422, "invalid_input", ("/kind", "not_allowed"))
