"""The breakers of providers' accounts: one small row a lane, beside the counter of batches.

Only failures and what ends them are written. A process remembers a row for two seconds, so that a
healthy account costs each worker half a read unit in that time.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from functions.contracts.errors import Unavailable
from functions.domain.breaker import Breaker
from functions.storage.base import unchanged, written
from functions.storage.batches import BatchItem

REMEMBERED = timedelta(seconds=2)
_NO_BATCH = 0
"""The partition of the counter, which is that of no batch."""
_KIND = "BREAKER#"
_MAX_TRIES = 20


class BreakerStore:
    """Reads and writes breakers."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[Breaker, datetime]] = {}

    def look(self, lane: str, *, now: datetime) -> Breaker:
        """What the breaker of a lane was within the last two seconds."""
        known = self._known.get(lane)
        # A clock that was set back, as on the local stage, does not keep it for longer.
        if known is not None and timedelta(0) <= now - known[1] < REMEMBERED:
            return known[0]
        return self._remember(lane, _read(lane, consistent=False), now)

    def change(
        self, lane: str, change: Callable[[Breaker], Breaker | None], *, now: datetime
    ) -> Breaker | None:
        """Apply ``change`` to the newest breaker and store it, starting over when others wrote.

        None when nothing was stored. Raises Unavailable when others keep winning.
        """
        for _ in range(_MAX_TRIES):
            old = _read(lane, consistent=True)
            new = change(old)
            if new is None or new == old:
                self._remember(lane, old, now)
                return None
            new = replace(new, version=old.version + 1)
            if _stored(lane, new, old.version):
                return self._remember(lane, new, now)
        msg = "the breaker is being changed by others"
        raise Unavailable(msg)

    def _remember(self, lane: str, breaker: Breaker, now: datetime) -> Breaker:
        self._known[lane] = breaker, now
        return breaker


def _read(lane: str, *, consistent: bool) -> Breaker:
    try:
        item = BatchItem.get(_NO_BATCH, _KIND + lane, consistent_read=consistent)
    except BatchItem.DoesNotExist:
        return Breaker()
    state: dict[str, Any] = item.meta or {}
    return Breaker(version=int(item.version or 0), **state)


def _stored(lane: str, breaker: Breaker, old_version: int) -> bool:
    state: dict[str, Any] = {
        "failures": breaker.failures,
        "openings": breaker.openings,
        "open_until": breaker.open_until,
        "probe_until": breaker.probe_until,
    }
    if breaker.unpaid:
        state["unpaid"] = True
    item = BatchItem(_NO_BATCH, _KIND + lane, meta=state, version=breaker.version)
    same = unchanged(BatchItem.version, old_version)
    return written(lambda: item.save(condition=same))
