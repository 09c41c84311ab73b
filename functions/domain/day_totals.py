"""Counts events by day, in bounded space however many values their properties have.

A row of the store has 400 KB at most. What would not fit is counted under ``OTHER``: a value
beyond the hundredth of a property, or beyond what all of a person's properties may have together.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from zoneinfo import ZoneInfo

from functions.domain.activity import MAX_PROPERTIES, ActivityKey, DayTotal
from functions.domain.event import Event

OTHER = "$other"
"""Stands for the values, or events, that are one too many."""
MAX_EVENTS = 50
"""Different names of events of one person in one row."""
MAX_VALUES = 100
"""Different values of one property in one row."""
MAX_ALL_VALUES = 500
"""Different values of all properties in one row."""
MAX_CELLS = 8_000
"""Counts in one row before further values are no longer told apart."""
_MAX_PROPERTIES = MAX_EVENTS * MAX_PROPERTIES

Cell = tuple[ActivityKey, date]
Cells = Mapping[Cell, DayTotal]


class DayTotals:
    """Totals that grow by events, or by totals of days counted elsewhere."""

    def __init__(self, cells: Cells | None = None) -> None:
        """Start with these."""
        self.cells: dict[Cell, DayTotal] = dict(cells or {})
        self._events = {key.event for key, _ in self.cells}
        self._values: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        for key, _ in self.cells:
            if key.name:
                self._values[key.event, key.name].add(key.value)
        self._all_values = sum(map(len, self._values.values()))

    def count(self, event: Event, *, zone: ZoneInfo) -> None:
        """Count one event on its day, and each of its properties."""
        day = event.day(zone)
        one = DayTotal(day=day, count=1, sum_minor=event.minor, last=event.at)
        self.add(ActivityKey(event.name), one)
        for name, value in event.properties:
            self.add(ActivityKey(event.name, name, value), one)

    def add(self, key: ActivityKey, total: DayTotal) -> None:
        """Add a total to that of its day."""
        place = self._place(key, total.day)
        if place is None:
            return
        known = self.cells.get((place, total.day))
        self.cells[place, total.day] = total if known is None else _together(known, total)

    def _place(self, key: ActivityKey, day: date) -> ActivityKey | None:
        if (key, day) in self.cells:
            return key
        if key.event not in self._events and len(self._events - {OTHER}) >= MAX_EVENTS:
            return None if key.name else ActivityKey(OTHER)
        self._events.add(key.event)
        return self._place_of_value(key) if key.name else key

    def _place_of_value(self, key: ActivityKey) -> ActivityKey | None:
        if (key.event, key.name) not in self._values and len(self._values) >= _MAX_PROPERTIES:
            return None
        values = self._values[key.event, key.name]
        full = len(values) >= MAX_VALUES or self._all_values >= MAX_ALL_VALUES
        if len(self.cells) >= MAX_CELLS or (full and key.value not in values):
            return ActivityKey(key.event, key.name, OTHER)
        self._all_values += key.value not in values
        values.add(key.value)
        return key


def by_key(cells: Iterator[tuple[ActivityKey, DayTotal]]) -> dict[ActivityKey, list[DayTotal]]:
    """Group totals by their key, each in the order of the days."""
    found: defaultdict[ActivityKey, list[DayTotal]] = defaultdict(list)
    for key, total in sorted(cells):
        found[key].append(total)
    return dict(found)


def _together(one: DayTotal, other: DayTotal) -> DayTotal:
    return DayTotal(
        day=one.day,
        count=one.count + other.count,
        sum_minor=one.sum_minor + other.sum_minor,
        last=max(one.last, other.last),
    )
