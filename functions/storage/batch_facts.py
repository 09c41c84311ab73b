"""Batches as events are derived from them: all rows that tell what happened to their messages."""

from collections.abc import Iterable, Mapping, Sequence

from functions.domain.ids import BatchNumber, CampaignId
from functions.domain.message_event import BatchFacts
from functions.domain.replies import BatchReplies
from functions.domain.standing import Standing
from functions.storage.batch_meta import meta_from_json
from functions.storage.batches import BatchItem, BatchStore
from functions.storage.goals import GoalStore
from functions.storage.packing import unpack_people

_META, _RECIPIENTS, _REPLIES = "META", "RECIPIENTS", "REPLIES"
_KINDS = (_META, _RECIPIENTS, _REPLIES)
_MOST = 20
"""At most 100 rows a request."""
Rows = Mapping[tuple[int, str], BatchItem]


class FactStore:
    """Reads batches for what is derived from them."""

    def of(self, number: BatchNumber) -> BatchFacts | None:
        """Read one, consistently; None when there is none."""
        return next(iter(self.read([number])), None)

    def read(self, numbers: Sequence[BatchNumber]) -> list[BatchFacts]:
        """Read some, consistently, in this order; those that are not there are left out."""
        parts = [numbers[at : at + _MOST] for at in range(0, len(numbers), _MOST)]
        return [facts for part in parts for facts in _read(part)]


def _read(numbers: Sequence[BatchNumber]) -> Iterable[BatchFacts]:
    # What never changes last: of a batch whose standing is there, all of it is.
    standings = BatchStore().standings(numbers, outcomes=True)
    keys = [(each.number, kind) for each in standings for kind in _KINDS]
    rows = {
        (int(row.batch), row.kind): row for row in BatchItem.batch_get(keys, consistent_read=True)
    }
    goals = _goals(standings, rows)
    return [
        _facts(each, rows, goals)
        for each in standings
        if {(each.number, _META), (each.number, _RECIPIENTS)} <= rows.keys()
    ]


def _facts(standing: Standing, rows: Rows, goals: Mapping[str, str]) -> BatchFacts:
    number = standing.number
    meta = meta_from_json(number, rows[number, _META].meta)
    replies = rows.get((number, _REPLIES))
    people = unpack_people(rows[number, _RECIPIENTS].people)
    return BatchFacts(
        meta=meta,
        contact_ids=[each.contact_id for each in people],
        standing=standing,
        replies=None if replies is None else BatchReplies(slots=bytes(replies.slots or b"")),
        goal=goals.get(meta.source.source_id, ""),
    )


def _goals(standings: Iterable[Standing], rows: Rows) -> dict[str, str]:
    """The names of goals by source, read only where something came of a batch."""
    with_outcomes = [each.number for each in standings if each.outcomes.credits]
    sources = {
        CampaignId(rows[number, _META].meta["source"][1])
        for number in with_outcomes
        if (number, _META) in rows
    }
    if not sources:
        return {}
    return {each: goal.event for each, goal in GoalStore().of(sources).items()}
