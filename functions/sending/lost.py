"""The hourly look after batches of requests whose job was never made, or was lost.

A batch counts only where its request is bound to it: what a request that died earlier wrote, or
one that lost against its own repetition, is nobody's and is cancelled.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from functions.contracts.queues import RequestCheckJob
from functions.domain.batch import Batch, BatchMeta, Binding
from functions.domain.evidence import Evidence
from functions.domain.ids import BatchNumber
from functions.domain.lost_requests import Watch, Watched
from functions.domain.message import BatchState
from functions.domain.reconciliation import next_look

T = TypeVar("T")
R = TypeVar("R")
_BOUND_FOR_CERTAIN = timedelta(days=1)
"""A binding lasts two days at least: who has none within one was never bound."""


class Batches(Protocol):
    """The store of batches."""

    def load(self, number: BatchNumber) -> Batch | None:
        """Read a whole batch."""

    def evidence(self, number: BatchNumber) -> tuple[Evidence, ...]:
        """Read what was looked at."""

    def change_state(
        self, number: BatchNumber, change: Callable[[BatchState], BatchState | None]
    ) -> BatchState | None:
        """Apply a change to the newest state."""


class Watches(Protocol):
    """How far the looks have come, and what they look at."""

    def newest(self) -> int:
        """The highest number of a batch so far."""

    def get(self) -> Watch | None:
        """Read how far the looks have come; None before the first."""

    def save(self, watch: Watch) -> bool:
        """Write it; False when another look wrote since it was read."""

    def unsettled(self, numbers: Sequence[int]) -> Mapping[BatchNumber, BatchState]:
        """Those of these batches that requests made and that are not settled."""


class Requests(Protocol):
    """The store of requests."""

    def find(self, request_id: str) -> Binding | None:
        """Read what a request was bound to."""


class Spread(Protocol):
    """Does something with each value, several at a time where that is quicker."""

    def __call__(self, work: Callable[[T], R], values: Iterable[T], /) -> Iterable[R]:
        """Give the results in the values' order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LostDeps:
    """What the look needs. ``start`` puts a batch on its way, ``enqueue`` goes on with a look."""

    batches: Batches
    watches: Watches
    requests: Requests
    start: Callable[[BatchMeta, datetime], None]
    enqueue: Callable[[RequestCheckJob], None]
    spread: Spread


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What became of a batch that was looked at: it is watched on, or not."""

    watched: Watched | None = None
    what: str = "settled"


def check(job: RequestCheckJob, *, deps: LostDeps, now: datetime) -> Counter[str]:
    """Take in the batches since the last look, and look again at those that are due.

    Counts batches by what was done with them. Safe to repeat: a job too many does no harm.
    """
    newest = deps.watches.newest()
    watch = deps.watches.get()
    if watch is None:
        deps.watches.save(Watch.begun(newest))
        return Counter()
    seen, due = watch.numbers(), watch.due(now=now)
    states = deps.watches.unsettled([*seen, *(each.number for each in due)])
    new = tuple(Watched(number=BatchNumber(n), at=0) for n in seen if n in states)
    look = _Look(states=states, patience=timedelta(seconds=job.patience_s), deps=deps, now=now)
    found = [
        *deps.spread(lambda each: look.at(each, new=True), new),
        *deps.spread(lambda each: look.at(each, new=False), due),
    ]
    kept = [each.watched for each in found if each.watched is not None]
    after = watch.after(seen, [each.number for each in due], kept, newest=newest)
    if deps.watches.save(after) and seen and after.goes_on:
        deps.enqueue(job)
    unwatched = len(watch.watched) - len(due) + len(kept) - len(after.watched)
    counts = Counter(each.what for each in found)
    return counts + Counter(looked_at=len(seen), unwatched=unwatched)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    states: Mapping[BatchNumber, BatchState]
    patience: timedelta
    deps: LostDeps
    now: datetime

    def at(self, watched: Watched, *, new: bool) -> _Found:
        state = self.states.get(watched.number)
        batch = None if state is None else self.deps.batches.load(watched.number)
        if state is None or batch is None or not batch.state.unsettled:
            return _Found()
        if batch.meta.source.kind != "request":
            return _Found(what="of_others")
        if new and not self._bound(batch.meta):
            return self._nobodys(batch.meta)
        looks = self.deps.batches.evidence(watched.number)
        sign = next_look(batch.meta, batch.state, looks)
        again, mend = watched.next(sign=sign, patience=self.patience, now=self.now)
        if mend:
            self.deps.start(replace(batch.meta, not_before=None), self.now)
        return _Found(watched=again, what="started" if mend else "waiting")

    def _bound(self, meta: BatchMeta) -> bool:
        binding = self.deps.requests.find(meta.source.source_id)
        return binding is not None and meta.number in binding.batches

    def _nobodys(self, meta: BatchMeta) -> _Found:
        if self.now - meta.created < _BOUND_FOR_CERTAIN:
            self.deps.batches.change_state(meta.number, BatchState.cancelled)
            return _Found(what="nobodys")
        return _Found(what="unclear")
