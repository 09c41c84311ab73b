"""What headers mean."""

import unicodedata

import pytest
from hypothesis import given, strategies as st

from functions.domain.contact_columns import is_meaning, read_columns, repeated_meanings
from functions.domain.contact_file import Column, Field, FileFault, FileProblem


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
        ("", Field.UNNAMED),
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
        Field.UNNAMED,
        Field.UNNAMED,
    ]


def mapped(mapping: dict[str, str], *headers: str) -> list[tuple[str, str]]:
    return [(str(each.field), each.name) for each in read_columns(headers, mapping)]


def test_a_mapping_says_what_columns_hold() -> None:
    mapping = {
        "번호": "contact_id",
        "폰": "phone",
        "메모": "ignore",
        "동네": "attribute:city",
        "단계": "group",
    }

    assert mapped(mapping, "번호", "폰", "메모", "동네", "단계", "생일") == [
        ("contact_id", "번호"),
        ("phone", "폰"),
        ("ignore", "메모"),
        ("attribute", "city"),
        ("group", "단계"),
        ("attribute", "생일"),
    ]


@pytest.mark.parametrize(
    ("assigned", "guessed"),
    [
        ("contact_id", "회원번호"),
        ("phone", "휴대폰"),
        ("phone", "연락처"),
        ("email", "이메일"),
        ("advertising", "광고수신동의"),
        ("night", "야간수신동의"),
        ("consent_date", "동의일시"),
        ("group", "등급"),
    ],
)
def test_what_is_mapped_is_not_guessed_of_another_column(assigned: str, guessed: str) -> None:
    columns = mapped({"내것": assigned}, "id", "내것", guessed)

    assert columns[1] == (assigned, "내것")
    assert columns[2] == ("attribute", guessed)


def test_a_mapped_name_is_not_guessed_of_another_column() -> None:
    assert mapped({"닉네임": "attribute:name"}, "id", "닉네임", "이름")[1:] == [
        ("attribute", "name"),
        ("attribute", "이름"),
    ]


def test_a_phone_column_that_is_mapped_to_something_else_leaves_the_guess_to_others() -> None:
    assert mapped({"휴대폰": "ignore"}, "id", "휴대폰", "연락처")[2] == ("phone", "연락처")


def test_headers_are_found_whatever_spaces_and_composition_they_have() -> None:
    decomposed = unicodedata.normalize("NFD", "번호")

    assert mapped({"번호 ": "contact_id"}, decomposed)[0][0] == "contact_id"


def test_names_the_mapped_headers_that_the_file_has_not() -> None:
    with pytest.raises(FileProblem) as caught:
        read_columns(["id", "폰"], {"전번": "phone", "메일": "email", "폰": "ignore"})

    assert caught.value.fault is FileFault.UNKNOWN_HEADERS
    assert caught.value.columns == ("메일", "전번")


def test_refuses_a_mapped_column_that_means_what_another_does() -> None:
    with pytest.raises(FileProblem) as caught:
        read_columns(["id", "동네", "city"], {"동네": "attribute:city"})

    assert (caught.value.fault, caught.value.columns) == ("duplicate_columns", ("city", "city"))


@pytest.mark.parametrize(
    ("meaning", "known"),
    [
        ("contact_id", True),
        ("ignore", True),
        ("attribute:city", True),
        ("attribute:쿠폰_코드", True),
        ("attribute", False),
        ("attribute:", False),
        ("attribute:City", False),
        ("attribute:a b", False),
        ("attribute:=cmd", False),
        (f"attribute:{'a' * 51}", False),
        ("unnamed", False),
        ("Phone", False),
        ("", False),
    ],
)
def test_knows_what_a_mapping_may_say(meaning: str, *, known: bool) -> None:
    assert is_meaning(meaning) is known


def test_finds_headers_of_which_a_mapping_says_the_same() -> None:
    mapping = {
        "가": "phone",
        "나": "attribute:a",
        "다": "phone",
        "라": "attribute:a",
        "마": "group",
        "바": "group",
        "사": "ignore",
        "아": "ignore",
    }

    assert repeated_meanings(mapping) == ["가", "다", "나", "라"]


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
