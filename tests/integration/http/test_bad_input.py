"""Bad requests, one by one: each has the right status and code, and leaves nothing behind."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import pytest

from tests.integration.account import Account
from tests.integration.api import Answer, Api
from tests.integration.http.problems import assert_problem, everything_in
from tests.integration.http.shop import (
    Json,
    a_contact,
    a_kakao_sender,
    a_sender,
    a_template,
    message,
    phone,
)

Fields = tuple[tuple[str, str], ...]


@pytest.fixture(scope="module")
def ids(api: Api) -> Mapping[str, str]:
    """What the requests of this module refer to."""
    a_contact(api, "c1", 1)
    a_contact(api, "c2", None)
    return {
        "sender": a_sender(api),
        "kakao sender": a_kakao_sender(api),
        "no opt-out": a_sender(api, opt_out_number=None),
        "notice": a_template(api),
        "named": a_template(api, body="{{ contact.name }}님 {{ order }}"),
        "ad": a_template(api, purpose="advertising", body="{{ text }}"),
        "draft": a_template(api, approved=False),
    }


@pytest.fixture(scope="module")
def before(account: Account, ids: Mapping[str, str], callers: Mapping[str, Api]) -> Any:
    """What the account holds while only bad requests come."""
    return everything_in(account)


@pytest.fixture(autouse=True)
def nothing_is_left_behind(account: Account, before: Any) -> Iterator[None]:
    """No row, object or queue message is added, changed or removed by a refused request."""
    yield
    assert everything_in(account) == before


class Case(NamedTuple):
    """A request, and what is to be said of it."""

    name: str
    method: str
    path: str
    body: object
    code: str
    fields: Fields = ()
    status: int = 422


_CONSENT = {"channel": "sms", "purpose": "advertising", "action": "grant", "source": "form"}
_BATCH = "/v1/contacts/batch"
_C1 = "/v1/contacts/c1"
_CONSENTS = "/v1/contacts/c1/consents"


def _bad_contact(name: str, body: object, *fields: tuple[str, str]) -> Case:
    return Case(name, "PUT", _C1, body, "invalid_input", fields)


_CASES = [
    # ---- shapes
    _bad_contact("an unknown field", {"fone": "비밀번호"}, ("/fone", "unknown_field")),
    _bad_contact("null for an object", None, ("", "wrong_type")),
    _bad_contact("an array for an object", [], ("", "wrong_type")),
    _bad_contact("a number for a text", {"phone": 1012345678}, ("/phone", "wrong_type")),
    _bad_contact("a text for an array", {"groups": "VIP"}, ("/groups", "wrong_type")),
    _bad_contact(
        "an array for an object inside", {"attributes": []}, ("/attributes", "wrong_type")
    ),
    _bad_contact(
        "null for an attribute", {"attributes": {"name": None}}, ("/attributes/name", "wrong_type")
    ),
    _bad_contact(
        "an object for an attribute",
        {"attributes": {"name": {"first": "하늘"}}},
        ("/attributes/name", "wrong_type"),
    ),
    _bad_contact(
        "several at once",
        {"phone": "", "email": "x", "locale": "Korean", "groups": [1, ""], "nope": 1},
        ("/phone", "too_short"),
        ("/email", "invalid_format"),
        ("/groups/0", "wrong_type"),
        ("/groups/1", "too_short"),
        ("/locale", "invalid_format"),
        ("/nope", "unknown_field"),
    ),
    Case(
        "fields left out",
        "POST",
        _CONSENTS,
        {},
        "invalid_input",
        (
            ("/channel", "missing"),
            ("/purpose", "missing"),
            ("/action", "missing"),
            ("/source", "missing"),
        ),
    ),
    Case(
        "a field left out inside",
        "POST",
        _BATCH,
        {"contacts": [{}, {"contact_id": "c3"}, 3]},
        "invalid_input",
        (("/contacts/0/contact_id", "missing"), ("/contacts/2", "wrong_type")),
    ),
    Case(
        "a truth value for a number",
        "POST",
        "/v1/templates/tpl_1/submit",
        {"version": True},
        "invalid_input",
        (("/version", "wrong_type"),),
    ),
    Case(
        "a text for a number",
        "POST",
        "/v1/templates/tpl_1/submit",
        {"version": "1"},
        "invalid_input",
        (("/version", "wrong_type"),),
    ),
    Case(
        "a fraction for a whole number",
        "POST",
        "/v1/templates/tpl_1/submit",
        {"version": 1.5},
        "invalid_input",
        (("/version", "wrong_type"),),
    ),
    Case(
        "a number below the least",
        "POST",
        "/v1/templates/tpl_1/submit",
        {"version": 0},
        "invalid_input",
        (("/version", "out_of_range"),),
    ),
    # ---- texts
    _bad_contact("an empty text", {"phone": ""}, ("/phone", "too_short")),
    _bad_contact("a long text", {"phone": "0" * 41}, ("/phone", "too_long")),
    _bad_contact(
        "a long attribute", {"attributes": {"name": "가" * 1_001}}, ("/attributes/name", "too_long")
    ),
    _bad_contact(
        "many long attributes",
        {"attributes": {f"a{i}": "가" * 1_000 for i in range(20)}},
        ("/attributes", "too_large"),
    ),
    _bad_contact(
        "too many attributes",
        {"attributes": {f"a{i}": 1 for i in range(101)}},
        ("/attributes", "too_many"),
    ),
    _bad_contact(
        "too many groups", {"groups": [str(i) for i in range(51)]}, ("/groups", "too_many")
    ),
    _bad_contact("a NUL", {"groups": ["VIP\x00"]}, ("/groups/0", "invalid_format")),
    _bad_contact("a control character", {"groups": ["\x85"]}, ("/groups/0", "invalid_characters")),
    _bad_contact(
        "a NUL in an attribute",
        {"attributes": {"name": "a\x00b"}},
        ("/attributes/name", "invalid_characters"),
    ),
    _bad_contact(
        "a NUL in an e-mail", {"email": "a\x00@example.com"}, ("/email", "invalid_format")
    ),
    _bad_contact(
        "a name that templates cannot use",
        {"attributes": {"my name": "x"}},
        ("/attributes/my name", "invalid_format"),
    ),
    _bad_contact(
        "a name with a slash",
        {"attributes": {"a/b~c": 1}},
        ("/attributes/a~1b~0c", "invalid_format"),
    ),
    Case(
        "a NUL in a patched attribute",
        "PATCH",
        _C1,
        {"attributes": {"name": "a\x00b", "no name": 1}},
        "invalid_input",
        (("/attributes/name", "invalid_characters"), ("/attributes/no name", "invalid_format")),
    ),
    Case(
        "a NUL in evidence",
        "POST",
        _CONSENTS,
        _CONSENT | {"source": "form\x00", "text_version": "v1\x1b"},
        "invalid_input",
        (("/source", "invalid_characters"), ("/text_version", "invalid_characters")),
    ),
    Case(
        "several lines where one belongs",
        "POST",
        _CONSENTS,
        _CONSENT | {"source": "form\nform"},
        "invalid_input",
        (("/source", "invalid_format"),),
    ),
    # ---- values
    _bad_contact("a word that is no number", {"phone": "전화"}, ("/phone", "not_a_number")),
    _bad_contact("a landline", {"phone": "02-123-4567"}, ("/phone", "landline")),
    _bad_contact("a switchboard", {"phone": "1588-0000"}, ("/phone", "landline")),
    _bad_contact("a pager", {"phone": "012-3456-7890"}, ("/phone", "landline")),
    _bad_contact("a number too short", {"phone": "010-0000-000"}, ("/phone", "invalid_number")),
    _bad_contact("no e-mail", {"email": "sky@example"}, ("/email", "invalid_format")),
    _bad_contact("an unknown zone", {"zone": "Asia/Atlantis"}, ("/zone", "unknown_zone")),
    _bad_contact("a path as zone", {"zone": "../../etc/passwd"}, ("/zone", "unknown_zone")),
    _bad_contact("a NUL as zone", {"zone": "\x00"}, ("/zone", "unknown_zone")),
    _bad_contact("a locale of another form", {"locale": "ko_KR"}, ("/locale", "invalid_format")),
    Case(
        "a choice that there is not",
        "POST",
        _CONSENTS,
        _CONSENT | {"channel": "fax", "action": "maybe"},
        "invalid_input",
        (("/channel", "not_allowed"), ("/action", "not_allowed")),
    ),
    Case(
        "a moment as a number",
        "POST",
        _CONSENTS,
        _CONSENT | {"at": 1_700_000_000},
        "invalid_input",
        (("/at", "wrong_type"),),
    ),
    Case(
        "a moment as a number in a text",
        "POST",
        _CONSENTS,
        _CONSENT | {"at": "1700000000"},
        "invalid_input",
        (("/at", "wrong_type"),),
    ),
    Case(
        "a moment without zone",
        "POST",
        _CONSENTS,
        _CONSENT | {"at": "2026-11-22T09:00:00"},
        "invalid_input",
        (("/at", "invalid_format"),),
    ),
    Case(
        "a moment before time began",
        "POST",
        _CONSENTS,
        _CONSENT | {"at": "0001-01-01T00:00:00+09:00"},
        "invalid_input",
        (("/at", "out_of_range"),),
    ),
    Case(
        "a suppression of no number",
        "POST",
        "/v1/suppressions",
        {"phone": "비밀", "source": "x", "reason": "because"},
        "invalid_input",
        (("/phone", "not_a_number"), ("/reason", "not_allowed")),
    ),
    Case(
        "a group without members",
        "POST",
        "/v1/groups/VIP/members",
        {"contact_ids": []},
        "invalid_input",
        (("/contact_ids", "too_few"),),
    ),
    Case(
        "a group with too many",
        "POST",
        "/v1/groups/VIP/members",
        {"contact_ids": ["c1"] * 501},
        "invalid_input",
        (("/contact_ids", "too_many"),),
    ),
    Case(
        "ids that none can be",
        "POST",
        "/v1/groups/VIP/members",
        {"contact_ids": ["", "a b", "-a", "가", "a" * 65, "a\n"]},
        "invalid_input",
        tuple((f"/contact_ids/{i}", "invalid_format") for i in range(6)),
    ),
]


@pytest.mark.parametrize("case", _CASES, ids=lambda case: case.name)
def test_refuses(api: Api, case: Case) -> None:
    raw = json.dumps(case.body, ensure_ascii=False)

    answer = api.call(case.method, case.path, raw.encode())

    assert_problem(answer, case.status, case.code, *case.fields, sent=raw)


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"{", id="cut off"),
        pytest.param(b"{'phone': 'x'}", id="Python"),
        pytest.param(b"phone=010", id="a form"),
        pytest.param(b"\xff\xfe{\x00}\x00", id="UTF-16"),
        pytest.param(b'{"email": "\xb1\xe8@example.com"}', id="CP949"),
        pytest.param(b'\xef\xbb\xbf{"locale": "ko"}', id="a byte order mark"),
        pytest.param(b'{"locale": "\\ud800"}', id="a lone surrogate"),
        pytest.param(b'{"locale": "\\udc00\\ud800"}', id="surrogates the wrong way round"),
        pytest.param(b'{"attributes": {"a": ' + b"9" * 5_000 + b"}}", id="an endless number"),
        pytest.param(b'{"attributes": ' + b"[" * 100_000, id="an endless array"),
        pytest.param(b'{"locale": "ko"} {"locale": "ko"}', id="two documents"),
        pytest.param(b'{"locale": "k\x00o"}', id="a raw NUL"),
    ],
)
def test_refuses_what_is_not_json(api: Api, raw: bytes) -> None:
    answer = api.call("PUT", _C1, raw)

    assert_problem(answer, 400, "malformed_body")


@pytest.mark.parametrize("raw", [b"NaN", b"Infinity", b"-Infinity", b"1e999"])
def test_refuses_numbers_that_are_none(api: Api, raw: bytes) -> None:
    answer = api.call("PUT", _C1, b'{"attributes": {"points": ' + raw + b"}}")

    assert_problem(answer, 422, "invalid_input", ("/attributes/points", "out_of_range"))


@pytest.mark.parametrize("number", [1 << 63, -(1 << 63) - 1, 10**400])
def test_refuses_a_whole_number_of_more_than_64_bits(api: Api, number: int) -> None:
    answer = api.put(_C1, {"attributes": {"points": number}})

    assert_problem(answer, 422, "invalid_input", ("/attributes/points", "out_of_range"))


def test_refuses_an_empty_body(api: Api) -> None:
    assert_problem(api.call("PUT", _C1, b""), 422, "invalid_input", ("", "wrong_type"))


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/xml", "application/x-www-form-urlencoded", "json", "*/*"],
)
def test_refuses_another_content_type(api: Api, content_type: str) -> None:
    answer = api.call("PUT", _C1, b"{}", Content_Type=content_type)

    assert_problem(answer, 415, "unsupported_media_type")


@pytest.mark.parametrize("size", [5_000_001, 5_900_000])
def test_refuses_a_body_of_more_than_5_mb(api: Api, size: int) -> None:
    answer = api.call("PUT", _C1, b'{"email": "' + b"x" * (size - 13) + b'"}')

    assert_problem(answer, 413, "payload_too_large")


def test_reads_a_body_of_5_mb(api: Api) -> None:
    answer = api.call("PUT", _C1, b'{"email": "' + b"x" * (5_000_000 - 13) + b'"}')

    assert_problem(answer, 422, "invalid_input", ("/email", "too_long"))


_SCOPE_BY_CALL = [
    ("PUT", "/v1/contacts/c9", "contacts"),
    ("PATCH", _C1, "contacts"),
    ("GET", _C1, "read"),
    ("POST", _BATCH, "contacts"),
    ("POST", _CONSENTS, "contacts"),
    ("GET", _CONSENTS, "read"),
    ("POST", "/v1/suppressions", "contacts"),
    ("PUT", "/v1/groups/VIP/members/c1", "contacts"),
    ("DELETE", "/v1/groups/VIP/members/c1", "contacts"),
    ("POST", "/v1/groups/VIP/members", "contacts"),
    ("POST", "/v1/senders", "campaigns"),
    ("POST", "/v1/templates", "campaigns"),
    ("POST", "/v1/images", "campaigns"),
    ("POST", "/v1/messages", "send"),
    ("POST", "/v1/messages/m-1-00/cancel", "send"),
    ("GET", "/v1/messages/m-1-00", "read"),
    ("POST", "/v1/campaigns", "campaigns"),
    ("POST", "/v1/campaigns/cmp_1/launch", "campaigns"),
    ("POST", "/v1/imports", "contacts"),
    ("GET", "/v1/imports/imp_1", "contacts"),
    ("POST", "/v1/senders/snd_1/review", "admin"),
    ("POST", "/v1/senders/snd_1/proof", "campaigns"),
    ("GET", "/v1/senders/snd_1/proof", "admin"),
    ("POST", "/v1/templates/tpl_1/approve", "admin"),
    ("DELETE", "/v1/suppressions/aa", "admin"),
    ("GET", "/v1/webhooks/incoming", "admin"),
]


@pytest.fixture(scope="module")
def callers(make_api: Callable[..., Api]) -> Mapping[str, Api]:
    """For each scope a caller who has every other one."""
    scopes = {"send", "contacts", "campaigns", "read"}
    by_scope = {scope: make_api(*sorted(scopes - {scope})) for scope in scopes}
    return by_scope | {"admin": make_api(*sorted(scopes))}


@pytest.mark.parametrize(("method", "path", "scope"), _SCOPE_BY_CALL)
def test_refuses_a_key_without_the_scope(
    callers: Mapping[str, Api], method: str, path: str, scope: str
) -> None:
    answer = callers[scope].call(method, path, b"not even JSON")

    assert_problem(answer, 403, "forbidden")


@pytest.mark.parametrize(("method", "path", "scope"), _SCOPE_BY_CALL)
def test_refuses_a_caller_without_a_key(api: Api, method: str, path: str, scope: str) -> None:
    answer = api.call(method, path, b"not even JSON", Authorization="")

    assert_problem(answer, 401, "unauthenticated")


_ODD_IDS = [
    pytest.param("%00", id="NUL"),
    pytest.param("%0D%0AX-Evil:1", id="a header"),
    pytest.param("..", id="dots"),
    pytest.param("%2e%2e%2fc1", id="a path"),
    pytest.param("%ED%95%98%EB%8A%98", id="Korean"),
    pytest.param("%F0%9F%8E%81", id="an emoji"),
    pytest.param("%FF%FE", id="no UTF-8"),
    pytest.param("%25%7B%7D", id="percent and braces"),
    pytest.param("'; DROP TABLE contacts; --", id="SQL"),
    pytest.param("c" * 65, id="longer than an id"),
    pytest.param("c" * 3_000, id="longer than a key of DynamoDB"),
]


@pytest.mark.parametrize("odd", _ODD_IDS)
def test_finds_nothing_under_an_odd_id(api: Api, odd: str) -> None:
    answers = [
        api.get(f"/v1/contacts/{odd}"),
        api.patch(f"/v1/contacts/{odd}", {"locale": "ko"}),
        api.get(f"/v1/contacts/{odd}/consents"),
        api.post(f"/v1/contacts/{odd}/consents", _CONSENT),
        api.call("PUT", f"/v1/groups/VIP/members/{odd}"),
        api.delete(f"/v1/groups/VIP/members/{odd}"),
        api.delete(f"/v1/suppressions/{odd}"),
        api.get(f"/v1/senders/{odd}"),
        api.post(f"/v1/senders/{odd}/review", {"status": "approved"}),
        api.post(f"/v1/senders/{odd}/proof", {"kind": "identity_check"}),
        api.get(f"/v1/senders/{odd}/proof"),
        api.get(f"/v1/templates/{odd}"),
        api.post(f"/v1/templates/{odd}/submit", {"version": 1}),
        api.get(f"/v1/messages/{odd}"),
        api.post(f"/v1/messages/{odd}/cancel", {}),
        api.get(f"/v1/campaigns/{odd}"),
        api.get(f"/v1/campaigns/{odd}/report"),
        api.post(f"/v1/campaigns/{odd}/launch", {}),
        api.get(f"/v1/imports/{odd}"),
        api.delete(f"/v1/keys/{odd}"),
        api.call("POST", f"/hooks/{odd}/{odd}", b"[]"),
    ]

    for answer in answers:
        assert_problem(answer, 404, "not_found")


def test_does_not_ask_the_store_for_longer_keys_than_it_can_have(api: Api) -> None:
    # DynamoDB would refuse the request itself, which the emulation in memory does not.
    answer = api.get("/v1/contacts/" + "c" * 2_049)

    assert answer.body["detail"] == "There is nothing at this path."


@pytest.mark.parametrize("odd", _ODD_IDS)
def test_makes_nobody_with_an_odd_id(api: Api, odd: str) -> None:
    answer = api.put(f"/v1/contacts/{odd}", {})

    assert answer.body["code"] in ("invalid_input", "not_found")
    assert answer.status in (404, 422)


_VERY_LONG = {"text": "가" * 1_000}


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        pytest.param({"to": []}, (("/to", "too_few"),), id="nobody"),
        pytest.param(
            {"to": [{"phone": phone(i)} for i in range(1_001)]},
            (("/to", "too_many"),),
            id="1,001 recipients",
        ),
        pytest.param({"to": [{}]}, (("/to/0", "one_of"),), id="a recipient without address"),
        pytest.param(
            {"to": [{"contact_id": "c1", "phone": phone(2)}]},
            (("/to/0", "one_of"),),
            id="a recipient with two",
        ),
        pytest.param(
            {"to": [{"phone": phone(2)}, {"phone": "01000000002"}]},
            (("/to/1", "duplicate"),),
            id="a number twice",
        ),
        pytest.param(
            {"to": [{"contact_id": "c1"}, {"contact_id": "c1"}]},
            (("/to/1", "duplicate"),),
            id="a contact twice",
        ),
        pytest.param(
            {"to": [{"contact_id": "c2"}, {"contact_id": "c2"}]},
            (("/to/1", "duplicate"),),
            id="a contact without number twice",
        ),
        pytest.param(
            {"to": [{"contact_id": "c1"}, {"phone": phone(1)}]},
            (("/to/1", "duplicate"),),
            id="a contact, and again by number",
        ),
        pytest.param(
            {"to": [{"contact_id": "nobody"}, {"contact_id": "c1"}]},
            (("/to/0/contact_id", "not_found"),),
            id="an unknown contact",
        ),
        pytest.param(
            {
                "to": [
                    {"phone": "02-123-4567"},
                    {"phone": "+1 202-555-0123"},
                    {"phone": "x"},
                    {"phone": "010-0000-000"},
                ]
            },
            (
                ("/to/0/phone", "landline"),
                ("/to/1/phone", "foreign_number"),
                ("/to/2/phone", "not_a_number"),
                ("/to/3/phone", "invalid_number"),
            ),
            id="numbers that take no text here",
        ),
        pytest.param(
            {"to": [{"phone": phone(2), "variables": {"a": "\x00"}}]},
            (("/to/0/variables/a", "invalid_characters"),),
            id="a NUL in a variable",
        ),
        pytest.param(
            {"template_id": "tpl_none", "sender_id": "snd_none"},
            (("/template_id", "not_found"), ("/sender_id", "not_found")),
            id="unknown template and unregistered sender",
        ),
        pytest.param(
            {"template_version": 2}, (("/template_id", "not_found"),), id="no such version"
        ),
        pytest.param(
            {"template_id": "{draft}"},
            (("/template_id", "not_approved"),),
            id="an unapproved template",
        ),
        pytest.param(
            {"sender_id": "{kakao sender}"},
            (("/sender_id", "wrong_channel"),),
            id="a sender of another channel",
        ),
        pytest.param(
            {"template_id": "{ad}", "sender_id": "{no opt-out}"},
            (("/sender_id", "no_opt_out_number"),),
            id="an advertisement that cannot be refused",
        ),
        pytest.param(
            {"template_id": "{named}", "to": [{"phone": phone(2)}]},
            (("/to/0/variables", "unrenderable"),),
            id="a variable missing",
        ),
        pytest.param(
            {
                "template_id": "{ad}",
                "to": [{"contact_id": "c1", "variables": {"text": "[광고] x"}}],
            },
            (("/to/0/variables", "ad_label"),),
            id="an imitated label in a variable",
        ),
        pytest.param(
            {"template_id": "{ad}", "to": [{"contact_id": "c1", "variables": _VERY_LONG}]},
            (("/to/0/variables", "too_long"),),
            id="more than 2,000 bytes",
        ),
        pytest.param(
            {"template_id": "{ad}", "variables": {"text": "🎁"}},
            (("/to/0/variables", "unsendable_text"),),
            id="a character that carriers refuse",
        ),
        pytest.param(
            {"send_at": "2026-11-22"}, (("/send_at", "invalid_format"),), id="a day for a moment"
        ),
        pytest.param(
            {"send_at": "2099-01-01T00:00:00Z"}, (("/send_at", "out_of_range"),), id="years ahead"
        ),
        pytest.param(
            {"send_at": "9999-12-31T23:59:59Z"},
            (("/send_at", "out_of_range"),),
            id="the end of time",
        ),
    ],
)
def test_refuses_to_send(api: Api, ids: Mapping[str, str], changes: Json, fields: Fields) -> None:
    body = message(ids["notice"], ids["sender"], {"contact_id": "c1"}) | changes
    for name in ("template_id", "sender_id"):
        body[name] = ids.get(body[name].strip("{}"), body[name])

    answer = api.post("/v1/messages", body)

    assert_problem(answer, 422, "invalid_input", *fields, sent=json.dumps(body))


def test_names_every_recipient_that_is_wrong_at_once(api: Api, ids: Mapping[str, str]) -> None:
    to: list[Json] = [{"contact_id": f"ghost-{i}"} for i in range(1_000)]

    answer: Answer = api.post("/v1/messages", message(ids["notice"], ids["sender"], *to))

    assert answer.status == 422
    assert len(answer.body["errors"]) == 1_000
