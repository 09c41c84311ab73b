"""What taking reports of pages needs; apart, so that the worker does without the secret."""

from functools import cache

from functions.activity.paging import PageDeps
from functions.contracts.goal_jobs import PageEventJob
from functions.contracts.queues import Queue
from functions.domain.goal import Goal
from functions.domain.ids import CampaignId
from functions.runtime import queues, tracking
from functions.storage.batches import BatchStore
from functions.storage.goals import GoalStore


@cache
def deps() -> PageDeps:
    """Put it together."""
    return PageDeps(
        decode=tracking.target_of, meta=BatchStore().meta, goal_of=_goal_of, enqueue=_enqueue
    )


def _goal_of(campaign_id: CampaignId) -> Goal | None:
    return GoalStore().of([campaign_id]).get(campaign_id)


def _enqueue(job: PageEventJob, delay_s: int) -> None:
    queues.send([job], to=Queue.EVENTS, delay_s=delay_s)
