from dataclasses import replace
from typing import Any

import pytest

from functions.contracts.errors import Conflict, InvalidInput, NotFound
from functions.domain.ad_words import AdWarning, AdWarningCode
from functions.domain.channel import Channel, Purpose
from functions.domain.ids import MAIN_ACCOUNT, AccountName, ImageId, TemplateId
from functions.domain.image import StoredImage
from functions.domain.template import Template, TemplateStatus
from functions.templates.service import TemplateDeps, add, add_version, find, move, versions
from tests.builders import a_template
from tests.fakes.stores import FakeImages, FakeTemplates

TPL_1 = TemplateId("tpl_1")
IMAGE = StoredImage(
    image_id=ImageId("img_1"), object_key="images/img_1.jpg", width=1, height=1, size_bytes=1
)
DRAFT, SUBMITTED = TemplateStatus.DRAFT, TemplateStatus.SUBMITTED
APPROVED, REJECTED = TemplateStatus.APPROVED, TemplateStatus.REJECTED


def deps(*templates: Template) -> TemplateDeps:
    return TemplateDeps(
        templates=FakeTemplates.of(*templates),
        images=FakeImages({IMAGE.image_id: IMAGE}),
        accounts=one_more,
    )


def one_more() -> tuple[AccountName, ...]:
    return (MAIN_ACCOUNT, AccountName("second"))


def a_draft(**values: object) -> Template:
    return a_template(**({"status": DRAFT} | values))


def an_alimtalk(**values: object) -> Template:
    facts: dict[str, object] = {
        "channel": Channel.KAKAO,
        "purpose": Purpose.TRANSACTIONAL,
        "body": "#{이름}님, 주문이 출발했습니다.",
        "variables": {"이름": "{{ contact.name }}"},
        "provider_template_id": "KA01TP",
    }
    return a_draft(**(facts | values))


def test_new_template_is_a_draft_of_version_one_that_knows_its_links() -> None:
    world = deps()
    body = "{{ 'https://b.example' | track }} {{ 'https://a.example' | track }}"

    added = add(a_draft(body=body), deps=world)

    assert added.links == ("https://b.example", "https://a.example")
    assert (added.version, added.status) == (1, DRAFT)
    assert find(TPL_1, 1, deps=world) == added


def test_links_of_variables_body_and_subject_are_numbered_together() -> None:
    subject = "{{ 'https://s.example' | track }}"
    added = add(a_draft(body="{{ 'https://b.example' | track }}", subject=subject), deps=deps())

    assert added.links == ("https://b.example", "https://s.example")


def test_links_of_an_alimtalk_are_those_of_its_expressions() -> None:
    expression = "{{ 'https://a.example' | track }}"
    template = an_alimtalk(body="#{링크}", variables={"링크": expression})

    assert add(template, deps=deps()).links == ("https://a.example",)


@pytest.mark.parametrize("values", [{"image_id": IMAGE.image_id}, {"subject": "제목"}])
def test_text_message_may_have_a_subject_and_an_image(values: dict[str, Any]) -> None:
    add(a_draft(**values), deps=deps())


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"body": "{{ name"}, [("/body", "syntax")]),
        ({"subject": "{{ name"}, [("/subject", "syntax")]),
        ({"body": "x" * 10_001}, [("/body", "too_long")]),
        ({"body": "{{ url | track }}"}, [("/body", "track_needs_literal")]),
        ({"body": "{{ 'ftp://a.example' | track }}"}, [("/body", "invalid_link")]),
        (
            {"body": "".join(f"{{{{ 'https://a.example/{n}'|track }}}}" for n in range(9))},
            [("/body", "too_many_links")],
        ),
        (
            {
                "body": "".join(f"{{{{ 'https://a.example/{n}'|track }}}}" for n in range(5)),
                "subject": "".join(f"{{{{ 'https://b.example/{n}'|track }}}}" for n in range(4)),
            },
            [("/body", "too_many_links")],
        ),
        ({"variables": {"x": "1"}}, [("/variables", "not_allowed")]),
        ({"provider_template_id": "KA01TP"}, [("/variables", "not_allowed")]),
        ({"provider_template_ids": {"second": "TP2"}}, [("/variables", "not_allowed")]),
        ({"image_id": ImageId("img_9")}, [("/image_id", "not_found")]),
        ({"body": "[광고] 봄 할인"}, [("/body", "imitation_label")]),
        ({"body": "(광 고)봄 할인"}, [("/body", "imitation_label")]),
        ({"subject": "[광고] 봄"}, [("/subject", "imitation_label")]),
        (
            {"body": "(\u1100\u116a\u11bc \u1100\u1169)봄", "subject": "<광고>"},
            [("/body", "imitation_label"), ("/subject", "imitation_label")],
        ),
        (
            {"body": "{{ name", "subject": "{{ name", "image_id": ImageId("img_9")},
            [("/body", "syntax"), ("/subject", "syntax"), ("/image_id", "not_found")],
        ),
    ],
)
def test_bad_text_message_is_refused_with_every_field(
    values: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    world = deps()

    with pytest.raises(InvalidInput) as refused:
        add(a_draft(**values), deps=world)

    assert [(error.pointer, error.code) for error in refused.value.errors] == expected
    with pytest.raises(NotFound):
        find(TPL_1, 1, deps=world)


@pytest.mark.parametrize("body", ["(광고)알림상점\n봄 할인", "봄 할인, 광고 없이 보기"])
def test_true_label_and_the_mere_word_are_no_imitations(body: str) -> None:
    add(a_draft(body=body), deps=deps())


def test_notice_may_say_what_it_likes_about_advertisements() -> None:
    add(
        a_draft(body="[광고] 수신 동의가 철회되었습니다", purpose=Purpose.TRANSACTIONAL),
        deps=deps(),
    )


def test_alimtalk_is_accepted() -> None:
    assert add(an_alimtalk(), deps=deps()).variables == {"이름": "{{ contact.name }}"}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"purpose": Purpose.ADVERTISING}, [("/purpose", "not_allowed")]),
        ({"subject": "제목"}, [("/subject", "not_allowed")]),
        ({"image_id": IMAGE.image_id}, [("/subject", "not_allowed")]),
        ({"provider_template_id": None}, [("/provider_template_id", "missing")]),
        ({"body": "#{이름}" + "가" * 1300}, [("/body", "too_long")]),
        (
            {"provider_template_ids": {"main": "TP1", "second": "TP2", "third": "TP3"}},
            [
                ("/provider_template_ids/main", "unknown_account"),
                ("/provider_template_ids/third", "unknown_account"),
            ],
        ),
        ({"body": "#{이름} #{주문}"}, [("/variables/주문", "gap_mismatch")]),
        ({"body": "#{이름} #{a/b~c}"}, [("/variables/a~1b~0c", "gap_mismatch")]),
        ({"body": "안녕하세요"}, [("/variables/이름", "gap_mismatch")]),
        ({"variables": {"이름": "{{ name"}}, [("/variables/이름", "syntax")]),
        (
            {"variables": {"이름": "{{ url | track }}"}},
            [("/variables/이름", "track_needs_literal")],
        ),
    ],
)
def test_bad_alimtalk_is_refused_with_every_field(
    values: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    with pytest.raises(InvalidInput) as refused:
        add(an_alimtalk(**values), deps=deps())

    assert [(error.pointer, error.code) for error in refused.value.errors] == expected


def test_next_version_follows_the_newest_and_leaves_it_as_it_is() -> None:
    first = a_template(body="하나")
    world = deps(first, replace(first, version=2, body="둘"))

    added = add_version(a_draft(body="셋"), deps=world)

    assert (added.version, added.status) == (3, DRAFT)
    assert [each.body for each in versions(TPL_1, deps=world)] == ["셋", "둘", "하나"]


def test_template_keeps_its_channel() -> None:
    with pytest.raises(InvalidInput) as refused:
        add_version(an_alimtalk(), deps=deps(a_template()))

    assert [(e.pointer, e.code) for e in refused.value.errors] == [("/channel", "not_allowed")]


def test_version_is_checked_as_a_new_template_is() -> None:
    with pytest.raises(InvalidInput):
        add_version(a_draft(body="{{ name"), deps=deps(a_template()))


def test_version_of_nothing_is_not_found() -> None:
    with pytest.raises(NotFound):
        add_version(a_draft(), deps=deps())
    with pytest.raises(NotFound):
        versions(TPL_1, deps=deps())


def test_of_two_versions_added_at_once_one_is_a_conflict() -> None:
    class Late(FakeTemplates):
        def versions(self, template_id: TemplateId) -> tuple[Template, ...]:
            return super().versions(template_id)[1:]

    first = a_template()
    late = Late.of(first, replace(first, version=2))
    world = TemplateDeps(templates=late, images=FakeImages(), accounts=one_more)

    with pytest.raises(Conflict) as refused:
        add_version(a_draft(), deps=world)

    assert refused.value.code == "busy"


@pytest.mark.parametrize(
    ("status", "to"), [(DRAFT, SUBMITTED), (SUBMITTED, APPROVED), (SUBMITTED, REJECTED)]
)
def test_version_goes_one_step_further(status: TemplateStatus, to: TemplateStatus) -> None:
    world = deps(a_template(status=status))

    moved = move(TPL_1, 1, to=to, note="확인", deps=world)

    assert (moved.status, moved.note) == (to, "확인")
    assert find(TPL_1, 1, deps=world) == moved


@pytest.mark.parametrize(
    ("status", "to"),
    [
        (DRAFT, APPROVED),
        (DRAFT, REJECTED),
        (DRAFT, DRAFT),
        (SUBMITTED, SUBMITTED),
        (APPROVED, SUBMITTED),
        (APPROVED, REJECTED),
        (REJECTED, APPROVED),
        (REJECTED, SUBMITTED),
    ],
)
def test_any_other_step_is_a_conflict(status: TemplateStatus, to: TemplateStatus) -> None:
    world = deps(a_template(status=status))

    with pytest.raises(Conflict) as refused:
        move(TPL_1, 1, to=to, note="", deps=world)

    assert refused.value.code == "wrong_status"
    assert find(TPL_1, 1, deps=world).status is status


def test_step_that_somebody_else_took_first_is_a_conflict() -> None:
    class Overtaken(FakeTemplates):
        def move(self, template: Template, *, to: TemplateStatus, note: str) -> bool:
            super().move(template, to=REJECTED, note="too late")
            return super().move(template, to=to, note=note)

    submitted = Overtaken.of(a_template(status=SUBMITTED))
    world = TemplateDeps(templates=submitted, images=FakeImages(), accounts=one_more)

    with pytest.raises(Conflict):
        move(TPL_1, 1, to=APPROVED, note="", deps=world)

    assert find(TPL_1, 1, deps=world).status is REJECTED


def test_step_of_nothing_is_not_found() -> None:
    with pytest.raises(NotFound):
        move(TPL_1, 2, to=SUBMITTED, note="", deps=deps(a_template()))


AD_WORDS = AdWarning(code=AdWarningCode.AD_WORDS, found=("빅세일",))


def a_suspect(**values: object) -> Template:
    """A notice that reads like an advertisement."""
    facts: dict[str, object] = {"purpose": Purpose.TRANSACTIONAL, "body": "빅세일 안내"}
    return a_draft(**(facts | values))


def test_notice_that_reads_like_an_advertisement_is_written_with_a_warning() -> None:
    world = deps()

    assert add(a_suspect(), deps=world).ad_warnings == (AD_WORDS,)
    assert add_version(a_suspect(body="접수되었습니다"), deps=world).ad_warnings == ()
    assert add_version(a_suspect(subject="빅세일", body="접수"), deps=world).ad_warnings == (
        AD_WORDS,
    )
    assert find(TPL_1, 1, deps=world).ad_warnings == (AD_WORDS,)


def test_advertisement_may_read_like_one() -> None:
    assert add(a_draft(body="빅세일 안내"), deps=deps()).ad_warnings == ()


def test_alimtalk_is_read_by_kakaos_rules() -> None:
    template = an_alimtalk(body="#{이름}님, 쿠폰이 발급되었습니다.")

    (warning,) = add(template, deps=deps()).ad_warnings

    assert warning.code is AdWarningCode.BENEFIT_WITHOUT_GROUND


@pytest.mark.parametrize("note", ["", " \n"])
def test_suspect_notice_is_not_approved_without_a_reason(note: str) -> None:
    world = deps(a_suspect(status=SUBMITTED))

    with pytest.raises(InvalidInput) as refused:
        move(TPL_1, 1, to=APPROVED, note=note, deps=world)

    assert [(e.pointer, e.code) for e in refused.value.errors] == [("/note", "reason_required")]
    assert find(TPL_1, 1, deps=world).status is SUBMITTED


def test_reason_is_stored_with_the_warning_that_it_answers() -> None:
    world = deps(a_suspect(status=SUBMITTED))

    approved = move(TPL_1, 1, to=APPROVED, note="행사 접수 확인", deps=world)

    assert (approved.status, approved.note) == (APPROVED, "행사 접수 확인")
    assert approved.ad_warnings == (AD_WORDS,)


@pytest.mark.parametrize(("status", "to"), [(DRAFT, SUBMITTED), (SUBMITTED, REJECTED)])
def test_other_steps_of_a_suspect_notice_need_no_reason(
    status: TemplateStatus, to: TemplateStatus
) -> None:
    world = deps(a_suspect(status=status))

    assert move(TPL_1, 1, to=to, note="", deps=world).ad_warnings == (AD_WORDS,)


def test_wrong_step_is_told_before_a_missing_reason() -> None:
    with pytest.raises(Conflict):
        move(TPL_1, 1, to=APPROVED, note="", deps=deps(a_suspect()))


def test_class_may_change_while_nothing_is_approved() -> None:
    world = deps(a_draft(), a_draft(version=2, status=REJECTED))

    added = add_version(a_draft(purpose=Purpose.TRANSACTIONAL), deps=world)

    assert added.purpose is Purpose.TRANSACTIONAL


@pytest.mark.parametrize("approved", [1, 2])
def test_class_is_fixed_by_the_first_approval(approved: int) -> None:
    statuses = {1: DRAFT, 2: DRAFT} | {approved: APPROVED}
    world = deps(*(a_draft(version=n, status=status) for n, status in statuses.items()))

    with pytest.raises(InvalidInput) as refused:
        add_version(a_draft(purpose=Purpose.TRANSACTIONAL), deps=world)

    assert [(e.pointer, e.code) for e in refused.value.errors] == [("/purpose", "class_fixed")]
    assert add_version(a_draft(), deps=world).version == 3


def test_version_of_another_class_that_waited_is_not_approved_any_more() -> None:
    notice = a_draft(version=2, purpose=Purpose.TRANSACTIONAL, status=SUBMITTED)
    world = deps(a_template(), notice)

    with pytest.raises(InvalidInput) as refused:
        move(TPL_1, 2, to=APPROVED, note="확인", deps=world)

    assert [(e.pointer, e.code) for e in refused.value.errors] == [("/version", "class_fixed")]
    assert move(TPL_1, 2, to=REJECTED, note="확인", deps=world).status is REJECTED


def test_of_two_classes_approved_at_once_one_is_refused() -> None:
    class Overtaken(FakeTemplates):
        def move(self, template: Template, *, to: TemplateStatus, note: str) -> bool:
            super().move(self.templates[TPL_1, 1], to=APPROVED, note="quicker")
            return super().move(template, to=to, note=note)

    notice = a_draft(version=2, purpose=Purpose.TRANSACTIONAL, status=SUBMITTED)
    templates = Overtaken.of(a_draft(status=SUBMITTED), notice)
    world = TemplateDeps(templates=templates, images=FakeImages(), accounts=one_more)

    with pytest.raises(InvalidInput) as refused:
        move(TPL_1, 2, to=APPROVED, note="확인", deps=world)

    assert [e.code for e in refused.value.errors] == ["class_fixed"]
    assert find(TPL_1, 2, deps=world).status is SUBMITTED


def test_goods_and_tags_stay_with_the_version() -> None:
    world = deps()

    add(a_draft(goods="도서", tags=frozenset({"봄", "여름"})), deps=world)

    found = find(TPL_1, 1, deps=world)
    assert (found.goods, found.tags) == ("도서", {"봄", "여름"})
