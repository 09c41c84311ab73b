"""Suppressions through the API: addresses by hash, and the mark on the profile of their owner."""

from tests.integration.account import Account
from tests.integration.api import Api
from tests.integration.http.problems import assert_problem
from tests.integration.http.shop import a_contact, phone


def test_a_suppression_marks_the_profile_of_the_numbers_owner(api: Api) -> None:
    a_contact(api, "marked", 1)

    answer = _suppress(api, 1, reason="complaint")

    assert answer["reason"] == "complaint"
    assert answer["source"] == "hotline"
    assert phone(1).replace("-", "") not in str(answer)
    assert _shown(api, "marked") == ["complaint"]


def test_a_number_is_suppressed_before_anybody_has_it(api: Api) -> None:
    _suppress(api, 2)

    a_contact(api, "newcomer", 2)

    assert _shown(api, "newcomer") == ["manual"]


def test_a_patch_to_a_suppressed_number_says_so_at_once(api: Api) -> None:
    a_contact(api, "changer", 3)
    _suppress(api, 4)

    answer = api.patch("/v1/contacts/changer", {"phone": phone(4)})

    assert answer.body["suppressed"] == ["manual"]


def test_a_suppression_that_is_deleted_is_gone_from_the_profile(api: Api) -> None:
    a_contact(api, "forgiven", 5)
    hashed = _suppress(api, 5)["address_hash"]

    deleted = api.delete(f"/v1/suppressions/{hashed}")
    again = api.delete(f"/v1/suppressions/{hashed}")

    assert deleted.status == 204
    assert_problem(again, 404, "not_found")
    assert _shown(api, "forgiven") == []


def test_the_reason_that_keeps_most_back_counts(api: Api) -> None:
    a_contact(api, "twice", 6)

    _suppress(api, 6, reason="opt_out_page")
    _suppress(api, 6, reason="complaint")

    assert _shown(api, "twice") == ["complaint"]


def test_a_suppression_stays_with_the_number_not_with_the_person(api: Api) -> None:
    a_contact(api, "renumbered", 7)
    _suppress(api, 7)

    api.patch("/v1/contacts/renumbered", {"phone": phone(8)})
    a_contact(api, "inheritor", 7)

    assert _shown(api, "renumbered") == []
    assert _shown(api, "inheritor") == ["manual"]


def test_a_number_that_comes_back_after_it_was_allowed_again_is_free(api: Api) -> None:
    a_contact(api, "returner", 9)
    hashed = _suppress(api, 9)["address_hash"]
    api.patch("/v1/contacts/returner", {"phone": phone(10)})
    api.delete(f"/v1/suppressions/{hashed}")

    answer = api.patch("/v1/contacts/returner", {"phone": phone(9)})

    assert answer.body["suppressed"] == []
    assert _shown(api, "returner") == []


def test_a_suppression_of_another_number_is_not_shown(api: Api, account: Account) -> None:
    a_contact(api, "bystander", 11)

    account.dynamodb.update_item(
        TableName=account.environment()["TABLE_CONTACTS"],
        Key={"contact_id": {"S": "bystander"}, "kind": {"S": "PROFILE"}},
        UpdateExpression="ADD suppressed :mark",
        ExpressionAttributeValues={":mark": {"SS": ["0" * 32 + ":manual"]}},
    )

    assert _shown(api, "bystander") == []


def test_suppressions_are_listed_without_their_numbers(api: Api) -> None:
    made = [_suppress(api, number)["address_hash"] for number in (20, 21, 22)]

    listed: list[str] = []
    path = "/v1/suppressions?limit=2"
    while path:
        page = api.get(path)
        assert "82100" not in page.text
        listed += [each["address_hash"] for each in page.body["items"]]
        cursor = page.body["next_cursor"]
        path = "" if cursor is None else f"/v1/suppressions?limit=2&cursor={cursor}"

    assert set(made) <= set(listed)
    assert len(listed) == len(set(listed))


def test_only_an_admin_may_allow_an_address_again(api: Api, make_api) -> None:
    hashed = _suppress(api, 23)["address_hash"]

    answer = make_api("contacts").delete(f"/v1/suppressions/{hashed}")

    assert_problem(answer, 403, "forbidden")


def _suppress(api: Api, number: int, *, reason: str = "manual") -> dict:
    body = {"phone": phone(number), "reason": reason, "source": "hotline"}
    answer = api.post("/v1/suppressions", body)
    assert answer.status == 201, answer.text
    return answer.body


def _shown(api: Api, contact_id: str) -> list[str]:
    return api.get(f"/v1/contacts/{contact_id}").body["suppressed"]
