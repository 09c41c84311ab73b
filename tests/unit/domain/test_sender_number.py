"""Which numbers may be shown as the sender."""

import re

import pytest
from hypothesis import given, strategies as st

from functions.domain.sender_number import (
    InvalidSenderNumber,
    SenderNumberFault,
    parse_contact_number,
    parse_sender_number,
)

Fault = SenderNumberFault


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        # NHN Cloud SMS console-guide, "발신 번호 등록 형식": 02-YYY-YYYY with the area code.
        pytest.param("02-012-3456", "020123456", id="seoul-seven-digits"),
        pytest.param("02-0123-4567", "0201234567", id="seoul-eight-digits"),
        # cafe24 help 18446579030297: 031-YYY-YYYY.
        pytest.param("031-012-3456", "0310123456", id="area-seven-digits"),
        pytest.param("051-0123-4567", "05101234567", id="area-eight-digits"),
        pytest.param("064)012-3456", "0640123456", id="bracket-after-area-code"),
        pytest.param("(044) 012.3456", "0440123456", id="brackets-and-dots"),
        # NHN Cloud, cafe24, mallstore notice 68: 15YY, 16YY and 18YY with exactly eight digits.
        pytest.param("1588-0000", "15880000", id="representative-15"),
        pytest.param("16000000", "16000000", id="representative-16"),
        pytest.param("1899-0000", "18990000", id="representative-18"),
        # NHN Cloud: shared services 0N0; cafe24: 030 has eleven digits.
        pytest.param("080-012-3456", "0800123456", id="free-call-seven-digits"),
        pytest.param("080-0123-4567", "08001234567", id="free-call-eight-digits"),
        pytest.param("060-012-3456", "0600123456", id="information-service"),
        pytest.param("030-0123-4567", "03001234567", id="unified-messaging"),
        pytest.param("030-0123-45678", "030012345678", id="unified-messaging-twelve-digits"),
    ],
)
def test_accepts_registrable_numbers(text: str, digits: str) -> None:
    assert parse_sender_number(text) == digits


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        pytest.param("", Fault.MALFORMED, id="nothing"),
        pytest.param("02-012-345a", Fault.MALFORMED, id="letter"),
        pytest.param("+82-2-012-3456", Fault.MALFORMED, id="international-form"),
        pytest.param("０２-０１２-３４５６", Fault.MALFORMED, id="full-width-digits"),
        pytest.param("02-012-3456\n", Fault.MALFORMED, id="line-break"),
        pytest.param("--", Fault.TOO_SHORT, id="only-hyphens"),
        # NHN Cloud console-guide and cafe24: eight to eleven digits.
        pytest.param("02-1234", Fault.TOO_SHORT, id="six-digits"),
        pytest.param("010-0000-0000-1", Fault.TOO_LONG, id="twelve-digits"),
        pytest.param("030-1234-567890", Fault.TOO_LONG, id="unified-messaging-thirteen-digits"),
        # cafe24 and mallstore notice 68: the area code is part of the number.
        pytest.param("777-7777", Fault.MISSING_AREA_CODE, id="no-area-code-seven-digits"),
        pytest.param("3456-7890", Fault.MISSING_AREA_CODE, id="no-area-code-eight-digits"),
        # mallstore notice 68: no extension, no area code before a representative number.
        pytest.param("1588-7777-111", Fault.WRONG_LENGTH, id="representative-with-extension"),
        pytest.param("1588-777", Fault.WRONG_LENGTH, id="representative-too-short"),
        pytest.param("1588", Fault.WRONG_LENGTH, id="representative-exchange-only"),
        pytest.param("031-1588-7777", Fault.AREA_CODE_NOT_ALLOWED, id="area-and-representative"),
        pytest.param("02-1899-7777", Fault.AREA_CODE_NOT_ALLOWED, id="seoul-and-representative"),
        # cafe24 and mallstore notice 68: short special numbers belong to their owners.
        pytest.param("112", Fault.SPECIAL_NUMBER, id="police"),
        pytest.param("182", Fault.SPECIAL_NUMBER, id="missing-children"),
        pytest.param("1335", Fault.SPECIAL_NUMBER, id="special-four-digits"),
        # cafe24: call forwarding cannot be registered.
        pytest.param("0504-012-3456", Fault.NOT_REGISTRABLE, id="forwarding"),
        pytest.param("050-1234-56789", Fault.NOT_REGISTRABLE, id="forwarding-twelve-digits"),
        # NHN Cloud console-guide: ranges that do not exist.
        pytest.param("070-0123-4567", Fault.NON_EXISTENT_RANGE, id="070-0"),
        pytest.param("070-1123-4567", Fault.NON_EXISTENT_RANGE, id="070-1"),
        pytest.param("010-0123-4567", Fault.NON_EXISTENT_RANGE, id="010-0"),
        pytest.param("010-1123-4567", Fault.NON_EXISTENT_RANGE, id="010-1"),
        # cafe24: mobile numbers begin with 010.
        pytest.param("011-012-3456", Fault.UNKNOWN_PREFIX, id="old-mobile"),
        pytest.param("099-123-4567", Fault.UNKNOWN_PREFIX, id="no-such-area"),
        pytest.param("1433-0000", Fault.UNKNOWN_PREFIX, id="14YY"),
        pytest.param("010-200-000", Fault.WRONG_LENGTH, id="mobile-nine-digits"),
        pytest.param("02-123-456", Fault.WRONG_LENGTH, id="seoul-eight-digits-in-all"),
        pytest.param("02-0123-45678", Fault.WRONG_LENGTH, id="seoul-eleven-digits-in-all"),
        pytest.param("080-01-2345", Fault.WRONG_LENGTH, id="free-call-nine-digits"),
    ],
)
def test_refuses_numbers_that_cannot_be_registered(text: str, fault: Fault) -> None:
    with pytest.raises(InvalidSenderNumber) as caught:
        parse_sender_number(text)

    assert caught.value.code is fault


@pytest.mark.parametrize(
    "area",
    [
        "031",
        "032",
        "033",
        "041",
        "042",
        "043",
        "044",
        "051",
        "052",
        "053",
        "054",
        "055",
        "061",
        "062",
        "063",
        "064",
    ],
)
def test_knows_the_area_codes(area: str) -> None:
    assert parse_sender_number(f"{area}-012-3456") == f"{area}0123456"


@pytest.mark.parametrize("area", ["034", "040", "045", "056", "059", "065", "067", "090"])
def test_knows_no_other_area_codes(area: str) -> None:
    with pytest.raises(InvalidSenderNumber) as caught:
        parse_sender_number(f"{area}-012-3456")

    assert caught.value.code is Fault.UNKNOWN_PREFIX


def test_error_text_does_not_repeat_the_number() -> None:
    with pytest.raises(InvalidSenderNumber, match=r"^non_existent_range$"):
        parse_sender_number("010-1123-4567")


# NHN Cloud: 010-ABYY-YYYY, and 070 likewise (cafe24: 070 can send); A is 2 to 9, for 0 and 1 do
# not exist. Drawn, not written down: any one of them may be somebody's.
@given(st.from_regex(r"0[17]0[2-9][0-9]{7}", fullmatch=True))
def test_accepts_mobile_and_internet_telephony(digits: str) -> None:
    assert parse_sender_number(f"{digits[:3]}-{digits[3:7]}-{digits[7:]}") == digits


@given(st.from_regex(r"0[1-8][0-9]{6,10}|1[4-8][0-9]{6}|[0-9]{2,13}", fullmatch=True))
def test_accepted_numbers_have_a_lawful_form(digits: str) -> None:
    try:
        parsed = parse_sender_number(digits)
    except InvalidSenderNumber:
        return

    assert parsed == digits
    assert 8 <= len(parsed) <= (12 if parsed.startswith("030") else 11)
    assert re.match(r"0|1[568]", parsed)
    assert not re.match(r"050|0[17]0[01]", parsed)


@given(
    st.sampled_from(["020123456", "03001234567", "15880000", "0800123456", "05101234567"]),
    st.lists(st.sampled_from(["", "-", " ", ".", ")"]), min_size=11, max_size=11),
)
def test_separators_do_not_matter(digits: str, separators: list[str]) -> None:
    written = "".join(map("".join, zip(digits, separators, strict=False)))

    assert parse_sender_number(written) == digits


@given(st.text() | st.text(alphabet="0123456789-. ()"))
def test_what_is_parsed_parses_to_itself(text: str) -> None:
    try:
        parsed = parse_sender_number(text)
    except InvalidSenderNumber:
        return

    assert parse_sender_number(parsed) == parsed


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("02-012-3456", "020123456"),
        ("1588-0000", "15880000"),
        ("080-012-3456", "0800123456"),
        ("0505-012-3456", "05050123456"),
        ("050-0123-45678", "050012345678"),
    ],
)
def test_contact_may_also_be_a_number_that_forwards_calls(text: str, digits: str) -> None:
    assert parse_contact_number(text) == digits


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("0505-012-345", Fault.NOT_REGISTRABLE),
        ("050-0123-456789", Fault.NOT_REGISTRABLE),
        ("112", Fault.SPECIAL_NUMBER),
        ("010-0123-4567", Fault.NON_EXISTENT_RANGE),
        ("0505-012-3456a", Fault.MALFORMED),
    ],
)
def test_contact_is_a_number_that_can_be_called(text: str, fault: Fault) -> None:
    with pytest.raises(InvalidSenderNumber) as caught:
        parse_contact_number(text)

    assert caught.value.code is fault
