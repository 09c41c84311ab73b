"""Releases, cancels or gives up held messages, batch by batch; doing so twice is harmless.

What is released is decided again by whoever sends: nothing here lets a message leave.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol, TypeVar

from functions.contracts.campaign_jobs import HeldJob
from functions.contracts.held_document import chosen_from_text
from functions.domain.batch import BatchMeta
from functions.domain.held import HeldAction, changed, held_ordinals
from functions.domain.ids import BatchNumber
from functions.domain.message import BatchState, Send
from functions.domain.reason import HoldReason

T = TypeVar("T")
R = TypeVar("R")


class Batches(Protocol):
    """The store of batches."""

    def meta(self, number: BatchNumber, *, consistent: bool = False) -> BatchMeta | None:
        """Read what never changes of a batch."""

    def change_state(
        self, number: BatchNumber, change: Callable[[BatchState], BatchState | None]
    ) -> BatchState | None:
        """Apply a change to the newest state; None when nothing was stored."""


class Spread(Protocol):
    """Does something with each value, several at a time where that is quicker."""

    def __call__(self, work: Callable[[T], R], values: Iterable[T], /) -> Iterable[R]:
        """Give the results in the values' order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldingDeps:
    """What it needs. ``start`` puts a batch on its way at its moment.

    ``look_sooner`` has the steps that follow a batch looked at, which was released before that.
    """

    batches: Batches
    start: Callable[[BatchMeta, datetime], None]
    look_sooner: Callable[[BatchMeta, datetime], None]
    spread: Spread


def change_held(job: HeldJob, *, deps: HoldingDeps, now: datetime) -> Counter[str]:
    """Do what the job says; tells how many messages were changed and how many batches started."""
    action = HeldAction(job.action)
    reason = HoldReason(job.reason) if job.reason else None
    changes = [
        _Change(number=number, action=action, only=only, reason=reason, now=now)
        for number, only in chosen_from_text(job.messages).items()
    ]
    done: Counter[str] = Counter()
    for each in deps.spread(lambda change: _done(change, deps=deps), changes):
        done += each
    return done


def _done(change: "_Change", *, deps: HoldingDeps) -> Counter[str]:
    """Change one batch; nothing where there is none."""
    try:
        deps.batches.change_state(change.number, change)
    except LookupError:
        return Counter()
    starts = change.action is HeldAction.RELEASE and change.released
    if starts:
        _start(change.number, deps=deps, now=change.now)
    return Counter(messages=change.changed, started=int(starts))


def _start(number: BatchNumber, *, deps: HoldingDeps, now: datetime) -> None:
    meta = deps.batches.meta(number)
    if meta is not None:
        # First, for once the batch has left nobody comes here again.
        deps.look_sooner(meta, now)
        deps.start(replace(meta, not_before=None), now)


@dataclass(slots=True, kw_only=True)
class _Change:
    """The change of one batch, and what came of it the last time that it was applied.

    ``released`` also when an earlier attempt did that and died before it started the batch.
    """

    number: BatchNumber
    action: HeldAction
    only: Collection[int] | None
    reason: HoldReason | None
    now: datetime
    changed: int = 0
    released: bool = False

    def __call__(self, state: BatchState) -> BatchState:
        after = changed(state, self.action, only=self.only, reason=self.reason, now=self.now)
        self.changed = len(held_ordinals(state)) - len(held_ordinals(after))
        released = after.ordinals(Send.RELEASED)
        self.released = any(self.only is None or ordinal in self.only for ordinal in released)
        return after
