"""One row of a file of contacts, read with everything that is wrong about it."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from enum import StrEnum

from functions.domain.contact import Email, Phone
from functions.domain.contact_file import Column, Field
from functions.domain.ids import ContactId
from functions.domain.korean_date import read_date
from functions.domain.seen_keys import SeenKeys

MAX_VALUE_CHARS = 200
MAX_CELL_CHARS = 10_000
_MAX_GROUP_CHARS = 100
_MAX_EMAIL_CHARS = 254


class RowFault(StrEnum):
    """What can be wrong with a row, besides what its phone's reader says."""

    WRONG_CELL_COUNT = "wrong_cell_count"
    UNCLOSED_QUOTE = "unclosed_quote"
    MALFORMED_ROW = "malformed_row"
    CELL_TOO_LARGE = "cell_too_large"
    CONTROL_CHARACTERS = "control_characters"
    FORMULA_INJECTION = "formula_injection"
    TOO_LONG = "too_long"
    MISSING_ID = "missing_id"
    INVALID_ID = "invalid_id"
    MISSING_PHONE = "missing_phone"
    FOREIGN_NUMBER = "foreign_number"
    INVALID_EMAIL = "invalid_email"
    UNKNOWN_CONSENT_VALUE = "unknown_consent_value"
    INVALID_DATE = "invalid_date"
    DATE_IN_FUTURE = "date_in_future"
    DUPLICATE_IN_FILE = "duplicate_in_file"
    ADDRESS_TAKEN = "address_taken"


UNNAMED_COLUMN = "unnamed_column"
"""Warning: a cell under an empty header was left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowProblem:
    """Why a row is rejected: in which column (empty: the whole row), a stable code."""

    column: str = ""
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a row says about consent; None: nothing."""

    advertising: bool | None = None
    night: bool | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRow:
    """A row as it was understood; it may be used only when it has no ``problems``.

    ``groups`` gives the group by the column that names it, which is an attribute as well.
    """

    row: int
    contact_id: ContactId | None = None
    phone: Phone | None = None
    email: Email | None = None
    attributes: Mapping[str, str] = field(default_factory=dict, repr=False)
    groups: Mapping[str, str] = field(default_factory=dict)
    statement: Statement = field(default_factory=Statement)
    problems: tuple[RowProblem, ...] = ()
    warnings: tuple[str, ...] = ()


PhoneReader = Callable[[str], Phone | str]
"""Reads a phone number, or says by a code what is wrong with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowReader:
    """Reads rows under these columns. A date after ``now`` is wrong; without zone it is ``zone``'s."""

    columns: tuple[Column, ...]
    read_phone: PhoneReader
    zone: tzinfo
    now: datetime

    def read(self, cells: Sequence[str], *, row: int) -> ContactRow:
        """Read the cells, one for each column. Never raises: what is wrong is in the answer."""
        draft = _Draft(self)
        for column, cell in zip(self.columns, cells, strict=True):
            draft.take(column, cell)
        return draft.finish(row)


def rejected(row: int, fault: str) -> ContactRow:
    """A row that cannot even be taken apart."""
    return ContactRow(row=row, problems=(RowProblem(code=fault),))


def marked(row: ContactRow, seen: SeenKeys, columns: Sequence[Column]) -> ContactRow:
    """Reject the row if its number or phone stood in the file before; remember them if it is good."""
    keys = {Field.CONTACT_ID: row.contact_id, Field.PHONE: row.phone and row.phone.e164}
    repeated = tuple(
        RowProblem(column=column.name, code=RowFault.DUPLICATE_IN_FILE)
        for column in columns
        if (key := keys.get(column.field)) and _seen_key(column, key) in seen
    )
    if row.problems or repeated:
        return replace(row, problems=row.problems + repeated)
    for column in columns:
        if key := keys.get(column.field):
            seen.add(_seen_key(column, key))
    return row


def _seen_key(column: Column, key: str) -> str:
    return f"{column.field}:{key}"


_CONTACT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
_EMAIL = re.compile(r"[^@\s\x00-\x1f]+@[^@\s.\x00-\x1f]+(?:\.[^@\s.\x00-\x1f]+)+")
_NEGATIVE_NUMBER = re.compile(r"[-－][0-9][0-9,]*(?:\.[0-9]+)?%?")
_INVISIBLE = re.compile("[\u200b\u2060\ufeff]")
_LINE_BREAK = re.compile(r"\r?\n")
# Besides controls: the marks that make text read in another order than it is written.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
# OWASP "CSV Injection": what a spreadsheet takes for the start of a formula, in both widths.
_FORMULA_STARTS = tuple("=+-@\t\r＝＋－＠")
_YES = frozenset(
    [
        "y",
        "yes",
        "예",
        "네",
        "동의",
        "동의함",
        "수신",
        "수신동의",
        "수신함",
        "허용",
        "수신허용",
        "true",
        "t",
        "1",
        "o",
        "○",
        "on",
    ]
)
_NO = frozenset(
    [
        "n",
        "no",
        "아니오",
        "아니요",
        "미동의",
        "비동의",
        "동의안함",
        "거부",
        "수신거부",
        "수신안함",
        "미수신",
        "비허용",
        "false",
        "f",
        "0",
        "x",
        "×",
        "off",
    ]
)


class _BadCell(ValueError):
    """A cell that cannot be used."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class _Draft:
    """A row while its cells are read."""

    def __init__(self, reader: RowReader) -> None:
        self.reader = reader
        self.contact_id: ContactId | None = None
        self.phone: Phone | None = None
        self.email: Email | None = None
        self.consents: dict[Field, bool] = {}
        self.consent_at: datetime | None = None
        self.attributes: dict[str, str] = {}
        self.groups: dict[str, str] = {}
        self.problems: list[RowProblem] = []
        self.warnings: list[str] = []

    def take(self, column: Column, cell: str) -> None:
        try:
            text = _usable(cell, self.reader.read_phone)
            if text:
                self._take(column, text)
            elif column.field in _FAULT_OF_BLANK:
                raise _BadCell(_FAULT_OF_BLANK[column.field])
        except _BadCell as problem:
            self.problems.append(RowProblem(column=column.name, code=problem.code))

    def _take(self, column: Column, text: str) -> None:
        match column.field:
            case Field.CONTACT_ID:
                self.contact_id = _contact_id(text)
            case Field.PHONE:
                self.phone = _phone(text, self.reader.read_phone)
            case Field.EMAIL:
                self.email = _email(text)
            case Field.ADVERTISING | Field.NIGHT:
                self.consents[column.field] = _yes_or_no(text)
            case Field.CONSENT_DATE:
                self.consent_at = _consent_date(text, zone=self.reader.zone, now=self.reader.now)
            case Field.GROUP | Field.ATTRIBUTE:
                self._take_attribute(column, text)
            case Field.IGNORED:
                self.warnings.append(UNNAMED_COLUMN)

    def _take_attribute(self, column: Column, text: str) -> None:
        if column.field is Field.GROUP:
            if len(text) > _MAX_GROUP_CHARS:
                raise _BadCell(RowFault.TOO_LONG)
            self.groups[column.name] = group_name(text)
        self.attributes[column.name] = text

    def finish(self, row: int) -> ContactRow:
        return ContactRow(
            row=row,
            contact_id=self.contact_id,
            phone=self.phone,
            email=self.email,
            attributes=self.attributes,
            groups=self.groups,
            statement=Statement(
                advertising=self.consents.get(Field.ADVERTISING),
                night=self.consents.get(Field.NIGHT),
                at=self.consent_at,
            ),
            problems=tuple(self.problems),
            warnings=tuple(self.warnings),
        )


def group_name(text: str) -> str:
    """The group that a cell names; a slash would cut the path of the calls about groups."""
    return text.replace("/", "-")


_FAULT_OF_BLANK = {
    Field.CONTACT_ID: RowFault.MISSING_ID,
    Field.PHONE: RowFault.MISSING_PHONE,
}


def _usable(cell: str, read_phone: PhoneReader) -> str:
    """The cell's text without what spreadsheets leave around it; blank stays blank."""
    if len(cell) > MAX_CELL_CHARS:
        raise _BadCell(RowFault.CELL_TOO_LARGE)
    text = unicodedata.normalize("NFC", _INVISIBLE.sub("", cell))
    plain = _LINE_BREAK.sub(" ", text).strip(" \u00a0\u3000")
    if plain in ("", "-"):  # a lone hyphen is how many systems export "nothing"
        return ""
    if _is_formula(text, plain, read_phone):
        raise _BadCell(RowFault.FORMULA_INJECTION)
    if _CONTROL.search(plain):
        raise _BadCell(RowFault.CONTROL_CHARACTERS)
    if len(plain) > MAX_VALUE_CHARS:
        raise _BadCell(RowFault.TOO_LONG)
    return plain


def _is_formula(text: str, plain: str, read_phone: PhoneReader) -> bool:
    if not text.startswith(_FORMULA_STARTS) and not plain.startswith(_FORMULA_STARTS):
        return False
    return not (_NEGATIVE_NUMBER.fullmatch(plain) or isinstance(read_phone(plain), Phone))


def _contact_id(text: str) -> ContactId:
    plain = unicodedata.normalize("NFKC", text)
    if not _CONTACT_ID.fullmatch(plain):
        raise _BadCell(RowFault.INVALID_ID)
    return ContactId(plain)


def _phone(text: str, read_phone: PhoneReader) -> Phone:
    found = read_phone(text)
    if isinstance(found, str):
        raise _BadCell(found)
    if not found.is_korean:
        raise _BadCell(RowFault.FOREIGN_NUMBER)
    return found


def _email(text: str) -> Email:
    if len(text) > _MAX_EMAIL_CHARS or not _EMAIL.fullmatch(text):
        raise _BadCell(RowFault.INVALID_EMAIL)
    return Email(text)


def _yes_or_no(text: str) -> bool:
    word = re.sub(r"\s", "", unicodedata.normalize("NFKC", text).casefold())
    if word not in _YES | _NO:
        raise _BadCell(RowFault.UNKNOWN_CONSENT_VALUE)
    return word in _YES


def _consent_date(text: str, *, zone: tzinfo, now: datetime) -> datetime:
    moment = read_date(text, zone=zone)
    if moment is None:
        raise _BadCell(RowFault.INVALID_DATE)
    if moment > now:
        raise _BadCell(RowFault.DATE_IN_FUTURE)
    return moment
