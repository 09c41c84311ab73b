"""Timers: jobs for later, in one partition a minute."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from pynamodb.attributes import UnicodeAttribute, UTCDateTimeAttribute

from functions.contracts.queues import Queue
from functions.contracts.timer import Timer
from functions.storage.base import Item, written

_SLOT_FORMAT = "%Y-%m-%dT%H:%M"
_CURSOR = "CURSOR"


class TimerItem(Item):
    """One job for later, or how far the ticks have come."""

    class Meta:
        """Short name of the table."""

        table = "timers"

    slot = UnicodeAttribute(hash_key=True)
    due_id = UnicodeAttribute(range_key=True)
    queue = UnicodeAttribute(null=True)
    body = UnicodeAttribute(null=True)
    due = UTCDateTimeAttribute(null=True)


class TimerStore:
    """Reads and writes timers."""

    def put(self, timer: Timer) -> None:
        """Keep a job for later: by two minutes or more, for ticks look one minute ahead."""
        TimerItem(
            _slot(timer.due),
            timer.timer_id,
            queue=str(timer.queue),
            body=timer.body,
            due=timer.due,
        ).save()

    def due_in(self, slot: datetime) -> Iterator[Timer]:
        """Timers of one minute."""
        for item in TimerItem.query(_slot(slot), consistent_read=True):
            yield Timer(
                timer_id=item.due_id,
                due=item.due,
                queue=Queue(item.queue or ""),
                body=item.body or "",
            )

    def remove(self, slot: datetime, timers: Iterable[Timer]) -> None:
        """Delete timers that are in their queues."""
        with TimerItem.batch_write() as write:
            for timer in timers:
                write.delete(TimerItem(_slot(slot), timer.timer_id))

    def cursor(self) -> datetime | None:
        """The newest minute that was worked off; None before the first tick."""
        try:
            return TimerItem.get(_CURSOR, _CURSOR, consistent_read=True).due
        except TimerItem.DoesNotExist:
            return None

    def advance(self, slot: datetime) -> None:
        """Note that this minute was worked off; a slower tick cannot turn it back."""
        item = TimerItem(_CURSOR, _CURSOR, due=slot)
        later = TimerItem.due.does_not_exist() | (TimerItem.due < slot)
        written(lambda: item.save(condition=later))


def _slot(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime(_SLOT_FORMAT)
