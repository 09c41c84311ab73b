"""The ledger of what is held: listed, counted, and handed to whoever changes it.

It is read from an index that only batches with something held stand in, place by place: each
campaign under way, then the places of requests. The index may be a second behind, and a batch is
looked at itself before its messages are listed.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import TypeVar

from functions.contracts.campaign_jobs import HeldJob
from functions.contracts.held_document import Chosen, chosen_to_text
from functions.domain.batch import Batch
from functions.domain.held import (
    REQUEST_PLACES,
    HeldAction,
    HeldBatch,
    Wait,
    held_ordinals,
    wait_of,
)
from functions.domain.ids import BatchNumber, CampaignId, MessageNumber
from functions.domain.reason import HoldReason
from functions.held.ports import HeldDeps

T = TypeVar("T")
MOST_BATCHES = 20_000
"""Batches that one call looks through; it answers where to go on."""
_PAGE = 1_000
_LOADED_AT_ONCE = 16
_MOST_LOADED = 200
_PER_JOB = 100
"""Batches of one job: some seconds of work, 7 KB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Of which campaign (None: of everything), and held for what (None: for anything)."""

    campaign_id: CampaignId | None = None
    reason: HoldReason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """How far a list has come: behind this message, or all of this batch without an ordinal."""

    place: str
    batch: int
    ordinal: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldMessage:
    """A message of the ledger."""

    batch: Batch
    ordinal: int
    reason: HoldReason
    wait: Wait


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """Some messages; ``after`` is where the list goes on, None at its end."""

    messages: tuple[HeldMessage, ...]
    after: Place | None


def listed(wanted: Wanted, *, after: Place | None, limit: int, deps: HeldDeps) -> Listed:
    """List held messages; a page may have fewer than asked for and yet go on."""
    messages: list[HeldMessage] = []
    last = after
    found = _matching(wanted, after=after, deps=deps)
    wanted_now = islice(found, _MOST_LOADED)
    while chunk := _enough(wanted_now, wanted, limit - len(messages)):
        loaded = deps.spread(lambda each: _loaded(each[1].number, deps), chunk)
        for (place, held), batch in zip(chunk, loaded, strict=True):
            for message in _messages(batch, wanted, place=place, after=after):
                if len(messages) == limit:
                    return Listed(messages=tuple(messages), after=last)
                messages.append(message)
                last = Place(place=place, batch=held.number, ordinal=message.ordinal)
            last = Place(place=place, batch=held.number)
    more = next(found, None) is not None
    return Listed(messages=tuple(messages), after=last if more else None)


def _enough(
    found: Iterator[tuple[str, HeldBatch]], wanted: Wanted, messages: int
) -> list[tuple[str, HeldBatch]]:
    """The next batches, until they seem to have so many messages and one more."""
    chunk: list[tuple[str, HeldBatch]] = []
    while messages >= 0 and len(chunk) < _LOADED_AT_ONCE:
        following = next(found, None)
        if following is None:
            break
        chunk.append(following)
        messages -= following[1].held_for(wanted.reason)
    return chunk


@dataclass(frozen=True, slots=True)
class _Loaded:
    """A batch, and a way to see how long one of its messages waits."""

    batch: Batch
    waits: dict[int, tuple[HoldReason, Wait]]


def _loaded(number: BatchNumber, deps: HeldDeps) -> _Loaded | None:
    batch = deps.batches.load(number)
    if batch is None:
        return None
    looks = deps.batches.evidence(number)
    waits = {}
    for ordinal in held_ordinals(batch.state):
        reason = batch.state.state_of(ordinal).reason
        if isinstance(reason, HoldReason):
            waits[ordinal] = reason, wait_of(batch.meta, ordinal, reason, looks)
    return _Loaded(batch, waits)


def _messages(
    loaded: _Loaded | None, wanted: Wanted, *, place: str, after: Place | None
) -> Iterator[HeldMessage]:
    if loaded is None:
        return
    batch = loaded.batch
    begun = after is not None and (after.place, after.batch) == (place, batch.meta.number)
    behind = after.ordinal if begun and after is not None else None
    for ordinal, (reason, wait) in loaded.waits.items():
        if wanted.reason in (None, reason) and (behind is None or ordinal > behind):
            yield HeldMessage(batch=batch, ordinal=ordinal, reason=reason, wait=wait)


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """How many messages are held, by why; ``complete`` unless there were too many to count."""

    counts: Counter[HoldReason]
    complete: bool


def summary(wanted: Wanted, *, deps: HeldDeps) -> Summary:
    """Count what is held, from the index alone."""
    found = _matching(wanted, after=None, deps=deps)
    counts: Counter[HoldReason] = Counter()
    for _, held in islice(found, MOST_BATCHES):
        counts.update({r: n for r, n in held.counts.items() if wanted.reason in (None, r)})
    return Summary(counts=counts, complete=next(found, None) is None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    """How many messages were put on their way, and where to go on when those were not all."""

    messages: int
    after: Place | None = None


def change(action: HeldAction, wanted: Wanted, *, after: Place | None, deps: HeldDeps) -> Queued:
    """Have everything that is wanted released, cancelled or given up."""
    found = _matching(wanted, after=after, deps=deps)
    taken = list(islice(found, MOST_BATCHES))
    messages = sum(held.held_for(wanted.reason) for _, held in taken)
    _enqueue(action, {held.number: None for _, held in taken}, wanted.reason, deps=deps)
    if not taken or next(found, None) is None:
        return Queued(messages=messages)
    place, held = taken[-1]
    return Queued(messages=messages, after=Place(place=place, batch=held.number))


def change_these(
    action: HeldAction,
    numbers: Iterable[MessageNumber],
    reason: HoldReason | None,
    *,
    deps: HeldDeps,
) -> Queued:
    """Have these messages released, cancelled or given up, as far as they are held."""
    ordinals: defaultdict[BatchNumber, set[int]] = defaultdict(set)
    for number in numbers:
        ordinals[number.batch].add(number.ordinal)
    _enqueue(action, ordinals, reason, deps=deps)
    return Queued(messages=sum(map(len, ordinals.values())))


def _enqueue(
    action: HeldAction, chosen: Chosen, reason: HoldReason | None, *, deps: HeldDeps
) -> None:
    jobs = [
        HeldJob(action=action, messages=chosen_to_text(dict(chunk)), reason=reason or "")
        for chunk in _chunks(chosen.items(), _PER_JOB)
    ]
    deps.enqueue(jobs)


def _matching(
    wanted: Wanted, *, after: Place | None, deps: HeldDeps
) -> Iterator[tuple[str, HeldBatch]]:
    """The batches of the ledger from a place on; one that was begun with comes again."""
    for place in _places(wanted, deps):
        if after is not None and _rank(place) < _rank(after.place):
            continue
        begun = after is not None and place == after.place
        for held in _at(place, _behind(after) if begun else 0, deps):
            if held.held_for(wanted.reason):
                yield place, held


def _behind(after: Place | None) -> int:
    if after is None:
        return 0
    return after.batch if after.ordinal is None else after.batch - 1


def _places(wanted: Wanted, deps: HeldDeps) -> Iterable[str]:
    if wanted.campaign_id is not None:
        return [wanted.campaign_id]
    return chain(deps.campaigns.all(), REQUEST_PLACES)


def _rank(place: str) -> tuple[bool, str]:
    return place in REQUEST_PLACES, place


def _at(place: str, after: int, deps: HeldDeps) -> Iterator[HeldBatch]:
    while page := deps.held.batches(place, after=after, limit=_PAGE):
        yield from page
        after = page[-1].number


def _chunks(values: Iterable[T], size: int) -> Iterator[Sequence[T]]:
    iterator = iter(values)
    while chunk := list(islice(iterator, size)):
        yield chunk
