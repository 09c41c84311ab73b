"""Stretches of days in which something happened, or in which a date lies."""

from dataclasses import dataclass
from datetime import date, timedelta

MAX_DAYS = 3_660
"""Ten years: a relative window reaches no further."""


@dataclass(frozen=True, slots=True)
class Days:
    """All days from ``first`` to ``last``, both included; empty when ``last`` comes before."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def both(self, other: "Days") -> "Days":
        """The days that are in this and in the other."""
        return Days(max(self.first, other.first), min(self.last, other.last))


ALWAYS = Days(date.min, date.max)


@dataclass(frozen=True, slots=True)
class LastDays:
    """Relative: the last ``days`` days to the end of yesterday; today is not in it.

    >>> LastDays(2).days_at(date(2028, 3, 1))
    Days(first=datetime.date(2028, 2, 28), last=datetime.date(2028, 2, 29))
    """

    days: int

    def days_at(self, today: date) -> Days:
        """Which days these are on the tenant's ``today``."""
        return Days(today - timedelta(days=self.days), today - timedelta(days=1))


@dataclass(frozen=True, slots=True)
class EarlierThan:
    """Relative: all days before the last ``days`` days.

    >>> EarlierThan(2).days_at(date(2028, 3, 1)).last
    datetime.date(2028, 2, 27)
    """

    days: int

    def days_at(self, today: date) -> Days:
        """Which days these are on the tenant's ``today``."""
        return Days(date.min, today - timedelta(days=self.days + 1))


@dataclass(frozen=True, slots=True)
class FromTo:
    """Absolute: fixed days, both ends included; an end that is None is open."""

    start: date | None
    end: date | None

    def days_at(self, today: date) -> Days:  # noqa: ARG002  # as the relative ones
        """Which days these are, whatever day it is."""
        return Days(self.start or date.min, self.end or date.max)


Window = LastDays | EarlierThan | FromTo


def is_relative(window: Window | None) -> bool:
    """Whether the window moves on each day, so that who is in an audience must be found anew."""
    return isinstance(window, LastDays | EarlierThan)


def day_written_in(text: str) -> date | None:
    """The day that a text begins with: ``YYYY-MM-DD``, then nothing, ``T`` or a blank.

    The zone of a time behind it is not looked at: the day is taken as it is written.

    >>> day_written_in("2026-11-26T09:00:00+09:00")
    datetime.date(2026, 11, 26)
    >>> day_written_in("2026-02-29") is None
    True
    """
    if text[4:5] != "-" or text[7:8] != "-" or text[10:11] not in ("", "T", " "):
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
