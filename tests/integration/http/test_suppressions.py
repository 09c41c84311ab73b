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

    (mark,) = answer.body["suppressed"]
    assert (mark["reason"], mark["scope"], mark["until"]) == ("manual", "all", None)


def test_a_suppression_that_is_deleted_is_gone_from_the_profile(api: Api) -> None:
    a_contact(api, "forgiven", 5)
    hashed = _suppress(api, 5)["address_hash"]

    deleted = api.delete(f"/v1/suppressions/{hashed}")
    again = api.delete(f"/v1/suppressions/{hashed}")

    assert deleted.status == 204
    assert_problem(again, 404, "not_found")
    assert _shown(api, "forgiven") == []


def test_a_refusal_does_not_take_the_place_of_a_complaint(api: Api) -> None:
    a_contact(api, "complained", 33)
    _suppress(api, 33, reason="complaint")

    stands = _suppress(api, 33, reason="opt_out_page", scope="all")

    assert (stands["reason"], stands["source"]) == ("complaint", "hotline")
    assert _shown(api, "complained") == ["complaint"]


def test_suppressions_of_other_scopes_are_shown_and_deleted_apart(api: Api) -> None:
    a_contact(api, "twice", 6)
    hashed = _suppress(api, 6, reason="opt_out_page")["address_hash"]
    _suppress(api, 6, reason="complaint")
    assert sorted(_shown(api, "twice")) == ["complaint", "opt_out_page"]

    wrong = api.delete(f"/v1/suppressions/{hashed}?scope=letters")
    deleted = api.delete(f"/v1/suppressions/{hashed}?scope=all")
    again = api.delete(f"/v1/suppressions/{hashed}?scope=all")

    assert_problem(wrong, 422, "invalid_input", ("/query/scope", "invalid_format"))
    assert deleted.status == 204
    assert_problem(again, 404, "not_found")
    assert _shown(api, "twice") == ["opt_out_page"]


def test_a_suppression_has_the_scope_and_end_that_were_given(api: Api) -> None:
    given = {"scope": "sms:advertising", "until": "2027-01-01T00:00:00+09:00"}

    made = _suppress(api, 12, **given)

    assert made["scope"] == "sms:advertising"
    assert made["until"] == "2027-01-01T00:00:00+09:00"


def test_a_list_can_be_brought_in_again(api: Api) -> None:
    made = _suppress(api, 13, reason="opt_out_call")
    a_contact(api, "exported", 13)
    api.delete(f"/v1/suppressions/{made['address_hash']}")
    assert _shown(api, "exported") == []

    answer = api.post("/v1/suppressions/batch", {"suppressions": [made]})

    assert answer.status == 201, answer.text
    assert answer.body["items"] == [made]
    assert _shown(api, "exported") == ["opt_out_call"]


def test_addresses_may_be_numbers_mails_or_hashes_but_one_of_them(api: Api) -> None:
    mails = [
        api.post("/v1/suppressions", {"email": mail, "source": "hotline"}).body["address_hash"]
        for mail in ("Sky@Example.com", "sky@example.com")
    ]
    both = {"email": "sky@example.com", "phone": phone(14), "source": "hotline"}

    assert mails[0] == mails[1]
    assert_problem(api.post("/v1/suppressions", both), 422, "invalid_input", ("", "one_of"))
    neither = api.post("/v1/suppressions", {"source": "hotline"})
    assert_problem(neither, 422, "invalid_input", ("", "one_of"))


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
        ExpressionAttributeValues={
            ":mark": {"SS": ["0" * 32 + "|all|manual|2026-06-01T00:00:00+00:00|"]}
        },
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


def _suppress(api: Api, number: int, *, reason: str = "manual", **more: str) -> dict:
    body = {"phone": phone(number), "reason": reason, "source": "hotline", **more}
    answer = api.post("/v1/suppressions", body)
    assert answer.status == 201, answer.text
    return answer.body


def _shown(api: Api, contact_id: str) -> list[str]:
    """Why the contact's number is suppressed."""
    marks = api.get(f"/v1/contacts/{contact_id}").body["suppressed"]
    return [mark["reason"] for mark in marks]
