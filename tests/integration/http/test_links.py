"""Tracked links through the API: found in the text, given rules, led elsewhere after sending."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from functions.runtime.settings import forget_settings
from functions.storage.templates import TemplateStore
from functions.templates import wiring
from tests.integration.api import Answer, Api
from tests.integration.http.problems import assert_problem
from tests.integration.http.shop import (
    KAKAO_TEMPLATE,
    a_campaign,
    a_customer,
    a_sender,
    a_template,
    an_ad,
)

SHOP, BLOG = "https://shop.example.com/sale?a=1#top", "https://blog.example.com/할인"
_SMS = {
    "name": "알림",
    "channel": "sms",
    "purpose": "transactional",
    "body": f'{{{{ "{SHOP}" | track }}}} {{{{ "{BLOG}" | track }}}}',
}
_PLAIN: dict[str, Any] = {"ios": None, "android": None, "until": None, "history": []}


def _put(api: Api, template_id: str, place: object, to: object, *, version: object = 1) -> Answer:
    return api.put(f"/v1/templates/{template_id}/versions/{version}/links/{place}", to)


def _destinations(api: Api, template_id: str) -> list[dict[str, Any]]:
    answer = api.get(f"/v1/templates/{template_id}").body
    found: list[dict[str, Any]] = answer["versions"][0]["destinations"]
    return found


def test_links_lead_to_their_own_address_unless_a_rule_says_otherwise(api: Api) -> None:
    rule = {"url": BLOG, "ios": "myapp://sale", "until": "2026-12-24T18:00:00+09:00"}
    utm = {"source": "sms", "campaign": "{campaign}"}

    made = api.post("/v1/templates", _SMS | {"links": [rule], "utm": utm})

    assert made.status == 201, made.text
    assert made.body["links"] == [SHOP, BLOG]
    assert made.body["destinations"] == [
        _PLAIN | {"url": SHOP},
        _PLAIN | {"url": BLOG, "ios": "myapp://sale", "until": "2026-12-24T09:00:00+00:00"},
    ]
    assert made.body["utm"] == utm
    read = api.get(f"/v1/templates/{made.body['template_id']}").body["versions"]
    assert read == [made.body]


def test_bare_addresses_are_tracked_when_that_is_asked_for(api: Api) -> None:
    facts = {"body": f"{{{{ contact.name }}}}님 {SHOP}. 끝", "subject": f"({BLOG})"}

    all_ = api.post("/v1/templates", _SMS | facts | {"track": "all"}).body
    marked = api.post("/v1/templates", _SMS | facts).body

    assert all_["body"] == f'{{{{ contact.name }}}}님 {{{{ "{SHOP}" | track }}}}. 끝'
    assert all_["subject"] == f'({{{{ "{BLOG}" | track }}}})'
    assert all_["links"] == [SHOP, BLOG]
    assert (marked["body"], marked["links"]) == (facts["body"], [])


def test_bare_addresses_of_an_alimtalk_are_those_of_its_expressions(api: Api) -> None:
    alimtalk = {
        "name": "알림",
        "channel": "kakao",
        "purpose": "transactional",
        "body": f"#{{링크}} {BLOG}",
        "provider_template_id": KAKAO_TEMPLATE,
        "variables": {"링크": SHOP},
        "track": "all",
    }

    made = api.post("/v1/templates", alimtalk).body

    assert made["body"] == alimtalk["body"]
    assert made["variables"] == {"링크": f'{{{{ "{SHOP}" | track }}}}'}
    assert made["links"] == [SHOP]


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"track": "some"}, "/track", "not_allowed"),
        ({"links": [{"url": SHOP + "x"}]}, "/links/0/url", "not_tracked"),
        ({"links": [{"url": SHOP}, {"url": SHOP}]}, "/links/1/url", "duplicate"),
        ({"links": [{"url": SHOP, "ios": "javascript:x"}]}, "/links/0/ios", "unsafe_scheme"),
        ({"links": [{"url": SHOP, "ios": "java\tscript:x"}]}, "/links/0/ios", "invalid_link"),
        ({"links": [{"url": SHOP, "android": "x"}]}, "/links/0/android", "invalid_link"),
        ({"links": [{"url": SHOP, "until": 1_800_000_000}]}, "/links/0/until", "wrong_type"),
        ({"links": [{"url": SHOP, "web": "x"}]}, "/links/0/web", "unknown_field"),
        ({"links": [{"url": SHOP, "ios": "a:" + "x" * 2_000}]}, "/links/0/ios", "too_long"),
        ({"links": [{"url": SHOP}] * 9}, "/links", "too_many"),
        ({"utm": {"source": "a\nb"}}, "/utm/source", "invalid_format"),
        ({"utm": {"source": "a" * 101}}, "/utm/source", "too_long"),
        ({"utm": {"id": "a"}}, "/utm/id", "unknown_field"),
        ({"body": '{{ "https://u@a.example" | track }}'}, "/body", "invalid_link"),
        (
            {"track": "all", "body": " ".join(f"https://{n}.example.com" for n in range(9))},
            "/body",
            "too_many_links",
        ),
    ],
)
def test_refuses_links_that_cannot_be(
    api: Api, changes: dict[str, object], pointer: str, code: str
) -> None:
    assert_problem(api.post("/v1/templates", _SMS | changes), 422, "invalid_input", (pointer, code))


def test_a_link_is_led_elsewhere_and_what_was_is_told(api: Api) -> None:
    template_id = a_template(api, body=_SMS["body"])
    first = {"url": "https://new.example.com/", "ios": None, "android": "app://7", "until": None}
    second = {"url": BLOG, "ios": None, "android": None, "until": "2027-01-01T00:00:00+00:00"}

    answer = _put(api, template_id, 1, first)
    again = _put(api, template_id, 1, first)
    last = _put(api, template_id, 1, second)

    assert [each.status for each in (answer, again, last)] == [200, 200, 200]
    assert (last.body["body"], last.body["links"]) == (_SMS["body"], [SHOP, BLOG])
    assert last.body["status"] == "approved"
    one, other = _destinations(api, template_id)
    assert one == _PLAIN | {"url": SHOP}
    history = other.pop("history")
    assert other == second
    assert [each.pop("changed") for each in history] == sorted(
        each["changed"] for each in _destinations(api, template_id)[1]["history"]
    )
    assert history == [
        {"url": BLOG, "ios": None, "android": None, "until": None, "changed_by": "key_admin"},
        first | {"changed_by": "key_admin"},
    ]


def test_who_approves_templates_leads_their_links(api: Api, make_api: Callable[..., Api]) -> None:
    template_id = a_template(api, body=_SMS["body"])

    answer = _put(make_api("campaigns"), template_id, 0, {"url": BLOG})

    assert_problem(answer, 403, "forbidden")
    assert _destinations(api, template_id)[0]["url"] == SHOP


@pytest.mark.parametrize(
    ("place", "version"), [(2, 1), (-1, 1), ("x", 1), (0, 2), (0, "x"), (0, 0), ("0" * 20, 1)]
)
def test_a_link_that_is_not_there_is_not_found(api: Api, place: object, version: object) -> None:
    template_id = a_template(api, body=_SMS["body"])

    assert_problem(_put(api, template_id, place, {"url": BLOG}, version=version), 404, "not_found")
    assert_problem(_put(api, "tpl_none", 0, {"url": BLOG}), 404, "not_found")


@pytest.mark.parametrize(
    ("to", "pointer", "code"),
    [
        ({}, "/url", "missing"),
        ({"url": "myapp://x"}, "/url", "invalid_link"),
        ({"url": "https:evil.example"}, "/url", "invalid_link"),
        ({"url": SHOP, "ios": "DATA:text/html,x"}, "/ios", "unsafe_scheme"),
        ({"url": SHOP, "until": 1}, "/until", "wrong_type"),
    ],
)
def test_a_link_is_not_led_where_it_may_not_go(
    api: Api, to: dict[str, object], pointer: str, code: str
) -> None:
    template_id = a_template(api, body=_SMS["body"])

    assert_problem(_put(api, template_id, 0, to), 422, "invalid_input", (pointer, code))
    assert _destinations(api, template_id)[0] == _PLAIN | {"url": SHOP}


@pytest.fixture
def own_hosts() -> Iterator[None]:
    """An operator who lets links lead to two hosts only."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("LINK_HOSTS", "shop.example.com, Example.org")
        _forget()
        yield
    _forget()


def _forget() -> None:
    forget_settings()
    wiring.deps.cache_clear()
    wiring.linking_deps.cache_clear()


@pytest.mark.usefixtures("own_hosts")
def test_links_lead_to_the_hosts_of_the_operator_only(api: Api) -> None:
    body = f'{{{{ "{SHOP}" | track }}}} https://bare.example.net'
    template_id = a_template(api, body=body)

    written = api.post("/v1/templates", _SMS)
    all_ = api.post("/v1/templates", _SMS | {"body": body, "track": "all"})
    rule = {"url": SHOP, "ios": "https://shop.example.com.evil.example/"}
    ruled = api.post("/v1/templates", _SMS | {"body": body, "links": [rule]})
    led = _put(api, template_id, 0, {"url": "https://evilshop.example.com/"})

    for answer, pointer in (
        (written, "/body"),
        (all_, "/body"),
        (ruled, "/links/0/ios"),
        (led, "/url"),
    ):
        assert_problem(answer, 422, "invalid_input", (pointer, "host_not_allowed"))
    assert (
        _put(api, template_id, 0, {"url": "https://m.example.org/", "ios": "a://b"}).status == 200
    )


def test_of_two_changes_at_once_one_is_told_to_try_again(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    template_id = a_template(api, body=_SMS["body"])
    read = TemplateStore.get

    def slow_get(self: TemplateStore, *key: Any) -> Any:
        found = read(self, *key)
        monkeypatch.setattr(TemplateStore, "get", read)
        assert _put(api, template_id, 1, {"url": "https://other.example"}).status == 200
        return found

    monkeypatch.setattr(TemplateStore, "get", slow_get)
    answer = _put(api, template_id, 0, {"url": "https://mine.example"})

    assert_problem(answer, 409, "busy")
    assert [each["url"] for each in _destinations(api, template_id)] == [
        SHOP,
        "https://other.example",
    ]


def test_what_was_approved_and_what_is_sent_stay_when_a_link_is_led_elsewhere(api: Api) -> None:
    a_customer(api, "link-1", 401)
    template_id = an_ad(api, body=_SMS["body"])
    campaign_id = a_campaign(api, template_id, a_sender(api))
    assert _put(api, template_id, 0, {"url": "https://late.example.com"}).status == 200

    preview = api.post(
        f"/v1/templates/{template_id}/preview", {"version": 1, "sender_id": a_sender(api)}
    )

    assert preview.status == 200, preview.text
    assert preview.body["text"].count("https://go.example.com/00000000000") == 2
    assert api.get(f"/v1/campaigns/{campaign_id}").body["template_version"] == 1
