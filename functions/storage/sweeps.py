"""Where the sweeps over providers' lists stand: one small row each, beside the tick's own."""

from datetime import datetime
from typing import Any

from pynamodb.attributes import JSONAttribute, UnicodeAttribute

from functions.domain.sweep import Sweep
from functions.storage.base import Item

_SLOT = "SWEEP"
"""No minute is called so."""


class SweepItem(Item):
    """One sweep."""

    class Meta:
        """Short name of the table."""

        table = "timers"

    slot = UnicodeAttribute(hash_key=True)
    due_id = UnicodeAttribute(range_key=True)
    sweep = JSONAttribute()


class SweepStore:
    """Reads and writes sweeps. Two at once do no harm: what is read twice is told by its key."""

    def get(self, name: str) -> Sweep:
        """Read a sweep, consistently; a new one where there is none."""
        try:
            item = SweepItem.get(_SLOT, name, consistent_read=True)
        except SweepItem.DoesNotExist:
            return Sweep()
        stored: dict[str, Any] = item.sweep
        return Sweep(
            since=_moment(stored["since"]),
            began=_moment(stored["began"]),
            cursor=stored["cursor"],
            seen=tuple(stored["seen"]),
        )

    def put(self, name: str, sweep: Sweep) -> None:
        """Write a sweep."""
        stored = {
            "since": _text(sweep.since),
            "began": _text(sweep.began),
            "cursor": sweep.cursor,
            "seen": list(sweep.seen),
        }
        SweepItem(_SLOT, name, sweep=stored).save()


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
