"""Files of contacts of every format, packed or not, as rows."""

import gzip
import io
import json
import zipfile
from collections.abc import Iterator
from datetime import date, datetime

import openpyxl
import pytest
from hypothesis import given, settings, strategies as st

from functions.content import gzip_file, xlsx_file
from functions.content.contact_source import inspect, source_of
from functions.content.record import OpenFile, Record
from functions.domain.contact_file import FileFault, FileKind, FileProblem, Position

PHONE = 1_000_000_001  # as a spreadsheet keeps 01000000001


def opened(content: bytes, *, size: int = 1000) -> OpenFile:
    def open_file(start: int) -> Iterator[bytes]:
        for first in range(start, len(content), size):
            yield content[first : first + size]

    return open_file


def workbook(*rows: list[object]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.create_sheet("second").append(["not", "read"])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def ndjson(*contacts: object) -> bytes:
    return b"".join(json.dumps(each, ensure_ascii=False).encode() + b"\n" for each in contacts)


def rows(content: bytes, *, start: Position | None = None) -> list[Record]:
    source = source_of(opened(content), inspect(opened(content)))
    head = source.header()
    return list(source.records(start=start or head.end, width=len(head.cells)))


def cells(content: bytes) -> list[tuple[str, ...]]:
    return [record.cells for record in rows(content)]


def refusal(content: bytes) -> FileFault:
    with pytest.raises(FileProblem) as caught:
        rows(content)
    return caught.value.fault


CSV_FILE = "id,phone\nC1,010-0000-0001\nC2,010-0000-0002\n".encode("cp949")
NDJSON_FILE = ndjson({"id": "C1", "phone": "010-0000-0001"}, {"id": "C2", "phone": "010-0000-0002"})
XLSX_FILE = workbook(["id", "phone"], ["C1", "010-0000-0001"], ["C2", "010-0000-0002"])


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (CSV_FILE, FileKind.CSV),
        (NDJSON_FILE, FileKind.NDJSON),
        (XLSX_FILE, FileKind.XLSX),
    ],
    ids=["csv", "ndjson", "xlsx"],
)
def test_every_format_gives_the_same_rows_and_goes_on_from_any(
    content: bytes, kind: FileKind, *, packed: bool
) -> None:
    file = gzip.compress(content) if packed else content

    found = inspect(opened(file))
    whole = rows(file)

    assert (found.kind, found.gzip) == (kind, packed)
    assert source_of(opened(file), found).header().cells == ("id", "phone")
    assert [record.cells for record in whole] == [
        ("C1", "010-0000-0001"),
        ("C2", "010-0000-0002"),
    ]
    for number, record in enumerate(whole, start=1):
        assert rows(file, start=record.end) == whole[number:]
    assert whole[-1].end.offset == found.length


def test_names_of_ndjson_may_differ_from_line_to_line_and_stand_in_attributes() -> None:
    content = ndjson({"id": "C1", "attributes": {"도시": "서울"}}, {"id": "C2", "vip": True})

    assert inspect(opened(content)).keys == ("도시", "id", "vip")
    assert cells(content) == [("서울", "C1", ""), ("", "C2", "true")]


def test_values_of_ndjson_become_texts() -> None:
    content = ndjson({"a": 3.0, "b": 1.5, "c": None, "d": ["x", 1], "e": False, "f": 7})

    assert cells(content) == [("3", "1.5", "", "x, 1", "false", "7")]


def test_a_line_that_is_no_plain_object_spoils_only_itself() -> None:
    content = ndjson({"id": "C1"}) + b'{"id"\n[1]\n\n{"id":{"a":1}}\n' + ndjson({"id": "C2"})

    found = rows(content)

    assert [record.fault for record in found] == [
        None,
        "malformed_json",
        "malformed_json",
        None,
        "malformed_json",
        None,
    ]
    assert found[-1].end.row == 6


def test_too_many_names_are_refused() -> None:
    assert refusal(ndjson({f"n{n}": 1 for n in range(201)})) == "too_many_columns"


def test_cells_of_a_workbook_become_texts() -> None:
    content = workbook(
        ["id", "phone", "day", "moment", "share", "yes", "error"],
        [
            "C1",
            PHONE,
            date(2026, 3, 5),
            datetime.fromisoformat("2026-03-05T14:30"),
            0.1,
            True,
            "#N/A",
        ],
        [],
        ["C2"],
    )

    assert cells(content) == [
        ("C1", "1000000001", "2026-03-05", "2026-03-05 14:30:00", "0.1", "true", ""),
        ("",) * 7,
        ("C2", *("",) * 6),
    ]


def test_a_cell_beyond_the_header_is_told() -> None:
    assert [each.fault for each in rows(workbook(["id"], ["C1", None, "x"], ["C2"]))] == [
        "wrong_cell_count",
        None,
    ]


@pytest.mark.parametrize(
    "content",
    [
        gzip.compress(CSV_FILE)[:-9],
        gzip.compress(CSV_FILE)[:20] + b"\xff" * 20,
        XLSX_FILE[:-200],
        b"PK\x03\x04 and nothing else",
    ],
    ids=["cut gzip", "spoilt gzip", "cut workbook", "no workbook"],
)
def test_a_damaged_file_is_refused(content: bytes) -> None:
    assert refusal(content) == "damaged_file"


def test_a_zip_that_is_no_workbook_is_refused() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.txt", "a")

    assert refusal(file.getvalue()) == "damaged_file"


def test_what_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = gzip.compress(b"id\n" + b"1\n" * 500_000)
    monkeypatch.setattr(gzip_file, "MAX_UNPACKED_BYTES", 100_000)
    monkeypatch.setattr(xlsx_file, "MAX_SHEET_BYTES", 1000)

    assert refusal(bomb) == "unpacks_too_large"
    assert refusal(XLSX_FILE) == "unpacks_too_large"


def test_a_workbook_that_would_fill_the_disk_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_file, "MAX_WORKBOOK_BYTES", 1000)

    assert refusal(XLSX_FILE) == "workbook_too_large"


def test_a_workbook_with_more_rows_than_a_turn_can_read_again_is_refused_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(xlsx_file, "MAX_ROWS", 2)

    with pytest.raises(FileProblem) as caught:
        inspect(opened(XLSX_FILE))

    assert caught.value.fault == "too_many_rows"


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=4), st.integers(1, 50))
@settings(deadline=None)
def test_unpacking_gives_what_was_packed_from_any_byte(parts: list[bytes], size: int) -> None:
    content = b"".join(parts)
    packed = b"".join(gzip.compress(part) for part in parts) + b"\0" * size

    open_file = gzip_file.unpacked(opened(packed, size=size))

    for start in (0, len(content) // 2, len(content)):
        assert b"".join(open_file(start)) == content[start:]
