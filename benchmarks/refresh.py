"""How fast and how dear a refresh is: in process at a million people, and on the local stack.

In process the real code of the workers runs from the raw rows of a scan (made up here, as DynamoDB
gives them) to the finished members; only the network is left out. Read units are computed from the
rows' sizes by DynamoDB's published rules.
"""

from __future__ import annotations

import gzip
import json
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from benchmarks.capacity import item_bytes
from functions.audiences import refresh
from functions.audiences.ports import AudienceDeps
from functions.content.people_file import Engine
from functions.contracts.activity_document import cells_to_bytes
from functions.contracts.person_document import subject_to_line
from functions.contracts.profile_values import consents_to_json
from functions.contracts.queues import AudienceJob, BuildShardJob, ScanPeopleJob
from functions.domain.activity import ActivityKey, DayTotal
from functions.domain.audience import Audience
from functions.domain.channel import Channel, ConsentPurpose
from functions.domain.consent import Consent, ConsentKey
from functions.domain.ids import AudienceId, ContactId
from functions.domain.people_scan import Scanned, ScanPlace
from functions.domain.segment import Subject
from functions.storage.contacts import ContactItem
from functions.storage.subjects import SubjectStore
from infra.progress import step
from tests.fakes.audiences import FakeAudiences, FakeRefreshes, FakeSubjects

_NOW = datetime(2026, 11, 26, 0, 10, tzinfo=ZoneInfo("Asia/Seoul"))
_PAGE_BYTES = 1_000_000
_EVENTS = ("purchase", "view", "login", "cart")
_CITIES = ("서울", "부산", "대구", "인천", "광주", "대전")
_ITEMS_A_PERSON = 5
_AUDIENCES = 20
_GB_S_USD = 0.0000166667


_CONSENTS = json.dumps(
    consents_to_json(
        {
            ConsentKey(Channel.SMS, ConsentPurpose.ADVERTISING): Consent(
                granted=True, at=_NOW - timedelta(days=300), seq=1
            )
        }
    )
)


def definitions(count: int) -> list[dict[str, Any]]:
    """So many audiences of eight conditions, half of them about behaviour."""
    made = []
    for number in range(count):
        days = 7 + 3 * (number % 25)
        made.append(
            {
                "all": [
                    {"attribute": "city", "in": list(_CITIES[: 1 + number % 5])},
                    {"attribute": "age", "at_least": 18 + number % 40},
                    {"none": [{"attribute": "grade", "equals": f"g{number % 7}"}]},
                    {"consent": "sms:advertising"},
                    {"event": _EVENTS[number % 4], "window": {"last_days": days}},
                    {
                        "any": [
                            {
                                "event": "view",
                                "window": {"last_days": days},
                                "measure": "count",
                                "at_least": 1 + number % 3,
                            },
                            {"event": "purchase", "measure": "sum", "at_least": 1000 * number},
                        ]
                    },
                    {"none": [{"event": "purchase", "window": {"last_days": 2 + number % 5}}]},
                ]
            }
        )
    return made


def raw_rows(number: int, rng: random.Random) -> list[dict[str, Any]]:
    """The rows of one person as a scan gives them: profile, and some ten days of activity."""
    today = _NOW.date()
    cells = {}
    for _ in range(rng.randrange(4, 16)):
        day = today - timedelta(days=rng.randrange(0, 36))
        key = ActivityKey(rng.choice(_EVENTS))
        cells[key, day] = DayTotal(
            day=day, count=rng.randrange(1, 4), sum_minor=rng.randrange(0, 90_000), last=_NOW
        )
    contact_id = {"S": f"c-{number:09d}"}
    attributes = {
        "name": "김하늘",
        "city": rng.choice(_CITIES),
        "age": rng.randrange(15, 80),
        "grade": f"g{rng.randrange(8)}",
    }
    return [
        {
            "contact_id": contact_id,
            "kind": {"S": "ACTIVITY"},
            "v": {"N": "3"},
            "t": {"B": cells_to_bytes(cells)},
        },
        {
            "contact_id": contact_id,
            "kind": {"S": "PROFILE"},
            "v": {"N": "2"},
            "phone": {"S": f"+8210{number:08d}"},
            "attributes": {"S": json.dumps(attributes, ensure_ascii=False)},
            "consents": {"S": _CONSENTS},
            "locale": {"S": "ko"},
        },
    ]


@dataclass
class Generated(SubjectStore):
    """People made up on the way; the rows pass through the code that reads a real scan."""

    people: int
    read_units: float = 0

    def __post_init__(self) -> None:
        super().__init__(ZoneInfo("Asia/Seoul"))

    def items(self) -> int:
        return self.people * _ITEMS_A_PERSON

    def scan(self, place: ScanPlace, *, now: datetime) -> Iterator[tuple[Scanned, str | None]]:
        rng = random.Random(place.segment)
        first = int(place.position or place.segment)
        rows: list[dict[str, Any]] = []
        size = 0
        for number in range(first, self.people, place.segments):
            mine = raw_rows(number, rng)
            rows += mine
            size += sum(item_bytes(row) for row in mine)
            if size >= _PAGE_BYTES:
                self.read_units += size / 8192
                after = number + place.segments
                yield self._page(rows, now), str(after) if after < self.people else None
                rows, size = [], 0
        self.read_units += size / 8192
        if rows:
            yield self._page(rows, now), None

    def _page(self, rows: list[dict[str, Any]], now: datetime) -> Scanned:
        return self._grouped(map(ContactItem.from_raw_data, rows), now=now)


@dataclass
class DiskFiles:
    """Stands for the bucket: what is written there takes no memory."""

    folder: Path
    questions: str = ""
    requests: Counter[str] = field(default_factory=Counter)

    def lines(self, names: Sequence[str]) -> Iterator[str]:
        for name in names:
            self.requests["get"] += 1
            with gzip.open(self.folder / name, "rt", encoding="utf-8") as file:
                yield from file

    def strays(self, names: Sequence[str]) -> Iterator[str]:
        return iter(())

    def upload(self, run_id: str, shard: int, folder: Path) -> None:
        for path in folder.iterdir():
            self.requests["put"] += 1
            shutil.copyfile(path, self.folder / f"{shard}-{path.name}")

    def drop_lines(self, names: Sequence[str]) -> None:
        for name in names:
            self.requests["delete"] += 1
            (self.folder / name).unlink()

    def save_questions(self, run_id: str, questions: object) -> None:
        self.requests["put"] += 1
        self.questions = json.dumps(questions)

    def load_questions(self, run_id: str) -> Any:  # noqa: ANN401  # any JSON
        self.requests["get"] += 1
        return json.loads(self.questions)

    def chunk(self) -> DiskChunk:
        return DiskChunk(self.folder, self.requests)


@dataclass
class DiskChunk:
    """Packs lines as ``ChunkWriter`` does."""

    folder: Path
    requests: Counter[str]
    people: int = 0
    packed: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._packer = zlib.compressobj(1, wbits=31)

    def add(self, subject: Subject) -> None:
        self.people += 1
        line = subject_to_line(subject, has_profile=True)
        self.packed.append(self._packer.compress(line.encode()))

    def save(self, run_id: str, shard: int) -> tuple[str, ...]:
        body = b"".join([*self.packed, self._packer.flush()])
        name = f"lines-{shard}-{len(list(self.folder.iterdir()))}"
        self.requests["put"] += 1
        (self.folder / name).write_bytes(body)
        return (name,)


@dataclass
class DiskMembers:
    """Keeps members as the bucket does; each is compared with the one before."""

    folder: Path
    requests: Counter[str]

    def save(
        self, audience_id: AudienceId, run_id: str, shard: int, members: Iterable[ContactId]
    ) -> None:
        body = zlib.compress("\n".join(sorted(members)).encode())
        self.requests["put"] += 1
        self.requests["get"] += 1  # the members of the refresh before
        (self.folder / f"members-{audience_id}-{shard}").write_bytes(body)

    def forget(self, audience_id: AudienceId, *, before: str) -> None:
        """Nothing is older."""


@dataclass
class Workers:
    """Runs all steps one after the other."""

    people: int
    audiences: int
    folder: Path
    jobs: list[AudienceJob] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    def run(self) -> tuple[Generated, FakeRefreshes, Counter[str]]:
        stored = FakeAudiences()
        for number, definition in enumerate(definitions(self.audiences)):
            stored.add(
                Audience(
                    audience_id=AudienceId(f"a{number:03d}"),
                    name="bench",
                    definition=definition,
                    created=_NOW,
                    changed=_NOW,
                )
            )
        subjects, refreshes = Generated(self.people), FakeRefreshes()
        files = DiskFiles(self.folder)
        deps = AudienceDeps(
            audiences=stored,
            members=DiskMembers(self.folder, files.requests),
            refreshes=refreshes,
            subjects=subjects,
            messages=FakeSubjects(),
            files=files,
            chunk=files.chunk,
            engine=engine,
            enqueue=self.jobs.extend,
            look_at=lambda _: None,
            fresh=lambda prefix: prefix,
            gb_s=time.process_time,
            zone=ZoneInfo("Asia/Seoul"),
        )
        refresh.start(deps=deps, now=_NOW)
        while self.jobs:
            self._step(self.jobs.pop(0), deps)
        return subjects, refreshes, files.requests

    def _step(self, job: AudienceJob, deps: AudienceDeps) -> None:
        started = time.process_time()
        match job:
            case ScanPeopleJob():
                far = _NOW + timedelta(days=1)
                refresh.scan(job, deps=deps, now=_NOW, clock=lambda: _NOW, until=far)
            case BuildShardJob():
                refresh.build(job, deps=deps, now=_NOW)
        kind = type(job).__name__
        self.seconds[kind] = self.seconds.get(kind, 0) + time.process_time() - started


@contextmanager
def engine() -> Iterator[tuple[Engine, Path]]:
    """As a worker makes it."""
    with tempfile.TemporaryDirectory() as folder:
        made = Engine(Path(folder), threads=2, memory_mb=400)
        try:
            yield made, Path(folder)
        finally:
            made.close()


def child(people: int, audiences: int) -> dict[str, Any]:
    """One refresh in this process; what it cost."""
    generating = _generating_s(people)
    with tempfile.TemporaryDirectory() as folder:
        workers = Workers(people, audiences, Path(folder))
        started = time.perf_counter()
        subjects, refreshes, requests = workers.run()
    wall = time.perf_counter() - started - generating  # on a machine with nothing else to do
    newest = refreshes.newest(done=True)
    assert newest is not None
    assert newest.people == people
    return {
        "people": people,
        "audiences": audiences,
        "shards": newest.shards,
        "people_per_s": round(people / wall),
        "people_per_cpu_s": round(people / (sum(workers.seconds.values()) - generating)),
        "s3_requests": dict(requests),
        "s3_requests_per_1000_people": round(sum(requests.values()) / people * 1000, 2),
        "cpu_s": {kind: round(each, 2) for kind, each in workers.seconds.items()},
        "generating_s": round(generating, 2),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "rru_per_person": round(subjects.read_units / people, 4),
        "finished": datetime.now(tz=UTC).isoformat(timespec="seconds"),
    }


def _generating_s(people: int) -> float:
    """Processor time that making the rows up costs, which is not the workers'."""
    rng, some = random.Random(1), 20_000
    started = time.process_time()
    for number in range(some):
        for row in raw_rows(number, rng):
            item_bytes(row)
    return (time.process_time() - started) * people / some


def measure() -> dict[str, Any]:
    """A million people, and one audience against fifty."""
    with step("A refresh of a million people in process"):
        full = in_process(1_000_000, _AUDIENCES)
    with step("One audience against fifty"):
        one, many = (in_process(100_000, count) for count in (1, 50))
    return {
        "worker_people_per_s": full["people_per_cpu_s"],
        "worker_peak_mb": full["peak_mb"],
        "rru_per_person": full["rru_per_person"],
        "s3_requests_per_1000_people": full["s3_requests_per_1000_people"],
        "ratio_50_vs_1": round(one["people_per_cpu_s"] / many["people_per_cpu_s"], 2),
        "refresh_1m_cpu_s": full["cpu_s"],
    }


def in_process(people: int, audiences: int) -> dict[str, Any]:
    """The same in a fresh process, for its memory's sake."""
    command = [sys.executable, "-m", "benchmarks.refresh", str(people), str(audiences)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


if __name__ == "__main__":
    print(json.dumps(child(int(sys.argv[1]), int(sys.argv[2]))))
