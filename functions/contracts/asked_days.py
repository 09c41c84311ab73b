"""Days that a call asks for, as in ``?from=2026-11-01&to=2026-11-26``."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from functions.contracts.errors import InvalidInput

MOST_DAYS = 31
_FIRST_YEAR, _LAST_YEAR = 2000, 2099
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """Days of the company's calendar, from the first to the last one, both included."""

    first: date
    last: date

    def each(self) -> Iterator[date]:
        """One after the other."""
        for days in range((self.last - self.first).days + 1):
            yield self.first + days * _DAY


def asked_days(query: Mapping[str, str], *, last: date, count: int) -> Days:
    """Read ``from`` and ``to``: until ``last`` and ``count`` days where they are missing.

    Raises InvalidInput for what is no day, and for more than 31 days.
    """
    start, to = query.get("from"), query.get("to")
    end = last if to is None else asked_day(to, name="to")
    first = end - (count - 1) * _DAY if start is None else asked_day(start, name="from")
    if not 0 <= (end - first).days < MOST_DAYS:
        message = f"Ask for 1 to {MOST_DAYS} days."
        raise InvalidInput.field("/query/to", "out_of_range", message)
    return Days(first=first, last=end)


def asked_day(text: str, *, name: str, part: str = "query") -> date:
    """Read one day of the query, or of the path. Raises InvalidInput that names it."""
    pointer = f"/{part}/{name}"
    try:
        found = date.fromisoformat(text)
    except ValueError as error:
        message = "Use a day such as 2026-11-26."
        raise InvalidInput.field(pointer, "invalid_format", message) from error
    if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        message = f"Use a year from {_FIRST_YEAR} to {_LAST_YEAR}."
        raise InvalidInput.field(pointer, "out_of_range", message)
    return found
