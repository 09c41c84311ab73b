"""A sweep over a provider's list of refusals: page by page, again and again, missing nothing.

The first sweep reads the whole list. Each later one reads what was made since a little before the
one before it began, because the provider's clock is not ours and a refusal may show up late. What
comes again by that is told by its key.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

OVERLAP = timedelta(minutes=15)
"""As far as SOLAPI lets clocks differ (project notes on Korean messaging, section 1.1)."""
_MOST_KEYS = 2_000
"""About 80 KB in a row of at most 400 KB; a key that was forgotten is only worked off again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """Where a sweep stands.

    It reads what was made from ``since`` on (None: everything), ``began`` then, and goes on at
    ``cursor`` (None: at its first page). ``seen`` holds the newest keys, oldest first.
    """

    since: datetime | None = None
    began: datetime | None = None
    cursor: str | None = None
    seen: tuple[str, ...] = ()

    def started(self, *, now: datetime) -> "Sweep":
        """Begin, unless it is under way."""
        return self if self.began is not None else replace(self, began=now)

    def unseen(self, keys: Iterable[str]) -> tuple[str, ...]:
        """Tell which of these keys no page has had yet, each once."""
        known = set(self.seen)
        return tuple(key for key in dict.fromkeys(keys) if key not in known)

    def after(self, keys: Iterable[str], *, cursor: str | None) -> "Sweep":
        """Take in a page; without a ``cursor`` to go on at it was the last of this sweep."""
        seen = (*self.seen, *self.unseen(keys))[-_MOST_KEYS:]
        if cursor is not None:
            return replace(self, cursor=cursor, seen=seen)
        since = self.since if self.began is None else self.began - OVERLAP
        return Sweep(since=since, seen=seen)

    def restarted(self) -> "Sweep":
        """Begin the sweep again, because the provider no longer knows the cursor."""
        return replace(self, began=None, cursor=None)
