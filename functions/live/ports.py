"""What live membership needs from outside."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from functions.contracts.queues import LiveJob
from functions.domain.audience import Audience
from functions.domain.ids import ContactId
from functions.domain.live_membership import StayRow, Stays
from functions.domain.segment import Subject


class StayRows(Protocol):
    """The store of stays."""

    def get(self, contact_id: ContactId) -> StayRow:
        """Read a person's, consistently."""

    def save(self, contact_id: ContactId, stays: Stays, *, replacing: StayRow) -> bool:
        """Write the row in place of the one read; False when it is another by now."""

    def delete(self, contact_id: ContactId, *, replacing: StayRow) -> bool:
        """Delete the row that was read; False when it is another by now."""


class Subjects(Protocol):
    """The people."""

    def of(self, contact_id: ContactId, *, now: datetime) -> Subject | None:
        """Read one person, consistently."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveDeps:
    """What the use cases need. ``audiences`` gives all of them."""

    audiences: Callable[[], Sequence[Audience]]
    stays: StayRows
    subjects: Subjects
    enqueue: Callable[[Sequence[LiveJob]], None]
    zone: ZoneInfo
