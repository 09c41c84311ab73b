"""What headers mean."""

import pytest
from hypothesis import given, strategies as st

from functions.domain.contact_columns import Column, Field, read_columns
from functions.domain.contact_file import FileProblem


def fields(*headers: str) -> list[Field]:
    return [column.field for column in read_columns(headers)]


def names(*headers: str) -> list[str]:
    return [column.name for column in read_columns(headers)]


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("휴대폰", Field.PHONE),
        ("휴대폰번호", Field.PHONE),
        ("휴대전화", Field.PHONE),
        ("핸드폰 번호", Field.PHONE),
        ("연락처", Field.PHONE),
        ("전화번호", Field.PHONE),
        ("Phone", Field.PHONE),
        ("이메일", Field.EMAIL),
        ("E-mail", Field.EMAIL),
        ("문자수신동의", Field.ADVERTISING),
        ("SMS수신동의", Field.ADVERTISING),
        ("SMS 수신동의 여부", Field.ADVERTISING),
        ("ＳＭＳ수신동의", Field.ADVERTISING),
        ("광고수신동의", Field.ADVERTISING),
        ("야간수신동의", Field.NIGHT),
        ("동의일시", Field.CONSENT_DATE),
        ("동의일자", Field.CONSENT_DATE),
        ("그룹", Field.GROUP),
        ("회원등급", Field.GROUP),
        ("쿠폰코드", Field.ATTRIBUTE),
        ("", Field.IGNORED),
    ],
)
def test_understands_headers_in_korean_and_english(header: str, field: Field) -> None:
    assert fields("고객번호", header) == [Field.CONTACT_ID, field]


@pytest.mark.parametrize("header", ["고객번호", "회원번호", "customer_id", "Customer ID", "ID"])
def test_understands_what_a_customer_number_is_called(header: str) -> None:
    assert fields(header, "휴대폰") == [Field.CONTACT_ID, Field.PHONE]


@pytest.mark.parametrize("header", ["이름", "성명", "고객명", "name"])
def test_a_name_becomes_the_attribute_name(header: str) -> None:
    assert read_columns(["고객번호", header])[1] == Column(field=Field.ATTRIBUTE, name="name")


def test_a_landline_column_beside_the_mobile_is_an_attribute() -> None:
    assert fields("고객번호", "전화번호", "휴대폰") == [
        Field.CONTACT_ID,
        Field.ATTRIBUTE,
        Field.PHONE,
    ]


def test_consent_to_the_use_of_data_is_not_consent_to_advertising() -> None:
    assert fields("고객번호", "마케팅동의") == [Field.CONTACT_ID, Field.ATTRIBUTE]


def test_makes_names_that_templates_can_use() -> None:
    assert names("고객번호", "Coupon Code (VIP)", "2025 구매액", "氏名", "가입일") == [
        "고객번호",
        "coupon_code_vip",
        "_2025_구매액",
        "column_4",
        "가입일",
    ]


def test_a_header_cannot_start_a_formula() -> None:
    assert names("고객번호", "=cmd|' /C calc'!A0") == ["고객번호", "cmd_c_calc_a0"]


def test_refuses_a_file_without_customer_number_and_quotes_nothing_of_it() -> None:
    with pytest.raises(FileProblem) as caught:
        read_columns(["김민수", "010-0000-0000", "010-0000-0000"])

    assert caught.value.fault == "missing_columns"
    assert caught.value.columns == ("contact_id", "phone")


def test_names_only_the_missing_column() -> None:
    with pytest.raises(FileProblem) as caught:
        read_columns(["이름", "휴대폰"])

    assert caught.value.columns == ("contact_id",)


@pytest.mark.parametrize(
    ("headers", "repeated"),
    [
        (("고객번호", "휴대폰", "핸드폰"), ("휴대폰", "핸드폰")),
        (("고객번호", "연락처", "전화번호"), ("연락처", "전화번호")),
        (("고객번호", "회원번호", "휴대폰"), ("고객번호", "회원번호")),
        (("고객번호", "쿠폰 코드", "쿠폰_코드"), ("쿠폰_코드", "쿠폰_코드")),
        (("고객번호", "이름", "성명"), ("name", "name")),
        (("고객번호", "문자수신동의", "SMS수신동의"), ("문자수신동의", "sms수신동의")),
    ],
)
def test_refuses_two_columns_that_mean_the_same(
    headers: tuple[str, ...], repeated: tuple[str, ...]
) -> None:
    with pytest.raises(FileProblem) as caught:
        read_columns(headers)

    assert (caught.value.fault, caught.value.columns) == ("duplicate_columns", repeated)


def test_takes_several_group_columns_and_several_without_header() -> None:
    assert fields("고객번호", "그룹", "회원등급", "", " ") == [
        Field.CONTACT_ID,
        Field.GROUP,
        Field.GROUP,
        Field.IGNORED,
        Field.IGNORED,
    ]


def test_takes_thirty_further_columns_and_refuses_one_more() -> None:
    thirty = [f"정보{number}" for number in range(30)]

    assert len(read_columns(["고객번호", *thirty])) == 31
    with pytest.raises(FileProblem) as caught:
        read_columns(["고객번호", *thirty, "하나더"])
    assert caught.value.fault == "too_many_columns"


@given(st.lists(st.text(max_size=60), max_size=40))
def test_any_headers_give_safe_names_or_a_file_problem(headers: list[str]) -> None:
    try:
        columns = read_columns(["고객번호", *headers])
    except FileProblem:
        return
    for column in columns:
        assert 1 <= len(column.name) <= 50
        assert not column.name[0].isdigit()
        assert column.name.replace("_", "a").isalnum()
