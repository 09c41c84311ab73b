"""What a job of dispatch came to."""

from dataclasses import dataclass, field
from enum import StrEnum

from functions.dispatch.accounts import Turn


class Outcome(StrEnum):
    """What a job came to."""

    GONE = "gone"
    LEASED = "leased"
    NOTHING_DUE = "nothing_due"
    HELD = "held"
    PARKED = "parked"
    PACED = "paced"
    CANCELLED = "cancelled"
    SENT = "sent"
    LATER = "later"
    SHUT = "shut"
    """No account may be called."""
    REJECTED = "rejected"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a job came to, for the log: where it came from, counts, and what it did to a breaker.

    ``account`` is the account that was called, if any.
    """

    outcome: Outcome
    source: str = ""
    account: str = ""
    turn: Turn = field(default_factory=Turn)
    sent: int = 0
    failed: int = 0
    refused: int = 0
    held: int = 0
    unknown: int = 0
    cancelled: int = 0
