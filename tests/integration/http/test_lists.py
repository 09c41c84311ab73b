"""Lists through the API: page by page, each thing once, by cursors that cannot be made up."""

import base64
from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.integration.account import Account
from tests.integration.api import Api
from tests.integration.http.clock import Clock
from tests.integration.http.problems import assert_problem
from tests.integration.http.shop import (
    a_campaign,
    a_contact,
    a_sender,
    a_template,
    phone,
)

_ID_BY_LIST = {
    "/v1/contacts": "contact_id",
    "/v1/senders": "sender_id",
    "/v1/templates": "template_id",
    "/v1/campaigns": "campaign_id",
    "/v1/suppressions": "address_hash",
}


@pytest.fixture(scope="module", autouse=True)
def things(api: Api, account: Account) -> None:
    """Seven of each kind; the contacts and campaigns have further rows of their own."""
    for number in range(7):
        a_contact(api, f"c{number}", number)
        _with_history(account, f"c{number}")
        sender, template = a_sender(api), a_template(api)
        api.post("/v1/suppressions", {"phone": phone(number), "source": "hotline"})
        campaign_id = a_campaign(api, template, sender)
        _with_parts(account, campaign_id)


@pytest.mark.parametrize("path", _ID_BY_LIST)
@pytest.mark.parametrize("limit", [1, 2, 3, 7, 500])
def test_a_list_gives_each_thing_once(api: Api, path: str, limit: int) -> None:
    listed: list[str] = []
    query = f"?limit={limit}"
    for _ in range(20):
        page = api.get(path + query).body
        assert len(page["items"]) <= limit
        listed += [each[_ID_BY_LIST[path]] for each in page["items"]]
        if page["next_cursor"] is None:
            break
        query = f"?limit={limit}&cursor={page['next_cursor']}"

    assert page["next_cursor"] is None
    assert (len(listed), len(set(listed))) == (7, 7)


@pytest.mark.parametrize("path", _ID_BY_LIST)
def test_a_list_has_a_limit_of_its_own(api: Api, path: str) -> None:
    page = api.get(path).body

    assert len(page["items"]) == 7
    assert page["next_cursor"] is None


@pytest.mark.parametrize("path", [*_ID_BY_LIST, "/v1/messages?contact_id=c1"])
@pytest.mark.parametrize("limit", ["0", "501", "abc", "-1", "1.5", "", "%EF%BC%91", "1" * 5_000])
def test_refuses_a_limit_out_of_range(api: Api, path: str, limit: str) -> None:
    answer = api.get(path + ("&" if "?" in path else "?") + f"limit={limit}")

    assert_problem(answer, 422, "invalid_input", ("/query/limit", "out_of_range"))


@pytest.mark.parametrize("path", [*_ID_BY_LIST, "/v1/messages?contact_id=c1"])
def test_refuses_a_forged_cursor(api: Api, path: str) -> None:
    made_up = base64.urlsafe_b64encode(bytes(16) + b'["contacts", 1, {"a": "b"}]').decode()

    for cursor in ("x", "", "%00", "가", made_up.rstrip("=")):
        answer = api.get(path + ("&" if "?" in path else "?") + f"cursor={cursor}")
        assert_problem(answer, 422, "invalid_input", ("/query/cursor", "invalid_cursor"))


def test_refuses_a_cursor_that_was_changed(api: Api) -> None:
    cursor = api.get("/v1/contacts?limit=1").body["next_cursor"]
    changed = cursor[:-6] + ("A" if cursor[-6] != "A" else "B") + cursor[-5:]

    answer = api.get(f"/v1/contacts?cursor={changed}")

    assert_problem(answer, 422, "invalid_input", ("/query/cursor", "invalid_cursor"))


def test_refuses_a_cursor_of_another_list(api: Api) -> None:
    cursor = api.get("/v1/senders?limit=1").body["next_cursor"]

    for path in ("/v1/contacts?", "/v1/messages?contact_id=c1&"):
        answer = api.get(f"{path}cursor={cursor}")
        assert_problem(answer, 422, "invalid_input", ("/query/cursor", "invalid_cursor"))


def test_a_cursor_lasts_for_a_day(api: Api, clock: Clock) -> None:
    cursor = api.get("/v1/contacts?limit=1").body["next_cursor"]

    clock.move_by(timedelta(hours=23, minutes=59))
    fresh = api.get(f"/v1/contacts?cursor={cursor}")
    clock.move_by(timedelta(minutes=2))
    stale = api.get(f"/v1/contacts?cursor={cursor}")
    clock.move_by(-timedelta(hours=24, minutes=1))

    assert fresh.status == 200
    assert_problem(stale, 422, "invalid_input", ("/query/cursor", "invalid_cursor"))
    assert "expired" in stale.body["errors"][0]["message"]


def test_a_cursor_names_nobody(api: Api) -> None:
    cursor = api.get("/v1/contacts?limit=1").body["next_cursor"]

    assert phone(1).replace("-", "")[1:] not in cursor


def test_a_list_of_messages_says_whose(api: Api) -> None:
    for query in ("", "?contact_id=", "?contact_id=" + "c" * 65):
        answer = api.get(f"/v1/messages{query}")
        assert_problem(answer, 422, "invalid_input", ("/query/contact_id", "missing"))


@pytest.mark.parametrize("number", ["", "abc", "%00", "02-123-4567", "1" * 300])
def test_refuses_to_look_up_what_is_no_mobile_number(api: Api, number: str) -> None:
    answer = api.get(f"/v1/contacts?phone={number}")

    assert answer.status == 422
    assert [each["pointer"] for each in answer.body["errors"]] == ["/query/phone"]


@pytest.mark.parametrize(
    "as_of",
    [
        "",
        "yesterday",
        "2026-11-22",
        "2026-11-22T09:00:00",
        "2026-02-30T00:00:00Z",
        "1700000000",
        "%00",
        "2026-11-22T09:00:00%2B25:00",
    ],
)
def test_refuses_a_moment_that_is_none(api: Api, as_of: str) -> None:
    answer = api.get(f"/v1/contacts/c1/consents?as_of={as_of}")

    assert_problem(answer, 422, "invalid_input", ("/query/as_of", "invalid_format"))


@pytest.mark.parametrize("path", _ID_BY_LIST)
def test_lists_are_for_readers(make_api: Callable[..., Api], path: str) -> None:
    assert make_api("read").get(path).status == 200
    assert_problem(make_api("send").get(path), 403, "forbidden")


def _with_history(account: Account, contact_id: str) -> None:
    for month in ("202610", "202611"):
        account.dynamodb.put_item(
            TableName=account.environment()["TABLE_CONTACTS"],
            Item={"contact_id": {"S": contact_id}, "kind": {"S": f"SENT#{month}"}},
        )


def _with_parts(account: Account, campaign_id: str) -> None:
    for part in ("000000", "000001"):
        account.dynamodb.put_item(
            TableName=account.environment()["TABLE_CAMPAIGNS"],
            Item={"campaign_id": {"S": campaign_id}, "kind": {"S": f"PART#{part}"}},
        )
