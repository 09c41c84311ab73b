"""Which batches of requests are watched until they are settled, and when their job is made anew.

A request that dies between binding its batches and putting them on their way leaves them waiting
for nobody. Numbers of batches follow each other, so each look takes in those that were made since
the one before, and remembers the few that still wait: nothing is written when messages are sent.
A job that is made anew does no harm, but is waited out twice as long each time, up to a day.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from functions.domain.ids import BatchNumber

LONGEST_WAIT = timedelta(days=1)
MOST_WATCHED = 5_000
"""About 125 KB in one row."""
NUMBERS_A_LOOK = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """A batch that was not settled: look again ``at`` (epoch seconds), ``mends`` jobs later."""

    number: BatchNumber
    at: int
    mends: int = 0

    def next(self, *, sign: datetime, patience: timedelta, now: datetime) -> "tuple[Watched, bool]":
        """When to look again, and whether the job is to be made anew now.

        ``sign`` is when a job was last heard of, or should come.
        """
        wait = min(patience * 2**self.mends, LONGEST_WAIT)
        if sign + wait > now:
            return replace(self, at=_seconds(sign + wait)), False
        mends = self.mends + 1
        wait = min(patience * 2**mends, LONGEST_WAIT)
        return replace(self, at=_seconds(now + wait), mends=mends), True


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """How far the looks have come.

    Every batch up to ``done`` was looked at; ``newest`` was the highest number at the last look,
    at which no younger batch is looked at before the next. ``version`` guards every write.
    """

    done: int
    newest: int
    watched: tuple[Watched, ...] = ()
    version: int = 0

    @classmethod
    def begun(cls, newest: int) -> "Watch":
        """Begin with what is made from now on."""
        return cls(done=newest, newest=newest)

    def numbers(self) -> range:
        """The batches to take in now: an hour old at least, and not too many at once."""
        return range(self.done + 1, min(self.newest, self.done + NUMBERS_A_LOOK) + 1)

    def due(self, *, now: datetime) -> tuple[Watched, ...]:
        """Those to look at again now."""
        return tuple(each for each in self.watched if each.at <= _seconds(now))

    def after(
        self, seen: range, looked_at: Iterable[BatchNumber], kept: Iterable[Watched], *, newest: int
    ) -> "Watch":
        """Take in a look: these numbers, and what of those looked at is still watched.

        Where more follow, the look goes on before it takes in what was made meanwhile.
        """
        gone = set(looked_at)
        watched = [each for each in self.watched if each.number not in gone] + list(kept)
        watched.sort(key=lambda each: (each.at, each.number))
        done = seen.stop - 1 if seen else self.done
        return replace(
            self,
            done=done,
            newest=newest if done >= self.newest else self.newest,
            watched=tuple(watched[:MOST_WATCHED]),
        )

    @property
    def goes_on(self) -> bool:
        """Whether this look has not come to its end."""
        return self.done < self.newest


def _seconds(moment: datetime) -> int:
    return int(moment.astimezone(UTC).timestamp())
