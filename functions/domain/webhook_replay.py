"""A replay: what happened within a range of time is told to a webhook again, step by step."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from functions.domain.ids import BatchNumber
from functions.domain.message_event import EventType, MessageEvent

LONGEST = timedelta(days=31)
"""Of a range."""
EVENTS_A_STEP = 1_000
ONE_DAY = timedelta(days=1)
_NO_BATCH = BatchNumber(0)
_LATEST, _LATEST_CONVERSION = timedelta(days=23), timedelta(days=92)
"""So long after the door looked at a message something of it may be told: receipts, clicks and
answers have room for 22 days (``domain/message.py``), a goal has a window of 90 days."""


class ReplayStatus(StrEnum):
    """Where a replay stands."""

    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    """By somebody, or because the webhook was switched off."""
    FAILED = "failed"
    """The receiver took nothing for a day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """A replay of what happened from ``first`` until just before ``last`` (epoch seconds).

    First it goes over batches with numbers below ``low``, by the days up to ``last_day`` on which
    the door looked at them; then over all from ``low`` until just before ``high``, which were made
    within the range. It has come to ``batch`` (of ``day``), of which it told all up to the event
    at ``after``: its moment and id. ``step`` counts how often it got on, and guards every write
    with ``version``.
    """

    replay_id: str
    first: int
    last: int
    types: frozenset[str]
    started: int
    low: BatchNumber
    high: BatchNumber
    day: date
    last_day: date
    status: ReplayStatus = ReplayStatus.RUNNING
    ended: int = 0
    batch: BatchNumber = _NO_BATCH
    after: tuple[int, str] | None = None
    events: int = 0
    step: int = 0
    version: int = 0

    def picked(self, events: Iterable[MessageEvent]) -> Sequence[MessageEvent]:
        """Those events of one batch that are told again, in order."""
        found = [
            event
            for event in events
            if self.first <= event.at < self.last
            and event.type in self.types
            and not self._is_behind(event)
        ]
        return sorted(found, key=place_of)

    def past(self, events: Sequence[MessageEvent], *, whole: BatchNumber) -> "Replay":
        """After these events were told; ``whole`` is the last batch of which nothing is left.

        Without any left of a later batch, it goes on after that one.
        """
        beyond = [each for each in events if each.message.number.batch > whole]
        last = beyond[-1] if beyond else None
        return replace(
            self,
            batch=BatchNumber(whole + 1) if last is None else last.message.number.batch,
            after=None if last is None else place_of(last),
            events=self.events + len(events),
            step=self.step + 1,
        )

    @property
    def is_past_days(self) -> bool:
        """Whether it goes over the numbers from ``low`` on."""
        return self.day > self.last_day

    def on_next_day(self) -> "Replay":
        """After a day with nothing left."""
        next_day = replace(self, day=self.day + ONE_DAY, batch=_NO_BATCH, after=None)
        return replace(next_day, batch=self.low) if next_day.is_past_days else next_day

    def ending(self, status: ReplayStatus, *, now: datetime) -> "Replay":
        """Come to its end."""
        return replace(self, status=status, ended=int(now.timestamp()))

    def _is_behind(self, event: MessageEvent) -> bool:
        return (
            self.after is not None
            and event.message.number.batch == self.batch
            and place_of(event) <= self.after
        )


def first_day(first: datetime, types: Iterable[str], *, zone: ZoneInfo) -> date:
    """The earliest day of whose batches something can have happened from a moment on."""
    reach = _LATEST_CONVERSION if EventType.CONVERTED in types else _LATEST
    return (first - reach).astimezone(zone).date()


def place_of(event: MessageEvent) -> tuple[int, str]:
    """Where an event stands among those of its batch."""
    return event.at, event.event_id
