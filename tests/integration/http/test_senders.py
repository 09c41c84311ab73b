"""Senders through the API: registered in a form that carriers take, used once approved."""

import pytest

from tests.integration.api import Api
from tests.integration.http.problems import assert_problem
from tests.integration.http.shop import KAKAO_CHANNEL, a_sender

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
        "opt_out_number": "080-012-3456",
        "status": "pending",
    }
    assert api.get(f"/v1/senders/{sender_id}").body == made.body


@pytest.mark.parametrize("status", ["approved", "rejected", "pending"])
def test_a_review_may_also_be_taken_back(api: Api, status: str) -> None:
    sender_id = a_sender(api)

    reviewed = api.post(f"/v1/senders/{sender_id}/review", {"status": status})

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
