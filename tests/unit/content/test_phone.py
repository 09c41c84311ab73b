import pytest

from functions.content.phone import InvalidPhone, parse_phone
from functions.domain.contact import Phone


@pytest.mark.parametrize(
    "text",
    [
        "01000000001",
        "010-0000-0001",
        "010 0000 0001",
        "010.0000.0001",
        "(010) 0000-0001",
        "010)0000-0001",
        "1000000001",
        "+821000000001",
        "+82 10-0000-0001",
        "+82 010-0000-0001",
        "+82 (0)10-0000-0001",
        "82-10-0000-0001",
        "０１０－００００－０００１",
        "  010-0000-0001 \t",
        "tel:010-0000-0001",
        "010–0000–0001",
        "\u202a010-0000-0001\u202c",
    ],
)
def test_one_number_in_any_spelling(text: str) -> None:
    assert parse_phone(text) == Phone("+821000000001")


@pytest.mark.parametrize(
    ("text", "e164"),
    [
        ("011-200-0001", "+82112000001"),
        ("016-200-0001", "+82162000001"),
        ("019-9000-0001", "+821990000001"),
        ("+1 202-555-0142", "+12025550142"),
    ],
)
def test_other_mobiles_and_foreign_numbers(text: str, e164: str) -> None:
    assert parse_phone(text).e164 == e164


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "not_a_number"),
        ("   ", "not_a_number"),
        ("없음", "not_a_number"),
        ("-", "not_a_number"),
        ("0000", "not_a_number"),
        ("name@example.com", "not_a_number"),
        ("010-0000-0001-0000-0001-0000-0001", "not_a_number"),
        ("0" * 300, "not_a_number"),
        ("010-0000-000", "invalid_number"),
        ("010-0000-00011", "invalid_number"),
        ("010-0000-0001 010-0000-0002", "not_a_number"),
        ("000-0000-0000", "invalid_number"),
        ("+82 10", "not_a_number"),
        ("+999 12345678", "not_a_number"),
        ("+1 000 000 0000", "invalid_number"),
        ("02-123-4567", "landline"),
        ("031-123-4567", "landline"),
        ("070-1234-5678", "landline"),
        ("080-123-4567", "landline"),
        ("1588-0000", "landline"),
        ("+82 2-123-4567", "landline"),
    ],
)
def test_what_takes_no_text_is_refused_by_a_code(text: str, code: str) -> None:
    with pytest.raises(InvalidPhone) as refused:
        parse_phone(text)

    assert refused.value.code == code


def test_refusal_does_not_repeat_the_number() -> None:
    with pytest.raises(InvalidPhone) as refused:
        parse_phone("02-123-4567")

    assert "4567" not in str(refused.value)


def test_numbers_of_another_region_are_read_as_people_there_write_them() -> None:
    assert parse_phone("202-555-0142", region="US").e164 == "+12025550142"
