import pytest

from functions.content.compose import Composer
from functions.contracts.errors import InvalidInput
from functions.domain.channel import Channel, Purpose
from functions.domain.ids import ImageId
from functions.domain.planning import Person
from functions.domain.pricing import Money
from functions.domain.sender import Sender
from functions.domain.template import Template
from functions.domain.text_size import Change, MessageType
from functions.templates.preview import Preview, preview
from tests.builders import a_person, a_sender, a_template


def shown(
    template: Template, *, sender: Sender | None = None, person: Person | None = None
) -> Preview:
    composer = Composer(
        template=template,
        sender=sender or a_sender(),
        link_base="https://go.example.com",
        shared={},
    )
    return preview(composer, person or a_person())


def a_notice(body: str, **values: object) -> Template:
    return a_template(body=body, purpose=Purpose.TRANSACTIONAL, **values)


def an_alimtalk(body: str, **values: object) -> Template:
    return a_notice(body, channel=Channel.KAKAO, **values)


KAKAO_SENDER = a_sender(channel=Channel.KAKAO, address="KA01PF")


def test_shows_the_text_with_its_type_size_and_price() -> None:
    found = shown(a_notice("{{ contact.name }}님 안녕 Kim"))

    assert found.text == "김하늘님 안녕 Kim"
    assert found.composed.message_type is MessageType.SMS
    assert found.size == 17
    assert found.price == Money(minor=18)


def test_shows_an_advertisement_with_its_label() -> None:
    found = shown(a_template(body="봄 할인"))

    assert found.text == "(광고)알림상점\n봄 할인\n무료수신거부 0800123456"


@pytest.mark.parametrize(
    ("template", "won"),
    [
        (a_notice("가"), 18),
        (a_notice("가" * 46), 45),
        (a_notice("가", image_id=ImageId("img_1")), 110),
    ],
)
def test_longer_messages_cost_more(template: Template, won: int) -> None:
    assert shown(template).price == Money(minor=won)


def test_tracked_link_is_shown_with_a_code_of_the_longest_form() -> None:
    link = "https://shop.example.com/"

    found = shown(a_notice(f"{{{{ '{link}' | track }}}}", links=(link,)))

    assert found.text == "https://go.example.com/00000000000"


def test_alimtalk_is_counted_in_characters() -> None:
    template = an_alimtalk("#{이름}님 🌸", variables={"이름": "{{ contact.name }}"})

    found = shown(template, sender=KAKAO_SENDER)

    assert found.text == "김하늘님 🌸"
    assert found.size == 6
    assert found.price == Money(minor=13)
    assert (found.changes, found.uncertain) == ((), ())
    assert found.composed.variables == {"이름": "김하늘"}


def test_names_what_was_replaced_and_what_may_not_show() -> None:
    found = shown(a_notice("₩1,000 똠방각하"))

    assert found.text == "￦1,000 똠방각하"
    assert found.changes == (Change(original="₩", replacement="￦", count=1),)
    assert found.uncertain == ("똠",)


@pytest.mark.parametrize(
    ("template", "code"),
    [
        (a_notice("{{ contact.city }}"), "unrenderable"),
        (a_notice("{{ contact.name() }}"), "unrenderable"),
        (a_notice("봄 🌸"), "unsendable_text"),
        (a_notice("가" * 1001), "too_long"),
        (a_template(body="[광고] 봄"), "ad_label"),
    ],
)
def test_text_that_cannot_be_made_is_refused_by_its_reason(template: Template, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        shown(template)

    assert [(e.pointer, e.code) for e in refused.value.errors] == [("/variables", code)]
    assert "김하늘" not in refused.value.errors[0].message


@pytest.mark.parametrize(
    ("template", "sender", "code"),
    [
        (a_notice("가"), KAKAO_SENDER, "wrong_channel"),
        (a_template(body="가"), a_sender(opt_out_number=None), "no_opt_out_number"),
    ],
)
def test_sender_that_does_not_fit_is_refused(template: Template, sender: Sender, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        shown(template, sender=sender)

    assert [(e.pointer, e.code) for e in refused.value.errors] == [("/sender_id", code)]


def test_preference_page_is_shown_with_a_token_of_the_true_length() -> None:
    composer = Composer(
        template=a_notice("{{ preferences_url }}"),
        sender=a_sender(),
        link_base="https://go.example.com",
        shared={},
        page_base="https://api.example.com",
    )

    assert preview(composer, a_person()).text == "https://api.example.com/p/" + "0" * 21
