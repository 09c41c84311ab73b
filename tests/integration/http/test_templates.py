"""Templates through the API: written in versions, reviewed, previewed with price and warnings."""

from collections.abc import Callable

import pytest

from tests.integration.api import Answer, Api
from tests.integration.http.problems import assert_problem, fields_of
from tests.integration.http.shop import (
    KAKAO_TEMPLATE,
    KAKAO_TEXT,
    a_contact,
    a_kakao_sender,
    a_sender,
    a_template,
    an_ad,
    an_alimtalk,
    approve,
)

_SMS = {"name": "알림", "channel": "sms", "purpose": "transactional", "body": "보냈습니다."}
_ALIMTALK = {
    "name": "알림",
    "channel": "kakao",
    "purpose": "transactional",
    "body": KAKAO_TEXT,
    "provider_template_id": KAKAO_TEMPLATE,
    "variables": {"이름": "{{ contact.name }}", "번호": "{{ order }}"},
}


@pytest.fixture(scope="module")
def sender(api: Api) -> str:
    return a_sender(api)


def test_a_template_is_version_1_and_a_draft(api: Api) -> None:
    body = '{{ contact.name }}님 {{ "https://shop.example.com/a" | track }} – 끝'

    made = api.post("/v1/templates", _SMS | {"body": body, "subject": "제목"})

    assert made.status == 201
    template_id = made.body["template_id"]
    assert made.body == {
        "template_id": template_id,
        "version": 1,
        "name": "알림",
        "channel": "sms",
        "purpose": "transactional",
        "body": body,
        "subject": "제목",
        "image_id": None,
        "provider_template_id": None,
        "provider_template_ids": {},
        "variables": {},
        "links": ["https://shop.example.com/a"],
        "destinations": [
            {
                "url": "https://shop.example.com/a",
                "ios": None,
                "android": None,
                "until": None,
                "history": [],
            }
        ],
        "utm": {},
        "click_id": False,
        "status": "draft",
        "note": "",
        "goods": None,
        "tags": [],
        "warnings": [
            {"code": "character_replaced", "found": ["–"], "message": "'–' is sent as '-'."}
        ],
    }
    assert api.get(f"/v1/templates/{template_id}").body["versions"] == [made.body]


def test_a_new_version_leaves_the_earlier_ones_as_they_are(api: Api) -> None:
    template_id = a_template(api, body="하나")

    second = api.post(f"/v1/templates/{template_id}/versions", _SMS | {"body": "둘"})

    assert (second.status, second.body["version"], second.body["status"]) == (201, 2, "draft")
    versions = api.get(f"/v1/templates/{template_id}").body["versions"]
    assert [(each["version"], each["body"], each["status"]) for each in versions] == [
        (2, "둘", "draft"),
        (1, "하나", "approved"),
    ]


def test_a_template_keeps_its_channel(api: Api) -> None:
    template_id = a_template(api)

    answer = api.post(f"/v1/templates/{template_id}/versions", _ALIMTALK)

    assert_problem(answer, 422, "invalid_input", ("/channel", "not_allowed"))


def test_a_version_goes_from_draft_to_review_to_use(api: Api) -> None:
    template_id = a_template(api, approved=False)

    submitted = _step(api, template_id, "submit")
    approved = _step(api, template_id, "approve", note="좋음")

    assert submitted.body["status"] == "submitted"
    assert (approved.body["status"], approved.body["note"]) == ("approved", "좋음")


@pytest.mark.parametrize(
    ("steps", "refused"),
    [
        ([], "approve"),
        ([], "reject"),
        (["submit"], "submit"),
        (["submit", "approve"], "submit"),
        (["submit", "approve"], "approve"),
        (["submit", "approve"], "reject"),
        (["submit", "reject"], "approve"),
        (["submit", "reject"], "submit"),
    ],
)
def test_refuses_a_step_out_of_order(api: Api, steps: list[str], refused: str) -> None:
    template_id = a_template(api, approved=False)
    for step in steps:
        assert _step(api, template_id, step).status == 200

    assert_problem(_step(api, template_id, refused), 409, "wrong_status")


def test_only_an_admin_reviews(api: Api, make_api: Callable[..., Api]) -> None:
    template_id = a_template(api, approved=False)
    author = make_api("campaigns")

    assert _step(author, template_id, "submit").status == 200
    assert_problem(_step(author, template_id, "approve"), 403, "forbidden")
    assert_problem(_step(author, template_id, "reject"), 403, "forbidden")


def test_a_template_that_is_not_there_goes_nowhere(api: Api, sender: str) -> None:
    assert_problem(api.get("/v1/templates/tpl_none"), 404, "not_found")
    assert_problem(_step(api, "tpl_none", "submit"), 404, "not_found")
    assert_problem(api.post("/v1/templates/tpl_none/versions", _SMS), 404, "not_found")
    assert_problem(_preview(api, "tpl_none", sender), 404, "not_found")


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"body": "{{ contact.name"}, "/body", "syntax"),
        ({"subject": "{% if %}"}, "/subject", "syntax"),
        ({"body": "{{ contact.url | track }}"}, "/body", "track_needs_literal"),
        ({"body": '{{ "ftp://a.example.com" | track }}'}, "/body", "invalid_link"),
        (
            {"body": "".join(f'{{{{ "https://{i}.example.com" | track }}}}' for i in range(9))},
            "/body",
            "too_many_links",
        ),
        ({"image_id": "img_none"}, "/image_id", "not_found"),
        ({"variables": {"이름": "{{ contact.name }}"}}, "/variables", "not_allowed"),
        ({"body": ""}, "/body", "too_short"),
        ({"body": "가" * 10_001}, "/body", "too_long"),
        ({"body": "a\x00b"}, "/body", "invalid_characters"),
        ({"name": "이름\n둘"}, "/name", "invalid_format"),
        ({"purpose": "advertising", "body": "[광고] 봄 할인"}, "/body", "imitation_label"),
        ({"purpose": "advertising", "body": "( 광 고 ) 봄 할인"}, "/body", "imitation_label"),
        ({"purpose": "advertising", "body": "(AD) 봄 할인"}, "/body", "imitation_label"),
    ],
)
def test_refuses_a_text_message_template(
    api: Api, changes: dict[str, object], pointer: str, code: str
) -> None:
    answer = api.post("/v1/templates", _SMS | changes)

    assert_problem(answer, 422, "invalid_input", (pointer, code))


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"purpose": "advertising"}, [("/purpose", "not_allowed")]),
        ({"subject": "제목"}, [("/subject", "not_allowed")]),
        ({"provider_template_id": None}, [("/provider_template_id", "missing")]),
        ({"body": KAKAO_TEXT + "가" * 1_300}, [("/body", "too_long")]),
        (
            {"variables": {"이름": "{{ contact.name }}", "시간": "{{ time }}"}},
            [("/variables/번호", "gap_mismatch"), ("/variables/시간", "gap_mismatch")],
        ),
        (
            {"variables": {"이름": "{{ contact.name", "번호": "{{ order }}"}},
            [("/variables/이름", "syntax")],
        ),
    ],
)
def test_refuses_an_alimtalk_template(
    api: Api, changes: dict[str, object], fields: list[tuple[str, str]]
) -> None:
    answer = api.post("/v1/templates", _ALIMTALK | changes)

    assert answer.status == 422
    assert fields_of(answer) == fields


def test_a_preview_shows_text_type_size_and_price(api: Api, sender: str) -> None:
    template_id = a_template(api, body="{{ contact.name }}님 {{ order }} – ✔")

    shown = _preview(
        api, template_id, sender, contact={"name": "김하늘"}, variables={"order": "A-1"}
    )

    assert shown.status == 200
    assert shown.body == {
        "text": "김하늘님 A-1 - √",
        "subject": None,
        "type": "sms",
        "size": 17,
        "price": {"minor": 18, "currency": "KRW"},
        "variables": {},
        "changes": [
            {"original": "–", "replacement": "-", "count": 1},
            {"original": "✔", "replacement": "√", "count": 1},
        ],
        "uncertain_characters": [],
    }


def test_a_preview_labels_an_advertisement_as_it_would_leave(api: Api, sender: str) -> None:
    template_id = an_ad(api, body='{{ contact.name }} {{ "https://a.example.com" | track }}')

    shown = _preview(api, template_id, sender, contact={"name": "김하늘"})

    assert shown.body["text"] == (
        "(광고)알림상점\n김하늘 https://go.example.com/00000000000\n무료수신거부 0800123456"
    )


def test_a_preview_becomes_an_lms_when_it_grows(api: Api, sender: str) -> None:
    template_id = a_template(api, body="{{ text }}")

    short = _preview(api, template_id, sender, variables={"text": "가" * 45})
    long = _preview(api, template_id, sender, variables={"text": "가" * 46})

    assert (short.body["type"], short.body["size"]) == ("sms", 90)
    assert (long.body["type"], long.body["size"]) == ("lms", 92)
    assert long.body["price"]["minor"] > short.body["price"]["minor"]


def test_a_subject_makes_an_lms_of_a_short_text(api: Api, sender: str) -> None:
    template_id = a_template(api, subject="{{ contact.name }}님께")

    shown = _preview(api, template_id, sender, contact={"name": "김하늘"})

    assert (shown.body["type"], shown.body["subject"]) == ("lms", "김하늘님께")


def test_a_preview_for_a_contact_uses_the_profile(api: Api, sender: str) -> None:
    a_contact(api, "viewer", 1, attributes={"name": "박바다"})
    template_id = a_template(api, body="{{ contact.name }}님")

    shown = _preview(api, template_id, sender, contact_id="viewer")

    assert shown.body["text"] == "박바다님"


def test_a_preview_of_an_alimtalk_fills_its_gaps(api: Api) -> None:
    template_id = an_alimtalk(api)

    shown = _preview(
        api,
        template_id,
        a_kakao_sender(api),
        contact={"name": "김하늘"},
        variables={"order": "A-1"},
    )

    assert (shown.body["type"], shown.body["text"]) == (
        "alimtalk",
        "김하늘님, 주문 A-1을 보냈습니다.",
    )
    assert shown.body["variables"] == {"이름": "김하늘", "번호": "A-1"}


def test_a_preview_warns_of_characters_that_some_phones_lack(api: Api, sender: str) -> None:
    template_id = a_template(api, body="똠방각하")

    assert _preview(api, template_id, sender).body["uncertain_characters"] == ["똠"]


@pytest.mark.parametrize(
    ("template", "values", "pointer", "code"),
    [
        ({"body": "{{ contact.name }}"}, {}, "/variables", "unrenderable"),
        ({"body": "{{ x }}"}, {"variables": {"x": "🎁"}}, "/variables", "unsendable_text"),
        ({"body": "{{ x }}" * 3}, {"variables": {"x": "가" * 400}}, "/variables", "too_long"),
        ({"body": "{{ contact.items }}"}, {}, "/variables", "unrenderable"),
        ({"body": "{{ contact.pop('a') }}"}, {}, "/variables", "unrenderable"),
        ({}, {"contact_id": "nobody"}, "/contact_id", "not_found"),
    ],
)
def test_says_why_a_preview_cannot_be_made(
    api: Api,
    sender: str,
    template: dict[str, str],
    values: dict[str, object],
    pointer: str,
    code: str,
) -> None:
    template_id = a_template(api, **template)

    answer = _preview(api, template_id, sender, **values)

    assert_problem(answer, 422, "invalid_input", (pointer, code))


def test_a_preview_needs_a_sender_that_could_send_it(api: Api) -> None:
    without_opt_out = a_sender(api, opt_out_number=None)

    nobody = _preview(api, a_template(api), "snd_none")
    kakao = _preview(api, a_template(api), a_kakao_sender(api))
    ad = _preview(api, an_ad(api), without_opt_out, contact={"name": "김하늘"})

    assert_problem(nobody, 422, "invalid_input", ("/sender_id", "not_found"))
    assert_problem(kakao, 422, "invalid_input", ("/sender_id", "wrong_channel"))
    assert_problem(ad, 422, "invalid_input", ("/sender_id", "no_opt_out_number"))


def _step(api: Api, template_id: str, step: str, **values: object) -> Answer:
    return api.post(f"/v1/templates/{template_id}/{step}", {"version": 1} | values)


def _preview(api: Api, template_id: str, sender_id: str, **values: object) -> Answer:
    body = {"version": 1, "sender_id": sender_id} | values
    return api.post(f"/v1/templates/{template_id}/preview", body)


def test_a_notice_that_reads_like_an_advertisement_needs_a_reason(api: Api) -> None:
    template_id = a_template(api, approved=False, body="빅세일! 쿠폰을 받으세요")
    submitted = _step(api, template_id, "submit")

    without = _step(api, template_id, "approve", note=" ")
    approved = _step(api, template_id, "approve", note="행사 신청자에게만")

    (warning,) = submitted.body["warnings"]
    assert (warning["code"], warning["found"]) == ("ad_words", ["빅세일", "쿠폰을 받으세요"])
    assert_problem(without, 422, "invalid_input", ("/note", "reason_required"))
    assert (approved.status, approved.body["note"]) == (200, "행사 신청자에게만")
    stored = api.get(f"/v1/templates/{template_id}").body["versions"][0]
    assert (stored["warnings"], stored["note"]) == ([warning], "행사 신청자에게만")


def test_the_class_is_fixed_once_a_version_is_approved(api: Api) -> None:
    template_id = a_template(api, approved=False)
    path = f"/v1/templates/{template_id}/versions"
    ad = _SMS | {"purpose": "advertising"}
    assert api.post(path, ad).status == 201
    approve(api, template_id)

    assert_problem(api.post(path, ad), 422, "invalid_input", ("/purpose", "class_fixed"))
    assert api.post(path, _SMS).body["version"] == 3
    assert _step(api, template_id, "submit", version=2).status == 200
    late = _step(api, template_id, "approve", version=2)
    assert_problem(late, 422, "invalid_input", ("/version", "class_fixed"))


def test_goods_and_tags_are_shown(api: Api) -> None:
    facts = {"purpose": "advertising", "goods": "도서", "tags": ["여름", "봄", "봄"]}

    made = api.post("/v1/templates", _SMS | facts)

    assert (made.body["goods"], made.body["tags"]) == ("도서", ["봄", "여름"])


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"goods": ""}, "/goods", "too_short"),
        ({"goods": "x" * 51}, "/goods", "too_long"),
        ({"tags": ["a", "b", "c", "d"]}, "/tags", "too_many"),
        ({"tags": [""]}, "/tags/0", "too_short"),
    ],
)
def test_refuses_goods_and_tags_that_no_rule_can_name(
    api: Api, changes: dict[str, object], pointer: str, code: str
) -> None:
    assert_problem(api.post("/v1/templates", _SMS | changes), 422, "invalid_input", (pointer, code))
