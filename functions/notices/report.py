"""The due list for people: which notices are due, sent, impossible or overdue, by day."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from functions.contracts.asked_days import Days
from functions.contracts.errors import InvalidInput
from functions.contracts.page import Page, Position
from functions.domain.notice import Notice, NoticeKind, NoticeState, Slot
from functions.notices.ports import NoticeDeps
from functions.notices.service import slots


class NoticeStatus(StrEnum):
    """What is asked of the list."""

    DUE = "due"
    OVERDUE = "overdue"
    SENT = "sent"
    UNDELIVERABLE = "undeliverable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Notices of one kind whose day this is."""

    day: date
    kind: NoticeKind
    counts: Counter[NoticeStatus]


def status_of(text: str | None) -> NoticeStatus:
    """Read ``?status=``. Raises InvalidInput."""
    if text is None or text not in set(NoticeStatus):
        message = "Use due, overdue, sent or undeliverable."
        raise InvalidInput.field("/query/status", "not_allowed", message)
    return NoticeStatus(text)


def report(days: Days, *, deps: NoticeDeps, today: date) -> tuple[Line, ...]:
    """Count the notices of these days from the rows themselves; days without any are left out.

    Overdue are those, due or undeliverable, whose day has passed.
    """
    lines: dict[tuple[date, NoticeKind], Counter[NoticeStatus]] = {}
    for slot in slots(days.first, days.last, tuple(NoticeState)):
        for kind in NoticeKind:
            found = deps.notices.count(slot, kind)
            if found:
                counts = lines.setdefault((slot.day, kind), Counter())
                counts.update(dict.fromkeys(_statuses(slot, today), found))
    return tuple(
        Line(day=day, kind=kind, counts=counts) for (day, kind), counts in sorted(lines.items())
    )


def _statuses(slot: Slot, today: date) -> tuple[NoticeStatus, ...]:
    late = (NoticeStatus.OVERDUE,) if slot.day < today else ()
    match slot.state:
        case NoticeState.SENT:
            return (NoticeStatus.SENT,)
        case NoticeState.UNDELIVERABLE:
            return (NoticeStatus.UNDELIVERABLE, *late)
        case NoticeState.DUE:
            return late or (NoticeStatus.DUE,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """The notices of some days in one status, page by page."""

    status: NoticeStatus
    days: Days
    today: date
    deps: NoticeDeps

    def page(self, *, limit: int, position: Position | None) -> Page[Notice]:
        """Read some from a position on: the part of the list, and the place in it."""
        parts = [slot for slot in self._slots() if self.status in _statuses(slot, self.today)]
        start, inner = _read(position)
        found: list[Notice] = []
        for number in range(start, len(parts)):
            page = self.deps.notices.in_slot(
                parts[number], limit=limit - len(found), position=inner
            )
            found += page.items
            inner = page.after
            if len(found) == limit or inner is not None:
                return Page(items=tuple(found), after=_next(number, inner, of=len(parts)))
        return Page(items=tuple(found), after=None)

    def _slots(self) -> Iterator[Slot]:
        return iter(slots(self.days.first, self.days.last, tuple(NoticeState)))


def _read(position: Position | None) -> tuple[int, Position | None]:
    if position is None:
        return 0, None
    inner = position["inner"]
    return int(position["part"]), json.loads(inner) if inner else None


def _next(number: int, inner: Position | None, *, of: int) -> Position | None:
    if inner is not None:
        return {"part": str(number), "inner": json.dumps(dict(inner))}
    return {"part": str(number + 1), "inner": ""} if number + 1 < of else None
