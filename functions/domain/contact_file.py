"""A file of contacts: its state while it is imported, and what can be wrong with it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum

from functions.domain.ids import ImportId

MAX_FILE_BYTES = 1 << 30
MAX_UNPACKED_BYTES = 4 << 30
"""What a packed file may have when it is unpacked."""
MAX_COLUMNS = 200


class ImportStatus(StrEnum):
    """An import's way. A refused file stopped being read: ``problem`` says why."""

    AWAITING_FILE = "awaiting_file"
    DRY_RUNNING = "dry_running"
    DRY_RUN_DONE = "dry_run_done"
    RUNNING = "running"
    DONE = "done"
    REFUSED = "refused"
    UNDOING = "undoing"
    UNDONE = "undone"


class ImportKind(StrEnum):
    """What the rows of a file are: contacts, or endpoints of Amazon Pinpoint."""

    CONTACTS = "contacts"
    PINPOINT = "pinpoint"


class FileKind(StrEnum):
    """Which format a file has, packed or not."""

    CSV = "csv"
    NDJSON = "ndjson"
    XLSX = "xlsx"


class Field(StrEnum):
    """What a column holds. An ``ignore`` column is left out; an ``unnamed`` one with a warning."""

    CONTACT_ID = "contact_id"
    PHONE = "phone"
    EMAIL = "email"
    ADVERTISING = "advertising"
    NIGHT = "night"
    CONSENT_DATE = "consent_date"
    GROUP = "group"
    ATTRIBUTE = "attribute"
    IGNORED = "ignore"
    UNNAMED = "unnamed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column. ``name`` is made of letters, digits and ``_`` only, so it is safe anywhere."""

    field: Field
    name: str


class FileFault(StrEnum):
    """Why a file is refused as a whole."""

    EMPTY_FILE = "empty_file"
    NOT_A_TEXT_FILE = "not_a_text_file"
    WRONG_ENCODING = "wrong_encoding"
    LINE_TOO_LONG = "line_too_long"
    TOO_MANY_ROWS = "too_many_rows"
    MISSING_COLUMNS = "missing_columns"
    UNKNOWN_HEADERS = "unknown_headers"
    DUPLICATE_COLUMNS = "duplicate_columns"
    TOO_MANY_COLUMNS = "too_many_columns"
    FILE_CHANGED = "file_changed"
    DAMAGED_FILE = "damaged_file"
    UNPACKS_TOO_LARGE = "unpacks_too_large"
    WORKBOOK_TOO_LARGE = "workbook_too_large"


class RowFault(StrEnum):
    """What can be wrong with a row, besides what its phone's reader says."""

    WRONG_CELL_COUNT = "wrong_cell_count"
    UNCLOSED_QUOTE = "unclosed_quote"
    MALFORMED_ROW = "malformed_row"
    MALFORMED_JSON = "malformed_json"
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
    """How a file's bytes become cells.

    ``keys`` are the columns of an NDJSON file, ``dotted`` where its objects are nested. ``length``
    is how far a place's ``offset`` can come (0: unknown).
    """

    kind: FileKind = FileKind.CSV
    gzip: bool = False
    encoding: str
    delimiter: str = ""
    keys: tuple[str, ...] = ()
    dotted: bool = False
    length: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """A place between two rows: the spreadsheet's number of the row before it, and its byte.

    In a packed file that is the unpacked byte, in a workbook the row again.
    """

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
class UndoCounts:
    """What an undo did: people erased, given back what they had, left alone, and consents."""

    erased: int = 0
    restored: int = 0
    left_changed: int = 0
    consents_withdrawn: int = 0

    def __add__(self, other: "UndoCounts") -> "UndoCounts":
        """Count both together."""
        return UndoCounts(
            erased=self.erased + other.erased,
            restored=self.restored + other.restored,
            left_changed=self.left_changed + other.left_changed,
            consents_withdrawn=self.consents_withdrawn + other.consents_withdrawn,
        )

    def as_dict(self) -> dict[str, int]:
        """The counts as JSON can hold them."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactImport:
    """An import and how far it came.

    ``mapping`` says by header what columns mean, ``columns`` how they were all understood.
    ``size_bytes`` and ``etag`` are those of the upload when it was started. ``position`` is where
    reading goes on; what stood in the rows before ``remembered`` is saved, for finding
    duplicates. ``error_parts`` counts the pieces of the list of rejected rows. While it is undone
    ``position`` goes back to the beginning.
    """

    import_id: ImportId
    filename: str
    created: datetime
    kind: ImportKind = ImportKind.CONTACTS
    status: ImportStatus = ImportStatus.AWAITING_FILE
    started: datetime | None = None
    size_bytes: int = 0
    etag: str = ""
    mapping: Mapping[str, str] = field(default_factory=dict)
    file_format: FileFormat | None = None
    columns: tuple[Column, ...] = ()
    position: Position = field(default_factory=Position)
    remembered: Position = field(default_factory=Position)
    counts: ImportCounts = field(default_factory=ImportCounts)
    error_parts: int = 0
    undone: UndoCounts = field(default_factory=UndoCounts)
    fault: FileFault | None = None
    fault_columns: tuple[str, ...] = ()

    @property
    def is_dry(self) -> bool:
        """Whether what is known of the rows comes from a dry run, which wrote nothing."""
        return self.status in (ImportStatus.DRY_RUNNING, ImportStatus.DRY_RUN_DONE)

    @property
    def is_reading(self) -> bool:
        """Whether a worker reads the file, or is about to."""
        return self.status in (ImportStatus.DRY_RUNNING, ImportStatus.RUNNING)
