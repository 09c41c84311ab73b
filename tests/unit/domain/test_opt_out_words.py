import unicodedata

import pytest
from hypothesis import given, strategies as st

from functions.domain.opt_out_words import (
    START_WORDS,
    STOP_WORDS,
    Keyword,
    fold,
    read_keyword,
)

CFR = "47 CFR 64.1200(a)(10)"
SOURCE_BY_WORD = {
    "stop": CFR,
    "quit": CFR,
    "end": CFR,
    "revoke": CFR,
    "opt out": CFR,
    "cancel": CFR,
    "unsubscribe": CFR,
    "STOPALL": "Twilio",
    "OPTOUT": "Twilio",
    "ARRET": "AWS",
    "OPT-OUT": "AWS",
    "REMOVE": "AWS",
    "TD": "AWS",
    "stop all": "Telnyx",
    "수신거부": "Korean labels",
    "무료수신거부": "Korean labels",
    "무료거부": "Korean labels",
    "거부": "Korean",
    "해지": "Korean",
    "그만": "Korean",
    "중지": "Korean",
    "차단": "Korean",
    "스팸 신고": "Korean",
    "그만 보내세요": "Korean",
    "수신동의 철회": "Korean",
}


@pytest.mark.parametrize(("word", "source"), SOURCE_BY_WORD.items())
def test_word_of_a_source_stops(word: str, source: str) -> None:
    assert read_keyword(word) is Keyword.STOP, source


@pytest.mark.parametrize(
    "word", ["START", "unstop", "Yes", "수신동의", "수신 동의합니다", "거부해제"]
)
def test_word_that_asks_for_messages_again_is_recognised(word: str) -> None:
    assert read_keyword(word) is Keyword.START


@pytest.mark.parametrize(
    "text",
    [
        "  STOP\n",
        "Stop.",
        "stop!!!",
        "“STOP”",
        "S T O P",
        "ＳＴＯＰ",
        "Arrêt",
        "stop 🙏",
        "수신 거부",
        "수신거부!!",
        "「수신거부」",
        "수\u200b신거부",
        unicodedata.normalize("NFD", "수신거부"),
        "수신거부…",
    ],
    ids=ascii,
)
def test_spelling_makes_no_difference(text: str) -> None:
    assert read_keyword(text) is Keyword.STOP


@pytest.mark.parametrize(
    "text",
    [
        "",
        "...",
        "🙏",
        "Stop by our shop tomorrow",
        "Please don't stop",
        "Can I cancel my order?",
        "the end",
        "endive",
        "stopp",
        "to quit or not to quit",
        "수신거부는 어떻게 하나요?",
        "수신거부 안 할게요",
        "배송 중지 언제 되나요",
        "거부감이 드네요",
        "계약 해지 문의드립니다",
        "그만큼 좋아요",
        "스팸 아니죠?",
        "차단기 있나요",
        "취소",
        "안녕하세요",
        "stop" + " " * 200 + "stop",
        "stop " * 100,
    ],
)
def test_text_that_only_contains_such_a_word_stops_nothing(text: str) -> None:
    assert read_keyword(text) is None


def test_no_word_means_both() -> None:
    assert not STOP_WORDS & START_WORDS
    assert "" not in STOP_WORDS | START_WORDS


@given(st.text())
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(
    st.sampled_from(sorted(STOP_WORDS)),
    st.text(st.sampled_from(" .,!?-…·~\t\n"), max_size=5),
    st.booleans(),
)
def test_a_word_among_blanks_and_punctuation_stops(word: str, around: str, upper: bool) -> None:
    written = around.join(word.upper() if upper else word)

    assert read_keyword(around + written + around) is Keyword.STOP


@given(
    st.sampled_from(sorted(STOP_WORDS)),
    st.text(st.characters(categories=["Lu", "Ll", "Lo", "Nd"]), min_size=1, max_size=30),
    st.booleans(),
)
def test_a_sentence_around_a_word_stops_only_if_it_is_such_a_word_itself(
    word: str,
    rest: str,
    before: bool,
) -> None:
    text = f"{rest} {word}" if before else f"{word} {rest}"

    stops = read_keyword(text) is Keyword.STOP

    assert stops == (fold(text) in STOP_WORDS)


@given(st.text(min_size=101))
def test_long_texts_are_never_a_word(text: str) -> None:
    assert len(text.strip()) <= 100 or read_keyword(text) is None
