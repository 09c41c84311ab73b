"""The list of rejected rows."""

import csv
import io

import pytest

from functions.content.phone import InvalidPhone, parse_phone
from functions.domain.contact_file import FileFault, RowFault
from functions.domain.contact_row import RowProblem
from functions.imports.error_list import HEAD, error_lines
from functions.imports.texts import FILE_TEXTS, ROW_TEXTS, Text
from functions.imports.upserting import RowOutcome, Upsert


def a_rejection(row: int, *problems: RowProblem) -> RowOutcome:
    return RowOutcome(row=row, upsert=Upsert.REJECTED, problems=problems)


def test_spreadsheets_see_that_it_is_utf_8() -> None:
    assert HEAD == b"\xef\xbb\xbfrow,column,code,message_ko,message_en\r\n"


def test_gives_a_line_for_each_problem_in_both_languages() -> None:
    lines = error_lines(
        [
            a_rejection(3, RowProblem(column="고객번호", code="missing_id")),
            a_rejection(
                9,
                RowProblem(code="wrong_cell_count"),
                RowProblem(column="휴대폰", code="not_known_yet"),
            ),
        ]
    )

    assert list(csv.reader(io.StringIO(lines.decode()))) == [
        [
            "3",
            "고객번호",
            "missing_id",
            "고객번호가 비어 있습니다.",
            "The customer number is empty.",
        ],
        [
            "9",
            "",
            "wrong_cell_count",
            "칸 수가 제목 줄과 다릅니다.",
            "The row has not as many cells as the header.",
        ],
        ["9", "휴대폰", "not_known_yet", "값이 올바르지 않습니다.", "The value is not valid."],
    ]


@pytest.mark.parametrize("fault", list(RowFault))
def test_has_a_text_for_every_problem_of_a_row(fault: RowFault) -> None:
    assert fault in ROW_TEXTS


@pytest.mark.parametrize("fault", list(FileFault))
def test_has_a_text_for_every_problem_of_a_file(fault: FileFault) -> None:
    assert fault in FILE_TEXTS


@pytest.mark.parametrize("text", ["없음", "010-0000", "02-123-4567"])
def test_has_a_text_for_every_problem_of_a_phone(text: str) -> None:
    with pytest.raises(InvalidPhone) as error:
        parse_phone(text)

    assert error.value.code in ROW_TEXTS


@pytest.mark.parametrize("text", [*ROW_TEXTS.values(), *FILE_TEXTS.values()])
def test_no_text_can_start_a_formula(text: Text) -> None:
    assert not text.korean.startswith(("=", "+", "-", "@"))
    assert not text.english.startswith(("=", "+", "-", "@"))
