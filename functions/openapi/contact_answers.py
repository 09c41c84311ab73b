"""What the calls about people, evidence and imports answer; see ``answers``."""

from typing import Literal

from pydantic import AwareDatetime, BaseModel

from functions.domain.channel import Channel, ConsentPurpose
from functions.domain.consent import Basis, ConsentAction
from functions.domain.contact import AttributeValue
from functions.domain.contact_file import (
    Field as ColumnField,
    FileFault,
    ImportKind,
    ImportStatus,
)
from functions.domain.reason import SuppressionReason


class Page(BaseModel):
    """What every page of a list has."""

    next_cursor: str | None


class ContactSaved(BaseModel):
    """What became of an upsert."""

    contact_id: str
    status: Literal["created", "updated", "unchanged"]


class PreferenceLink(BaseModel):
    """A link to a contact's preference page. It names nobody; whoever has it may refuse."""

    url: str
    expires: AwareDatetime


class ConsentInForce(BaseModel):
    """Agreed or not, since when, by which row of evidence.

    ``trades`` says until when which kind of goods may be advertised on the basis of a transaction.
    """

    granted: bool
    at: AwareDatetime
    seq: int
    basis: Basis
    trades: dict[str, AwareDatetime]
    imported: bool
    confirmed: AwareDatetime | None


class Mark(BaseModel):
    """Why, from what, since when and until when (null: for ever) an address is kept back.

    ``scope`` is ``all``, a class, a channel, or both as ``sms:advertising``.
    """

    reason: SuppressionReason
    scope: str
    since: AwareDatetime
    until: AwareDatetime | None


class Contact(BaseModel):
    """A contact with the consents in force, and why its number must not be written to."""

    contact_id: str
    phone: str | None
    email: str | None
    attributes: dict[str, AttributeValue]
    groups: list[str]
    locale: str
    zone: str | None
    consents: dict[str, ConsentInForce]
    suppressed: list[Mark]


class LeftOut(BaseModel):
    """The names of what the survivor had no room for."""

    groups: list[str]
    attributes: list[str]


class MergedContact(Contact):
    """The survivor of a merge."""

    left_out: LeftOut


class ContactPage(Page):
    """A page of contacts; ``next_cursor`` is null at the end."""

    items: list[Contact]


class UpsertFault(BaseModel):
    """Why one contact of a batch was not written."""

    code: str
    message: str


class ContactOutcome(BaseModel):
    """What became of one contact of a batch."""

    contact_id: str
    status: Literal["created", "updated", "unchanged", "rejected"]
    error: UpsertFault | None = None


class BatchSaved(BaseModel):
    """What became of each contact, in the order of the request."""

    items: list[ContactOutcome]


class ConsentEvidence(BaseModel):
    """A row of evidence; ``previous`` is the digest of the row before."""

    seq: int
    channel: Channel
    purpose: ConsentPurpose
    action: ConsentAction
    at: AwareDatetime
    recorded: AwareDatetime
    source: str
    actor: str
    text_version: str
    text_hash: str
    ip: str
    basis: Basis
    goods: str
    previous: str
    digest: str


class ConsentHistory(BaseModel):
    """All evidence, what was in force at ``as_of``, and whether no row is missing or changed."""

    as_of: AwareDatetime
    in_force: dict[str, ConsentInForce]
    chain_intact: bool
    items: list[ConsentEvidence]


class GroupJoined(BaseModel):
    """How many are in the group now, who does not exist, and who is in 50 groups already."""

    added: int
    unknown: list[str]
    full: list[str]


class GroupLeft(BaseModel):
    """How many are not in the group now, and who does not exist."""

    removed: int
    unknown: list[str]


class Suppression(Mark):
    """A suppressed address, known by its hash only."""

    address_hash: str
    source: str


class Suppressions(BaseModel):
    """The suppressions as they were recorded, in the order of the request."""

    items: list[Suppression]


class SuppressionPage(Page):
    """A page of suppressions; ``next_cursor`` is null at the end."""

    items: list[Suppression]


class Progress(BaseModel):
    """How far a file has been read."""

    bytes_total: int
    bytes_done: int


class ImportCounts(BaseModel):
    """What became of the rows: rows = created + updated + unchanged + rejected."""

    rows: int
    created: int
    updated: int
    unchanged: int
    rejected: int
    consents_granted: int
    consents_withdrawn: int
    problems: dict[str, int]
    warnings: dict[str, int]


class FileProblem(BaseModel):
    """Why a file is not read any further."""

    code: FileFault
    message: str
    message_ko: str
    columns: list[str]


class UndoCounts(BaseModel):
    """What an undo did so far, by people, and how many consents it withdrew."""

    erased: int
    restored: int
    left_changed: int
    consents_withdrawn: int


class ImportColumn(BaseModel):
    """A column as it was understood."""

    name: str
    field: ColumnField


class Import(BaseModel):
    """The state of an import."""

    import_id: str
    filename: str
    kind: ImportKind
    status: ImportStatus
    columns: list[ImportColumn]
    created_at: AwareDatetime
    progress: Progress
    counts: ImportCounts
    undone: UndoCounts | None
    problem: FileProblem | None


class Upload(BaseModel):
    """How a file is handed over, within an hour."""

    method: Literal["PUT"]
    url: str
    headers: dict[str, str]


class ImportMade(Import):
    """A new import, and where its file goes."""

    upload: Upload


class ErrorList(BaseModel):
    """Where the list of rejected rows can be read, for 15 minutes."""

    url: str
    rows: int


class ImportRead(Import):
    """An import, and its list of rejected rows once it is done."""

    errors: ErrorList | None
