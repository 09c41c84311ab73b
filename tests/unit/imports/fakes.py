"""What imports stand on, in memory."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from functions.contracts.errors import Conflict
from functions.contracts.queues import EraseJob, ImportJob
from functions.domain.consent import GENESIS, Consent, ConsentRecord
from functions.domain.contact import Contact, Email, Phone
from functions.domain.contact_file import (
    ContactImport,
    FileFault,
    FileProblem,
    ImportKind,
    ImportStatus,
    Upload,
)
from functions.domain.erasure import Erasure
from functions.domain.ids import ContactId, ImportId
from functions.domain.import_undo import ImageChunk
from functions.domain.opt_out import OptOut
from functions.domain.writing import ConsentChange, Profile
from functions.imports.service import ImportDeps
from functions.imports.undoing import UndoDeps
from tests.fakes.people import a_record, put_in_force

IMPORT = ImportId("imp_1")
CREATED = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
STARTED = datetime(2026, 11, 20, 3, 5, tzinfo=UTC)


class WorkerKilled(BaseException):
    """The worker dies at this point."""


@dataclass
class FakeImports:
    imports: dict[ImportId, ContactImport] = field(default_factory=dict)
    steps: list[ContactImport] = field(default_factory=list)
    before_advance: Callable[[ContactImport], None] = lambda _: None

    def add(self, contact_import: ContactImport) -> None:
        self.imports[contact_import.import_id] = contact_import

    def get(self, import_id: ImportId) -> ContactImport | None:
        return self.imports.get(import_id)

    def advance(self, before: ContactImport, after: ContactImport) -> bool:
        self.before_advance(after)
        stored = self.imports[before.import_id]
        if (stored.status, stored.position.row) != (before.status, before.position.row):
            return False
        self.imports[before.import_id] = after
        self.steps.append(after)
        return True


@dataclass
class FakeFiles:
    content: bytes | None = None
    piece_bytes: int = 1000
    seen: dict[int, bytes] = field(default_factory=dict)
    freed: dict[int, bytes] = field(default_factory=dict)
    images: dict[int, ImageChunk] = field(default_factory=dict)
    parts: dict[int, bytes] = field(default_factory=dict)
    errors: bytes | None = None
    reads: list[int] = field(default_factory=list)
    changed: bool = False

    def upload_url(self, import_id: ImportId) -> str:
        return f"https://upload.example.com/{import_id}"

    def find(self, import_id: ImportId) -> Upload | None:
        if self.content is None:
            return None
        return Upload(size_bytes=len(self.content), etag='"tag"')

    def chunks(self, contact_import: ContactImport, *, start: int = 0) -> Iterator[bytes]:
        self.reads.append(start)
        content = self.content or b""
        for first in range(start, len(content), self.piece_bytes):
            if self.changed:
                raise FileProblem(FileFault.FILE_CHANGED)
            yield content[first : first + self.piece_bytes]

    def save_seen(self, contact_import: ContactImport, seen: bytes) -> None:
        self.seen[contact_import.position.row] = seen

    def load_seen(self, contact_import: ContactImport) -> bytes:
        row = contact_import.remembered.row
        return self.seen[row] if row else b""

    def save_freed(self, contact_import: ContactImport, freed: bytes) -> None:
        self.freed[contact_import.position.row] = freed

    def load_freed(self, contact_import: ContactImport) -> bytes:
        row = contact_import.remembered.row
        return self.freed[row] if row else b""

    def keep_images(self, contact_import: ContactImport, last_row: int, chunk: ImageChunk) -> None:
        self.images.setdefault(last_row, chunk)

    def load_images(self, contact_import: ContactImport) -> ImageChunk:
        return self.images[contact_import.position.row]

    def put_error_part(self, contact_import: ContactImport, number: int, part: bytes) -> None:
        self.parts[number] = part

    def join_errors(self, contact_import: ContactImport, *, head: bytes) -> None:
        parts = range(contact_import.error_parts)
        self.errors = head + b"".join(self.parts[number] for number in parts)

    def errors_url(self, contact_import: ContactImport) -> str:
        return f"https://errors.example.com/{contact_import.import_id}"


@dataclass
class FakePeople:
    """Contacts and their consents, with the version and address rules of the real stores."""

    profiles: dict[ContactId, Profile] = field(default_factory=dict)
    saves: list[ContactId] = field(default_factory=list)
    changes: list[tuple[ContactId, ConsentChange]] = field(default_factory=list)
    evidence: dict[ContactId, list[ConsentRecord]] = field(default_factory=dict)
    pseudonymised: dict[ContactId, list[ConsentRecord]] = field(default_factory=dict)
    before_save: Callable[[Contact], None] = lambda _: None
    before_append: Callable[[ContactId], None] = lambda _: None
    before_erase: Callable[[Profile], None] = lambda _: None

    @classmethod
    def of(cls, *contacts: Contact) -> "FakePeople":
        made = cls()
        for contact in contacts:
            made.put(contact)
        return made

    def put(self, contact: Contact) -> None:
        known = self.profiles.get(contact.contact_id)
        version = 1 + (known.version if known else 0)
        self.profiles[contact.contact_id] = Profile(
            contact=contact,
            version=version,
            consent_seq=known.consent_seq if known else 0,
            consent_head=GENESIS,
        )

    def contact(self, contact_id: str) -> Contact:
        return self.profiles[ContactId(contact_id)].contact

    def get(self, contact_id: ContactId) -> Profile | None:
        return self.profiles.get(contact_id)

    def get_profiles(self, contact_ids: Iterable[ContactId]) -> Mapping[ContactId, Profile]:
        return {each: self.profiles[each] for each in contact_ids if each in self.profiles}

    def holder_of(self, phone: Phone) -> ContactId | None:
        for contact_id, profile in self.profiles.items():
            if profile.contact.phone == phone:
                return contact_id
        return None

    def save(self, contact: Contact, *, replacing: Profile | None) -> bool:
        self.before_save(contact)
        holder = None if contact.phone is None else self.holder_of(contact.phone)
        if holder not in (None, contact.contact_id):
            raise Conflict("The phone number is taken.", code="address_taken")
        if self.profiles.get(contact.contact_id) != replacing:
            return False
        kept = replacing.contact.consents if replacing else {}
        self.put(replace(contact, consents=kept))
        self.saves.append(contact.contact_id)
        return True

    def append_decided(
        self,
        contact_id: ContactId,
        decide: Callable[[Contact], Sequence[ConsentChange]],
        *,
        now: datetime,
    ) -> tuple[ConsentRecord, ...]:
        self.before_append(contact_id)
        profile = self.profiles[contact_id]
        changes = decide(profile.contact)
        records = tuple(
            a_record(change, contact_id, seq=profile.consent_seq + number, now=now)
            for number, change in enumerate(changes, start=1)
        )
        self.changes += [(contact_id, change) for change in changes]
        consents = put_in_force(profile.contact.consents, records)
        self.profiles[contact_id] = replace(
            profile,
            contact=replace(profile.contact, consents=consents),
            consent_seq=profile.consent_seq + len(records),
        )
        self.evidence.setdefault(contact_id, []).extend(records)
        return records

    def history(self, contact_id: ContactId) -> tuple[ConsentRecord, ...]:
        return tuple(self.evidence.get(contact_id, ()))

    def pseudonymise(self, contact_id: ContactId) -> int:
        rows = self.evidence.pop(contact_id, [])
        self.pseudonymised.setdefault(contact_id, []).extend(rows)
        return len(rows)

    def erase_unchanged(self, profile: Profile) -> bool:
        self.before_erase(profile)
        if self.profiles.get(profile.contact.contact_id) != profile:
            return False
        del self.profiles[profile.contact.contact_id]
        return True


@dataclass
class FakeErasures:
    erasures: dict[str, Erasure] = field(default_factory=dict)

    def add(self, erasure: Erasure) -> None:
        assert erasure.erasure_id not in self.erasures
        self.erasures[erasure.erasure_id] = erasure

    def get(self, erasure_id: str) -> Erasure | None:
        return self.erasures.get(erasure_id)

    def note_sweep(self, erasure: Erasure) -> None:
        self.erasures[erasure.erasure_id] = replace(erasure, traces=None)


@dataclass
class FakeOptOuts:
    suppressed: dict[Phone | Email, OptOut] = field(default_factory=dict)

    def suppress(
        self,
        address: Phone | Email,
        opt_out: OptOut,
        *,
        holder: ContactId | None,
        now: datetime,
    ) -> None:
        self.suppressed[address] = opt_out


@dataclass
class World:
    """All of it together, with one import that was started."""

    imports: FakeImports
    files: FakeFiles
    people: FakePeople
    jobs: list[ImportJob]
    opt_outs: FakeOptOuts = field(default_factory=FakeOptOuts)
    erasures: FakeErasures = field(default_factory=FakeErasures)
    sweeps: list[EraseJob] = field(default_factory=list)

    @classmethod
    def of(
        cls,
        content: bytes | str | None,
        *contacts: Contact,
        kind: ImportKind = ImportKind.CONTACTS,
    ) -> "World":
        raw = content.encode() if isinstance(content, str) else content
        running = ContactImport(
            import_id=IMPORT,
            filename="고객.csv",
            created=CREATED,
            kind=kind,
            status=ImportStatus.RUNNING,
            started=STARTED,
            size_bytes=len(raw or b""),
            etag='"tag"',
        )
        return cls(
            imports=FakeImports(imports={IMPORT: running}),
            files=FakeFiles(content=raw),
            people=FakePeople.of(*contacts),
            jobs=[],
        )

    @property
    def deps(self) -> ImportDeps:
        return ImportDeps(
            imports=self.imports,
            files=self.files,
            contacts=self.people,
            consents=self.people,
            opt_outs=self.opt_outs,
            enqueue=self.jobs.append,
            spread=map,
            zone=ZoneInfo("Asia/Seoul"),
        )

    @property
    def undo_deps(self) -> UndoDeps:
        return UndoDeps(
            imports=self.imports,
            files=self.files,
            contacts=self.people,
            consents=self.people,
            erasures=self.erasures,
            enqueue=self.jobs.append,
            sweep=self.sweeps.append,
            subject_of=lambda contact_id: f"subject of {contact_id}",
            spread=map,
        )

    @property
    def stored(self) -> ContactImport:
        return self.imports.imports[IMPORT]

    @property
    def error_lines(self) -> list[str]:
        return (self.files.errors or b"").decode("utf-8-sig").splitlines()


def ticking(*, seconds_a_look: int = 0) -> Callable[[], datetime]:
    """A clock that goes on each time it is looked at."""
    looks = iter(range(1, 1_000_000))
    return lambda: STARTED + timedelta(seconds=seconds_a_look * next(looks))


def a_consent(*, granted: bool, at: datetime) -> Consent:
    return Consent(granted=granted, at=at, seq=1)
