"""How fast messages may leave: limits, the lanes they apply to, and whose turn it is.

A lane is one thing with a limit: a campaign, a sender, a provider's account, the company. A batch
of n messages takes n/rate of each of its lanes, one after the other and never two at once
(the generic cell rate algorithm, ITU-T I.371 annex A, with a batch as its cell). So in any window
of w seconds at most ``rate * w`` messages leave, and one batch.

A place is taken at the last moment, by who is about to send: none is lost by a pause, and a new
limit holds for the next batch. Who comes too early is told a turn at which to come again; turns
are advice that keeps workers from asking again and again, and no right to send.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from math import ceil

from functions.domain.ids import MAX_BATCH_SIZE

SECOND_US = 1_000_000
LONGEST_WAIT_US = 2 * SECOND_US
"""So long a worker that claimed its messages waits for its place, in all its lanes together."""
SOON_US = 1_750_000
"""A worker begins with a batch when its lanes are free within this time.

Jobs come up to a second late, for queues delay by whole seconds, and sometimes later. Who comes
late makes those behind wait in their workers, which then make up for the next that comes late. By
simulation (``benchmarks/pace.py`` has the same queue) less than this loses more than one percent
where workers are busy; more gains nothing.
"""
LATE_US = 500_000
"""A worker that is held up for longer, between its place and the call, takes another place."""
_SKEW_US = SECOND_US
"""How far the clocks of two workers may differ."""
_IDLE_US = 30 * SECOND_US
"""After so long without anybody the turns that were told are void: nobody is coming."""
_SHARE_OF_SECOND = 0.5


class Per(StrEnum):
    """The period of a limit."""

    SECOND = "second"
    MINUTE = "minute"
    HOUR = "hour"


_US_BY_PERIOD = {
    Per.SECOND: SECOND_US,
    Per.MINUTE: 60 * SECOND_US,
    Per.HOUR: 3600 * SECOND_US,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """At most so many messages a period, evenly spread over it."""

    messages: int
    per: Per

    @property
    def per_second(self) -> float:
        """The same by the second."""
        return self.messages * SECOND_US / _US_BY_PERIOD[self.per]

    def cost_us(self, messages: int) -> int:
        """How long so many messages take, in microseconds, rounded up."""
        return -(-messages * _US_BY_PERIOD[self.per] // self.messages)


class LaneKind(StrEnum):
    """What a limit is for, from the narrowest to the widest."""

    CAMPAIGN = "campaign"
    SENDER = "sender"
    PROVIDER = "provider"
    TENANT = "tenant"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """Something with a limit. ``name`` tells it from others of its kind."""

    kind: LaneKind
    name: str
    rate: Rate


def lanes_of(
    *,
    campaign: tuple[str, Rate | None],
    sender: tuple[str, Rate | None],
    provider: tuple[str, Rate | None],
    tenant: Rate | None,
) -> tuple[Lane, ...]:
    """The lanes that have a limit, narrowest kind first."""
    found = (
        (LaneKind.CAMPAIGN, *campaign),
        (LaneKind.SENDER, *sender),
        (LaneKind.PROVIDER, *provider),
        (LaneKind.TENANT, "", tenant),
    )
    return tuple(
        Lane(kind=kind, name=name, rate=rate) for kind, name, rate in found if rate is not None
    )


def slowest(lanes: Iterable[Lane]) -> Lane | None:
    """The lane that decides how long it takes; None where nothing is limited."""
    return min(lanes, key=lambda lane: lane.rate.per_second, default=None)


def largest_batch(lanes: Iterable[Lane]) -> int:
    """How many messages may leave in one call: half a second of the slowest limit."""
    lane = slowest(lanes)
    if lane is None:
        return MAX_BATCH_SIZE
    return min(max(int(lane.rate.per_second * _SHARE_OF_SECOND), 1), MAX_BATCH_SIZE)


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneState:
    """How far a lane is used. Times are microseconds since 1970.

    It is free from ``free_us`` on, and the last batch took ``cost_us``. ``line_us`` is the end of
    the turns that were told to who came too early, ``booked_us`` that of the turns of a campaign's
    planned parts. ``version`` guards every write.
    """

    free_us: int = 0
    cost_us: int = 0
    line_us: int = 0
    booked_us: int = 0
    version: int = 0

    def wait_us(self, now_us: int) -> int:
        """How long until the next batch may leave."""
        return max(self._free(now_us) - now_us, 0)

    def lets_begin(self, now_us: int, *, has_turn: bool) -> bool:
        """Whether a worker should begin with a batch: it will be free soon, and nobody waits.

        Nobody is sent away from a lane that is free now, so none of its time is lost.
        """
        wait_us = self.wait_us(now_us)
        if wait_us == 0:
            return True
        return wait_us <= SOON_US and (has_turn or self._line(now_us) <= now_us + SOON_US)

    def taken(
        self, cost_us: int, now_us: int, *, within_us: int = LONGEST_WAIT_US
    ) -> tuple["LaneState", int] | None:
        """Take the next place; also when that is. None when it is too far off."""
        slot_us = max(now_us, self._free(now_us))
        if slot_us - now_us > within_us:
            return None
        line_us = 0 if self._deserted(now_us) else self.line_us
        after = replace(self, free_us=slot_us + cost_us, cost_us=cost_us, line_us=line_us)
        return after, slot_us

    def lined_up(self, cost_us: int, now_us: int) -> tuple["LaneState", int]:
        """Get in line for so much time; also when the turn begins."""
        turn_us = max(now_us, self._free(now_us), self._line(now_us))
        # It was free until now, and is not deserted any more. What is taken stays taken, also
        # where this worker looked at its clock long ago.
        free_us = max(now_us, self.free_us)
        return replace(self, free_us=free_us, line_us=turn_us + cost_us), turn_us

    def booked(self, cost_us: int, now_us: int) -> tuple["LaneState", int]:
        """Book so much time for a part of a campaign; also when the turn of its first begins."""
        turn_us = max(now_us, self.booked_us)
        return replace(self, booked_us=turn_us + cost_us), turn_us

    def _free(self, now_us: int) -> int:
        """From when on it is free.

        No place is ever taken further ahead than this: what is beyond was taken by a clock that
        was ahead of ours, or before ours was set back.
        """
        return min(self.free_us, self._furthest(now_us))

    def _furthest(self, now_us: int) -> int:
        return now_us + LONGEST_WAIT_US + _SKEW_US + self.cost_us

    def _line(self, now_us: int) -> int:
        # Turns of another clock say nothing either.
        void = self._deserted(now_us) or self.free_us > self._furthest(now_us)
        return 0 if void else max(self.line_us, self.booked_us)

    def _deserted(self, now_us: int) -> bool:
        return self.free_us + self.cost_us + _IDLE_US < now_us


FRESH = LaneState()
"""A lane that nobody used yet."""


def spread(sizes: Sequence[int], begins_us: int, rate: Rate) -> tuple[int, ...]:
    """When each of these batches has its turn, one after the other."""
    turns, before = [], 0
    for size in sizes:
        turns.append(begins_us + rate.cost_us(before))
        before += size
    return tuple(turns)


def micros(moment: datetime) -> int:
    """A moment as microseconds since 1970."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def moment_of(us: int) -> datetime:
    """The other way round."""
    return _EPOCH + timedelta(microseconds=us)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """How long a send takes: ``lane`` is the limit that decides, None where nothing is limited.

    ``seconds`` is None where it is not known how many messages there are.
    """

    lane: Lane | None
    messages: int | None
    seconds: int | None

    @classmethod
    def of(cls, messages: int | None, lanes: Iterable[Lane]) -> "Estimate":
        """Work out how long so many messages take by these limits."""
        lane = slowest(lanes)
        seconds = None
        if messages is not None:
            seconds = 0 if lane is None else ceil(lane.rate.cost_us(messages) / SECOND_US)
        return cls(lane=lane, messages=messages, seconds=seconds)
