"""Where the sweeps over providers' lists stand: one small row each, beside the tick's own."""

import json
from datetime import datetime
from typing import Any

from functions.domain.sweep import Sweep
from functions.storage.timers import TimerItem

_SLOT = "SWEEP"
"""No minute is called so."""


class SweepStore:
    """Reads and writes sweeps. Two at once do no harm: what is read twice is told by its key."""

    def get(self, name: str) -> Sweep:
        """Read a sweep, consistently; a new one where there is none."""
        try:
            item = TimerItem.get(_SLOT, name, consistent_read=True)
        except TimerItem.DoesNotExist:
            return Sweep()
        stored: dict[str, Any] = json.loads(item.body or "")
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
            "seen": sweep.seen,
        }
        TimerItem(_SLOT, name, body=json.dumps(stored)).save()


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
