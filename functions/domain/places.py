"""A place under the caps: taken or not, and what the person's row is now."""

from dataclasses import dataclass

from functions.domain.fatigue import Recent


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What came of asking for a place. ``recent`` is the row as it is now, either way."""

    taken: bool
    recent: Recent
