"""The legal form of advertising texts."""

import pytest
from hypothesis import given, strategies as st

from functions.domain.ad_label import (
    _REFUSAL,
    OPT_OUT_WORDS,
    ImitationLabel,
    InvalidOptOutNumber,
    LabelFault,
    LabelProblem,
    compose,
    label_problems,
    opt_out_problem,
    parse_opt_out_number,
)

NUMBER = "080-012-3456"
NAME = "알림상점"
FOOTER = "무료수신거부 0800123456"

# Everything that authors write around a label, thrown together.
FRAGMENTS = st.sampled_from(
    [
        "(광고)", "(광 고)", "[광고]", "광고", NAME, "[", "]", "(", ")", " ", "\n", "봄", "a", "1",
        "무료", "수신", "거부", "무료수신거부", "무료거부", FOOTER, NUMBER, "0801112222", "080",
    ]
)  # fmt: skip
AUTHORED = st.lists(FRAGMENTS, max_size=8).map("".join) | st.text()
NAMES = st.sampled_from([NAME, "알림", "[알림]", "(광고)", "a"]) | st.text(min_size=1, max_size=5)


def composed_or_none(body: str, name: str) -> str | None:
    try:
        return compose(body, name, NUMBER)
    except ValueError:
        return None


def test_puts_label_and_sender_first_and_the_way_to_refuse_last() -> None:
    text = compose("봄 할인\n20%", NAME, NUMBER)

    assert text == "(광고)알림상점\n봄 할인\n20%\n무료수신거부 0800123456"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param("(광고)알림상점\n봄", f"(광고)알림상점\n봄\n{FOOTER}", id="label-and-name"),
        pytest.param("(광고) 알림상점 봄", f"(광고)알림상점 봄\n{FOOTER}", id="label-space-name"),
        pytest.param(
            "(광고)[알림상점] 봄", f"(광고)[알림상점] 봄\n{FOOTER}", id="name-in-brackets"
        ),
        pytest.param("(광고) 봄", f"(광고)알림상점\n봄\n{FOOTER}", id="label-only"),
        pytest.param("알림상점 봄", f"(광고)알림상점 봄\n{FOOTER}", id="name-only"),
        pytest.param("★알림상점★ 봄", f"(광고)★알림상점★ 봄\n{FOOTER}", id="name-in-stars"),
        pytest.param(
            "알림상점입니다", f"(광고)알림상점\n알림상점입니다\n{FOOTER}", id="longer-word"
        ),
        pytest.param("알림상점2 봄", f"(광고)알림상점\n알림상점2 봄\n{FOOTER}", id="other-name"),
        pytest.param(f"봄\n{FOOTER}", f"(광고)알림상점\n봄\n{FOOTER}", id="way-to-refuse"),
        pytest.param(
            "봄 무료거부 080-012-3456",
            "(광고)알림상점\n봄 무료거부 080-012-3456",
            id="short-words-and-hyphens",
        ),
        pytest.param(
            "봄\n[무료수신거부]0800123456\n",
            "(광고)알림상점\n봄\n[무료수신거부]0800123456",
            id="words-in-brackets",
        ),
        pytest.param("  (광고)봄 ", f"(광고)알림상점\n봄\n{FOOTER}", id="space-around"),
        pytest.param("", f"(광고)알림상점\n{FOOTER}", id="nothing"),
    ],
)
def test_does_not_repeat_what_the_author_wrote_correctly(body: str, expected: str) -> None:
    assert compose(body, NAME, NUMBER) == expected


@pytest.mark.parametrize(
    "imitation",
    [
        "(광 고)",
        "(광/고)",
        "(광.고)",
        "(광1고)",
        "( 광고 )",
        "[광고]",
        "<광고>",
        "【광고】",
        "\uff08광고\uff09",
        '"광고"',
        "\u201c광고\u201d",
        '("광고")',
        "((광고))",
        "★광고★",
        "(대출광고)",
        "(광고성)",
        "(廣告)",
        "[AD]",
        "(ad)",
        "광고)",
        "광 고]",
        "광고:",
        "(광-고)",
        "(광_고)",
        "(광·고)",
        "(광ㆍ고)",
        "(광*고)",
        "(광|고)",
        "(광  고)",
        "(광\u200b고)",
        "(광ㄱ고)",
        "(광고 )",
        "{광고}",
        "〔광고〕",
        "\uff1c광고\uff1e",
        "\uff08광고)",
        "'광고'",
        "-광고-",
        "=광고=",
        "<광 고>",
        "[광고문자]",
        "(廣 告)",
        "(広告)",
        "[ad]",
    ],
)
def test_refuses_an_imitated_label_and_shows_it(imitation: str) -> None:
    body = f"{imitation} 봄 할인"

    with pytest.raises(ImitationLabel) as caught:
        compose(body, NAME, NUMBER)

    assert caught.value.problem == LabelProblem(fault=LabelFault.LABEL_IMITATED, found=imitation)
    assert caught.value.found == imitation
    assert label_problems(f"{body}\n{FOOTER}", NUMBER) == (caught.value.problem,)


def test_refuses_an_imitated_label_after_the_senders_name() -> None:
    with pytest.raises(ImitationLabel) as caught:
        compose("[알림상점](광 고) 봄", NAME, NUMBER)

    assert caught.value.found == "(광 고)"


@pytest.mark.parametrize("body", ["알림상점(광고) 봄", "[알림상점] (광고)봄"])
def test_refuses_a_label_after_the_senders_name(body: str) -> None:
    with pytest.raises(ImitationLabel) as caught:
        compose(body, NAME, NUMBER)

    assert caught.value.problem == LabelProblem(fault=LabelFault.LABEL_NOT_AT_START, found="(광고)")


@pytest.mark.parametrize(
    "body",
    [
        '유튜브 "광고" 없이 보기',
        "제휴(광고) 문의",
        "광고 문의 주세요",
        "광고/홍보 문의",
        "(광고주 모집)",
    ],
)
def test_lets_the_body_speak_of_advertising(body: str) -> None:
    assert compose(body, NAME, NUMBER) == f"(광고)알림상점\n{body}\n{FOOTER}"


@pytest.mark.parametrize(
    ("ending", "fault", "found"),
    [
        ("무료수신거부 0801112222", LabelFault.OPT_OUT_WRONG, "무료수신거부 0801112222"),
        ("무료수신거부 1588-1234", LabelFault.OPT_OUT_WRONG, "무료수신거부 1588-1234"),
        ("수신거부 0800123456", LabelFault.OPT_OUT_WRONG, "수신거부 0800123456"),
        ("무료 수신거부: 0800123456", LabelFault.OPT_OUT_WRONG, "무료 수신거부: 0800123456"),
        ("무료수신거부 080 012 3456", LabelFault.OPT_OUT_WRONG, "무료수신거부 080 012 3456"),
        (f"{FOOTER}\n감사합니다", LabelFault.OPT_OUT_NOT_AT_END, FOOTER),
        (f"무료거부 0801112222\n{FOOTER}", LabelFault.OPT_OUT_WRONG, "무료거부 0801112222"),
    ],
)
def test_refuses_a_wrong_or_misplaced_way_to_refuse(
    ending: str, fault: LabelFault, found: str
) -> None:
    body = f"봄 할인\n{ending}"

    with pytest.raises(ImitationLabel) as caught:
        compose(body, NAME, NUMBER)

    assert caught.value.problem == LabelProblem(fault=fault, found=found)
    assert label_problems(f"(광고){NAME}\n{body}", NUMBER) == (caught.value.problem,)


def test_error_text_repeats_nothing_of_the_message() -> None:
    with pytest.raises(ImitationLabel, match=r"^label_imitated$"):
        compose("[광고] 김하나님", NAME, NUMBER)


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        pytest.param(f"(광고)알림상점 봄\n{FOOTER}", [], id="correct"),
        pytest.param("(광고)봄 무료거부 080-012-3456", [], id="short-words-and-hyphens"),
        pytest.param(f"봄\n{FOOTER}", [LabelFault.LABEL_MISSING], id="no-label"),
        pytest.param(f" (광고)봄\n{FOOTER}", [LabelFault.LABEL_NOT_AT_START], id="space-first"),
        pytest.param(f"봄(광고)\n{FOOTER}", [LabelFault.LABEL_NOT_AT_START], id="label-later"),
        pytest.param("(광고)봄", [LabelFault.OPT_OUT_MISSING], id="no-way-to-refuse"),
        pytest.param(
            "(광고)봄 무료수신거부는 홈페이지에서",
            [LabelFault.OPT_OUT_MISSING],
            id="words-without-number",
        ),
        pytest.param(
            f"(광고)봄\n{FOOTER} ", [LabelFault.OPT_OUT_NOT_AT_END], id="space-at-the-end"
        ),
        pytest.param("봄", [LabelFault.LABEL_MISSING, LabelFault.OPT_OUT_MISSING], id="neither"),
    ],
)
def test_lists_what_is_missing_of_the_form(text: str, faults: list[LabelFault]) -> None:
    assert [problem.fault for problem in label_problems(text, NUMBER)] == faults


@given(AUTHORED, NAMES)
def test_composed_text_has_no_problems(body: str, name: str) -> None:
    composed = composed_or_none(body, name)

    assert composed is None or label_problems(composed, NUMBER) == ()


@given(AUTHORED, NAMES)
def test_composing_again_changes_nothing(body: str, name: str) -> None:
    composed = composed_or_none(body, name)

    assert composed is None or compose(composed, name, NUMBER) == composed


@given(st.text(alphabet="봄 할인20%\n", min_size=1))
def test_keeps_the_body_whole(body: str) -> None:
    assert compose(body, NAME, NUMBER) == f"(광고)알림상점\n{body.strip()}".rstrip() + f"\n{FOOTER}"


@given(AUTHORED, NAMES)
def test_composed_text_names_the_sender_after_the_label(body: str, name: str) -> None:
    composed = composed_or_none(body, name)

    assert composed is None or name.strip() in composed.removeprefix("(광고)")


@pytest.mark.parametrize("name", ["", "  ", "알림\n상점", "알림\u2028상점"])
def test_needs_a_senders_name_of_one_line(name: str) -> None:
    with pytest.raises(ValueError, match="sender_name"):
        compose("봄", name, NUMBER)


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("080-012-3456", "0800123456"),
        ("0800123456", "0800123456"),
        ("080-0123-4567", "08001234567"),
        ("08001234567", "08001234567"),
    ],
)
def test_reads_an_opt_out_number_with_or_without_hyphens(text: str, digits: str) -> None:
    assert parse_opt_out_number(text) == digits


@pytest.mark.parametrize(
    "text",
    ["", "080", "080-01-2345", "080012345678", "070-0123-4567", "080 012 3456", "+82800123456"],
)
def test_refuses_what_is_no_080_number(text: str) -> None:
    with pytest.raises(InvalidOptOutNumber):
        parse_opt_out_number(text)


def test_composes_nothing_with_a_number_that_is_not_free() -> None:
    with pytest.raises(InvalidOptOutNumber):
        compose("봄", NAME, "1588-1234")


def test_judges_nothing_with_a_number_that_is_not_free() -> None:
    with pytest.raises(InvalidOptOutNumber):
        label_problems("봄", "1588-1234")


CONTACT = "0200005678"


@pytest.mark.parametrize(
    ("body", "head"),
    [
        pytest.param("봄", "(광고)알림상점 0200005678\n봄", id="neither"),
        pytest.param("(광고) 봄", "(광고)알림상점 0200005678\n봄", id="label-only"),
        pytest.param("알림상점\n봄", "(광고)알림상점 0200005678\n봄", id="name-line"),
        pytest.param("알림상점 봄", "(광고)알림상점 0200005678 봄", id="name"),
        pytest.param("[알림상점]봄", "(광고)[알림상점] 0200005678 봄", id="name-in-brackets"),
        pytest.param("★알림상점★ 봄", "(광고)★알림상점★ 0200005678 봄", id="name-in-stars"),
        pytest.param("알림상점-봄", "(광고)알림상점 0200005678 -봄", id="name-and-hyphen"),
        pytest.param("알림상점 0200005678\n봄", "(광고)알림상점 0200005678\n봄", id="digits"),
        pytest.param("알림상점 02-0000-5678 봄", "(광고)알림상점 02-0000-5678 봄", id="hyphens"),
        pytest.param("알림상점(02)0000-5678", "(광고)알림상점(02)0000-5678", id="brackets"),
        pytest.param(
            "알림상점 고객센터 02-0000-5678", "(광고)알림상점 고객센터 02-0000-5678", id="word"
        ),
        pytest.param(
            "알림상점\n02.0000.5678\n봄", "(광고)알림상점\n02.0000.5678\n봄", id="next-line"
        ),
        pytest.param(
            "알림상점 02-0000-5678 20%", "(광고)알림상점 02-0000-5678 20%", id="other-number"
        ),
        pytest.param(
            "알림상점 02-0000-56789", "(광고)알림상점 0200005678 02-0000-56789", id="longer-number"
        ),
        pytest.param(
            "알림상점\n봄\n문의 02-0000-5678",
            "(광고)알림상점 0200005678\n봄\n문의 02-0000-5678",
            id="contact-further-on",
        ),
    ],
)
def test_names_the_contact_after_the_sender_once(body: str, head: str) -> None:
    assert compose(body, NAME, NUMBER, contact=CONTACT) == f"{head}\n{FOOTER}"


@given(AUTHORED, NAMES)
def test_composing_with_a_contact_again_changes_nothing(body: str, name: str) -> None:
    try:
        composed = compose(body, name, NUMBER, contact=CONTACT)
    except ValueError:
        return

    assert label_problems(composed, NUMBER) == ()
    assert CONTACT in composed
    assert compose(composed, name, NUMBER, contact=CONTACT) == composed


@pytest.mark.parametrize("contact", ["", "02-0000-5678", "고객센터", "０２"])
def test_needs_a_contact_in_digits(contact: str) -> None:
    with pytest.raises(ValueError, match="contact"):
        compose("봄", NAME, NUMBER, contact=contact)


@given(AUTHORED, st.sampled_from(["무료수신거부", "무료거부"]), st.text(max_size=3))
def test_the_usual_ending_is_judged_as_all_others_are(text: str, words: str, gap: str) -> None:
    text = f"{text}{gap}{words} 0800123456"
    refusals = tuple(_REFUSAL.finditer(text))
    right = all(
        each["words"] in OPT_OUT_WORDS and each["number"].replace("-", "") == "0800123456"
        for each in refusals
    )

    assert (opt_out_problem(text, "0800123456") is None) == (
        right and bool(refusals) and refusals[-1].end() == len(text)
    )
