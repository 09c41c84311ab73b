"""Keeps batches to the limits of their campaign, sender, provider and company.

Two steps, and none where nothing is limited:

- before anything is looked up, a batch that would come too early is told its turn and put back;
- when all that is left to do is the provider's call, it takes its place in each lane and waits
  for it, a second or two at most. So a place is never taken for what is held, refused or paused.

Whoever dies with a place leaves it unused; whoever comes again takes another.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from functions.domain.pace import (
    LATE_US,
    LONGEST_WAIT_US,
    SECOND_US,
    Lane,
    LaneState,
    micros,
)


class Lanes(Protocol):
    """The store of lanes."""

    def look(self, lanes: Sequence[Lane]) -> Mapping[Lane, LaneState]:
        """Read lanes, consistently."""

    def change(
        self, lane: Lane, change: Callable[[LaneState], tuple[LaneState, int] | None]
    ) -> int | None:
        """Apply a change to the newest state; gives back what came with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Tells when batches may leave. ``clock`` tells the time while a worker waits."""

    lanes: Lanes
    clock: Callable[[], datetime]
    sleep: Callable[[float], None]

    def turn(
        self, lanes: Sequence[Lane], messages: int, *, told_us: int, now: datetime
    ) -> int | None:
        """When the batch is to come again (microseconds since 1970); None when it may begin.

        ``told_us`` is the turn that it was told, 0 for none. Nothing is written when it begins.
        """
        if not lanes:
            return None
        now_us = micros(now)
        if told_us > now_us + SECOND_US:
            return told_us
        states = self.lanes.look(lanes)
        full = [lane for lane in lanes if not states[lane].lets_begin(now_us, has_turn=told_us > 0)]
        if not full:
            return None
        last = max(full, key=lambda lane: states[lane].lined_up(0, now_us)[1])
        return self._line_up(last, messages, now_us)

    def place(self, lanes: Sequence[Lane], messages: int) -> int | None:
        """Wait for a place in every lane; None once it has come.

        Otherwise when the batch is to come again: a lane is full, and the places in those before
        it are lost. The last lane is kept to the microsecond, the others but for the wait in
        those that follow.
        """
        until_us = micros(self.clock()) + LONGEST_WAIT_US
        for lane in lanes:
            turn_us = self._place_in(lane, messages, until_us)
            if turn_us is not None:
                return turn_us
        return None

    def _place_in(self, lane: Lane, messages: int, until_us: int) -> int | None:
        cost_us = lane.rate.cost_us(messages)

        def take(state: LaneState) -> tuple[LaneState, int] | None:
            # By the clock of each try: a place must not be judged by a time before it was taken.
            now_us = micros(self.clock())
            return state.taken(cost_us, now_us, within_us=max(until_us - now_us, 0))

        while True:
            slot_us = self.lanes.change(lane, take)
            if slot_us is None:
                return self._line_up(lane, messages, micros(self.clock()))
            self._wait_until(slot_us)
            now_us = micros(self.clock())
            # Who was held up would leave together with those behind: it gets behind them. Where
            # that does not help, the machine is slow for all of them.
            if now_us <= slot_us + LATE_US or now_us > until_us:
                return None

    def _wait_until(self, slot_us: int) -> None:
        left_us = slot_us - micros(self.clock())
        if left_us > 0:
            self.sleep(min(left_us, LONGEST_WAIT_US) / SECOND_US)

    def _line_up(self, lane: Lane, messages: int, now_us: int) -> int | None:
        cost_us = lane.rate.cost_us(messages)
        return self.lanes.change(lane, lambda state: state.lined_up(cost_us, now_us))
