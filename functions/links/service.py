"""Records the openings of links: who opened which message first, a person or a machine."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from functions.contracts.queues import LinkHit
from functions.domain.batch import BatchMeta
from functions.domain.clicks import BatchClicks, Hit, Visitor
from functions.domain.follow_up import Condition
from functions.domain.hits import Seen, hit_of, judge
from functions.domain.ids import MAX_BATCH_NUMBER, BatchNumber, MessageNumber
from functions.domain.visitor import AT_ONCE_S, Sign, Verdict

_EVER = 0


class Batches(Protocol):
    """Keeps batches and their clicks."""

    def meta(self, number: BatchNumber) -> BatchMeta | None:
        """Give what never changes of a batch."""
        ...

    def began(self, meta: BatchMeta) -> datetime:
        """When a batch began."""
        ...

    def change_clicks(
        self, number: BatchNumber, size: int, change: Callable[[BatchClicks], BatchClicks]
    ) -> None:
        """Apply ``change``, perhaps several times. Raises Unavailable."""
        ...


class Hits(Protocol):
    """Keeps what was seen of openings."""

    def add(self, number: BatchNumber, seen: Iterable[Seen]) -> None:
        """Keep openings; adding the same again is harmless."""
        ...

    def since(self, number: BatchNumber, epoch_s: int) -> tuple[Seen, ...]:
        """Openings that were recorded with one from this moment on, each once."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LinksDeps:
    """What recording needs.

    ``network_hash`` hides a network behind a key. ``followed`` has a batch looked at of which a
    fact was recorded.
    """

    batches: Batches
    hits: Hits
    network_hash: Callable[[str], str]
    followed: Callable[[BatchMeta, Condition], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many hits were recorded by visitor, why some were machines', how many were dropped."""

    by_visitor: Mapping[Visitor, int]
    by_sign: Mapping[Sign, int]
    dropped: int


def record(hits: Sequence[LinkHit], *, deps: LinksDeps, now: datetime) -> Tally:
    """Record hits of one batch. Doing it again changes nothing.

    Hits of a batch or message that is not known are dropped. Raises Unavailable.
    """
    number = hits[0].batch
    meta = deps.batches.meta(BatchNumber(number)) if 0 < number <= MAX_BATCH_NUMBER else None
    known = [] if meta is None else [hit for hit in hits if 0 <= hit.ordinal < meta.size]
    if meta is None or not known:
        return Tally(by_visitor={}, by_sign={}, dropped=len(hits))
    fresh = {_seen(hit, deps=deps, now=now) for hit in known}
    # First, so that no opening is counted that could not be judged again.
    deps.hits.add(meta.number, fresh)
    verdicts = _merge(meta, fresh, deps=deps)
    if any(each.visitor is Visitor.HUMAN for each in verdicts.values()):
        deps.followed(meta, Condition.CLICKED)
    judged = [verdicts[each] for each in fresh]
    return Tally(
        by_visitor=Counter(verdict.visitor for verdict in judged),
        by_sign=Counter(sign for verdict in judged for sign in verdict.reasons),
        dropped=len(hits) - len(known),
    )


def judge_again(number: BatchNumber, *, deps: LinksDeps) -> int:
    """Judge all openings of a batch that are kept by the rules of now; tells how many there are.

    What was counted before they were kept stays.
    """
    meta = deps.batches.meta(number)
    if meta is None:
        return 0
    seen: tuple[Seen, ...] = ()
    began = _began(meta, deps)

    def change(clicks: BatchClicks) -> BatchClicks:
        nonlocal seen
        seen = deps.hits.since(number, _EVER)
        return clicks.judged_anew(_judged(seen, began=began))

    deps.batches.change_clicks(number, meta.size, change)
    if seen:
        deps.followed(meta, Condition.CLICKED)
    return len(seen)


def openings(number: MessageNumber, *, deps: LinksDeps) -> list[tuple[Seen, Verdict]] | None:
    """Every kept opening of a message's links in order, as judged now; None: no such message."""
    meta = deps.batches.meta(number.batch)
    if meta is None or number.ordinal >= meta.size:
        return None
    own = [each for each in deps.hits.since(number.batch, _EVER) if each.ordinal == number.ordinal]
    verdicts = judge(own, leaves=_began(meta, deps))
    return [(each, verdicts[each]) for each in sorted(verdicts)]


def _seen(hit: LinkHit, *, deps: LinksDeps, now: datetime) -> Seen:
    return Seen(
        # Nothing is opened after it is recorded, whatever another machine's clock says.
        at=min(max(hit.at, 0), int(now.timestamp())),
        ordinal=hit.ordinal,
        link=hit.link,
        method=hit.method,
        user_agent=hit.user_agent,
        network=deps.network_hash(hit.network) if hit.network else "",
        purpose=hit.purpose,
    )


def _merge(meta: BatchMeta, fresh: set[Seen], *, deps: LinksDeps) -> Mapping[Seen, Verdict]:
    """Count fresh openings, and anew those that look otherwise beside them."""
    first = min(each.at for each in fresh) - AT_ONCE_S
    verdicts: dict[Seen, Verdict] = {}
    began = _began(meta, deps)

    def change(clicks: BatchClicks) -> BatchClicks:
        # Read after the clicks were: whoever adds another opening meanwhile wins, and all is
        # looked at again.
        around = set(deps.hits.since(meta.number, first))
        before = judge(around - fresh, leaves=began)
        verdicts.update(judge(around | fresh, leaves=began))
        turned = {each.ordinal for each in before if before[each].visitor != verdicts[each].visitor}
        if turned:
            whole = deps.hits.since(meta.number, _EVER)
            clicks = clicks.judged_anew(
                _judged([each for each in whole if each.ordinal in turned], began=began)
            )
        return clicks.with_hits(hit_of(each, verdicts[each], began=began) for each in fresh)

    deps.batches.change_clicks(meta.number, meta.size, change)
    return verdicts


def _judged(seen: Iterable[Seen], *, began: int) -> list[Hit]:
    verdicts = judge(seen, leaves=began)
    return [hit_of(each, verdict, began=began) for each, verdict in verdicts.items()]


def _began(meta: BatchMeta, deps: LinksDeps) -> int:
    return int(deps.batches.began(meta).timestamp())
