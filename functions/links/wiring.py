"""Builds what the click worker needs, once a process."""

from collections.abc import Sequence
from functools import cache

from functions.contracts.queues import JudgeClicksJob, Queue
from functions.links.judging import JudgingDeps
from functions.links.service import LinksDeps
from functions.runtime import queues
from functions.runtime.pseudonym import hash_of_network
from functions.storage.batches import BatchStore
from functions.storage.campaigns import CampaignStore
from functions.storage.hits import HitStore


@cache
def deps() -> LinksDeps:
    """What recording needs."""
    return LinksDeps(batches=BatchStore(), hits=HitStore(), network_hash=hash_of_network)


@cache
def judging_deps() -> JudgingDeps:
    """What judging again needs."""
    return JudgingDeps(campaigns=CampaignStore(), links=deps(), enqueue=_enqueue)


def _enqueue(jobs: Sequence[JudgeClicksJob]) -> None:
    queues.send(jobs, to=Queue.CLICKS)
