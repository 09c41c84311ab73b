"""The legal form of advertisements in every medium."""

from typing import Any

import pytest
from hypothesis import given, strategies as st

from functions.domain.ad_form import FORM_BY_MEDIUM, AdText, Advertiser, Medium
from functions.domain.ad_label import ImitationLabel, LabelFault

NUMBER = "080-012-3456"
FOOTER = "무료수신거부 0800123456"
IN_APP = "수신거부: 앱 설정 > 알림"
PAGE = "https://go.example.com/p/abc"
REFUSAL_BY_MEDIUM = {
    Medium.TEXT: NUMBER,
    Medium.RCS: NUMBER,
    Medium.PUSH: IN_APP,
    Medium.EMAIL: PAGE,
    Medium.BRAND_MESSAGE: NUMBER,
}
FRAGMENTS = st.sampled_from(
    ["(광고)", "(광 고)", "[광고]", "알림상점", "[", "]", " ", "\n", "봄", "a", FOOTER, IN_APP,
     PAGE, "무료거부 0801112222", "수신거부 (Unsubscribe): ", "02-0000-5678"]
)  # fmt: skip
AUTHORED = st.lists(FRAGMENTS, max_size=8).map("".join)


def advertiser(medium: Medium, **values: Any) -> Advertiser:
    facts: dict[str, Any] = {"name": "알림상점", "refusal": REFUSAL_BY_MEDIUM[medium]}
    return Advertiser(**(facts | values))


def composed(medium: Medium, body: str, title: str | None = None, **values: Any) -> AdText:
    return FORM_BY_MEDIUM[medium].compose(
        AdText(title=title, body=body), advertiser(medium, **values)
    )


def faults(medium: Medium, **values: Any) -> list[LabelFault]:
    found = FORM_BY_MEDIUM[medium].problems(AdText(**values), advertiser(medium))
    return [problem.fault for problem in found]


def test_every_medium_has_a_form() -> None:
    assert set(FORM_BY_MEDIUM) == set(Medium)


@pytest.mark.parametrize("medium", list(Medium))
@given(body=AUTHORED, title=st.none() | AUTHORED, contact=st.sampled_from([None, "0200005678"]))
def test_what_is_composed_has_the_form_and_keeps_it(
    medium: Medium, body: str, title: str | None, contact: str | None
) -> None:
    form, who = FORM_BY_MEDIUM[medium], advertiser(medium, contact=contact)
    try:
        ad = form.compose(AdText(title=title, body=body), who)
    except ImitationLabel:
        return

    assert form.problems(ad, who) == ()
    assert form.compose(ad, who) == ad


@pytest.mark.parametrize("medium", list(Medium))
def test_an_imitated_label_is_refused_everywhere(medium: Medium) -> None:
    title = "(광 고) 봄" if medium is Medium.EMAIL else None

    with pytest.raises(ImitationLabel) as caught:
        composed(medium, "(광 고) 봄", title)

    assert caught.value.found == "(광 고)"


@pytest.mark.parametrize("medium", [Medium.TEXT, Medium.RCS])
def test_text_has_all_of_it_in_the_body(medium: Medium) -> None:
    ad = composed(medium, "봄 할인", "봄 소식", contact="0200005678")

    assert ad == AdText(title="봄 소식", body=f"(광고)알림상점 0200005678\n봄 할인\n{FOOTER}")


def test_text_with_an_imitation_in_its_subject_is_refused() -> None:
    with pytest.raises(ImitationLabel):
        composed(Medium.TEXT, "봄", "[광고] 봄")
    assert faults(Medium.TEXT, title="[광고] 봄", body=f"(광고)봄\n{FOOTER}") == [
        LabelFault.LABEL_IMITATED
    ]


@pytest.mark.parametrize(
    ("title", "body", "expected"),
    [
        ("봄 할인", "오늘까지", ("(광고)알림상점 봄 할인", f"오늘까지\n{IN_APP}")),
        ("(광고)알림상점 봄", "오늘", ("(광고)알림상점 봄", f"오늘\n{IN_APP}")),
        ("봄", "(광고) 오늘", ("(광고)알림상점 봄", f"오늘\n{IN_APP}")),
        ("봄", f"오늘 {IN_APP}", ("(광고)알림상점 봄", f"오늘 {IN_APP}")),
        (None, "오늘까지", (None, f"(광고)알림상점\n오늘까지\n{IN_APP}")),
        (" ", "오늘까지", (None, f"(광고)알림상점\n오늘까지\n{IN_APP}")),
        (None, "", (None, f"(광고)알림상점\n{IN_APP}")),
    ],
)
def test_push_begins_with_label_and_sender_and_ends_with_the_way_to_refuse(
    title: str | None, body: str, expected: tuple[str | None, str]
) -> None:
    ad = composed(Medium.PUSH, body, title)

    assert (ad.title, ad.body) == expected


def test_push_says_what_it_lacks() -> None:
    assert faults(Medium.PUSH, title="봄", body="오늘") == [
        LabelFault.LABEL_MISSING,
        LabelFault.OPT_OUT_MISSING,
    ]
    assert faults(Medium.PUSH, title="(광고)봄", body=f"{IN_APP}\n오늘") == [
        LabelFault.SENDER_MISSING,
        LabelFault.OPT_OUT_NOT_AT_END,
    ]


def test_push_with_the_way_to_refuse_in_the_middle_is_refused() -> None:
    with pytest.raises(ImitationLabel) as caught:
        composed(Medium.PUSH, f"{IN_APP}\n오늘")

    assert caught.value.problem.fault is LabelFault.OPT_OUT_NOT_AT_END


@pytest.mark.parametrize(
    ("title", "body", "contact", "expected"),
    [
        (
            "봄 할인",
            "안녕하세요",
            None,
            ("(광고) 봄 할인", f"안녕하세요\n알림상점\n수신거부 (Unsubscribe): {PAGE}"),
        ),
        (
            "(광고)봄",
            "봄\n",
            "0200005678",
            ("(광고)봄", f"봄\n알림상점 0200005678\n수신거부 (Unsubscribe): {PAGE}"),
        ),
        (
            "봄",
            f"알림상점 (02-0000-5678)\n구독 해지 {PAGE}",
            "0200005678",
            ("(광고) 봄", f"알림상점 (02-0000-5678)\n구독 해지 {PAGE}"),
        ),
        (None, "봄", None, ("(광고) 알림상점", f"봄\n알림상점\n수신거부 (Unsubscribe): {PAGE}")),
    ],
)
def test_email_labels_the_subject_and_ends_with_the_page(
    title: str | None, body: str, contact: str | None, expected: tuple[str, str]
) -> None:
    ad = composed(Medium.EMAIL, body, title, contact=contact)

    assert (ad.title, ad.body) == expected


def test_email_says_what_it_lacks() -> None:
    assert faults(Medium.EMAIL, title="봄 (광고)", body=f"{PAGE} 봄") == [
        LabelFault.LABEL_NOT_AT_START,
        LabelFault.SENDER_MISSING,
        LabelFault.OPT_OUT_NOT_AT_END,
    ]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("봄 할인", "봄 할인"),
        ("(광고) 봄 할인", "봄 할인"),
        ("(광고)알림상점\n봄", "알림상점\n봄"),
        (f"봄\n{FOOTER}", "봄"),
        ("봄\n[무료수신거부]080-012-3456", "봄"),
    ],
)
def test_brand_message_leaves_to_kakao_what_kakao_shows(body: str, expected: str) -> None:
    ad = composed(Medium.BRAND_MESSAGE, body)

    assert ad == AdText(body=expected, ad_flag=True, opt_out_number="0800123456")


def test_brand_message_says_what_it_lacks() -> None:
    assert faults(Medium.BRAND_MESSAGE, body="(광고)봄") == [
        LabelFault.AD_FLAG_MISSING,
        LabelFault.LABEL_TWICE,
        LabelFault.OPT_OUT_MISSING,
    ]
    assert faults(Medium.BRAND_MESSAGE, body="봄", ad_flag=True, opt_out_number="0801112222") == [
        LabelFault.OPT_OUT_WRONG
    ]


def test_brand_message_with_another_number_to_refuse_is_refused() -> None:
    with pytest.raises(ImitationLabel):
        composed(Medium.BRAND_MESSAGE, "봄\n무료거부 0801112222")


@pytest.mark.parametrize("refusal", ["", " ", " 설정", "설정\n알림"])
@pytest.mark.parametrize("medium", [Medium.PUSH, Medium.EMAIL])
def test_the_way_to_refuse_is_one_line(medium: Medium, refusal: str) -> None:
    with pytest.raises(ValueError, match="refusal"):
        composed(medium, "봄", refusal=refusal)


def test_what_recipients_read_is_not_shown_in_logs() -> None:
    assert "김하나" not in repr(AdText(title="김하나님", body="김하나님"))
