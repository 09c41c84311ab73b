"""One row of a file of contacts, read with everything that is wrong about it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo

from functions.domain import contact_cell
from functions.domain.contact import AttributeValue, Email, Phone
from functions.domain.contact_cell import BadCell, PhoneReader
from functions.domain.contact_file import Column, Field, RowFault
from functions.domain.ids import ContactId
from functions.domain.seen_keys import SeenKeys

UNNAMED_COLUMN = "unnamed_column"
"""Warning: a cell under an empty header was left out."""
LEADING_ZERO_RESTORED = "leading_zero_restored"
"""Warning: a spreadsheet had made a number of the phone, without its first zero."""
_WITHOUT_ZERO = re.compile(r"10[0-9]{8}|1[16-9][0-9]{7,8}")


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
    ``refused`` is an address that wants nothing any more, since ``refused_at``: that holds
    whatever else is wrong with the row.
    """

    row: int
    contact_id: ContactId | None = None
    phone: Phone | None = None
    email: Email | None = None
    attributes: Mapping[str, AttributeValue] = field(default_factory=dict, repr=False)
    groups: Mapping[str, str] = field(default_factory=dict)
    statement: Statement = field(default_factory=Statement)
    refused: Phone | Email | None = None
    refused_at: datetime | None = None
    problems: tuple[RowProblem, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RowReader:
    """Reads rows under these columns.

    A date after ``now`` is wrong, one without a zone is that of ``zone``.
    """

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

    def consent_date(self, text: str) -> datetime:
        """Read when somebody agreed. Raises BadCell."""
        return contact_cell.consent_date(text, zone=self.zone, now=self.now)


def rejected(row: int, fault: str) -> ContactRow:
    """A row that cannot even be taken apart."""
    return ContactRow(row=row, problems=(RowProblem(code=fault),))


def marked(row: ContactRow, seen: SeenKeys, columns: Sequence[Column]) -> ContactRow:
    """Reject a row whose number or phone a good one had before; remember those of a good one."""
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
        if column.field is Field.IGNORED:
            return
        try:
            text = contact_cell.usable(cell, self.reader.read_phone)
            if text:
                self._take(column, text)
            else:
                _check_blank(column)
        except BadCell as problem:
            self.problems.append(RowProblem(column=column.name, code=problem.code))

    def _take(self, column: Column, text: str) -> None:
        match column.field:
            case Field.CONTACT_ID:
                self.contact_id = contact_cell.contact_id(text)
            case Field.PHONE:
                self._take_phone(text)
            case Field.EMAIL:
                self.email = contact_cell.email(text)
            case Field.ADVERTISING | Field.NIGHT:
                self.consents[column.field] = contact_cell.yes_or_no(text)
            case Field.CONSENT_DATE:
                self.consent_at = self.reader.consent_date(text)
            case Field.GROUP | Field.ATTRIBUTE:
                self._take_attribute(column, text)
            case _:  # unnamed: ignored ones do not come here
                self.warnings.append(UNNAMED_COLUMN)

    def _take_phone(self, text: str) -> None:
        if lost := _WITHOUT_ZERO.fullmatch(text):
            self.warnings.append(LEADING_ZERO_RESTORED)
        written = f"0{text}" if lost else text
        self.phone = contact_cell.phone(written, self.reader.read_phone)

    def _take_attribute(self, column: Column, text: str) -> None:
        if column.field is Field.GROUP:
            self.groups[column.name] = contact_cell.group(text)
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


_FAULT_OF_BLANK = {
    Field.CONTACT_ID: RowFault.MISSING_ID,
    Field.PHONE: RowFault.MISSING_PHONE,
}


def _check_blank(column: Column) -> None:
    if column.field in _FAULT_OF_BLANK:
        raise BadCell(_FAULT_OF_BLANK[column.field])
