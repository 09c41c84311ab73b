"""Records the openings of links: who opened which message first, a person or a machine."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from functions.contracts.queues import LinkHit
from functions.domain.batch import BatchMeta
from functions.domain.clicks import BatchClicks, Hit, Visitor
from functions.domain.ids import MAX_BATCH_NUMBER, BatchNumber
from functions.domain.visitor import Sign, Verdict, classify


class Batches(Protocol):
    """Keeps batches and their clicks."""

    def meta(self, number: BatchNumber) -> BatchMeta | None:
        """Give what never changes of a batch."""
        ...

    def change_clicks(
        self, number: BatchNumber, size: int, change: Callable[[BatchClicks], BatchClicks]
    ) -> None:
        """Apply ``change``, perhaps several times. Raises Unavailable."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LinksDeps:
    """What recording needs."""

    batches: Batches


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many hits were recorded by visitor, why some were machines', how many were dropped."""

    by_visitor: Mapping[Visitor, int]
    by_sign: Mapping[Sign, int]
    dropped: int


def record(hits: Sequence[LinkHit], *, deps: LinksDeps, now: datetime) -> Tally:
    """Record hits of one batch, in one write. Doing it again changes nothing.

    Hits of a batch or message that is not known are dropped. Raises Unavailable.
    """
    number = hits[0].batch
    meta = deps.batches.meta(BatchNumber(number)) if 0 < number <= MAX_BATCH_NUMBER else None
    known = [] if meta is None else [hit for hit in hits if 0 <= hit.ordinal < meta.size]
    if meta is None or not known:
        return Tally(by_visitor={}, by_sign={}, dropped=len(hits))
    judged = [_judged(hit, meta=meta, now=now) for hit in known]
    merged = [hit for hit, _ in judged]
    deps.batches.change_clicks(meta.number, meta.size, lambda clicks: clicks.with_hits(merged))
    return Tally(
        by_visitor=Counter(verdict.visitor for _, verdict in judged),
        by_sign=Counter(sign for _, verdict in judged for sign in verdict.reasons),
        dropped=len(hits) - len(known),
    )


def _judged(hit: LinkHit, *, meta: BatchMeta, now: datetime) -> tuple[Hit, Verdict]:
    # Nothing is opened after it is recorded, whatever another machine's clock says.
    at = min(hit.at, int(now.timestamp()))
    created = int(meta.created.timestamp())
    leaves = created if meta.not_before is None else int(meta.not_before.timestamp())
    verdict = classify(
        method=hit.method,
        user_agent=hit.user_agent,
        purpose=hit.purpose,
        elapsed_s=at - max(created, leaves),
    )
    return Hit(ordinal=hit.ordinal, visitor=verdict.visitor, elapsed_s=at - created), verdict
