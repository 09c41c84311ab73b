"""How far a person's messages got, as attribution asks: from their history and the batches."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import takewhile

from functions.domain.attribution import Reached, touched_at
from functions.domain.batch import BatchMeta
from functions.domain.goal import Goal
from functions.domain.ids import BatchNumber, CampaignId, MessageNumber
from functions.domain.message import BatchState
from functions.storage.batch_meta import meta_from_json
from functions.storage.batches import BatchItem, BatchStore
from functions.storage.goal_logs import Holder
from functions.storage.histories import HistoryStore

LOOKED_AT = 200
"""Of a person's messages within reach of an event, the newest."""
_WAITED = timedelta(days=31)
"""So long before it got to somebody a message may have been noted, at most."""
_REMEMBERED = 20_000
"""Batches whose campaign a process remembers; it never changes."""
_CAMPAIGN = "campaign"
Made = tuple[CampaignId | None, int]
"""Of which campaign a batch is (None: of none), and when it was made (epoch seconds)."""
GoalsOf = Callable[[Iterable[CampaignId]], Mapping[CampaignId, Goal]]


class GoalReach:
    """Finds the messages that an event may be put down to."""

    def __init__(self) -> None:
        self._made: OrderedDict[BatchNumber, Made] = OrderedDict()

    def of(self, holder: Holder, *, since: datetime, goals_of: GoalsOf) -> tuple[Reached, ...]:
        """The messages of campaigns with a goal that may have got to somebody since a moment."""
        numbers = self._numbers(holder, since - _WAITED)
        made = self._made_of({each.batch for each in numbers})
        campaigns = {made[each.batch][0] for each in numbers if each.batch in made} - {None}
        goals = goals_of(sorted(each for each in campaigns if each is not None))
        wanted = [
            (number, goals[campaign])
            for number in numbers
            if (campaign := made.get(number.batch, (None, 0))[0]) in goals
            if campaign is not None
        ]
        batches = sorted({number.batch for number, _ in wanted})
        standings = {each.number: each for each in BatchStore().standings(batches)}
        return tuple(
            Reached(
                number,
                goal,
                touched_at(goal.touch, number.ordinal, found.state, found.clicks),
                made[number.batch][1],
            )
            for number, goal in wanted
            if (found := standings.get(number.batch)) is not None
        )

    def began(self, numbers: Iterable[BatchNumber]) -> Mapping[BatchNumber, int]:
        """When batches began, in epoch seconds."""
        return {number: made for number, (_, made) in self._made_of(set(numbers)).items()}

    def _numbers(self, holder: Holder, oldest: datetime) -> list[MessageNumber]:
        if isinstance(holder, MessageNumber):
            return [holder]
        month = f"{oldest.astimezone(UTC):%Y%m}"
        sent = takewhile(lambda each: each[0] >= month, HistoryStore().of(holder))
        return [number for (_, number), _ in zip(sent, range(LOOKED_AT), strict=False)]

    def _made_of(self, numbers: set[BatchNumber]) -> dict[BatchNumber, Made]:
        missing = sorted(each for each in numbers if each not in self._made)
        # By itself consistent: what is written once is there, or not at all.
        rows = BatchItem.batch_get([(each, "META") for each in missing], consistent_read=True)
        metas = [meta_from_json(BatchNumber(int(row.batch)), row.meta) for row in rows]
        states = self._states_of(metas)
        for meta in metas:
            campaign = None
            if meta.source.kind == _CAMPAIGN:
                campaign = CampaignId(meta.source.source_id)
            state = states.get(meta.number)
            began = int(meta.created.timestamp()) if state is None else state.created
            self._made[meta.number] = campaign, began
        found = {each: self._made[each] for each in numbers if each in self._made}
        for number, state in states.items():
            if not state.rounds:
                # It may be released yet, and begin sooner.
                del self._made[number]
        while len(self._made) > _REMEMBERED:
            self._made.popitem(last=False)
        return found

    @staticmethod
    def _states_of(metas: Iterable[BatchMeta]) -> Mapping[BatchNumber, BatchState]:
        """How batches stand that were to wait: what is released early begins sooner."""
        waited = [each.number for each in metas if each.not_before is not None]
        return BatchStore().states(waited) if waited else {}
