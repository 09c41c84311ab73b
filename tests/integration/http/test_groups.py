"""Groups through the API: people are in them by name; a group needs not be made first."""

from urllib.parse import quote

from tests.integration.api import Api
from tests.integration.http.problems import assert_problem
from tests.integration.http.shop import a_contact


def test_a_contact_is_put_into_a_group_and_taken_out(api: Api) -> None:
    a_contact(api, "member", None, groups=["VIP"])
    path = f"/v1/groups/{quote('서울 고객')}/members/member"

    joined = api.call("PUT", path)
    groups = api.get("/v1/contacts/member").body["groups"]
    left = api.delete(path)

    assert (joined.status, joined.text) == (204, "")
    assert groups == ["VIP", "서울 고객"]
    assert left.status == 204
    assert api.get("/v1/contacts/member").body["groups"] == ["VIP"]


def test_joining_and_leaving_twice_is_harmless(api: Api) -> None:
    a_contact(api, "again", None)

    statuses = [
        api.call(method, "/v1/groups/VIP/members/again").status
        for method in ("PUT", "PUT", "DELETE", "DELETE")
    ]

    assert statuses == [204, 204, 204, 204]
    assert api.get("/v1/contacts/again").body["groups"] == []


def test_nobody_unknown_joins_or_leaves(api: Api) -> None:
    joined = api.call("PUT", "/v1/groups/VIP/members/nobody")
    left = api.delete("/v1/groups/VIP/members/nobody")

    assert_problem(joined, 404, "not_found")
    assert_problem(left, 404, "not_found")
    assert api.get("/v1/contacts/nobody").status == 404


def test_many_join_at_once_and_the_unknown_are_named(api: Api) -> None:
    a_contact(api, "g1", None)
    a_contact(api, "g2", None)

    answer = api.post("/v1/groups/VIP/members", {"contact_ids": ["g1", "g2", "ghost", "g1"]})

    assert answer.body == {"added": 2, "unknown": ["ghost"], "full": []}
    assert api.get("/v1/contacts/g1").body["groups"] == ["VIP"]


def test_many_leave_at_once_and_the_unknown_are_named(api: Api) -> None:
    a_contact(api, "l1", None, groups=["VIP", "shop"])
    a_contact(api, "l2", None, groups=["VIP"])
    body = {"contact_ids": ["l1", "l2", "ghost"]}

    answers = [api.post("/v1/groups/VIP/members/remove", body).body for _ in range(2)]

    assert answers == [{"removed": 2, "unknown": ["ghost"]}] * 2
    assert api.get("/v1/contacts/l1").body["groups"] == ["shop"]
    assert api.get("/v1/contacts/l2").body["groups"] == []


def test_the_fifty_first_group_is_refused(api: Api) -> None:
    a_contact(api, "full", None, groups=[f"g{number}" for number in range(50)])

    one = api.call("PUT", "/v1/groups/VIP/members/full")
    many = api.post("/v1/groups/VIP/members", {"contact_ids": ["full"]})

    assert_problem(one, 409, "too_many_groups")
    assert many.body == {"added": 0, "unknown": [], "full": ["full"]}


def test_a_group_name_has_no_slash_or_control_character(api: Api) -> None:
    a_contact(api, "g3", None)

    for name in ("%2F", "a%00b", "a%0Ab", "%7F", "x" * 101):
        answer = api.call("PUT", f"/v1/groups/{name}/members/g3")
        assert_problem(answer, 422, "invalid_input", ("/path/name", "invalid_format"))
    assert api.get("/v1/contacts/g3").body["groups"] == []
