"""Records openings of standalone links, counts them, and tells what they come to.

Each step may be repeated and may die anywhere: what was seen is a row named by its content, and
a count is made anew from all rows of its slice.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from functions.contracts.queues import LinkOpened
from functions.domain.clicks import Visitor
from functions.domain.link_openings import (
    OLDEST,
    SLICE_S,
    Counted,
    Opened,
    count,
    count_at,
    judge_opening,
    live_slices,
    mark_of,
    slice_of,
)
from functions.domain.slug import is_slug


class Openings(Protocol):
    """Keeps openings and their counts."""

    def add(self, slug: str, start: int, opened: Iterable[Opened]) -> None:
        """Keep openings of a slice; adding the same again is harmless."""

    def of(self, slug: str, start: int) -> Iterator[Opened]:
        """What was seen in a slice; the same opening perhaps more than once."""

    def put_count(self, slug: str, start: int, counted: Counted) -> None:
        """Keep what a slice was counted to, unless somebody has counted more in it."""

    def counts(self, slug: str, start: int, end: int) -> Mapping[int, Counted]:
        """What the slices that began from ``start`` to before ``end`` were counted to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CountingDeps:
    """What recording and counting needs.

    ``ask_to_count`` has a slice counted at a moment (slug, start, epoch seconds); asked the same
    again it need not. ``network_hash`` hides a network behind a key.
    """

    openings: Openings
    ask_to_count: Callable[[str, int, int, datetime], None]
    network_hash: Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningTally:
    """How many openings were recorded by visitor, and how many were dropped."""

    by_visitor: Mapping[Visitor, int]
    dropped: int = 0


def record(hits: Sequence[LinkOpened], *, deps: CountingDeps, now: datetime) -> OpeningTally:
    """Record openings of one link, in one write for each slice. Doing it again changes nothing.

    What came far too late or from the future, or names no link, is dropped. Raises Unavailable.
    """
    epoch_s = int(now.timestamp())
    slug, oldest = hits[0].slug, epoch_s - int(OLDEST.total_seconds())
    known = [each for each in hits if is_slug(slug) and oldest < each.at < epoch_s + SLICE_S]
    by_slice: dict[int, set[Opened]] = {}
    for each in known:
        opened = _opened(each, deps)
        by_slice.setdefault(slice_of(opened.at), set()).add(opened)
    for start, together in by_slice.items():
        deps.openings.add(slug, start, together)
        deps.ask_to_count(slug, start, count_at(start, now=epoch_s), now)
    seen = [each for together in by_slice.values() for each in together]
    return OpeningTally(
        by_visitor=Counter(judge_opening(each).visitor for each in seen),
        dropped=len(hits) - len(known),
    )


def count_slice(slug: str, start: int, *, deps: CountingDeps) -> Counted:
    """Count a slice anew from all that was seen in it."""
    counted = count(deps.openings.of(slug, start))
    deps.openings.put_count(slug, start, counted)
    return counted


def counted_between(
    slug: str, start: int, end: int, *, openings: Openings, now: datetime
) -> dict[int, Counted]:
    """Openings by slice, of those that began from ``start`` to before ``end`` (epoch seconds).

    The newest slices that are not counted yet are counted here, as far as they were recorded.
    """
    found = dict(openings.counts(slug, start, end))
    for newest in live_slices(now):
        if start <= newest < end and newest not in found:
            live = count(openings.of(slug, newest))
            if live.total:
                found[newest] = live
    return found


def _opened(hit: LinkOpened, deps: CountingDeps) -> Opened:
    network = deps.network_hash(hit.network) if hit.network else ""
    mark = mark_of(
        hit.slug, hit.request, hit.at, hit.method, hit.user_agent, hit.network, hit.purpose
    )
    return Opened(hit.at, mark, hit.method, hit.user_agent, network, hit.purpose)
