"""How something went over time: steps that fit a chart, and what part was done by when."""

from collections.abc import Iterable, Sequence
from itertools import accumulate
from math import ceil
from typing import NamedTuple

from functions.domain.breakdown import Seconds, folded

COVERED = 0.98
"""The part of everything that a chart shows: the last few stragglers would make it endless."""
_STEPS_S = (1, 5, 15, 60, 300, 900, 1_800, 3_600, 3 * 3_600, 6 * 3_600, 86_400)
_MOST_STEPS = 48


class Span(NamedTuple):
    """The time that a chart covers, in steps of so many seconds; ``end`` is just after it."""

    start: int
    end: int
    step: int

    def starts(self) -> range:
        """Where each step begins."""
        return range(self.start, self.end, self.step)


def covered(series: Sequence[Seconds]) -> Span | None:
    """The time in which nearly everything of each series happened; None: nothing did."""
    ends = [_end(each) for each in series if each]
    if not ends:
        return None
    first, last = min(min(each) for each in series if each), max(ends)
    step = next(
        (step for step in _STEPS_S if (last - first) // step + 2 <= _MOST_STEPS), _STEPS_S[-1]
    )
    start = first - first % step
    return Span(start, last - last % step + step, step)


def _end(seconds: Seconds) -> int:
    enough = ceil(sum(seconds.values()) * COVERED)
    moments = sorted(seconds)
    done = accumulate(seconds[at] for at in moments)
    return next(at for at, count in zip(moments, done, strict=True) if count >= enough)


def columns(seconds: Seconds, span: Span) -> list[tuple[int, int]]:
    """How often it happened in each step of the span, by the step's beginning."""
    found = folded(seconds, span.step)
    return [(start, found[start]) for start in span.starts()]


def done_by(seconds: Seconds, span: Span) -> list[tuple[int, int]]:
    """How often it had happened by the beginning of each step, and by the end."""
    counts = accumulate((count for _, count in columns(seconds, span)), initial=0)
    return list(zip((*span.starts(), span.end), counts, strict=True))


def beyond(series: Iterable[Seconds], span: Span) -> int:
    """How often anything happened after the span."""
    return sum(count for each in series for at, count in each.items() if at >= span.end)
