"""Contacts through the API: written whole, changed in part, found again, listed, in batches."""

import pytest

from tests.integration.api import Api
from tests.integration.http.problems import assert_problem, fields_of
from tests.integration.http.shop import a_contact, e164, phone


def test_a_contact_is_what_was_put(api: Api) -> None:
    profile = {
        "phone": "010-0000-0001",
        "email": "sky@example.com",
        "attributes": {"name": "김하늘", "points": 1200, "rate": 0.5, "vip": True},
        "groups": ["VIP", "서울"],
        "locale": "en-US",
        "zone": "Asia/Tokyo",
    }

    put = api.put("/v1/contacts/whole", profile)

    assert (put.status, put.body) == (201, {"contact_id": "whole", "status": "created"})
    assert api.get("/v1/contacts/whole").body == {
        "contact_id": "whole",
        "phone": "+821000000001",
        "email": "sky@example.com",
        "attributes": {"name": "김하늘", "points": 1200, "rate": 0.5, "vip": True},
        "groups": ["VIP", "서울"],
        "locale": "en-US",
        "zone": "Asia/Tokyo",
        "consents": {},
        "suppressed": [],
    }


def test_putting_the_same_again_changes_nothing(api: Api) -> None:
    a_contact(api, "same", 2)

    again = api.put("/v1/contacts/same", {"phone": phone(2), "attributes": {"name": "김하늘"}})

    assert (again.status, again.body["status"]) == (200, "unchanged")


def test_putting_removes_what_is_left_out(api: Api) -> None:
    a_contact(api, "less", 3, email="less@example.com", groups=["VIP"], zone="Asia/Seoul")

    changed = api.put("/v1/contacts/less", {})

    assert (changed.status, changed.body["status"]) == (200, "updated")
    assert api.get("/v1/contacts/less").body == {
        "contact_id": "less",
        "phone": None,
        "email": None,
        "attributes": {},
        "groups": [],
        "locale": "ko",
        "zone": None,
        "consents": {},
        "suppressed": [],
    }


def test_a_patch_changes_only_what_it_names(api: Api) -> None:
    a_contact(api, "patched", 4, email="a@example.com", attributes={"name": "김", "points": 1})

    answer = api.patch(
        "/v1/contacts/patched", {"email": None, "attributes": {"points": 2, "grade": "A"}}
    )

    assert answer.status == 200
    assert answer.body["phone"] == e164(4)
    assert answer.body["email"] is None
    assert answer.body["attributes"] == {"name": "김", "points": 2, "grade": "A"}
    assert api.get("/v1/contacts/patched").body == answer.body


def test_a_patch_removes_attributes_that_are_null(api: Api) -> None:
    a_contact(api, "nulled", 5, attributes={"name": "김", "points": 1})

    one = api.patch("/v1/contacts/nulled", {"attributes": {"points": None, "unheard": None}})
    every = api.patch("/v1/contacts/nulled", {"attributes": None, "groups": None, "phone": None})

    assert one.body["attributes"] == {"name": "김"}
    assert (every.body["attributes"], every.body["phone"]) == ({}, None)


def test_a_patch_cannot_pile_up_attributes(api: Api) -> None:
    a_contact(api, "hoarder", 6, attributes={f"a{i}": i for i in range(99)})

    full = api.patch("/v1/contacts/hoarder", {"attributes": {"one": 1}})
    over = api.patch("/v1/contacts/hoarder", {"attributes": {"two": 2}})
    large = api.patch(
        "/v1/contacts/hoarder", {"attributes": {f"a{i}": "가" * 1000 for i in range(20)}}
    )

    assert full.status == 200
    assert_problem(over, 422, "invalid_input", ("/attributes", "too_large"))
    assert_problem(large, 422, "invalid_input", ("/attributes", "too_large"))
    assert len(api.get("/v1/contacts/hoarder").body["attributes"]) == 100


def test_nobody_unknown_is_patched_or_read(api: Api) -> None:
    assert_problem(api.patch("/v1/contacts/nobody", {"locale": "ko"}), 404, "not_found")
    assert_problem(api.get("/v1/contacts/nobody"), 404, "not_found")
    assert_problem(api.get("/v1/contacts/nobody/consents"), 404, "not_found")


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("010-0000-0007", 7),
        ("01000000007", 7),
        ("+82 10 0000 0007", 7),
        ("82-10-0000-0007", 7),
        ("０１０－００００－０００７", 7),
        ("(010) 0000.0007", 7),
        ("1000000007", 7),
    ],
)
def test_a_number_is_the_same_however_it_is_written(api: Api, written: str, number: int) -> None:
    api.put("/v1/contacts/spelling", {"phone": written})

    assert api.get("/v1/contacts/spelling").body["phone"] == e164(number)


def test_a_contact_is_found_by_phone(api: Api) -> None:
    a_contact(api, "found", 8)

    plus = api.get("/v1/contacts?phone=%2B821000000008")
    local = api.get("/v1/contacts?phone=010-0000-0008")
    nobody = api.get("/v1/contacts?phone=010-0000-9999")

    assert [each["contact_id"] for each in plus.body["items"]] == ["found"]
    assert plus.body == local.body
    assert nobody.body == {"items": [], "next_cursor": None}


def test_a_number_belongs_to_one_contact(api: Api) -> None:
    a_contact(api, "owner", 9)
    a_contact(api, "other", None)

    put = api.put("/v1/contacts/thief", {"phone": phone(9)})
    patched = api.patch("/v1/contacts/other", {"phone": phone(9)})

    assert_problem(put, 409, "address_taken", sent=phone(9))
    assert_problem(patched, 409, "address_taken", sent=phone(9))
    assert api.get("/v1/contacts/thief").status == 404
    assert api.get("/v1/contacts/other").body["phone"] is None


def test_a_number_given_up_is_free_for_others(api: Api) -> None:
    a_contact(api, "mover", 10)

    api.patch("/v1/contacts/mover", {"phone": phone(11)})
    heir = api.put("/v1/contacts/heir", {"phone": phone(10)})

    assert heir.status == 201
    assert _owner_of(api, 10) == "heir"
    assert _owner_of(api, 11) == "mover"


def _owner_of(api: Api, number: int) -> str:
    (found,) = api.get(f"/v1/contacts?phone={phone(number)}").body["items"]
    return str(found["contact_id"])


def test_a_batch_tells_what_became_of_each(api: Api) -> None:
    a_contact(api, "b-known", 12)
    a_contact(api, "b-same", None)
    a_contact(api, "b-owner", 13)

    answer = api.post(
        "/v1/contacts/batch",
        {
            "contacts": [
                {"contact_id": "b-new", "phone": phone(14)},
                {"contact_id": "b-known", "phone": phone(12), "locale": "en"},
                {"contact_id": "b-same", "attributes": {"name": "김하늘"}},
                {"contact_id": "b-thief", "phone": phone(13)},
            ]
        },
    )

    assert answer.status == 200
    assert [(each["contact_id"], each["status"]) for each in answer.body["items"]] == [
        ("b-new", "created"),
        ("b-known", "updated"),
        ("b-same", "unchanged"),
        ("b-thief", "rejected"),
    ]
    assert answer.body["items"][3]["error"]["code"] == "address_taken"
    assert "error" not in answer.body["items"][0]


def test_a_batch_with_a_bad_contact_writes_none_and_names_all_faults(api: Api) -> None:
    answer = api.post(
        "/v1/contacts/batch",
        {
            "contacts": [
                {"contact_id": "c-good", "phone": phone(15)},
                {"contact_id": "c-landline", "phone": "02-123-4567"},
                {"contact_id": "c-zone", "zone": "Moon/Tranquility", "colour": "red"},
            ]
        },
    )

    assert answer.status == 422
    assert sorted(fields_of(answer)) == [
        ("/contacts/1/phone", "landline"),
        ("/contacts/2/colour", "unknown_field"),
        ("/contacts/2/zone", "unknown_zone"),
    ]
    assert api.get("/v1/contacts/c-good").status == 404


def test_a_batch_with_somebody_twice_writes_none(api: Api) -> None:
    twice = {"contact_id": "c-twice", "phone": phone(15)}

    answer = api.post("/v1/contacts/batch", {"contacts": [twice, twice]})

    assert answer.status == 422
    assert fields_of(answer) == [
        ("/contacts/1/contact_id", "duplicate"),
        ("/contacts/1/phone", "duplicate"),
    ]
    assert api.get("/v1/contacts/c-twice").status == 404


def test_a_batch_has_1_to_500_contacts(api: Api) -> None:
    # Nobody is written by any of these: 500 are counted, and then found to be one.
    most = api.post("/v1/contacts/batch", {"contacts": [{"contact_id": "one"}] * 500})
    over = api.post("/v1/contacts/batch", {"contacts": [{"contact_id": "one"}] * 501})
    none = api.post("/v1/contacts/batch", {"contacts": []})

    assert {code for _, code in fields_of(most)} == {"duplicate"}
    assert_problem(over, 422, "invalid_input", ("/contacts", "too_many"))
    assert_problem(none, 422, "invalid_input", ("/contacts", "too_few"))


def test_two_contacts_become_one(api: Api) -> None:
    a_contact(api, "stays", None, attributes={"name": "김하늘"})
    a_contact(api, "goes", 81, attributes={"name": "김", "city": "서울"}, groups=["VIP"])

    answer = api.post("/v1/contacts/stays/merge", {"from": "goes"})

    assert answer.status == 200, answer.text
    assert answer.body["phone"] == e164(81)
    assert answer.body["attributes"] == {"name": "김하늘", "city": "서울"}
    assert (answer.body["groups"], answer.body["left_out"]) == (
        ["VIP"],
        {"groups": [], "attributes": []},
    )
    gone = api.get("/v1/contacts/goes")
    assert (gone.status, gone.body["code"]) == (404, "contact_merged")
    assert gone.body["merged_into"] == "stays"
    again = api.post("/v1/contacts/stays/merge", {"from": "goes"})
    assert (again.status, again.body) == (200, answer.body)


@pytest.mark.parametrize(
    ("path", "other", "status", "code", "fields"),
    [
        ("twin", "twin", 422, "invalid_input", [("/from", "not_allowed")]),
        ("twin", "?", 422, "invalid_input", [("/from", "invalid_format")]),
        ("twin", "nobody", 404, "not_found", []),
        ("nobody", "twin", 404, "not_found", []),
    ],
)
def test_nobody_is_merged_who_cannot_be(
    api: Api, path: str, other: str, status: int, code: str, fields: list[tuple[str, str]]
) -> None:
    api.put("/v1/contacts/twin", {})

    answer = api.post(f"/v1/contacts/{path}/merge", {"from": other})

    assert_problem(answer, status, code, *fields)
