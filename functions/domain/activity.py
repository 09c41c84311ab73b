"""What people did, counted by day: the unit is one event and one day of the tenant's zone.

Of up to ten declared properties of an event each value is counted as well (``ActivityKey.name``).
What became of messages is told in the same form under the reserved events below, broken out by
``campaign``.
"""

from dataclasses import dataclass
from datetime import date, datetime

RESERVED = "$"
"""Events whose name begins so are ours, never a caller's."""
SENT, DELIVERED, CLICKED, REPLIED = "$sent", "$delivered", "$clicked", "$replied"
ENGAGEMENT = frozenset({SENT, DELIVERED, CLICKED, REPLIED})
CAMPAIGN = "campaign"
"""The property that tells of which campaign a message was."""
MAX_PROPERTIES = 10
"""So many properties of an event may be declared to be broken out."""


@dataclass(frozen=True, slots=True, order=True)
class ActivityKey:
    """An event, or of its occurrences those whose property ``name`` had this ``value``."""

    event: str
    name: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True, order=True, kw_only=True)
class DayTotal:
    """How often on a day, the sum of the values (minor units of the tenant's money), and when last.

    >>> DayTotal(day=date(2026, 11, 1), count=2, sum_minor=30_000, last=datetime(2026, 11, 1)).count
    2
    """

    day: date
    count: int
    sum_minor: int
    last: datetime
