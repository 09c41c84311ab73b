"""Timers in memory."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from functions.contracts.timer import Timer


@dataclass
class FakeTimers:
    timers: dict[tuple[datetime, str], Timer] = field(default_factory=dict)
    worked_off: datetime | None = None
    read: list[datetime] = field(default_factory=list)

    @classmethod
    def of(cls, *timers: Timer) -> "FakeTimers":
        made = cls()
        for timer in timers:
            made.put(timer)
        return made

    def put(self, timer: Timer) -> None:
        self.timers[_minute(timer.due), timer.timer_id] = timer

    def due_in(self, slot: datetime) -> Iterator[Timer]:
        self.read.append(slot)
        return iter([each for (minute, _), each in self.timers.items() if minute == slot])

    def remove(self, slot: datetime, timers: Iterable[Timer]) -> None:
        for timer in timers:
            self.timers.pop((slot, timer.timer_id), None)

    def cursor(self) -> datetime | None:
        return self.worked_off

    def advance(self, slot: datetime) -> None:
        if self.worked_off is None or self.worked_off < slot:
            self.worked_off = slot


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)
