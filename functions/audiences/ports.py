"""What audiences need from outside."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from functions.contracts.queues import AudienceJob
from functions.domain.activity import ActivityKey, DayTotal
from functions.domain.audience import Audience, Membership
from functions.domain.ids import AudienceId, ContactId
from functions.domain.people_scan import Scanned, ScanPlace
from functions.domain.refresh import Refresh, RefreshStatus, SegmentProgress, ShardResult
from functions.domain.segment import Node, Subject


class Audiences(Protocol):
    """The store of audiences."""

    def add(self, audience: Audience) -> None:
        """Write a new one."""

    def get(self, audience_id: AudienceId) -> Audience | None:
        """Read one."""

    def all(self) -> tuple[Audience, ...]:
        """Read them all."""

    def change(self, audience: Audience, *, replacing: Audience) -> bool:
        """Write a new version, unless somebody else did since."""

    def set_members(self, audience_id: AudienceId, version: int, members: Membership) -> bool:
        """Put an answer in use, unless the question changed or a later answer is in use."""

    def delete(self, audience_id: AudienceId) -> None:
        """Delete one."""


class Members(Protocol):
    """The store of members."""

    def save(
        self, audience_id: AudienceId, run_id: str, shard: int, members: Iterable[ContactId]
    ) -> None:
        """Write the members of a shard."""

    def load(self, audience_id: AudienceId, run_id: str, shard: int) -> tuple[ContactId, ...]:
        """Read the members of a shard, sorted."""

    def forget(self, audience_id: AudienceId, *, before: str) -> None:
        """Delete the members of older refreshes."""


class Refreshes(Protocol):
    """The store of refreshes."""

    def add(self, refresh: Refresh, *, expires_at: int) -> bool:
        """Write a new one; False when there is one of this name."""

    def get(self, run_id: str) -> Refresh | None:
        """Read one."""

    def newest(self, *, done: bool = False) -> Refresh | None:
        """Read the newest, or the newest that is done."""

    def since(self, moment: datetime) -> tuple[Refresh, ...]:
        """Read those that started at this moment or later."""

    def advance(self, refresh: Refresh, *, to: RefreshStatus) -> bool:
        """Move a refresh on from the status it has."""

    def finish(self, refresh: Refresh, *, at: datetime) -> bool:
        """Store that a refresh is done."""

    def segment(self, run_id: str, segment: int) -> SegmentProgress:
        """Read how far a segment is."""

    def segments(self, run_id: str) -> tuple[SegmentProgress, ...]:
        """Read how far all segments are."""

    def advance_segment(
        self, run_id: str, before: SegmentProgress, after: SegmentProgress, *, expires_at: int
    ) -> bool:
        """Store a chunk, unless somebody else wrote it since ``before``."""

    def save_result(self, run_id: str, result: ShardResult, *, expires_at: int) -> None:
        """Store what a shard answered."""

    def results(self, run_id: str) -> tuple[ShardResult, ...]:
        """Read what the shards answered so far."""


class Subjects(Protocol):
    """The people."""

    def of(self, contact_id: ContactId, *, now: datetime) -> Subject | None:
        """Read one person."""

    def items(self) -> int:
        """About how many rows the table has."""

    def scan(self, place: ScanPlace, *, now: datetime) -> Iterator[tuple[Scanned, str | None]]:
        """Read a segment page by page, each with where the next begins."""


class Messages(Protocol):
    """What became of messages."""

    def of(self, contact_id: ContactId) -> Mapping[ActivityKey, Sequence[DayTotal]]:
        """What became of one person's newest messages, as activity."""

    def items(self) -> int:
        """About how many rows the table has."""

    def scan(self, place: ScanPlace, *, now: datetime) -> Iterator[tuple[Scanned, str | None]]:
        """Read a segment page by page, each with where the next begins."""


class Chunk(Protocol):
    """What was read of one shard's people."""

    people: int

    def add(self, subject: Subject) -> None:
        """Add a person with profile."""

    def add_stray(self, subject: Subject) -> None:
        """Add activity of somebody whose profile was not there."""

    def save(self, run_id: str, shard: int) -> tuple[str, ...]:
        """Write it; gives the names of the files."""


class Files(Protocol):
    """The files of a refresh."""

    def lines(self, names: Sequence[str]) -> Iterator[str]:
        """The lines of people with profile."""

    def strays(self, names: Sequence[str]) -> Iterator[str]:
        """The lines of activity alone."""

    def upload(self, run_id: str, shard: int, folder: Path) -> None:
        """Write the files of a shard."""

    def download(self, run_id: str, shard: int, names: Sequence[str], to: Path) -> None:
        """Fetch the files of a shard, unless they are there already."""

    def drop_lines(self, names: Sequence[str]) -> None:
        """Delete lines that are needed no more."""

    def save_questions(self, run_id: str, questions: Any) -> None:  # noqa: ANN401  # any JSON
        """Keep what is asked."""

    def load_questions(self, run_id: str) -> Any:  # noqa: ANN401  # any JSON
        """Read it back."""


class Engine(Protocol):
    """Asks the files of people; ``content/people_file.py`` with DuckDB."""

    def write_shard(self, people: Iterable[Subject], shard: Path) -> Any:  # noqa: ANN401  # its shape
        """Write the files of a shard."""

    def evaluate(
        self, shard: Path, definitions: Mapping[str, Node], *, today: date
    ) -> Mapping[str, Any]:
        """Find the people of each audience."""

    def contact_ids(self, shard: Path, people: Any) -> list[ContactId]:  # noqa: ANN401  # of evaluate
        """The ids of these people."""

    def forget(self, shard: Path, contact_id: ContactId) -> bool:
        """Empty a person's row; False when there is no such person."""

    def preview(self, shards: Sequence[Path], node: Node, *, today: date, most: int = 20) -> Any:  # noqa: ANN401
        """Count the people, and name some."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AudienceDeps:
    """What the use cases need.

    ``engine`` gives an engine and a folder of its own; ``look_at`` has people's live membership
    looked at. ``gb_s`` counts memory times seconds of this worker, from wherever it began.
    """

    audiences: Audiences
    members: Members
    refreshes: Refreshes
    subjects: Subjects
    messages: Messages
    files: Files
    chunk: Callable[[], Chunk]
    engine: Callable[[], AbstractContextManager[tuple[Engine, Path]]]
    enqueue: Callable[[Sequence[AudienceJob]], None]
    look_at: Callable[[Sequence[ContactId]], None]
    fresh: Callable[[str], str]
    gb_s: Callable[[], float]
    zone: ZoneInfo
