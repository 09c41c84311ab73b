"""How something went over time: steps that fit a chart, and what part was done by when."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import accumulate
from math import ceil
from typing import NamedTuple

from functions.domain.breakdown import Seconds

COVERED = 0.98
"""The part of everything that a chart shows: the last few stragglers would make it endless."""
_STEPS_S = (1, 5, 15, 60, 300, 900, 1_800, 3_600, 3 * 3_600, 6 * 3_600, 86_400)
_MOST_STEPS, _MOST_MARKS = 48, 6
_WEEK_S = 7 * 86_400


class Span(NamedTuple):
    """The time that a chart covers, in steps of so many seconds; ``end`` is just after it.

    Steps begin with the minutes, hours and days of the zone that is ``offset`` seconds from UTC.
    """

    start: int
    end: int
    step: int
    offset: int

    def starts(self) -> range:
        """Where each step begins."""
        return range(self.start, self.end, self.step)

    def marks(self) -> range:
        """A few of these places, at round times of the zone's clock."""
        length = self.end - self.start
        steps = (step for step in (*_STEPS_S, _WEEK_S) if step >= self.step)
        step = next((step for step in steps if length <= step * _MOST_MARKS), 4 * _WEEK_S)
        return range(self.start + -(self.start + self.offset) % step, self.end, step)


def covered(series: Sequence[Seconds], *, offset: int) -> Span | None:
    """The time in which nearly everything of each series happened; None: nothing did."""
    ends = [_end(each) for each in series if each]
    if not ends:
        return None
    first, last = min(min(each) for each in series if each), max(ends)
    step = next(
        (step for step in _STEPS_S if (last - first) // step + 2 <= _MOST_STEPS), _STEPS_S[-1]
    )
    start = first - (first + offset) % step
    return Span(start, last - (last + offset) % step + step, step, offset)


def _end(seconds: Seconds) -> int:
    enough = ceil(sum(seconds.values()) * COVERED)
    moments = sorted(seconds)
    done = accumulate(seconds[at] for at in moments)
    return next(at for at, count in zip(moments, done, strict=True) if count >= enough)


def columns(seconds: Seconds, span: Span) -> list[tuple[int, int]]:
    """How often it happened in each step of the span, by the step's beginning."""
    found: Seconds = Counter()
    for at, count in seconds.items():
        found[(at - span.start) // span.step] += count
    return [(start, found[place]) for place, start in enumerate(span.starts())]


def done_by(seconds: Seconds, span: Span) -> list[tuple[int, int]]:
    """How often it had happened by the beginning of each step, and by the end."""
    counts = accumulate((count for _, count in columns(seconds, span)), initial=0)
    return list(zip((*span.starts(), span.end), counts, strict=True))


def beyond(series: Iterable[Seconds], span: Span) -> int:
    """How often anything happened after the span."""
    return sum(count for each in series for at, count in each.items() if at >= span.end)
