"""Which properties of events are broken out: every version is kept, the newest is in force.

They lie in the table of policies, as one document: a process reads all of them at once.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from functions.domain.event import EventTypes
from functions.runtime.clock import utc_now
from functions.storage.base import written
from functions.storage.policies import PolicyItem

_NAME = "event-types"
_FRESH = timedelta(seconds=15)


class EventTypeStore:
    """Reads and writes the declarations."""

    def current(self) -> EventTypes:
        """Read those in force, consistently; none at first."""
        newest = PolicyItem.query(_NAME, scan_index_forward=False, limit=1, consistent_read=True)
        return next(map(_to_types, newest), EventTypes())

    def add(self, types: EventTypes, *, actor: str, now: datetime) -> bool:
        """Write the next version; False when somebody else did so first."""
        document = {name: list(each) for name, each in types.properties_by_name.items()}
        item = PolicyItem(_NAME, types.version, document=document, made=now, actor=actor)
        return written(lambda: item.save(condition=PolicyItem.version.does_not_exist()))


class CurrentEventTypes:
    """The declarations in force, remembered by each process for 15 seconds."""

    def __init__(
        self, read: Callable[[], EventTypes] | None = None, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self._read = read or EventTypeStore().current
        self._clock = clock
        self._known: tuple[EventTypes, datetime] | None = None

    def __call__(self) -> EventTypes:
        """Give them."""
        now = self._clock()
        if self._known is None or not timedelta(0) <= now - self._known[1] < _FRESH:
            self._known = self._read(), now
        return self._known[0]


def _to_types(item: PolicyItem) -> EventTypes:
    declared = {name: tuple(each) for name, each in (item.document or {}).items()}
    return EventTypes(version=int(item.version), properties_by_name=declared)
