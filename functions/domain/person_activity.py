"""One person's recent activity: what one conditional write changes.

It holds every day that a late event can still reach, and the ids that were counted, so that
counting an event and knowing it again are one write. Days before ``first_day`` are closed: they
lie in rows of their months, and nothing is counted in them any more.

Events of somebody unknown wait here as they came, for a day; they are counted with the first
look after the contact appeared.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import islice
from zoneinfo import ZoneInfo

from functions.domain.activity import DayTotal
from functions.domain.day_totals import Cell, Cells, DayTotals
from functions.domain.event import KEY_BYTES, REPEATABLE_FOR, WORKED_OFF_WITHIN, Event

WAITS_FOR = timedelta(days=1)
"""So long events of somebody unknown are kept."""
OPEN_FOR = timedelta(days=36)
"""Thirty days late, four in the queue, one waiting, and one for the zone: days older are done."""
_CLOSED_EVERY = timedelta(days=7)
MAX_SEEN = 10_000
"""Ids that are known again; of somebody with more events than that the oldest are forgotten."""
MAX_WAITING, MAX_WAITING_CHARS = 500, 50_000
"""Of what waits for one contact the newest is kept."""
_SEEN_FOR_H = int((REPEATABLE_FOR + WORKED_OFF_WITHIN) / timedelta(hours=1)) + 1
_HOURS = 1 << 16
_HOUR_BYTES = 2
_AHEAD_H = 24
"""Clocks of two workers may differ: an hour that lies in the future is no old one."""


class EventOutcome(StrEnum):
    """What became of an event."""

    COUNTED = "counted"
    REPEATED = "repeated"
    WAITING = "waiting"
    TOO_LATE = "too_late"
    STALE = "stale"
    UNKNOWN = "unknown"
    CROWDED_OUT = "crowded_out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """An event of somebody unknown, and when it came."""

    event: Event
    arrived: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonActivity:
    """The row. ``seen`` maps keys of events to the hour in which they came (mod 2¹⁶)."""

    cells: Cells = field(default_factory=dict, repr=False)
    seen: Mapping[int, int] = field(default_factory=dict, repr=False)
    waiting: tuple[Waiting, ...] = ()
    first_day: date = date.min
    version: int = 0

    def all_cells(self, *, zone: ZoneInfo) -> Cells:
        """The totals, with what waits counted in: how it stands once the contact is known."""
        totals = DayTotals(self.cells)
        for each in self.waiting:
            totals.count(each.event, zone=zone)
        return totals.cells


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A person's recent activity, and whether there is such a contact."""

    known: bool
    activity: PersonActivity


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """How a person's activity is to be now, and what became of the events."""

    activity: PersonActivity
    outcomes: Counter[EventOutcome]


def record(
    activity: PersonActivity, events: Iterable[Event], *, known: bool, now: datetime, zone: ZoneInfo
) -> Recorded:
    """Count events that were not counted yet; of somebody unknown let them wait."""
    outcomes: Counter[EventOutcome] = Counter()
    seen, fresh = _still_known(activity.seen, now=now), list[Waiting]()
    for event in events:
        if event.key in seen:
            outcomes[EventOutcome.REPEATED] += 1
        elif event.day(zone) < activity.first_day:
            outcomes[EventOutcome.TOO_LATE] += 1
        else:
            seen[event.key] = _hour(now)
            fresh.append(Waiting(event=event, arrived=now))
    changed = replace(
        activity,
        seen=dict(islice(seen.items(), max(0, len(seen) - MAX_SEEN), None)),
        waiting=(*activity.waiting, *fresh),
    )
    if known:
        outcomes[EventOutcome.COUNTED] += len(changed.waiting)
        counted = changed.all_cells(zone=zone)
        return Recorded(activity=replace(changed, cells=counted, waiting=()), outcomes=outcomes)
    kept = _newest(changed.waiting)
    outcomes[EventOutcome.WAITING] += len(fresh)
    outcomes[EventOutcome.CROWDED_OUT] += len(changed.waiting) - len(kept)
    return Recorded(activity=replace(changed, waiting=kept), outcomes=outcomes)


def give_up(activity: PersonActivity, *, now: datetime) -> Recorded:
    """Drop what has waited for a day."""
    kept = tuple(each for each in activity.waiting if now < each.arrived + WAITS_FOR)
    dropped = len(activity.waiting) - len(kept)
    return Recorded(
        activity=replace(activity, waiting=kept), outcomes=Counter({EventOutcome.UNKNOWN: dropped})
    )


def close_days(
    activity: PersonActivity, *, today: date
) -> tuple[PersonActivity, Mapping[str, Cells]]:
    """Part from the days that no event can reach any more, by month (``yyyymm``), once a week."""
    border = today - OPEN_FOR
    oldest = min((day for _, day in activity.cells), default=today)
    if oldest >= border - _CLOSED_EVERY:
        return activity, {}
    closed: defaultdict[str, dict[Cell, DayTotal]] = defaultdict(dict)
    for (key, day), total in activity.cells.items():
        if day < border:
            closed[f"{day:%Y%m}"][key, day] = total
    kept = {cell: total for cell, total in activity.cells.items() if cell[1] >= border}
    return replace(activity, cells=kept, first_day=max(activity.first_day, border)), closed


def with_days(cells: Cells, closed: Cells) -> Cells:
    """A month's totals, with those days as they were when they were closed."""
    days = {day for _, day in closed}
    totals = DayTotals({cell: total for cell, total in cells.items() if cell[1] not in days})
    for (key, _), total in closed.items():
        totals.add(key, total)
    return totals.cells


def pack_seen(seen: Mapping[int, int]) -> bytes:
    """Eight bytes an id, the oldest first."""
    return b"".join(
        key.to_bytes(KEY_BYTES, "big") + hour.to_bytes(_HOUR_BYTES, "big")
        for key, hour in seen.items()
    )


def unpack_seen(packed: bytes) -> Mapping[int, int]:
    """Read them back."""
    step = KEY_BYTES + _HOUR_BYTES
    entries = (packed[start : start + step] for start in range(0, len(packed), step))
    return {
        int.from_bytes(each[:KEY_BYTES], "big"): int.from_bytes(each[KEY_BYTES:], "big")
        for each in entries
    }


def _still_known(seen: Mapping[int, int], *, now: datetime) -> dict[int, int]:
    def fresh(hour: int) -> bool:
        age = (_hour(now) - hour) % _HOURS
        return age <= _SEEN_FOR_H or age >= _HOURS - _AHEAD_H

    return {key: hour for key, hour in seen.items() if fresh(hour)}


def _hour(moment: datetime) -> int:
    return int(moment.timestamp() // 3600) % _HOURS


def _newest(waiting: tuple[Waiting, ...]) -> tuple[Waiting, ...]:
    kept, chars = list[Waiting](), 0
    for each in reversed(waiting[-MAX_WAITING:]):
        chars += len(each.event.name) + sum(len(n) + len(v) for n, v in each.event.properties)
        if chars > MAX_WAITING_CHARS:
            break
        kept.append(each)
    return tuple(reversed(kept))
