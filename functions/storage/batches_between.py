"""Batches as events are told from them: found by when they were made, read past PynamoDB.

Batches get their numbers in the order in which they are made, give or take the minutes that a
worker lives. So the batches of some days are a range of numbers, found by halving: no index is
needed for it, and nothing is written. Reads are usually not consistent: they cost half, and what
is a second younger comes with the next run.
"""

import json
from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from functions.domain.ids import BatchNumber, CampaignId
from functions.domain.message_event import BatchFacts, may_have_between
from functions.domain.pricing import Money
from functions.domain.replies import BatchReplies
from functions.domain.standing import Standing
from functions.runtime.spread import spread
from functions.runtime.table_calls import table_calls
from functions.storage.batch_meta import meta_from_json
from functions.storage.batches import OUTCOMES, BatchItem
from functions.storage.goals import GoalStore
from functions.storage.lost_requests import LostRequestStore
from functions.storage.packing import unpack_people
from functions.storage.told import standing_of
from functions.storage.wire import KEYS_A_REQUEST, get_rows, number, read_rows

_META, _RECIPIENTS, _REPLIES = "META", "RECIPIENTS", "REPLIES"
_STATE, _CLICKS = "STATE", "CLICKS"
_CHANGING = (_STATE, _CLICKS, _REPLIES, OUTCOMES)
_ATTRIBUTES = ("batch", "kind", "meta", "people", "c", "s", "r", "w", "k", "o", "m", "g")
_AT_ONCE = 25
"""Batches of which all changing rows fit one request."""
_SKEW = timedelta(hours=1)
"""Far more than between taking a number and making its batch, or between two workers' clocks."""
_LOOKED_UP = 16
_CAMPAIGN = "campaign"
_NO_PRICE = Money(minor=0)
"""What never changes of a batch is read only where it has events."""
Row = Mapping[str, Mapping[str, Any]]


class BatchesBetween:
    """Finds and reads batches; ``consistent`` where not even a second may be missing."""

    def __init__(self, *, consistent: bool = False) -> None:
        self._consistent = consistent

    def numbers(self, since: datetime, until: datetime) -> tuple[int, int]:
        """The numbers, from the first up to and not including the last, of what was made so."""
        table_calls()
        end = LostRequestStore().newest() + 1
        low = _first_made(since - _SKEW, end)
        return low, max(low, _first_made(until + _SKEW, end))

    def looked_at(self, days: Iterable[date], *, below: int) -> list[int]:
        """Batches of lower numbers that the door looked at on these days."""
        found: set[int] = set()
        for day in days:
            older = BatchItem.batch < below
            rows = BatchItem.by_day.query(day.isoformat(), older)
            found.update(int(row.batch) for row in rows)
        return sorted(found)

    def read(self, numbers: Sequence[int], span: range) -> Iterator[BatchFacts]:
        """Read those that can have events in these epoch seconds, in the order of numbers.

        Raises Unavailable.
        """
        table_calls()
        slices = [numbers[at : at + _AT_ONCE] for at in range(0, len(numbers), _AT_ONCE)]
        goals: dict[str, str] = {}
        # A bounded number at once: what was read waits in memory.
        for start in range(0, len(slices), _AT_ONCE):
            for found in spread(self._facts(span), slices[start : start + _AT_ONCE]):
                yield from _with_goals(found, goals)

    def _facts(self, span: range) -> Callable[[Sequence[int]], list[BatchFacts]]:
        return lambda numbers: _facts(numbers, span, consistent=self._consistent)


def _with_goals(found: Sequence[BatchFacts], known: dict[str, str]) -> Iterator[BatchFacts]:
    """Tell the goals, too; what had to be read for it is ``known`` from then on."""
    sources = {
        CampaignId(each.meta.source.source_id)
        for each in found
        if each.standing.outcomes.credits and each.meta.source.kind == _CAMPAIGN
    }
    if unknown := [each for each in sources if each not in known]:
        goals = GoalStore().of(unknown)
        known |= {each: goals[each].event if each in goals else "" for each in unknown}
    for each in found:
        yield replace(each, goal=known.get(each.meta.source.source_id, ""))


def _facts(numbers: Sequence[int], span: range, *, consistent: bool) -> list[BatchFacts]:
    changing = _rows(numbers, _CHANGING, consistent=consistent)
    wanted = {}
    for each in numbers:
        if (each, _STATE) in changing:
            standing, replies = _standing(each, changing)
            if may_have_between(standing, replies, span):
                wanted[each] = standing, replies
    fixed = _rows(list(wanted), (_META, _RECIPIENTS), consistent=consistent)
    return [
        _told(each, fixed, standing, replies)
        for each, (standing, replies) in wanted.items()
        if (each, _META) in fixed and (each, _RECIPIENTS) in fixed
    ]


def _standing(
    batch: int, rows: Mapping[tuple[int, str], Row]
) -> tuple[Standing, BatchReplies | None]:
    state, clicks = rows[batch, _STATE], rows.get((batch, _CLICKS), {})
    outcomes, replies = rows.get((batch, OUTCOMES), {}), rows.get((batch, _REPLIES))
    standing = standing_of(BatchNumber(batch), _NO_PRICE, state, clicks, outcomes)
    return standing, None if replies is None else BatchReplies(slots=_bytes(replies, "s"))


def _told(
    batch: int,
    rows: Mapping[tuple[int, str], Row],
    standing: Standing,
    replies: BatchReplies | None,
) -> BatchFacts:
    recipients = unpack_people(_bytes(rows[batch, _RECIPIENTS], "people"))
    meta = meta_from_json(BatchNumber(batch), json.loads(rows[batch, _META]["meta"]["S"]))
    return BatchFacts(
        meta=meta,
        contact_ids=[each.contact_id for each in recipients],
        standing=replace(standing, unit_price=meta.unit_price),
        replies=replies,
    )


def _rows(
    numbers: Sequence[int], kinds: Sequence[str], *, consistent: bool = False
) -> dict[tuple[int, str], Row]:
    keys = [{"batch": number(each), "kind": {"S": kind}} for each in numbers for kind in kinds]
    rows: dict[tuple[int, str], Row] = {}
    for at in range(0, len(keys), KEYS_A_REQUEST):
        some = keys[at : at + KEYS_A_REQUEST]
        found = get_rows("batches", some, read_rows, attributes=_ATTRIBUTES, consistent=consistent)
        for row in found:
            rows[int(row["batch"]["N"]), row["kind"]["S"]] = row
    return rows


def _bytes(row: Row, name: str) -> bytes:
    return b64decode(row[name]["B"]) if name in row else b""


def _first_made(moment: datetime, end: int) -> int:
    """The first number whose batch was made then or later; ``end`` where there is none."""
    low, high, at = 1, end, int(moment.timestamp())
    while low < high:
        middle = (low + high) // 2
        found = _made(middle, high)
        if found is None or found[1] >= at:
            high = middle
        else:
            low = found[0] + 1
    return low


def _made(first: int, end: int) -> tuple[int, int] | None:
    """The first batch from a number on, and when it was made. Numbers can be missing."""
    start, count = first, _LOOKED_UP
    while start < end:
        numbers = range(start, min(start + count, end))
        rows = _rows(numbers, (_META,))
        if rows:
            (found, _), row = min(rows.items())
            return found, int(json.loads(row["meta"]["S"])["created"])
        start, count = numbers.stop, KEYS_A_REQUEST
    return None
