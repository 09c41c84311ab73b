"""Puts the ledger of held messages together."""

from collections.abc import Sequence
from functools import cache

from functions.contracts.campaign_jobs import HeldJob
from functions.contracts.queues import Queue
from functions.held.ports import HeldDeps
from functions.runtime import queues
from functions.runtime.spread import spread
from functions.storage.batches import BatchStore
from functions.storage.held import HeldStore
from functions.storage.open_campaigns import OpenCampaignStore


@cache
def deps() -> HeldDeps:
    """What the use cases need."""
    return HeldDeps(
        held=HeldStore(),
        batches=BatchStore(),
        campaigns=OpenCampaignStore(),
        enqueue=_enqueue,
        spread=spread,
    )


def _enqueue(jobs: Sequence[HeldJob]) -> None:
    queues.send(jobs, to=Queue.PLAN)
