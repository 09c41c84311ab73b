"""Where a tracked link leads: to a page, into an app, until a moment, and where it led before."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where a link leads: phones with iOS or Android elsewhere when that is said.

    From ``until`` on it leads nowhere any more; None: it never ends.
    """

    url: str
    ios: str | None = None
    android: str | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Replaced:
    """A destination that the link at ``place`` had until ``at``; ``key_id`` changed it."""

    place: int
    destination: Destination
    at: datetime
    key_id: str
