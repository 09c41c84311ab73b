"""Rows, and everything that can be wrong with them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings, strategies as st

from functions.domain.contact import Email, Phone
from functions.domain.contact_columns import read_columns
from functions.domain.contact_row import ContactRow, RowReader, Statement, marked, rejected
from functions.domain.seen_keys import SeenKeys

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
HEADERS = ("고객번호", "이름", "휴대폰", "이메일", "회원등급", "문자수신동의", "야간수신동의")
COLUMNS = read_columns((*HEADERS, "동의일시", "쿠폰코드", ""))
PHONE = Phone("+821000000001")
GOOD = {
    "contact_id": "C1",
    "name": "김하나",
    "phone": "010-0000-0001",
    "email": "a@example.com",
    "grade": "VIP",
    "consent": "Y",
    "night": "N",
    "date": "2026-03-05",
    "coupon": "SPRING",
    "unnamed": "",
}
LABELS = {
    "contact_id": "고객번호",
    "name": "name",
    "phone": "휴대폰",
    "email": "이메일",
    "grade": "회원등급",
    "consent": "문자수신동의",
    "night": "야간수신동의",
    "date": "동의일시",
    "coupon": "쿠폰코드",
}


def read_phone(text: str) -> Phone | str:
    """Enough of a reader of numbers for these tests."""
    known = {
        "010-0000-0001": PHONE,
        "+82 10-0000-0001": PHONE,
        "+1 202 555 0100": Phone("+12025550100"),
        "02-100-0000": "landline",
        "+82 2-100-0000": "landline",
        "010-12": "invalid_number",
    }
    return known.get(text, "not_a_number")


READER = RowReader(columns=COLUMNS, read_phone=read_phone, zone=ZoneInfo("Asia/Seoul"), now=NOW)


def read(**cells: str) -> ContactRow:
    return READER.read(list((GOOD | cells).values()), row=7)


def problems(**cells: str) -> list[tuple[str, str]]:
    return [(problem.column, str(problem.code)) for problem in read(**cells).problems]


def test_reads_a_good_row() -> None:
    assert read() == ContactRow(
        row=7,
        contact_id="C1",  # type: ignore[arg-type]
        phone=PHONE,
        email=Email("a@example.com"),
        attributes={"name": "김하나", "회원등급": "VIP", "쿠폰코드": "SPRING"},
        groups={"회원등급": "VIP"},
        statement=Statement(
            advertising=True, night=False, at=datetime(2026, 3, 4, 15, 0, tzinfo=UTC)
        ),
    )


def test_blank_cells_and_lone_hyphens_say_nothing() -> None:
    row = read(name="", email=" ", grade="-", consent="", night="-", date="\u3000", coupon="-")

    assert row.problems == ()
    assert (row.email, row.attributes, row.groups) == (None, {}, {})
    assert row.statement == Statement()


@pytest.mark.parametrize(
    "word", ["Y", "y", "예", "동의", "동의함", "수신 동의", "TRUE", "1", "O", "Ｙ"]
)
def test_understands_yes(word: str) -> None:
    assert read(consent=word).statement.advertising is True


@pytest.mark.parametrize("word", ["N", "아니오", "미동의", "수신거부", "FALSE", "0", "X"])
def test_understands_no(word: str) -> None:
    assert read(consent=word).statement.advertising is False


@pytest.mark.parametrize(
    ("cell", "value", "code"),
    [
        ("contact_id", "", "missing_id"),
        ("contact_id", "C 1", "invalid_id"),
        ("contact_id", "홍길동", "invalid_id"),
        ("contact_id", "C" * 65, "invalid_id"),
        ("phone", "", "missing_phone"),
        ("phone", "-", "missing_phone"),
        ("phone", "없음", "not_a_number"),
        ("phone", "010-12", "invalid_number"),
        ("phone", "02-100-0000", "landline"),
        ("phone", "+82 2-100-0000", "landline"),
        ("phone", "+1 202 555 0100", "foreign_number"),
        ("email", "example.com", "invalid_email"),
        ("email", "a@b@example.com", "invalid_email"),
        ("email", "a b@example.com", "invalid_email"),
        ("email", "a@example", "invalid_email"),
        ("email", "a@example..com", "invalid_email"),
        ("consent", "아마도", "unknown_consent_value"),
        ("night", "2", "unknown_consent_value"),
        ("date", "작년", "invalid_date"),
        ("date", "2026-11-21", "date_in_future"),
        ("name", "=cmd|' /C calc'!A0", "formula_injection"),
        ("name", "@SUM(1)", "formula_injection"),
        ("name", "+SUM(01000000001)", "formula_injection"),
        ("name", "-2+3", "formula_injection"),
        ("name", "＝1+1", "formula_injection"),
        ("name", " =1+1", "formula_injection"),
        ("name", "\t=1+1", "formula_injection"),
        ("name", "\rhello", "formula_injection"),
        ("name", "\ufeff=1+1", "formula_injection"),
        ("coupon", "+1 234", "formula_injection"),
        ("phone", "=010-0000-0001", "formula_injection"),
        ("name", "a\tb", "control_characters"),
        ("name", "a\x1bb", "control_characters"),
        ("name", "a\x85b", "control_characters"),
        ("name", "a\u202eb", "control_characters"),
        ("name", "가" * 201, "too_long"),
        ("grade", "가" * 101, "too_long"),
        ("coupon", "x" * 10_001, "cell_too_large"),
    ],
)
def test_refuses_a_bad_cell_with_its_column_and_code(cell: str, value: str, code: str) -> None:
    assert problems(**{cell: value}) == [(LABELS[cell], code)]


def test_names_all_problems_of_a_row_at_once() -> None:
    found = problems(contact_id="", phone="없음", email="x", consent="?", date="?", name="=1")

    assert found == [
        ("고객번호", "missing_id"),
        ("name", "formula_injection"),
        ("휴대폰", "not_a_number"),
        ("이메일", "invalid_email"),
        ("문자수신동의", "unknown_consent_value"),
        ("동의일시", "invalid_date"),
    ]


@pytest.mark.parametrize("value", ["-5", "-1,200", "-12.5%", "+82 10-0000-0001", "가-나", "1+1"])
def test_negative_numbers_and_phones_are_no_formulas(value: str) -> None:
    assert read(coupon=value).attributes["쿠폰코드"] == value


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("서울\r\n종로", "서울 종로"),
        (" \u00a0김하나\u3000", "김하나"),
        ("\u1100\u1161", "가"),
        ("a\u200bb", "ab"),
        ("가" * 200, "가" * 200),
    ],
    ids=["line break", "outer spaces", "decomposed", "zero width", "longest"],
)
def test_tidies_what_spreadsheets_leave(value: str, kept: str) -> None:
    assert read(coupon=value).attributes["쿠폰코드"] == kept


def test_a_slash_in_a_grade_stays_out_of_the_group_name() -> None:
    row = read(grade="일반/준회원")

    assert row.groups == {"회원등급": "일반-준회원"}
    assert row.attributes["회원등급"] == "일반/준회원"


def test_a_date_of_today_is_not_in_the_future() -> None:
    assert problems(date="2026-11-20") == []


def test_warns_about_a_value_under_an_empty_header() -> None:
    assert read(unnamed="12").warnings == ("unnamed_column",)


def test_shows_no_personal_value_when_printed() -> None:
    shown = repr(read())

    assert "김하나" not in shown
    assert "0000001" not in shown
    assert "a@example" not in shown


def test_a_row_that_cannot_be_taken_apart_has_one_problem_of_its_own() -> None:
    row = rejected(9, "wrong_cell_count")

    assert [(each.column, each.code) for each in row.problems] == [("", "wrong_cell_count")]


def test_rejects_a_second_row_of_the_same_person_or_phone() -> None:
    seen = SeenKeys()
    first = marked(read(), seen, COLUMNS)
    same = marked(read(), seen, COLUMNS)
    other_id = marked(read(contact_id="C2"), seen, COLUMNS)

    assert first.problems == ()
    assert [(p.column, p.code) for p in same.problems] == [
        ("고객번호", "duplicate_in_file"),
        ("휴대폰", "duplicate_in_file"),
    ]
    assert [(p.column, p.code) for p in other_id.problems] == [("휴대폰", "duplicate_in_file")]


def test_a_rejected_row_does_not_make_the_next_one_a_duplicate() -> None:
    seen = SeenKeys()
    marked(read(email="x"), seen, COLUMNS)

    assert marked(read(), seen, COLUMNS).problems == ()


def test_tells_of_a_duplicate_together_with_the_other_problems() -> None:
    seen = SeenKeys()
    marked(read(), seen, COLUMNS)

    row = marked(read(phone="없음", email="x"), seen, COLUMNS)

    assert [str(problem.code) for problem in row.problems] == [
        "not_a_number",
        "invalid_email",
        "duplicate_in_file",
    ]


CELLS = st.text(max_size=300) | st.sampled_from(["=1", "-", "Y", "\x00", "\ud800", "+8210"])


@given(st.lists(CELLS, min_size=len(COLUMNS), max_size=len(COLUMNS)))
@settings(deadline=None)
def test_any_cells_give_a_row_in_which_no_value_can_start_a_formula(cells: list[str]) -> None:
    row = READER.read(cells, row=1)

    for value in row.attributes.values():
        assert value == value.strip()
        assert not value.startswith(("=", "@", "\t", "\r", "＝", "＠"))
        assert "\x00" not in value
