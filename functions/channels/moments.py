"""When something happened, as others say."""

from datetime import datetime, timedelta

CLOCK_TOLERANCE = timedelta(minutes=15)
"""How far another's clock may be from ours, as SOLAPI has it."""


def believable(text: object, *, now: datetime) -> datetime:
    """Read a moment in ISO 8601; our own time when it says nothing believable."""
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        return now
    if at.tzinfo is None or at > now + CLOCK_TOLERANCE:
        return now
    return at
