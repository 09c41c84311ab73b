import pytest
from hypothesis import given, strategies as st

from functions.campaigns.direct import MAX_ERRORS, entries_of, read_direct


def test_a_pasted_text_is_parted_and_cleaned() -> None:
    text = "\ufeff010-0000-0001\r\n\"c-1\";'c-2',\u00a0+82 10 0000 0002\t，010.0000.0003；\n\n"

    assert entries_of(text) == (
        "010-0000-0001",
        "c-1",
        "c-2",
        "+82 10 0000 0002",
        "010.0000.0003",
    )


def test_numbers_in_any_spelling_are_one() -> None:
    spellings = ["010-0000-0001", "+82 10 0000 0001", "01000000001", "０１０ ００００ ０００１"]

    assert read_direct(spellings, pointer="/x") == (("tel:+821000000001",), [])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("02-123-4567", "landline"),
        ("+1 202-555-0123", "foreign_number"),
        ("010-0000-000", "invalid_number"),
        ("김하늘", "invalid_format"),
        ("c 1", "invalid_format"),
        ("../c1", "invalid_format"),
        ("", "invalid_format"),
    ],
)
def test_what_cannot_be_read_is_named_by_its_place(text: str, code: str) -> None:
    _, errors = read_direct(["c-1", text], pointer="/recipients/direct")

    assert [(each.pointer, each.code) for each in errors] == [("/recipients/direct/1", code)]


def test_no_more_than_a_hundred_errors_are_named() -> None:
    _, errors = read_direct(["?"] * 500, pointer="/x")

    assert len(errors) == MAX_ERRORS == 100


@given(st.text(max_size=200))
def test_any_text_is_read_or_named(text: str) -> None:
    entries = entries_of(text)

    found, errors = read_direct(entries, pointer="/x")

    assert len(found) + len(errors) <= len(entries)
    assert all(each.startswith(("id:", "tel:+82")) for each in found)
