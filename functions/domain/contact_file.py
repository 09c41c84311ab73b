"""A file of contacts: its state while it is imported, and what its columns mean."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum

from functions.domain.ids import ImportId

MAX_FILE_BYTES = 1 << 30
MAX_ATTRIBUTE_COLUMNS = 30
_MAX_NAME_CHARS = 50


class ImportStatus(StrEnum):
    """An import's way. A refused file stopped being read: ``problem`` says why."""

    AWAITING_FILE = "awaiting_file"
    RUNNING = "running"
    DONE = "done"
    REFUSED = "refused"


class FileFault(StrEnum):
    """Why a file is refused as a whole."""

    EMPTY_FILE = "empty_file"
    NOT_A_TEXT_FILE = "not_a_text_file"
    WRONG_ENCODING = "wrong_encoding"
    LINE_TOO_LONG = "line_too_long"
    TOO_MANY_ROWS = "too_many_rows"
    MISSING_COLUMNS = "missing_columns"
    DUPLICATE_COLUMNS = "duplicate_columns"
    TOO_MANY_COLUMNS = "too_many_columns"
    FILE_CHANGED = "file_changed"


class FileProblem(ValueError):
    """The file cannot be imported; ``columns`` names the columns it is about."""

    def __init__(self, fault: FileFault, columns: Iterable[str] = ()) -> None:
        super().__init__(fault)
        self.fault = fault
        self.columns = tuple(columns)


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file that was uploaded; the tag changes with its bytes."""

    size_bytes: int
    etag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFormat:
    """How a file's bytes become cells."""

    encoding: str
    delimiter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """A place between two rows: the spreadsheet's number of the row before it, and its byte."""

    row: int = 0
    offset: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportCounts:
    """What became of the rows: rows = created + updated + unchanged + rejected.

    ``problems`` and ``warnings`` count by code; one row may have several of them. When a worker
    dies within a chunk, rows that it had written count as unchanged when they are read again.
    """

    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    consents_granted: int = 0
    consents_withdrawn: int = 0
    problems: Mapping[str, int] = field(default_factory=dict)
    warnings: Mapping[str, int] = field(default_factory=dict)

    def __add__(self, other: "ImportCounts") -> "ImportCounts":
        """Count both together."""
        return ImportCounts(
            rows=self.rows + other.rows,
            created=self.created + other.created,
            updated=self.updated + other.updated,
            unchanged=self.unchanged + other.unchanged,
            rejected=self.rejected + other.rejected,
            consents_granted=self.consents_granted + other.consents_granted,
            consents_withdrawn=self.consents_withdrawn + other.consents_withdrawn,
            problems=dict(Counter(self.problems) + Counter(other.problems)),
            warnings=dict(Counter(self.warnings) + Counter(other.warnings)),
        )

    def as_dict(self) -> dict[str, object]:
        """The counts as JSON can hold them."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactImport:
    """An import and how far it came.

    ``size_bytes`` and ``etag`` are those of the upload when it was started. ``position`` is where
    reading goes on; what stood in the rows before ``remembered`` is saved, for finding
    duplicates. ``error_parts`` counts the pieces of the list of rejected rows.
    """

    import_id: ImportId
    filename: str
    created: datetime
    status: ImportStatus = ImportStatus.AWAITING_FILE
    started: datetime | None = None
    size_bytes: int = 0
    etag: str = ""
    file_format: FileFormat | None = None
    position: Position = field(default_factory=Position)
    remembered: Position = field(default_factory=Position)
    counts: ImportCounts = field(default_factory=ImportCounts)
    error_parts: int = 0
    fault: FileFault | None = None
    fault_columns: tuple[str, ...] = ()


class Field(StrEnum):
    """What a column holds."""

    CONTACT_ID = "contact_id"
    PHONE = "phone"
    EMAIL = "email"
    ADVERTISING = "advertising"
    NIGHT = "night"
    CONSENT_DATE = "consent_date"
    GROUP = "group"
    ATTRIBUTE = "attribute"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column. ``name`` is made of letters, digits and ``_`` only, so it is safe anywhere."""

    field: Field
    name: str


_MAY_REPEAT = frozenset({Field.GROUP, Field.ATTRIBUTE, Field.IGNORED})

# "마케팅 동의" is left out on purpose: it may be the consent to use personal data (개인정보
# 보호법), which is not the consent to receive advertising (정보통신망법 art. 50).
_ADVERTISING = (
    "문자수신동의 sms수신동의 광고수신동의 문자수신 sms수신 광고문자수신동의 광고성문자수신동의"
)
_NIGHT = "야간수신동의 야간광고수신동의 야간문자수신동의 야간광고수신 야간수신"
_CONSENT_DATE = "동의일시 동의일자 동의일 동의날짜"
_HEADERS_BY_FIELD = {
    Field.CONTACT_ID: "고객번호 회원번호 고객id 회원id 고객아이디 회원아이디 아이디 id customerid "
    "customernumber customerno memberid memberno contactid",
    Field.PHONE: "휴대폰 휴대폰번호 휴대전화 휴대전화번호 핸드폰 핸드폰번호 mobile mobilephone "
    "mobilenumber cellphone",
    Field.EMAIL: "이메일 이메일주소 전자우편 email emailaddress",
    Field.ADVERTISING: f"{_ADVERTISING} smsconsent smsoptin adconsent",
    Field.NIGHT: f"{_NIGHT} nightconsent nightoptin",
    Field.CONSENT_DATE: f"{_CONSENT_DATE} 수신동의일시 수신동의일자 수신동의일 수신동의날짜 "
    "consentdate consentat consentedat",
    Field.GROUP: "그룹 등급 회원등급 고객등급 회원그룹 고객그룹 group grade tier",
}
_FIELD_BY_HEADER = {
    header: found for found, headers in _HEADERS_BY_FIELD.items() for header in headers.split()
}
_ANY_PHONE = frozenset(["연락처", "전화번호", "전화", "phone", "phonenumber", "tel", "telephone"])
"""Headers that mean the mobile phone only when no other column says so outright."""
_NAMES = frozenset(["이름", "성명", "성함", "고객명", "회원명", "name", "fullname", "customername"])

_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9가-힣]+")
_YES_OR_NO = "여부"


def read_columns(headers: Sequence[str]) -> tuple[Column, ...]:
    """Say what each column holds, by its header.

    Raises FileProblem: ``missing_columns`` without a customer number, ``duplicate_columns`` when
    two mean the same, ``too_many_columns`` beyond 30 that become attributes.

    >>> [str(column.field) for column in read_columns(["고객번호", "휴대폰", "쿠폰 코드"])]
    ['contact_id', 'phone', 'attribute']
    """
    keys = [_key(header) for header in headers]
    mobile_given = any(_FIELD_BY_HEADER.get(key) is Field.PHONE for key in keys)
    columns = tuple(
        _column(header, key, number=number, mobile_given=mobile_given)
        for number, (header, key) in enumerate(zip(headers, keys, strict=True), start=1)
    )
    # Until a customer number is found, the first row may be anything, a person's data included:
    # this comes first so that no other problem quotes it.
    if not any(column.field is Field.CONTACT_ID for column in columns):
        raise FileProblem(FileFault.MISSING_COLUMNS, _missing(columns))
    _check_repeated(columns)
    if sum(column.field in (Field.ATTRIBUTE, Field.GROUP) for column in columns) > (
        MAX_ATTRIBUTE_COLUMNS
    ):
        raise FileProblem(FileFault.TOO_MANY_COLUMNS)
    return columns


def _key(header: str) -> str:
    key = _NOT_IN_NAMES.sub("", unicodedata.normalize("NFKC", header).casefold())
    return key.removesuffix(_YES_OR_NO)


def _column(header: str, key: str, *, number: int, mobile_given: bool) -> Column:
    if not header.strip():
        return Column(field=Field.IGNORED, name=f"column_{number}")
    if key in _NAMES:
        return Column(field=Field.ATTRIBUTE, name="name")
    found = _FIELD_BY_HEADER.get(key, Field.ATTRIBUTE)
    if key in _ANY_PHONE and not mobile_given:
        found = Field.PHONE
    return Column(field=found, name=_name(header) or f"column_{number}")


def _name(header: str) -> str:
    plain = unicodedata.normalize("NFKC", header)
    name = _NOT_IN_NAMES.sub("_", plain).strip("_").lower()[:_MAX_NAME_CHARS]
    return f"_{name}"[:_MAX_NAME_CHARS] if name[:1].isdigit() else name


def _missing(columns: Iterable[Column]) -> list[str]:
    present = {column.field for column in columns}
    return [str(each) for each in (Field.CONTACT_ID, Field.PHONE) if each not in present]


def _check_repeated(columns: Iterable[Column]) -> None:
    names_by_meaning: dict[str, list[str]] = {}
    for column in columns:
        meaning = f"_{column.name}" if column.field in _MAY_REPEAT else str(column.field)
        names_by_meaning.setdefault(meaning, []).append(column.name)
    repeated = [name for names in names_by_meaning.values() if len(names) > 1 for name in names]
    if repeated:
        raise FileProblem(FileFault.DUPLICATE_COLUMNS, repeated)
