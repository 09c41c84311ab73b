"""What authors should mind about a text."""

from functions.domain.ad_words import AdWarning, AdWarningCode
from functions.domain.channel import Channel
from functions.domain.template_warning import CharacterWarning, warnings_of
from tests.builders import a_template

SUSPICIONS = tuple(AdWarning(code=code, found=("봄",)) for code in AdWarningCode)


def test_says_what_becomes_of_characters() -> None:
    found = warnings_of(a_template(body="₩1 ₩2 🌸🌸 똠"))

    assert [(each.code, each.found, each.message) for each in found] == [
        (CharacterWarning.CHARACTER_REPLACED, ("₩",), "'₩' is sent as '￦'."),
        (CharacterWarning.CHARACTER_REFUSED, ("🌸",), "'🌸' cannot be sent by SMS."),
        (CharacterWarning.CHARACTER_UNCERTAIN, ("똠",), "'똠' may not show on every phone."),
    ]


def test_says_nothing_about_a_plain_text() -> None:
    assert warnings_of(a_template(body="봄 할인 10%")) == ()


def test_alimtalk_may_show_any_character() -> None:
    assert warnings_of(a_template(channel=Channel.KAKAO, body="₩ 🌸")) == ()


def test_every_suspicion_has_words_for_its_author() -> None:
    found = warnings_of(a_template(body="봄", ad_warnings=SUSPICIONS))

    assert [each.code for each in found] == list(AdWarningCode)
    assert all("needs a reason" in each.message for each in found)
    assert {each.found for each in found} == {("봄",)}
