"""What making the compliance record needs from outside."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Protocol
from zoneinfo import ZoneInfo

from functions.contracts.queues import RecordJob
from functions.domain.batch import Batch
from functions.domain.compliance import DayRecord
from functions.domain.evidence import Evidence
from functions.domain.ids import BatchNumber, ContactId


class Records(Protocol):
    """The store of records."""

    def newest(self) -> DayRecord | None:
        """The record of the newest day."""

    def advance(self, before: DayRecord | None, after: DayRecord) -> bool:
        """Store a step forward, unless somebody else took one since ``before``."""

    def put_part(self, day: date, lines: Iterable[bytes]) -> str:
        """Write a part; gives its name."""


class Batches(Protocol):
    """The store of batches."""

    def looked_at(self, day: date, *, after: BatchNumber, limit: int) -> tuple[BatchNumber, ...]:
        """The next batches that the door looked at on a day."""

    def load(self, number: BatchNumber) -> Batch | None:
        """Read a whole batch."""

    def evidence(self, number: BatchNumber) -> tuple[Evidence, ...]:
        """Read what was looked at, oldest round first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplianceDeps:
    """What the use cases need. ``sign`` gives a signature in base64."""

    records: Records
    batches: Batches
    enqueue: Callable[[RecordJob], None]
    subject_of: Callable[[ContactId], str]
    key_id: Callable[[], str]
    sign: Callable[[bytes], str]
    zone: ZoneInfo
