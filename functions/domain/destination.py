"""Where a tracked link leads: to a page, into an app, until a moment, and where it led before."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

MAX_HISTORY_BYTES = 30_000
"""Of all earlier destinations of a row, some 200: it stays below DynamoDB's 400 KB."""
_BYTES_BESIDE = 80
"""What the row keeps of a change besides the addresses, at most."""


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


def is_too_much(history: Iterable[Replaced]) -> bool:
    """Whether these are more than a row can keep."""
    return sum(_bytes(each.destination) for each in history) > MAX_HISTORY_BYTES


def _bytes(destination: Destination) -> int:
    addresses = (destination.url, destination.ios or "", destination.android or "")
    return _BYTES_BESIDE + sum(len(address.encode()) for address in addresses)
