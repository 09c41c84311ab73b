"""Imports as callers see them: made, started once the file is there, and looked at."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Protocol, TypeVar

from functions.contracts.errors import Conflict, NotFound, PayloadTooLarge
from functions.contracts.queues import ImportJob
from functions.domain.consent import ConsentRecord
from functions.domain.contact import Contact, Email, Phone
from functions.domain.contact_file import (
    MAX_FILE_BYTES,
    ContactImport,
    ImportKind,
    ImportStatus,
    Upload,
)
from functions.domain.ids import ContactId, ImportId
from functions.domain.import_undo import UNDONE_WITHIN, ImageChunk
from functions.domain.opt_out import OptOut
from functions.domain.writing import ConsentChange, Profile

T = TypeVar("T")
R = TypeVar("R")


class Imports(Protocol):
    """The store of imports."""

    def add(self, contact_import: ContactImport) -> None:
        """Write a new one."""

    def get(self, import_id: ImportId) -> ContactImport | None:
        """Read one."""

    def advance(self, before: ContactImport, after: ContactImport) -> bool:
        """Store a step forward, unless somebody else took one since ``before``."""


class Files(Protocol):
    """The objects of imports."""

    def upload_url(self, import_id: ImportId) -> str:
        """Where the file may be PUT."""

    def find(self, import_id: ImportId) -> Upload | None:
        """Look for the upload."""

    def chunks(self, contact_import: ContactImport, *, start: int = 0) -> Iterator[bytes]:
        """Read the upload from a byte on."""

    def save_seen(self, contact_import: ContactImport, seen: bytes) -> None:
        """Keep what was seen up to the import's position."""

    def load_seen(self, contact_import: ContactImport) -> bytes:
        """Read what was seen up to ``remembered``."""

    def save_freed(self, contact_import: ContactImport, freed: bytes) -> None:
        """Keep which numbers a dry run would have left free up to the import's position."""

    def load_freed(self, contact_import: ContactImport) -> bytes:
        """Read which numbers were left free up to ``remembered``."""

    def put_error_part(self, contact_import: ContactImport, number: int, part: bytes) -> None:
        """Write a piece of the list of rejected rows."""

    def join_errors(self, contact_import: ContactImport, *, head: bytes) -> None:
        """Put the list together from its pieces."""

    def keep_images(self, contact_import: ContactImport, last_row: int, chunk: ImageChunk) -> None:
        """Keep what a chunk up to this row finds and writes; the first word about it stays."""

    def load_images(self, contact_import: ContactImport) -> ImageChunk:
        """Read what the chunk up to the import's position found and wrote."""

    def errors_url(self, contact_import: ContactImport) -> str:
        """Where the list can be read."""


class Contacts(Protocol):
    """The store of contacts."""

    def get(self, contact_id: ContactId) -> Profile | None:
        """Read one person."""

    def get_profiles(self, contact_ids: Iterable[ContactId]) -> Mapping[ContactId, Profile]:
        """Read many people."""

    def holder_of(self, phone: Phone) -> ContactId | None:
        """Who has this number; None when it may be given to anybody."""

    def save(self, contact: Contact, *, replacing: Profile | None) -> bool:
        """Write unless changed meanwhile. Raises Conflict ``address_taken``."""


class Consents(Protocol):
    """The store of evidence."""

    def append_decided(
        self,
        contact_id: ContactId,
        decide: Callable[[Contact], Sequence[ConsentChange]],
        *,
        now: datetime,
    ) -> tuple[ConsentRecord, ...]:
        """Append what ``decide`` makes of the person as they are in that very write."""


class OptOuts(Protocol):
    """The store of opt-outs."""

    def suppress(
        self,
        address: Phone | Email,
        opt_out: OptOut,
        *,
        holder: ContactId | None,
        now: datetime,
    ) -> None:
        """Suppress an address, withdrawing nothing, and show it on whose it is."""


class Spread(Protocol):
    """Does something with each value, several at a time where that is quicker."""

    def __call__(self, work: Callable[[T], R], values: Iterable[T], /) -> Iterable[R]:
        """Give the results in the values' order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportDeps:
    """What the use cases need. ``zone`` is that of dates without one."""

    imports: Imports
    files: Files
    contacts: Contacts
    consents: Consents
    opt_outs: OptOuts
    enqueue: Callable[[ImportJob], None]
    spread: Spread
    zone: tzinfo


_NOT_STARTED = frozenset({ImportStatus.AWAITING_FILE, ImportStatus.DRY_RUN_DONE})
_FINISHED = frozenset({ImportStatus.DONE, ImportStatus.REFUSED})


def create(
    filename: str,
    mapping: Mapping[str, str],
    *,
    kind: ImportKind = ImportKind.CONTACTS,
    import_id: ImportId,
    deps: ImportDeps,
    now: datetime,
) -> ContactImport:
    """Make an import that waits for its file."""
    made = ContactImport(
        import_id=import_id, filename=filename, kind=kind, mapping=mapping, created=now
    )
    deps.imports.add(made)
    return made


def find(import_id: ImportId, *, deps: ImportDeps) -> ContactImport:
    """Read an import. Raises NotFound."""
    found = deps.imports.get(import_id)
    if found is None:
        msg = "There is no such import."
        raise NotFound(msg)
    return found


def start(import_id: ImportId, *, deps: ImportDeps, now: datetime) -> ContactImport:
    """Have the uploaded file read. Starting again what runs is harmless.

    Raises NotFound, Conflict ``file_missing``, ``dry_run_running`` or ``import_finished``,
    PayloadTooLarge ``too_large``.
    """
    waiting = find(import_id, deps=deps)
    if waiting.status in _NOT_STARTED:
        running = _begun(waiting, ImportStatus.RUNNING, deps=deps, now=now)
        deps.imports.advance(waiting, running)
    current = find(import_id, deps=deps)
    if current.is_dry:
        msg = "The dry run is not finished yet; start the import when it is."
        raise Conflict(msg, code="dry_run_running")
    if current.status is not ImportStatus.RUNNING:
        msg = "The import is finished; make a new one."
        raise Conflict(msg, code="import_finished")
    # After the state, so that the worker finds it; a caller who saw this fail starts it again.
    deps.enqueue(ImportJob(import_id=import_id))
    return current


def dry_run(import_id: ImportId, *, deps: ImportDeps, now: datetime) -> ContactImport:
    """Have the uploaded file read without anything being written; it can be started afterwards.

    Calling again what runs is harmless, and what has run runs anew. Raises NotFound, Conflict
    ``file_missing``, ``import_started`` or ``contacts_only``, PayloadTooLarge ``too_large``.
    """
    waiting = find(import_id, deps=deps)
    _check_contacts(waiting)
    if waiting.status in _NOT_STARTED:
        running = _begun(waiting, ImportStatus.DRY_RUNNING, deps=deps, now=now)
        deps.imports.advance(waiting, running)
    current = find(import_id, deps=deps)
    if current.status is not ImportStatus.DRY_RUNNING:
        msg = "The import was started already; make a new one."
        raise Conflict(msg, code="import_started")
    deps.enqueue(ImportJob(import_id=import_id))
    return current


def undo(import_id: ImportId, *, deps: ImportDeps, now: datetime) -> ContactImport:
    """Have a finished import taken back. Calling again what is being undone is harmless.

    Raises NotFound, Conflict ``contacts_only``, ``import_not_finished``, ``import_undone`` or
    ``undo_expired``.
    """
    finished = find(import_id, deps=deps)
    _check_contacts(finished)
    if finished.status in _FINISHED:
        if finished.started is None or now - finished.started > UNDONE_WITHIN:
            msg = "What the import found is kept for 30 days only, so it cannot be undone."
            raise Conflict(msg, code="undo_expired")
        deps.imports.advance(finished, replace(finished, status=ImportStatus.UNDOING))
    current = find(import_id, deps=deps)
    if current.status is ImportStatus.UNDONE:
        msg = "The import is undone already."
        raise Conflict(msg, code="import_undone")
    if current.status is not ImportStatus.UNDOING:
        msg = "The import is not finished yet; undo it when it is."
        raise Conflict(msg, code="import_not_finished")
    deps.enqueue(ImportJob(import_id=import_id))
    return current


def _check_contacts(contact_import: ContactImport) -> None:
    """Of endpoints several rows are one person: neither pretending nor taking back knows that."""
    if contact_import.kind is not ImportKind.CONTACTS:
        msg = "Only imports of contacts can be tried out and taken back."
        raise Conflict(msg, code="contacts_only")


def _begun(
    waiting: ContactImport, status: ImportStatus, *, deps: ImportDeps, now: datetime
) -> ContactImport:
    """The import at the first row of what is uploaded now."""
    upload = _upload(waiting.import_id, deps)
    return ContactImport(
        import_id=waiting.import_id,
        filename=waiting.filename,
        kind=waiting.kind,
        mapping=waiting.mapping,
        created=waiting.created,
        status=status,
        started=now,
        size_bytes=upload.size_bytes,
        etag=upload.etag,
    )


def _upload(import_id: ImportId, deps: ImportDeps) -> Upload:
    upload = deps.files.find(import_id)
    if upload is None:
        msg = "The file was not uploaded yet: PUT it to the import's upload URL first."
        raise Conflict(msg, code="file_missing")
    if upload.size_bytes > MAX_FILE_BYTES:
        msg = f"The file has more than {MAX_FILE_BYTES} bytes; split it."
        raise PayloadTooLarge(msg, code="too_large")
    return upload
