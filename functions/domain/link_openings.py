"""Openings of standalone links: who each was, and how they are counted, each once.

What was seen is only ever added. It is counted by slices of a minute: a slice is counted anew
from all that was seen in it, so that neither repetition nor order nor a crash in between changes
a figure.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from hashlib import blake2s
from typing import NamedTuple, TypeVar

from functions.domain.clicks import Visitor
from functions.domain.visitor import SOON_FOR_PERSON_S, Verdict, classify

SLICE_S = 60
"""At 2,000 openings a second a slice takes a second of CPU to count: 256 MB have 30 s for that."""
SETTLED_S = 30
"""So long after its end a slice is counted: what was seen in it has been recorded by then."""
LIVE_SLICES = 4
"""So many slices back a report looks at what was seen itself, which may not be counted yet."""
_CLOSE_S = 5
"""Clocks of workers differ, and a write takes its time: this close to the count is after it."""
_AGAIN_S = 60
_MARK_BYTES = 8
OLDEST = timedelta(days=80)
"""Openings that come later than this are dropped: what else was seen then is about to end."""


K = TypeVar("K")


class Opened(NamedTuple):
    """One opening: when (epoch seconds), and what the request said.

    ``mark`` tells it from all others; ``network`` is a keyed hash, never an address.
    """

    at: int
    mark: str
    method: str
    user_agent: str
    network: str
    purpose: str


class Counted(NamedTuple):
    """Openings by who it was; ``first`` and ``last`` are epoch seconds, of people's alone."""

    human: int = 0
    machine: int = 0
    unknown: int = 0
    first: int | None = None
    last: int | None = None

    @property
    def total(self) -> int:
        """How many there are."""
        return self.human + self.machine + self.unknown

    def plus(self, other: "Counted") -> "Counted":
        """Both together."""
        firsts = [each for each in (self.first, other.first) if each is not None]
        lasts = [each for each in (self.last, other.last) if each is not None]
        return Counted(
            human=self.human + other.human,
            machine=self.machine + other.machine,
            unknown=self.unknown + other.unknown,
            first=min(firsts, default=None),
            last=max(lasts, default=None),
        )


def slice_of(at: int) -> int:
    """When the slice began to which a second belongs."""
    return at - at % SLICE_S


def mark_of(*facts: object) -> str:
    """What tells an opening from all others: the same whenever it comes again."""
    text = "\n".join(map(str, facts)).encode(errors="replace")
    return blake2s(text, digest_size=_MARK_BYTES).hexdigest()


def judge_opening(opened: Opened) -> Verdict:
    """Judge an opening by itself; nobody knows when the link was first to be seen."""
    return classify(
        method=opened.method,
        user_agent=opened.user_agent,
        purpose=opened.purpose,
        elapsed_s=SOON_FOR_PERSON_S,
    )


def count(openings: Iterable[Opened]) -> Counted:
    """Count openings, each once however often it comes."""
    numbers = dict.fromkeys(Visitor, 0)
    known: set[bytes] = set()
    first: int | None = None
    last: int | None = None
    for each in openings:
        mark = each.mark.encode()
        if mark in known:
            continue
        known.add(mark)
        visitor = judge_opening(each).visitor
        numbers[visitor] += 1
        if visitor is Visitor.HUMAN:
            first = each.at if first is None else min(first, each.at)
            last = each.at if last is None else max(last, each.at)
    return Counted(
        human=numbers[Visitor.HUMAN],
        machine=numbers[Visitor.MACHINE],
        unknown=numbers[Visitor.UNKNOWN],
        first=first,
        last=last,
    )


def count_at(start: int, *, now: int) -> int:
    """When to count a slice of which something is recorded now: after it, in any case.

    At its own time; what comes late is counted at the end of the minute.
    """
    due = start + SLICE_S + SETTLED_S
    if now < due - _CLOSE_S:
        return due
    late = now + _CLOSE_S
    return late - late % _AGAIN_S + _AGAIN_S


def live_slices(now: datetime) -> range:
    """When the newest slices began."""
    newest = slice_of(int(now.timestamp()))
    return range(newest - (LIVE_SLICES - 1) * SLICE_S, newest + 1, SLICE_S)


def added_up(slices: Mapping[int, Counted], *, by: Callable[[int], K]) -> dict[K, Counted]:
    """Add slices up by what ``by`` makes of their beginnings, in order."""
    found: dict[K, Counted] = {}
    for start in sorted(slices):
        key = by(start)
        found[key] = found.get(key, Counted()).plus(slices[start])
    return found
