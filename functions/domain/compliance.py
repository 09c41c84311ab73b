"""How far the compliance record of a day has come."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from functions.domain.ids import BatchNumber
from functions.domain.record_chain import Link

SEALED_AFTER = timedelta(days=4)
"""So long after its end a day is sealed: providers give a result within 72 to 81 hours, or none
(project notes on Korean messaging, section 6)."""
BATCHES_PER_PART = 50
"""Of up to 200 messages: some 15 MB of lines, some seconds of work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRecord:
    """The record of one day (of the tenant's zone).

    ``files`` are its parts in order, ``last_batch`` the last batch in them and ``link`` where the
    chain stands. ``sealed`` is None until the last part is there.
    """

    day: date
    link: Link
    files: tuple[str, ...] = ()
    last_batch: BatchNumber = field(default=BatchNumber(0))
    sealed: datetime | None = None

    @property
    def messages(self) -> int:
        """How many messages the record has so far."""
        without = 1 if self.sealed is None else 2
        return max(self.link.seq - without, 0)

    def with_part(
        self, file: str, *, link: Link, last_batch: BatchNumber, sealed: datetime | None
    ) -> "DayRecord":
        """Go on by one part."""
        return replace(
            self, files=(*self.files, file), link=link, last_batch=last_batch, sealed=sealed
        )


def due_day(last: DayRecord | None, *, today: date) -> date | None:
    """The day whose record is to be worked on now; None when all that can be are sealed."""
    newest = today - SEALED_AFTER - timedelta(days=1)
    if last is None:
        return newest
    day = last.day if last.sealed is None else last.day + timedelta(days=1)
    return day if day <= newest else None
