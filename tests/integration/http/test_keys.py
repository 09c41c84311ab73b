"""API keys through the API: shown once, scoped, revoked."""

from collections.abc import Callable

import pytest
from chalice.test import Client

from app import app
from tests.integration.account import Account
from tests.integration.api import Answer, Api
from tests.integration.http.problems import assert_problem, everything_in


def _caller(token: str) -> Api:
    return Api(client=Client(app), token=token)


def _make(api: Api, *scopes: str) -> Answer:
    return api.post("/v1/keys", {"name": "shop", "scopes": list(scopes)})


def test_a_new_keys_token_works_and_is_shown_once(api: Api, account: Account) -> None:
    made = _make(api, "read", "contacts")

    assert made.status == 201
    token, key_id = made.body["token"], made.body["key_id"]
    assert token.startswith(f"{key_id}.")
    assert made.body["scopes"] == ["contacts", "read"]
    assert made.body["revoked"] is None
    assert _caller(token).get("/v1/contacts").status == 200
    listed = api.get("/v1/keys")
    secret = token.partition(".")[2]
    assert [each for each in listed.body["items"] if each["key_id"] == key_id]
    assert secret not in listed.text
    assert secret not in str(everything_in(account))


def test_a_keys_answer_is_not_replayed(api: Api, account: Account) -> None:
    body = {"name": "shop", "scopes": ["read"]}

    one = api.post("/v1/keys", body, Idempotency_Key="the same")
    other = api.post("/v1/keys", body, Idempotency_Key="the same")

    assert one.body["key_id"] != other.body["key_id"]
    secret = one.body["token"].partition(".")[2]
    assert secret not in str(everything_in(account))


def test_a_revoked_key_is_unknown(api: Api) -> None:
    made = _make(api, "read").body
    caller = _caller(made["token"])
    assert caller.get("/v1/contacts").status == 200

    revoked = api.delete(f"/v1/keys/{made['key_id']}")

    assert revoked.status == 204
    assert_problem(caller.get("/v1/contacts"), 401, "unauthenticated")
    listed = {each["key_id"]: each["revoked"] for each in api.get("/v1/keys").body["items"]}
    assert listed[made["key_id"]] is not None


def test_revoking_what_is_no_key_is_not_found(api: Api) -> None:
    assert_problem(api.delete("/v1/keys/key_none"), 404, "not_found")


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"name": "x", "scopes": []}, [("/scopes", "too_few")]),
        ({"name": "x", "scopes": ["root"]}, [("/scopes/0", "not_allowed")]),
        ({"name": "x", "scopes": "read"}, [("/scopes", "wrong_type")]),
        ({"name": "", "scopes": ["read"]}, [("/name", "too_short")]),
        (
            {"scopes": ["read"], "secret": "mine"},
            [("/name", "missing"), ("/secret", "unknown_field")],
        ),
    ],
)
def test_refuses_a_key_that_would_be_allowed_nothing_or_anything(
    api: Api, account: Account, body: dict[str, object], fields: list[tuple[str, str]]
) -> None:
    before = everything_in(account)

    answer = api.post("/v1/keys", body)

    assert_problem(answer, 422, "invalid_input", *fields)
    assert everything_in(account) == before


@pytest.mark.parametrize("scope", ["send", "contacts", "campaigns", "read"])
def test_only_an_admin_manages_keys(make_api: Callable[..., Api], scope: str) -> None:
    caller = make_api(scope)

    assert_problem(_make(caller, "admin"), 403, "forbidden")
    assert_problem(caller.get("/v1/keys"), 403, "forbidden")
    assert_problem(caller.delete("/v1/keys/key_admin"), 403, "forbidden")


@pytest.mark.parametrize(
    "authorization",
    [
        pytest.param("", id="none"),
        pytest.param("Bearer", id="no token"),
        pytest.param("Bearer ", id="an empty token"),
        pytest.param("Basic a2V5OnNlY3JldA==", id="another scheme"),
        pytest.param("Bearer key_admin", id="no secret"),
        pytest.param("Bearer key_admin.", id="an empty secret"),
        pytest.param("Bearer .ssss", id="no id"),
        pytest.param("Bearer key_admin." + "t" * 32, id="a wrong secret"),
        pytest.param("Bearer key_other." + "s" * 32, id="an unknown id"),
        pytest.param("Bearer " + "k" * 4_000 + ".s", id="an id longer than any"),
        pytest.param("Bearer 열쇠.비밀", id="no ASCII"),
    ],
)
def test_refuses_a_caller_without_a_known_key(
    api: Api, account: Account, authorization: str
) -> None:
    before = everything_in(account)

    answer = api.put("/v1/contacts/c1", {}, Authorization=authorization)

    assert_problem(answer, 401, "unauthenticated", sent=authorization)
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert everything_in(account) == before


def test_the_scheme_may_be_written_in_any_case(api: Api) -> None:
    answer = api.call("GET", "/v1/contacts", Authorization=f"bearer {api.token}")

    assert answer.status == 200
