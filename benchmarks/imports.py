"""How fast a worker imports a file, in how much memory, and what a cut in the middle costs.

``python -m benchmarks.imports [--gibibyte]``: a million rows of CSV, with ``--gibibyte`` the same
rows in 1 GiB, whose worker is killed in the middle, through the real worker's code in processes
of their own. The stores forget: nobody is known, and whoever is written is gone with their chunk.
So the figures are those of reading, checking and deciding, without DynamoDB and S3. Seconds are
those of one processor, so that others on the machine do not count.
"""

import json
import pickle
import resource
import signal
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from functions.contracts.import_images import chunk_to_json
from functions.contracts.queues import ImportJob
from functions.domain.consent import GENESIS, ConsentRecord
from functions.domain.contact import Contact, Phone
from functions.domain.contact_file import MAX_FILE_BYTES, ContactImport, ImportStatus
from functions.domain.ids import ContactId, ImportId
from functions.domain.import_undo import ImageChunk
from functions.domain.writing import ConsentChange, Profile
from functions.imports.reading import read_file
from functions.imports.service import ImportDeps
from infra.packaging.layout import REPOSITORY

_RESULT = REPOSITORY / "build" / "bench" / "audiences.json"
_IMPORT = ImportId("imp_bench")
_NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
_TURN = timedelta(seconds=180)
_RANGE_BYTES = 4 << 20
_ROWS = 1_000_000
_MEMOS = 6
_HEADER = "고객번호,이름,휴대폰,이메일,회원등급,문자수신동의,야간수신동의,동의일시"


def main() -> None:
    """Measure, print it, write it down beside the figures of audiences."""
    figures = measure(gibibyte="--gibibyte" in sys.argv)
    print(json.dumps(figures, indent=2))
    known = json.loads(_RESULT.read_text()) if _RESULT.exists() else {}
    _RESULT.parent.mkdir(parents=True, exist_ok=True)
    _RESULT.write_text(json.dumps(known | figures, indent=2))


def measure(*, gibibyte: bool = False) -> dict[str, float]:
    """Import a million rows, and on wish 1 GiB whose worker is killed in the middle."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write_file(folder, bytes_a_row=0)
        done = _finish(folder)
        figures = {
            "import_rows_per_s": round(_ROWS / done["seconds"]),
            "import_peak_mb": done["peak_mb"],
        }
    if gibibyte:
        with tempfile.TemporaryDirectory() as name:
            figures |= _cut_in_the_middle(Path(name))
    return figures


def _cut_in_the_middle(folder: Path) -> dict[str, float]:
    _write_file(folder, bytes_a_row=MAX_FILE_BYTES // _ROWS - 1)
    worker = _worker(folder)
    while (at := _stored(folder).counts.rows) < _ROWS // 2:
        if worker.poll() is not None:
            msg = "the worker ended before it could be killed"
            raise RuntimeError(msg)
        time.sleep(0.05)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    killed_at = _stored(folder).counts.rows
    done = _finish(folder)
    return {
        "import_cut_bytes": _file(folder).stat().st_size,
        "import_cut_at_row": max(at, killed_at),
        "import_cut_rows_lost": _ROWS - _stored(folder).counts.created,
        "import_cut_rows_per_s": round((_ROWS - killed_at) / done["seconds"]),
        "import_cut_first_chunk_s": done["first_chunk_s"],
        "import_cut_peak_mb": done["peak_mb"],
    }


def _write_file(folder: Path, *, bytes_a_row: int) -> None:
    """A million people; each row is filled up to so many bytes by memos of 200 at most."""
    memos = [f"메모{number}" for number in range(_MEMOS)] if bytes_a_row else []
    with _file(folder).open("w", encoding="utf-8") as file:
        file.write(",".join([_HEADER, *memos]) + "\n")
        for number in range(_ROWS):
            file.write(_row(number, bytes_a_row) + "\n")
    started = ContactImport(
        import_id=_IMPORT,
        filename="고객.csv",
        created=_NOW,
        status=ImportStatus.RUNNING,
        started=_NOW,
        size_bytes=_file(folder).stat().st_size,
    )
    _store(folder, started)


def _row(number: int, bytes_a_row: int) -> str:
    row = f"C{number:07},김하나,010{number:08},c{number}@example.com,VIP,Y,N,2026-03-05 14:30"
    if not bytes_a_row:
        return row
    left = bytes_a_row - len(row.encode()) - _MEMOS
    sizes = [left // _MEMOS] * (_MEMOS - 1)
    return ",".join([row, *("m" * size for size in [*sizes, left - sum(sizes)])])


def _finish(folder: Path) -> dict[str, float]:
    """Have a process of its own do all that is left, and tell how it went."""
    worker = _worker(folder)
    answer, _ = worker.communicate()
    if worker.returncode or _stored(folder).counts.created != _ROWS:
        msg = f"the import did not come to its end: {_stored(folder).counts}"
        raise RuntimeError(msg)
    return dict(json.loads(answer))


def _worker(folder: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "benchmarks.imports", "--work", str(folder)]
    return subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)


def work(folder: Path) -> None:
    """What a worker's process does: turns until the file is read, then how it went."""
    imports, people = _Imports(folder), _Forgotten()
    deps = ImportDeps(
        imports=imports,
        files=_Files(folder),
        contacts=people,
        consents=people,
        opt_outs=people,
        enqueue=_again,
        spread=map,
        zone=ZoneInfo("Asia/Seoul"),
    )
    started = time.process_time()
    while _stored(folder).status is ImportStatus.RUNNING:
        until = datetime.now(UTC) + _TURN
        read_file(_IMPORT, deps=deps, clock=lambda: datetime.now(UTC), until=until)
    done = {
        "seconds": time.process_time() - started,
        "first_chunk_s": round((imports.first or started) - started, 1),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    }
    print(json.dumps(done))


def _again(_: ImportJob) -> None:
    """The loop of ``work`` goes on by itself."""


def _file(folder: Path) -> Path:
    return folder / "upload.csv"


def _stored(folder: Path) -> ContactImport:
    stored: ContactImport = pickle.loads((folder / "import").read_bytes())
    return stored


def _store(folder: Path, contact_import: ContactImport) -> None:
    fresh = folder / "import.new"
    fresh.write_bytes(pickle.dumps(contact_import))
    fresh.replace(folder / "import")


@dataclass
class _Imports:
    """The state of the import, in a file."""

    folder: Path
    first: float | None = None

    def add(self, contact_import: ContactImport) -> None:
        _store(self.folder, contact_import)

    def get(self, import_id: ImportId) -> ContactImport | None:
        return _stored(self.folder)

    def advance(self, before: ContactImport, after: ContactImport) -> bool:
        self.first = self.first or time.process_time()
        _store(self.folder, after)
        return True


@dataclass
class _Files:
    """The objects of the import, in files: what reading one asks for."""

    folder: Path

    def chunks(self, contact_import: ContactImport, *, start: int = 0) -> Iterator[bytes]:
        with _file(self.folder).open("rb") as file:
            file.seek(start)
            while piece := file.read(_RANGE_BYTES):
                yield piece

    def save_seen(self, contact_import: ContactImport, seen: bytes) -> None:
        (self.folder / f"seen-{contact_import.position.row}").write_bytes(seen)

    def load_seen(self, contact_import: ContactImport) -> bytes:
        row = contact_import.remembered.row
        return (self.folder / f"seen-{row}").read_bytes() if row else b""

    def keep_images(self, contact_import: ContactImport, last_row: int, chunk: ImageChunk) -> None:
        body = zlib.compress(json.dumps(chunk_to_json(chunk)).encode())
        (self.folder / f"images-{last_row}").write_bytes(body)


@dataclass
class _Forgotten:
    """People of whom nobody is known when a chunk begins."""

    saved: dict[ContactId, Profile] = field(default_factory=dict)

    def get(self, contact_id: ContactId) -> Profile | None:
        return self.saved.get(contact_id)

    def get_profiles(self, contact_ids: Iterable[ContactId]) -> Mapping[ContactId, Profile]:
        self.saved.clear()
        return {}

    def holder_of(self, phone: Phone) -> ContactId | None:
        return None

    def save(self, contact: Contact, *, replacing: Profile | None) -> bool:
        self.saved[contact.contact_id] = Profile(
            contact=contact, version=1, consent_seq=0, consent_head=GENESIS
        )
        return True

    def append_decided(
        self,
        contact_id: ContactId,
        decide: Callable[[Contact], Sequence[ConsentChange]],
        *,
        now: datetime,
    ) -> tuple[ConsentRecord, ...]:
        previous, records = GENESIS, []
        for seq, change in enumerate(decide(self.saved[contact_id].contact), start=1):
            record = change.record(
                contact_id, seq=seq, previous=previous, subject="", ip_hash="", recorded=now
            )
            previous = record.digest
            records.append(record)
        return tuple(records)


if __name__ == "__main__":
    if "--work" in sys.argv:
        work(Path(sys.argv[-1]))
    else:
        main()
