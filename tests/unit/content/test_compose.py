from dataclasses import replace
from typing import Any

import pytest

from functions.content.compose import Composer, Uncomposable, gaps, usual_type
from functions.domain.channel import Channel, Purpose
from functions.domain.contact import AttributeValue
from functions.domain.ids import ImageId
from functions.domain.planning import Composed, Person
from functions.domain.preference_token import MARK
from functions.domain.reason import RefusalReason
from functions.domain.sender import Sender
from functions.domain.template import Template
from functions.domain.text_size import MessageType
from tests.builders import a_contact, a_phone, a_sender, a_template

STRANGER = Person(contact=None, phone=a_phone(5))


def a_notice(body: str, **values: object) -> Template:
    return a_template(body=body, purpose=Purpose.TRANSACTIONAL, **values)


def an_alimtalk(body: str, **variables: str) -> Template:
    return a_notice(body, channel=Channel.KAKAO, variables=variables)


def a_composer(
    template: Template, *, sender: Sender | None = None, **shared: AttributeValue
) -> Composer:
    return Composer(
        template=template,
        sender=sender or a_sender(),
        link_base="https://go.example.com",
        shared=shared,
    )


def a_customer(variables: dict[str, AttributeValue] | None = None, **attributes: Any) -> Person:
    contact = a_contact(1, attributes={"name": "김하늘"} | attributes)
    return Person.known(contact, variables=variables)


def composed(template: Template, person: Person | None = None, **options: Any) -> Composed:
    return a_composer(template, **options).compose(person or a_customer())


def refusal(template: Template, person: Person | None = None, **options: Any) -> RefusalReason:
    composer = a_composer(template, **options)
    with pytest.raises(Uncomposable) as refused:
        composer.compose(person or a_customer())
    assert composer(person or a_customer()) is refused.value.reason
    return refused.value.reason


def test_gaps_are_filled_from_the_contact() -> None:
    made = composed(a_notice("{{ contact.name }}님, 주문하신 상품이 출발했습니다."))

    assert made.text == "김하늘님, 주문하신 상품이 출발했습니다."
    assert made.message_type is MessageType.SMS
    assert made.subject is None


def test_variables_of_the_send_and_of_the_person_are_seen_and_the_nearer_wins() -> None:
    template = a_notice("{{ shop }} {{ order }}")
    person = a_customer({"order": "A-1"})

    assert composed(template, person, shop="알림상점", order="none").text == "알림상점 A-1"


def test_number_of_nobody_has_no_attributes() -> None:
    template = a_notice("{{ contact.name | default('고객') }}님")

    assert composed(template, STRANGER).text == "고객님"


@pytest.mark.parametrize(
    ("template", "person"),
    [
        (a_notice("{{ contact.city }}"), None),
        (a_notice("{{ contact.name }}"), STRANGER),
        (a_notice("{{ coupon }}"), None),
        (a_notice("제목 있음", subject="{{ coupon }}"), None),
        (a_notice("{{ contact.name() }}"), None),
        (a_notice("{% for i in range(100000) %}x{% endfor %}"), None),
        (an_alimtalk("#{이름}님", 이름="{{ coupon }}"), None),
    ],
)
def test_text_that_needs_what_is_not_there_is_unrenderable(
    template: Template, person: Person | None
) -> None:
    assert refusal(template, person) is RefusalReason.UNRENDERABLE


@pytest.mark.parametrize("body", ["{{ contact.city | default('') }}", "  \n ", "{# note #}"])
def test_text_that_comes_out_empty_is_unrenderable(body: str) -> None:
    assert refusal(a_notice(body)) is RefusalReason.UNRENDERABLE
    assert refusal(a_template(body=body)) is RefusalReason.UNRENDERABLE


def test_advertisement_gets_its_legal_form() -> None:
    made = composed(a_template(body="{{ contact.name }}님 봄 할인"))

    assert made.text == "(광고)알림상점\n김하늘님 봄 할인\n무료수신거부 0800123456"
    assert made.ad_label_correct


def test_notice_gets_none() -> None:
    assert composed(a_notice("배송 출발")).text == "배송 출발"


def test_advertisement_without_a_free_number_is_refused() -> None:
    template = a_template(body="봄 할인")

    assert refusal(template, sender=a_sender(opt_out_number=None)) is RefusalReason.AD_LABEL


@pytest.mark.parametrize(
    "body", ["[광고] 봄 할인", "(광 고) 봄 할인", "봄 할인\n수신거부 0801112222"]
)
def test_imitated_label_is_refused(body: str) -> None:
    assert refusal(a_template(body=body)) is RefusalReason.AD_LABEL


def test_label_imitated_by_a_value_is_refused() -> None:
    template = a_template(body="{{ contact.name }}")

    assert refusal(template, a_customer(name="[광고] 대출")) is RefusalReason.AD_LABEL


@pytest.mark.parametrize("name", ["두\n줄", "두\u2028줄", " "])
def test_sender_whose_name_is_no_line_is_refused(name: str) -> None:
    template = a_template(body="봄 할인")

    assert refusal(template, sender=a_sender(display_name=name)) is RefusalReason.AD_LABEL


def test_name_of_the_sender_is_made_sendable_too() -> None:
    made = composed(a_template(body="봄 할인"), sender=a_sender(display_name="알림–상점"))

    assert made.text.startswith("(광고)알림-상점\n")


def test_what_carriers_cannot_show_is_replaced_by_its_nearest_sign() -> None:
    assert composed(a_notice("₩1,000 – 「봄」\r\n끝")).text == "￦1,000 - 「봄」\n끝"


@pytest.mark.parametrize(
    ("template", "person"),
    [
        (a_notice("봄 🌸"), None),
        (a_notice("{{ contact.name }}"), a_customer(name="김🌸")),
        (a_notice("제목", subject="🌸"), None),
        (a_notice("{{ contact.name }}"), a_customer(name="김\x07")),
    ],
    ids=["body", "value", "subject", "control character"],
)
def test_what_has_no_near_sign_is_unsendable(template: Template, person: Person | None) -> None:
    assert refusal(template, person) is RefusalReason.UNSENDABLE_TEXT


@pytest.mark.parametrize(
    ("template", "message_type"),
    [
        (a_notice("가" * 45), MessageType.SMS),
        (a_notice("가" * 45 + "a"), MessageType.LMS),
        (a_notice("가" * 1000), MessageType.LMS),
        (a_notice("가", subject="제목"), MessageType.LMS),
        (a_notice("가", subject="{{ contact.name }}"), MessageType.LMS),
        (a_notice("가", image_id=ImageId("img_1")), MessageType.MMS),
        (a_notice("가" * 1000, subject="제목", image_id=ImageId("img_1")), MessageType.MMS),
    ],
)
def test_cheapest_type_that_holds_the_text_is_chosen(
    template: Template, message_type: MessageType
) -> None:
    assert composed(template).message_type is message_type


@pytest.mark.parametrize("subject", ["{{ contact.city | default('') }}", "  "])
def test_subject_that_comes_out_blank_is_none(subject: str) -> None:
    made = composed(a_notice("가", subject=subject))

    assert (made.subject, made.message_type) == (None, MessageType.SMS)


@pytest.mark.parametrize(
    "template",
    [
        a_notice("가" * 1000 + "a"),
        a_notice("가", subject="가" * 20 + "a"),
        a_notice("가" * 1001, image_id=ImageId("img_1")),
        a_template(body="가" * 990),
        an_alimtalk("가" * 1301),
        an_alimtalk("#{이름}" + "가" * 1300, 이름="{{ contact.name }}"),
    ],
    ids=["LMS", "subject", "MMS", "with its label", "Alimtalk", "Alimtalk filled"],
)
def test_text_over_the_limit_is_refused(template: Template) -> None:
    assert refusal(template) is RefusalReason.TOO_LONG


def test_tracked_link_is_measured_as_long_as_its_code_can_be() -> None:
    link = "https://shop.example.com/a-very-long-address-that-nobody-would-want-to-type"
    template = a_notice(f"{{{{ '{link}' | track }}}}", links=(link,))

    made = composed(template)

    assert made.text == "https://go.example.com/{~link0~~~}"
    assert made.message_type is MessageType.SMS


def test_gaps_of_an_alimtalk_are_filled_by_their_expressions() -> None:
    template = an_alimtalk(
        "#{이름}님, #{주문}이 출발했습니다.", 이름="{{ contact.name }}", 주문="주문 {{ order }}"
    )

    made = composed(template, order="A-1")

    assert made.text == "김하늘님, 주문 A-1이 출발했습니다."
    assert made.variables == {"이름": "김하늘", "주문": "주문 A-1"}
    assert made.message_type is MessageType.ALIMTALK


def test_alimtalk_may_show_what_carriers_cannot() -> None:
    template = an_alimtalk("봄 🌸 #{이름}", 이름="{{ contact.name }}")

    assert composed(template, a_customer(name="김🌸")).text == "봄 🌸 김🌸"


def test_text_of_an_alimtalk_is_no_template_of_ours() -> None:
    assert composed(an_alimtalk("{{ contact.city }}")).text == "{{ contact.city }}"


def test_value_that_looks_like_a_gap_stays_text() -> None:
    template = an_alimtalk("#{이름}님 #{주문}", 이름="{{ contact.name }}", 주문="A-1")

    assert composed(template, a_customer(name="#{주문}")).text == "#{주문}님 A-1"


def test_alimtalk_longer_than_some_take_is_only_a_warning() -> None:
    assert composed(an_alimtalk("가" * 1300)).message_type is MessageType.ALIMTALK


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("안녕하세요", set()),
        ("#{이름}님 #{주문 번호}, #{이름}", {"이름", "주문 번호"}),
        ("#{} #{{이름}} #이름", set()),
    ],
)
def test_gaps_of_a_text_are_found(body: str, expected: set[str]) -> None:
    assert gaps(body) == expected


def test_what_is_recorded_of_a_refusal_holds_no_values() -> None:
    composer = a_composer(a_notice("{{ contact.name() }}"))

    with pytest.raises(Uncomposable) as refused:
        composer.compose(a_customer())

    assert "김하늘" not in str(refused.value)


def test_the_address_of_the_preference_page_has_a_mark_as_long_as_its_token() -> None:
    composer = replace(
        a_composer(a_notice("거부 {{ preferences_url }}")), page_base="https://api.example.com"
    )

    made = composer.compose(a_customer({"preferences_url": "https://evil.example"}))

    assert made.text == f"거부 https://api.example.com/p/{MARK}"


def test_a_text_with_the_page_cannot_be_made_where_its_address_is_unknown() -> None:
    assert refusal(a_notice("거부 {{ preferences_url }}")) is RefusalReason.UNRENDERABLE


def test_names_the_contact_when_it_is_not_the_sending_number() -> None:
    template = a_template(body="봄 할인")

    other = composed(template, sender=a_sender(contact="15880000"))
    same = composed(template, sender=a_sender(contact="0200001234"))

    assert other.text == "(광고)알림상점 15880000\n봄 할인\n무료수신거부 0800123456"
    assert same.text == "(광고)알림상점\n봄 할인\n무료수신거부 0800123456"


def test_counts_the_whole_form_in_the_length() -> None:
    # Label, name, line breaks and way to refuse are 39 bytes; the contact and its space are 9.
    fits = a_template(body="가" * 25)

    assert composed(fits).message_type is MessageType.SMS
    assert composed(fits, sender=a_sender(contact="15880000")).message_type is MessageType.LMS


def test_refuses_an_imitated_label_in_the_subject() -> None:
    template = a_template(body="봄 할인", subject="{{ contact.name }}", purpose=Purpose.ADVERTISING)

    reason = refusal(template, a_customer(name="[광고] 봄"))

    assert reason is RefusalReason.AD_LABEL


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (a_notice("주문을 보냈습니다."), MessageType.SMS),
        (a_notice("주문을 보냈습니다. " * 9), MessageType.LMS),
        (a_notice("주문을 보냈습니다.", subject="주문"), MessageType.LMS),
        (a_notice("주문", image_id=ImageId("img_1")), MessageType.MMS),
        (an_alimtalk("#{이름}님", 이름="{{ contact.name }}"), MessageType.ALIMTALK),
        (a_notice("\ud83d\ude00"), MessageType.LMS),
    ],
    ids=["short", "long", "with a subject", "with an image", "alimtalk", "unmeasurable"],
)
def test_usual_type_is_told_by_the_template_alone(
    template: Template, expected: MessageType
) -> None:
    assert usual_type(template) is expected
