"""The facts of korea.md that decide something, row by row, each with its source.

Only what the domain says in public is asked: label, sender numbers, sizes, night.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from functions.domain.ad_form import FORM_BY_MEDIUM, AdText, Advertiser, Medium
from functions.domain.ad_label import (
    InvalidOptOutNumber,
    LabelFault,
    compose,
    label_problems,
    parse_opt_out_number,
)
from functions.domain.quiet_hours import night_until
from functions.domain.sender_number import InvalidSenderNumber, parse_sender_number
from functions.domain.text_size import (
    MessageType,
    UnsendableText,
    check_size,
    normalise,
    size_bytes,
    text_type,
    uncertain,
    unsendable,
)

SEOUL = ZoneInfo("Asia/Seoul")
FREE = "080-012-3456"


def row(fact: str, source: str, *values: object) -> object:
    """A row of the table, named by its fact and source."""
    return pytest.param(*values, id=f"{fact} [{source}]")


# ---- 4.2 label format


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        row("starts with the label, ends with 무료수신거부", "gongbizguide.oopy.io; NHN-SMS",
            "(광고)알림상점\n봄 할인\n무료수신거부 0800123456", []),
        row("무료거부 will do", "NHN-SMS -6003", "(광고)알림상점 봄\n무료거부 080-012-3456", []),
        row("no label", "NHN-SMS -6003", "봄\n무료수신거부 0800123456", ["label_missing"]),
        row("label not first", "NHN-SMS -6003", "봄 (광고)\n무료거부 0800123456",
            ["label_not_at_start"]),
        row("(광/고)", "gongbizguide.oopy.io", "(광/고)봄\n무료거부 0800123456",
            ["label_imitated"]),
        row("(광 고)", "gongbizguide.oopy.io", "(광 고)봄\n무료거부 0800123456",
            ["label_imitated"]),
        row('("광고")', "gongbizguide.oopy.io", '("광고")봄\n무료거부 0800123456',
            ["label_imitated"]),
        row("[광고]", "gongbizguide.oopy.io", "[광고]봄\n무료거부 0800123456", ["label_imitated"]),
        row("no way to refuse", "LAW-NET 50(4)", "(광고)봄", ["opt_out_missing"]),
        row("another number", "NHN-SMS -6003", "(광고)봄\n무료거부 0801112222", ["opt_out_wrong"]),
        row("a number that costs", "LAW-NET 50(6), 62", "(광고)봄\n무료거부 02-012-3456",
            ["opt_out_wrong"]),
        row("words after it", "NHN-SMS -6003", "(광고)봄\n무료거부 0800123456\n끝",
            ["opt_out_not_at_end"]),
    ],
)  # fmt: skip
def test_label(text: str, faults: list[str]) -> None:
    assert [str(problem.fault) for problem in label_problems(text, FREE)] == faults


@pytest.mark.parametrize(
    ("contact", "head"),
    [
        row("sender's name right after the label", "gongbizguide.oopy.io", None, "(광고)알림상점"),
        row("then the contact", "gongbizguide.oopy.io; invitobiz 576", "15880000",
            "(광고)알림상점 15880000"),
    ],
)  # fmt: skip
def test_label_names_the_sender(contact: str | None, head: str) -> None:
    composed = compose("봄", "알림상점", FREE, contact=contact)

    assert composed == f"{head}\n봄\n무료수신거부 0800123456"


def test_label_of_an_lms_stands_in_the_body() -> None:  # phps.kr faq 35210
    text_form, who = FORM_BY_MEDIUM[Medium.TEXT], Advertiser(name="알림상점", refusal=FREE)

    only_in_subject = AdText(title="(광고)봄", body="봄\n무료거부 0800123456")

    assert [problem.fault for problem in text_form.problems(only_in_subject, who)] == [
        LabelFault.LABEL_MISSING
    ]


@pytest.mark.parametrize(
    ("medium", "refusal", "expected"),
    [
        row("RCS unified: both inside the text", "NHN-HUB rcs.md", Medium.RCS, FREE,
            AdText(title="봄", body="(광고)알림상점\n할인\n무료수신거부 0800123456")),
        row("push: label and name first, refusal last", "nachocode docs", Medium.PUSH,
            "앱 설정 > 알림", AdText(title="(광고)알림상점 봄", body="할인\n앱 설정 > 알림")),
        row("e-mail: subject starts with the label", "stibee help", Medium.EMAIL,
            "https://a.example/p",
            AdText(title="(광고) 봄",
                   body="할인\n알림상점\n수신거부 (Unsubscribe): https://a.example/p")),
        row("brand message: Kakao shows it by a flag", "NHN-KKO unsubscribeNo; cs.kakao.com",
            Medium.BRAND_MESSAGE, FREE,
            AdText(title="봄", body="할인", ad_flag=True, opt_out_number="0800123456")),
    ],
)  # fmt: skip
def test_form_of_a_medium(medium: Medium, refusal: str, expected: AdText) -> None:
    who = Advertiser(name="알림상점", refusal=refusal)

    assert FORM_BY_MEDIUM[medium].compose(AdText(title="봄", body="할인"), who) == expected


@pytest.mark.parametrize(
    ("text", "free"),
    [
        row("080 costs nothing", "LAW-NET 50(6), 62", "080-012-3456", True),
        row("a landline does", "LAW-NET 50(6), 62", "02-012-3456", False),
        row("a switchboard number does", "LAW-NET 50(6), 62", "1588-0000", False),
        row("a mobile phone does", "LAW-NET 50(6), 62", "010-0012-3456", False),
    ],
)
def test_refusing_is_free(text: str, free: bool) -> None:
    try:
        parse_opt_out_number(text)
    except InvalidOptOutNumber:
        assert not free
    else:
        assert free


# ---- 4.1 and 2.6 windows


@pytest.mark.parametrize(
    ("clock", "until"),
    [
        row("20:59 is day", "LAW-NET 50(3)", "2026-11-20 20:59:59", None),
        row("21:00 is night", "LAW-NET 50(3)", "2026-11-20 21:00:00", "2026-11-21 08:00"),
        row("midnight is night", "LAW-NET 50(3)", "2026-11-21 00:00:00", "2026-11-21 08:00"),
        row("07:59 is night", "LAW-NET 50(3)", "2026-11-21 07:59:59", "2026-11-21 08:00"),
        row("08:00 is day", "LAW-NET 50(3)", "2026-11-21 08:00:00", None),
    ],
)
def test_night(clock: str, until: str | None) -> None:
    now = datetime.fromisoformat(clock).replace(tzinfo=SEOUL)

    ends = night_until(now, zone=SEOUL)

    assert (ends and f"{ends.astimezone(SEOUL):%Y-%m-%d %H:%M}") == until


# ---- 4.3 sender numbers


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        row("02 with area code", "NHN-SMS console-guide 158-165", "02-012-3456", None),
        row("031 with area code", "cafe24 18446579030297", "031-012-3456", None),
        row("064 with area code", "NHN-SMS console-guide", "064-0123-4567", None),
        row("without area code", "cafe24; mallstore 68", "777-7777", "missing_area_code"),
        row("15YY of eight digits", "NHN-SMS; cafe24; mallstore 68", "1588-0000", None),
        row("16YY of eight digits", "NHN-SMS; cafe24; mallstore 68", "1600-0000", None),
        row("18YY of eight digits", "NHN-SMS; cafe24; mallstore 68", "1899-0000", None),
        row("15YY of seven", "NHN-SMS; cafe24", "1588-000", "wrong_length"),
        row("15YY with an extension", "mallstore 68", "1588-0000-111", "wrong_length"),
        row("15YY with an area code", "mallstore 68", "031-1588-0000", "area_code_not_allowed"),
        row("0N0 shared services", "NHN-SMS console-guide", "080-012-3456", None),
        row("060", "NHN-SMS console-guide", "060-012-3456", None),
        row("030 of eleven", "cafe24", "030-0123-4567", None),
        row("030 of twelve", "cafe24; mallstore 68", "030-0123-45678", None),
        row("030 of ten", "cafe24", "030-0123-456", "wrong_length"),
        row("050 forwards calls", "cafe24", "0505-012-3456", "not_registrable"),
        row("070-0 does not exist", "NHN-SMS", "070-0123-4567", "non_existent_range"),
        row("070-1 does not exist", "NHN-SMS", "070-1123-4567", "non_existent_range"),
        row("010-0 does not exist", "NHN-SMS", "010-0123-4567", "non_existent_range"),
        row("010-1 does not exist", "NHN-SMS", "010-1123-4567", "non_existent_range"),
        row("011 is no mobile number any more", "cafe24", "011-012-3456", "unknown_prefix"),
        row("112 is its owner's", "NHN-SMS; cafe24", "112", "special_number"),
        row("1335 is its owner's", "NHN-SMS; cafe24; mallstore 68", "1335", "special_number"),
        row("seven digits", "NHN-SMS; cafe24", "02-123-45", "too_short"),
        row("twelve digits", "NHN-SMS; cafe24", "02-0123-456789", "too_long"),
    ],
)
def test_sender_number(text: str, fault: str | None) -> None:
    if fault is None:
        assert parse_sender_number(text) == text.replace("-", "")
        return

    with pytest.raises(InvalidSenderNumber) as caught:
        parse_sender_number(text)

    assert caught.value.code == fault


# NHN-SMS console-guide: 010-ABYY-YYYY; cafe24: 070 can send. Drawn, not written down: any of them
# may be somebody's.
@given(st.from_regex(r"0[17]0[2-9][0-9]{7}", fullmatch=True))
def test_mobile_and_internet_numbers_can_send(digits: str) -> None:
    assert parse_sender_number(digits) == digits


# ---- 2.1 and 2.2 sizes


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        row("ASCII is one byte", "NHN-SMS api-guide", "a1!", 3),
        row("Hangul is two", "NHN-SMS api-guide", "가나", 4),
        row("also outside KS X 1001", "own experiment", "똠", 2),
        row("a line feed is one", "own experiment", "\n", 1),
        row("signs of EUC-KR are two", "own experiment", "★♥☎", 6),
    ],
)
def test_bytes(text: str, expected: int) -> None:
    assert size_bytes(text) == expected


@pytest.mark.parametrize(
    ("kind", "text", "subject", "fits"),
    [
        row("SMS of 90 bytes", "NHN-SMS; SENS", MessageType.SMS, "가" * 45, None, True),
        row("SMS of 91", "NHN-SMS; SENS", MessageType.SMS, "가" * 45 + "a", None, False),
        row("LMS of 2,000 bytes", "NHN-SMS; DOC 1031", MessageType.LMS, "가" * 1_000, None, True),
        row("LMS of 2,001", "NHN-SMS; DOC 1031", MessageType.LMS, "가" * 1_000 + "a", None, False),
        row("MMS of 2,001", "NHN-SMS; DOC 1031", MessageType.MMS, "가" * 1_000 + "a", None, False),
        row("subject of 40 bytes", "NHN-SMS; DOC 1014", MessageType.LMS, "가", "가" * 20, True),
        row("subject of 41", "DOC 1014", MessageType.LMS, "가", "가" * 20 + "a", False),
        row("subject of an SMS", "DOC 1013", MessageType.SMS, "가", "가", False),
        row("Alimtalk of 1,300 characters", "NHN-KKO release notes 2025-10-28",
            MessageType.ALIMTALK, "가" * 1_300, None, True),
        row("Alimtalk of 1,301", "NHN-KKO release notes 2025-10-28", MessageType.ALIMTALK,
            "가" * 1_301, None, False),
    ],
)  # fmt: skip
def test_limits(kind: MessageType, text: str, subject: str | None, fits: bool) -> None:
    problems = check_size(kind, text, subject=subject)

    assert all(not problem.blocks for problem in problems) is fits


@pytest.mark.parametrize(
    ("text", "subject", "has_image", "kind"),
    [
        row("90 bytes are an SMS", "DEV sendManyDetail", "가" * 45, None, False, "sms"),
        row("91 are an LMS", "DEV sendManyDetail", "가" * 45 + "a", None, False, "lms"),
        row("a subject makes an LMS", "DEV sendManyDetail", "가", "가", False, "lms"),
        row("an image makes an MMS", "DEV sendManyDetail", "가", None, True, "mms"),
    ],
)
def test_type(text: str, subject: str | None, has_image: bool, kind: str) -> None:
    assert text_type(text, subject=subject, has_image=has_image) == kind


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        row("₩ becomes ￦", "own experiment", "₩1,000", "￦1,000"),
        row("a dash becomes a hyphen", "own experiment", "1–2—3", "1-2-3"),
        row("a hard space becomes a space", "own experiment", "가\u00a0나", "가 나"),
        row("a bullet becomes a dot", "own experiment", "•가", "·가"),
        row("invisible ones go", "own experiment", "가\u200b나\ufe0f", "가나"),
        row("a line end is one character", "own experiment", "가\r\n나", "가\n나"),
    ],
)
def test_what_is_replaced(text: str, sent: str) -> None:
    assert normalise(text).text == sent
    assert unsendable(sent) == ()


@pytest.mark.parametrize(
    "text",
    [row("an emoji is refused", "DOC 1029; SENS", "🌸"), row("é is refused", "DOC 1029", "é")],
)
def test_what_carriers_refuse(text: str) -> None:
    assert unsendable(text) == (text,)
    with pytest.raises(UnsendableText):
        size_bytes(text)


@pytest.mark.parametrize("syllable", [row("not in KS X 1001", "DOC 1029; UNVERIFIED", "뷁")])
def test_what_some_phones_may_not_show(syllable: str) -> None:
    assert uncertain(syllable) == (syllable,)
