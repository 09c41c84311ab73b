"""CSV files from bytes to rows."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings, strategies as st

from functions.content.csv_file import CsvSource, inspect
from functions.content.record import Record
from functions.content.text_lines import MAX_LINE_BYTES
from functions.domain.contact_file import FileFault, FileFormat, FileProblem, Position

UTF8 = FileFormat(encoding="utf-8", delimiter=",")
START = Position(row=1, offset=0)


def in_pieces(content: bytes, size: int) -> list[bytes]:
    return [content[start : start + size] for start in range(0, len(content), size)]


def source_of(pieces: Iterable[bytes], file_format: FileFormat = UTF8) -> CsvSource:
    """These bytes as a file, whichever byte it is opened at."""
    return CsvSource(open_file=lambda _: pieces, file_format=file_format)


def all_rows(
    content: bytes, *, width: int, file_format: FileFormat = UTF8, size: int = 1 << 20
) -> list[Record]:
    chunks = in_pieces(content, size)
    return list(source_of(chunks, file_format).records(start=Position(), width=width))


def cells(content: bytes, *, width: int) -> list[tuple[str, ...]]:
    return [record.cells for record in all_rows(content, width=width)]


def faults(content: bytes, *, width: int) -> list[str | None]:
    return [record.fault for record in all_rows(content, width=width)]


def refusal(content: bytes) -> FileFault:
    with pytest.raises(FileProblem) as caught:
        inspect(lambda _: [content])
    return caught.value.fault


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("고객번호,이름\n1,김".encode(), FileFormat(encoding="utf-8", delimiter=",")),
        ("고객번호,이름\n1,김".encode("utf-8-sig"), FileFormat(encoding="utf-8", delimiter=",")),
        ("고객번호,이름\n1,김".encode("cp949"), FileFormat(encoding="cp949", delimiter=",")),
        ("고객번호\t이름\n".encode("cp949"), FileFormat(encoding="cp949", delimiter="\t")),
        ("고객번호;이름;A,B\n".encode(), FileFormat(encoding="utf-8", delimiter=";")),
        (b'"a;b;c","d"\n', FileFormat(encoding="utf-8", delimiter=",")),
        ("\r\n\r\n고객번호\t이름\n".encode(), FileFormat(encoding="utf-8", delimiter="\t")),
        (b"id\n1", FileFormat(encoding="utf-8", delimiter=",")),
        ("똠방각하,펲시\n".encode("cp949"), FileFormat(encoding="cp949", delimiter=",")),
    ],
    ids=["utf-8", "bom", "cp949", "tab", "semicolon", "quoted", "blank lines", "ascii", "uhc"],
)
def test_finds_encoding_and_delimiter(content: bytes, expected: FileFormat) -> None:
    assert replace(inspect(lambda _: [content]), length=0) == expected


def test_every_byte_decides_about_the_encoding_not_the_first_ones() -> None:
    content = b"id,name\n" + b"1,Kim\n" * 100_000 + "2,김\n".encode("cp949")

    assert inspect(lambda _: in_pieces(content, 4096)).encoding == "cp949"


def test_a_character_cut_between_two_pieces_is_no_error() -> None:
    assert inspect(lambda _: in_pieces("이름,김하나\n".encode(), 1)).encoding == "utf-8"


def test_refuses_what_is_neither_encoding() -> None:
    utf8, cp949 = "이름\n김하나\n".encode(), "이름\n펲시\n".encode("cp949")

    assert refusal(utf8 + cp949 + b"\xff") == "wrong_encoding"
    assert refusal(b"id,name\n1,\x80") == "wrong_encoding"


def test_a_file_that_is_marked_as_utf_8_is_not_taken_for_cp949() -> None:
    marked = b"\xef\xbb\xbf" + "김하나,1\n".encode("cp949")

    assert refusal(marked) == "wrong_encoding"
    with pytest.raises(FileProblem, match="wrong_encoding"):
        inspect(lambda _: in_pieces(marked, 1))


@pytest.mark.parametrize(
    "content",
    [b"\0", b"id,na\0me\n", "고객번호,이름".encode("utf-16"), b"PK\x03\x04\x14\x00\x06\x00"],
    ids=["zero", "zero within", "utf-16", "xlsx"],
)
def test_refuses_what_is_no_text(content: bytes) -> None:
    assert refusal(content) == "not_a_text_file"


@pytest.mark.parametrize("content", [b"", b"\r\n \n", b"\xef\xbb\xbf"])
def test_refuses_an_empty_file(content: bytes) -> None:
    assert refusal(content) == "empty_file"


def test_refuses_a_gigabyte_of_zeros_at_the_first_piece() -> None:
    given_pieces = []

    def zeros(_: int) -> Iterator[bytes]:
        for number in range(1024):
            given_pieces.append(number)
            yield bytes(1 << 20)

    with pytest.raises(FileProblem) as caught:
        inspect(zeros)

    assert caught.value.fault == "not_a_text_file"
    assert given_pieces == [0]


def test_refuses_a_line_without_end_before_it_fills_the_memory() -> None:
    given_pieces = []

    def letters(_: int) -> Iterator[bytes]:
        for number in range(1024):
            given_pieces.append(number)
            yield b"a" * (1 << 18)

    with pytest.raises(FileProblem) as caught:
        inspect(letters)

    assert caught.value.fault == "line_too_long"
    assert len(given_pieces) == 5


def test_takes_the_longest_line_and_refuses_one_byte_more() -> None:
    longest = b"a" * MAX_LINE_BYTES

    assert inspect(lambda _: in_pieces(longest + b"\nb\n", 4096)).encoding == "utf-8"
    assert refusal(b"id\n" + longest + b"a\nb\n") == "line_too_long"


def test_refuses_too_many_lines_before_any_of_them_is_used() -> None:
    def lines(_: int) -> Iterator[bytes]:
        for _ in range(21):
            yield b"1\n" * 100_000

    with pytest.raises(FileProblem) as caught:
        inspect(lines)

    assert caught.value.fault == "too_many_rows"


def test_the_header_is_the_first_row_that_is_not_blank() -> None:
    content = "\ufeff\r\n,,\r\n고객번호,이름,\r\nC1,김,\r\n".encode()

    header = source_of([content]).header()

    assert header.cells == ("고객번호", "이름", "")
    assert header.end == Position(row=3, offset=content.index(b"C1"))


def test_a_byte_order_mark_is_not_part_of_the_first_header() -> None:
    header = source_of(["\ufeff고객번호,이름\n".encode()]).header()

    assert header.cells == ("고객번호", "이름")


def test_a_header_needs_something_in_it() -> None:
    with pytest.raises(FileProblem, match="empty_file"):
        source_of([b"\n,,\n"]).header()


def test_reads_quotes_line_breaks_and_the_last_line_without_end() -> None:
    content = b'1,"a,b"\r\n2,"say ""hi"""\r\n3,"two\r\nlines"\r\n4,5" wide\r\n5,last'

    assert cells(content, width=2) == [
        ("1", "a,b"),
        ("2", 'say "hi"'),
        ("3", "two\r\nlines"),
        ("4", '5" wide'),
        ("5", "last"),
    ]


def test_numbers_rows_as_a_spreadsheet_does() -> None:
    content = b'1,a\n\n2,"b\nb"\n,\n3,c\n'

    found = all_rows(content, width=2)

    assert [(each.end.row, each.is_blank) for each in found] == [
        (1, False),
        (2, True),
        (3, False),
        (4, True),
        (5, False),
    ]


def test_goes_on_from_the_end_of_any_row() -> None:
    content = '1,가\r\n2,"나\r\n나"\r\n\r\n3,다\r\n4,라'.encode("cp949")
    cp949 = FileFormat(encoding="cp949", delimiter=",")
    whole = all_rows(content, width=2, file_format=cp949)

    for number, record in enumerate(whole, start=1):
        rest = source_of([content[record.end.offset :]], cp949).records(start=record.end, width=2)
        assert list(rest) == whole[number:]


def test_tells_of_rows_that_have_not_as_many_cells_as_the_header() -> None:
    content = b"1,a,x\n2\n3,b,c,d\n4,c,y,,\n"

    assert faults(content, width=3) == [None, "wrong_cell_count", "wrong_cell_count", None]
    assert cells(content, width=3)[3] == ("4", "c", "y")


def test_a_quote_that_is_never_closed_spoils_only_its_own_row() -> None:
    content = b'1,a\n2,"b\n3,c\n4,d\n'

    assert faults(content, width=2) == [None, "unclosed_quote", None, None]
    assert cells(content, width=2)[2:] == [("3", "c"), ("4", "d")]


def test_a_quote_that_a_later_row_seems_to_close_spoils_no_row_between() -> None:
    content = b'1,"a\n2,b\n3,c\n4,"d"\n5,e\n'

    assert faults(content, width=2) == ["unclosed_quote", None, None, None, None]
    assert cells(content, width=2)[3] == ("4", "d")


def test_an_open_quote_is_given_up_after_64_kib() -> None:
    content = b'1,"a\n' + b"2,b\n" * 100_000
    taken = []

    def pieces() -> Iterator[bytes]:
        for piece in in_pieces(content, 4096):
            taken.append(len(piece))
            yield piece

    records = source_of(pieces()).records(start=START, width=2)

    assert next(records).fault == "unclosed_quote"
    assert sum(taken) < 100_000
    assert next(records).cells == ("2", "b")


def test_a_lone_carriage_return_beside_quotes_spoils_only_its_row() -> None:
    content = b'1,"a"\r"b"\n2,c\n'

    assert faults(content, width=2) == ["malformed_row", None]


def test_text_after_a_closing_quote_spoils_only_its_row() -> None:
    assert faults(b'1,"a"b\n2,c\n', width=2) == ["malformed_row", None]


def test_a_cell_too_large_for_the_reader_spoils_only_its_row() -> None:
    content = b'1,"' + b"a" * 200_000 + b'"\n2,c\n'

    assert faults(content, width=2) == ["malformed_row", None]


ANY_BYTES = st.binary(max_size=400) | st.lists(
    st.sampled_from(
        [
            *(b'"', b'""', b",", b"\t", b";", b"\n", b"\r", b"\r\n", b"a", b" ", b"=", b"\x80"),
            *("가".encode(), "가".encode("cp949"), "펲".encode("cp949"), b"\xef\xbb\xbf", b"\x1a"),
        ]
    ),
    max_size=60,
).map(b"".join)


@given(ANY_BYTES, st.integers(min_value=1, max_value=50), st.integers(min_value=1, max_value=4))
@settings(max_examples=500, deadline=None)
def test_any_bytes_give_rows_or_a_file_problem(content: bytes, size: int, width: int) -> None:
    try:
        file_format = inspect(lambda _: in_pieces(content, size))
        header = source_of(in_pieces(content, size), file_format).header()
        found = all_rows(content, width=width, file_format=file_format, size=size)
    except FileProblem:
        return

    assert header.end.offset <= len(content)
    assert found[-1].end.offset == len(content)
    for record in found:
        assert record.fault or record.is_blank or len(record.cells) == width


@given(ANY_BYTES, st.integers(min_value=1, max_value=50))
@settings(max_examples=500, deadline=None)
def test_the_size_of_the_pieces_makes_no_difference(content: bytes, size: int) -> None:
    def outcome(chunks: Iterable[bytes]) -> object:
        kept = list(chunks)
        try:
            file_format = inspect(lambda _: kept)
            return list(source_of(kept, file_format).records(start=Position(), width=2))
        except FileProblem:
            return "refused"

    assert outcome([content]) == outcome(in_pieces(content, size))


TEXTS = st.text(alphabet=st.characters(codec="cp949", exclude_characters="\0\r"), max_size=20)


@given(st.lists(st.tuples(TEXTS, TEXTS, TEXTS), min_size=1), st.sampled_from(["utf-8", "cp949"]))
@settings(deadline=None)
def test_reads_back_what_the_csv_module_writes(
    rows: list[tuple[str, str, str]], encoding: str
) -> None:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(rows)
    content = text.getvalue().encode(encoding)

    found = all_rows(content, width=3, file_format=FileFormat(encoding=encoding, delimiter=","))

    assert [record.cells for record in found] == rows
