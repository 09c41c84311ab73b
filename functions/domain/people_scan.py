"""Reading all people, segment by segment of their table."""

from dataclasses import dataclass

from functions.domain.segment import Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """What a page of the table told of people.

    ``whole`` have their profile; of ``strays`` only activity was on this page. ``read_units`` is
    what reading it took of DynamoDB.
    """

    whole: tuple[Subject, ...]
    strays: tuple[Subject, ...]
    read_units: float = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanPlace:
    """A segment of the table, and where its reading goes on (None: at its beginning)."""

    segment: int
    segments: int
    position: str | None
