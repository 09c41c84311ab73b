"""Whether everyone of a campaign is accounted for, and what to do about who stands still.

The identity is proved part by part, from the rows themselves: a part's people are refused,
cancelled, not planned yet, or messages of its batches. A campaign is looked at in chunks of parts,
so that one look stays short however many people there are.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from functions.domain.batch import BatchMeta
from functions.domain.campaign import Part
from functions.domain.evidence import Evidence
from functions.domain.held import held_ordinals, wait_of
from functions.domain.ids import BatchNumber
from functions.domain.message import BatchState, MessageStatus, is_open
from functions.domain.reason import HoldReason

PARTS_PER_CHUNK = 500
"""A million recipients."""
USUAL_PATIENCE = timedelta(hours=1)
"""So long nothing has to move before work is put on its way once more."""
LONGEST_PATIENCE = timedelta(days=1)
MOST_FAULTS = 20
"""So many are named; the others are counted."""


class FaultKind(StrEnum):
    """Why the rows of a campaign do not add up."""

    PART_MISSING = "part_missing"
    PART_SIZE = "part_size"
    BATCH_MISSING = "batch_missing"
    BATCH_SIZE = "batch_size"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A row that somebody must look at: what it should have had and what it has."""

    kind: FaultKind
    part: str
    batch: BatchNumber | None = None
    expected: int
    found: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Some parts of a campaign, in order; ``follows`` when there is a part after them.

    Those of a follow-up are not ``numbered`` one after the other: they are what looks found.
    """

    number: int
    parts: tuple[Part, ...]
    follows: bool
    numbered: bool = True

    @property
    def unresolved(self) -> int | None:
        """The number of the slice whose recipients are still to be found; None when all are."""
        if not self.numbered or self.follows or (not self.parts and self.number):
            return None
        if not self.parts:
            return 0
        last = self.parts[-1]
        return None if last.next_cursor is None else int(last.part) + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What the rows of a chunk say.

    ``unplanned`` and ``open`` are parts and batches that wait for something; ``marker`` changes
    whenever work gets on.
    """

    recipients: int
    counts: Mapping[str, int]
    faults: tuple[Fault, ...]
    unplanned: tuple[str, ...]
    open: tuple[BatchNumber, ...]
    marker: str

    @property
    def adds_up(self) -> bool:
        """Whether everyone is accounted for once."""
        return sum(self.counts.values()) == self.recipients


def counted(chunk: Chunk, states: Mapping[BatchNumber, BatchState]) -> Counted:
    """Count a chunk, and name every row that is not as it should be."""
    by_status: Counter[MessageStatus] = Counter()
    for part in chunk.parts:
        by_status[MessageStatus.REFUSED] += sum(part.refused.values())
        by_status[MessageStatus.CANCELLED] += part.cancelled
        by_status[MessageStatus.PENDING] += 0 if part.planned else part.size
    waiting = by_status[MessageStatus.PENDING]
    known = [(n, states[n]) for part in chunk.parts for n in part.batches if n in states]
    for _, state in known:
        for (status, reason), count in state.tally().items():
            by_status[status] += count
            waiting += count if is_open(status, reason) else 0
    planned = sum(part.planned for part in chunk.parts)
    attempts = sum(state.attempts for _, state in known)
    return Counted(
        recipients=sum(part.size for part in chunk.parts),
        counts={str(status): count for status, count in by_status.items() if count},
        faults=tuple(_faults(chunk, states)),
        unplanned=tuple(part.part for part in chunk.parts if not part.planned),
        open=tuple(n for n, state in known if _is_open(state)),
        marker=f"{len(chunk.parts)}/{planned}/{attempts}/{waiting}",
    )


def _is_open(state: BatchState) -> bool:
    return any(is_open(status, reason) for status, reason in state.tally())


def _faults(chunk: Chunk, states: Mapping[BatchNumber, BatchState]) -> Iterator[Fault]:
    first = chunk.number * PARTS_PER_CHUNK
    for place, part in enumerate(chunk.parts):
        if chunk.numbered and int(part.part) != first + place:
            yield Fault(
                kind=FaultKind.PART_MISSING,
                part=f"{first + place:06d}",
                expected=first + place,
                found=int(part.part),
            )
            first = int(part.part) - place
        if part.planned:
            yield from _faults_of_part(part, states)


def _faults_of_part(part: Part, states: Mapping[BatchNumber, BatchState]) -> Iterator[Fault]:
    accounted = sum(part.refused.values()) + sum(part.batch_sizes) + part.cancelled
    if accounted != part.size:
        yield Fault(kind=FaultKind.PART_SIZE, part=part.part, expected=part.size, found=accounted)
    for number, size in zip(part.batches, part.batch_sizes, strict=True):
        state = states.get(number)
        found = 0 if state is None else len(state)
        if found != size:
            kind = FaultKind.BATCH_MISSING if state is None else FaultKind.BATCH_SIZE
            yield Fault(kind=kind, part=part.part, batch=number, expected=size, found=found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Since when nothing has moved, and how often work was put on its way again since."""

    marker: str
    since: datetime
    mends: int = 0

    def patience(self, usual: timedelta) -> timedelta:
        """How long to wait: twice as long after each time, for one more job helps only once."""
        return min(usual * 2**self.mends, LONGEST_PATIENCE) if usual else usual

    def stands_still(self, *, usual: timedelta, now: datetime) -> bool:
        """Whether nothing has moved for too long."""
        return now - self.since >= self.patience(usual)

    def mended(self, *, now: datetime) -> "Progress":
        """Note that work was put on its way again."""
        return replace(self, since=now, mends=self.mends + 1)


def progress(before: Progress | None, marker: str, *, now: datetime) -> Progress:
    """Whether anything moved since the last look."""
    if before is not None and before.marker == marker:
        return before
    return Progress(marker=marker, since=now)


def next_look(meta: BatchMeta, state: BatchState, looks: Sequence[Evidence]) -> datetime:
    """When a job should look at an open batch next, were none lost.

    ``looks`` are the door's, oldest first; they tell until when it held what.
    """
    last_sign = max(state.created, state.lease_until, *state.rounds)
    moments = [_held_until(meta, state, ordinal, looks) for ordinal in held_ordinals(state)]
    if state.ordinals_of(MessageStatus.PENDING, MessageStatus.UNKNOWN):
        moments.append(datetime.fromtimestamp(last_sign, tz=UTC))
    return min(moments, default=meta.created)


def _held_until(
    meta: BatchMeta, state: BatchState, ordinal: int, looks: Sequence[Evidence]
) -> datetime:
    reason = state.state_of(ordinal).reason
    if not isinstance(reason, HoldReason):
        return meta.created
    wait = wait_of(meta, ordinal, reason, looks)
    return wait.until or meta.created


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkCheck:
    """What a check found of a chunk.

    ``asked`` is when somebody asked for it, in epoch milliseconds (0: nobody).
    ``settled`` when nothing of it can change any more. ``mended`` counts the jobs that were put on
    their way again. ``counts`` are people by what became of them.
    """

    chunk: int
    last: bool
    at: datetime
    asked: int
    status: str
    recipients: int
    counts: Mapping[str, int]
    faults: tuple[Fault, ...] = ()
    more_faults: int = 0
    mended: Mapping[str, int] = field(default_factory=dict)
    settled: bool
    progress: Progress

    @property
    def amiss(self) -> int:
        """How many rows somebody must look at."""
        return len(self.faults) + self.more_faults
