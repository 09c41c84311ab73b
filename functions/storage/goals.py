"""Which campaigns have goals that events can still reach.

A campaign with a goal is marked when it gets under way. When a check finds that it is over, the
mark gets an end: so long events can still be within the window, and be reported late.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from functions.contracts.goal_document import goal_from_json
from functions.domain.event import MAX_AGE, WORKED_OFF_WITHIN
from functions.domain.goal import Goal
from functions.domain.ids import CampaignId
from functions.runtime.clock import utc_now
from functions.storage.campaigns import GOALS, META, CampaignItem, goal_mark

Goals = Mapping[CampaignId, Goal]
FRESH = timedelta(seconds=15)
_LATE = MAX_AGE + WORKED_OFF_WITHIN


class GoalStore:
    """Reads goals, and ends marks; ``CampaignStore`` makes the marks."""

    def open(self) -> Goals:
        """The goals that events can still reach, by campaign, consistently."""
        now_s = int(utc_now().timestamp())
        rows = CampaignItem.query(GOALS, consistent_read=True)
        return _goals((CampaignId(row.kind), row) for row in rows if _lasts(row, now_s))

    def of(self, campaign_ids: Iterable[CampaignId]) -> Goals:
        """The goals of these campaigns, whenever they were; who has none is left out."""
        keys = [(each, META) for each in dict.fromkeys(campaign_ids)]
        rows = CampaignItem.batch_get(keys, consistent_read=True)
        return _goals((CampaignId(row.campaign_id), row) for row in rows)

    def end(self, campaign_id: CampaignId, goal: Goal, *, now: datetime) -> None:
        """Note that a campaign is over: nothing of it leaves any more."""
        expires_at = int((now + goal.window + _LATE).timestamp())
        goal_mark(campaign_id, goal, expires_at=expires_at).save()

    def forget(self, campaign_id: CampaignId, *, now: datetime) -> None:
        """Note that a campaign has no goal any more: no event can reach it."""
        CampaignItem(GOALS, campaign_id, expires_at=int(now.timestamp())).save()


class OpenGoals:
    """The goals that events can still reach, remembered by each process for 15 seconds."""

    def __init__(
        self, read: Callable[[], Goals] | None = None, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self._read = read or GoalStore().open
        self._clock = clock
        self._known: tuple[Goals, datetime] | None = None

    def __call__(self) -> Goals:
        """Give them."""
        now = self._clock()
        if self._known is None or not timedelta(0) <= now - self._known[1] < FRESH:
            self._known = self._read(), now
        return self._known[0]


def _lasts(row: CampaignItem, now_s: int) -> bool:
    return row.expires_at is None or now_s < row.expires_at


def _goals(rows: Iterable[tuple[CampaignId, CampaignItem]]) -> Goals:
    found = {
        campaign_id: (goal_from_json(row.goal), bool(row.measured or row.holdout))
        for campaign_id, row in rows
    }
    return {
        campaign_id: replace(goal, measured=measured)
        for campaign_id, (goal, measured) in found.items()
        if goal is not None
    }
