"""Has a batch looked at as soon as something is recorded of it that a step follows at once."""

from functools import lru_cache

from functions.contracts.campaign_jobs import FollowJob
from functions.contracts.queues import Queue
from functions.domain.batch import BatchMeta
from functions.domain.family import ONLY_PART
from functions.domain.follow_up import Branch, Condition, triggers
from functions.domain.ids import BatchNumber
from functions.runtime import queues
from functions.storage.batches import BatchStore

_REMEMBERED = 10_000
"""Batches whose triggers a worker remembers: they never change."""


def follow_at_once(meta: BatchMeta, fact: Condition) -> None:
    """Have the batch looked at, if a step follows this fact at once; repeating it is harmless."""
    if triggers(meta.triggers, fact):
        _look(meta.source.source_id, meta.source.part or ONLY_PART, meta.number)


def follow_batch_at_once(number: BatchNumber, fact: Condition) -> None:
    """The same by the batch's number alone."""
    letters, source, part = _known(number)
    if triggers(letters, fact):
        _look(source, part, number)


def _look(source: str, part: str, number: BatchNumber) -> None:
    # Only what needs a fact follows it at once.
    job = FollowJob(campaign_id=source, part=part, step=Branch.YES, batch=number)
    queues.send([job], to=Queue.PLAN)


@lru_cache(maxsize=_REMEMBERED)
def _known(number: BatchNumber) -> tuple[str, str, str]:
    # It was written before anything of it left; only an eventual read may still miss it.
    meta = BatchStore().meta(number) or BatchStore().meta(number, consistent=True)
    if meta is None:
        return "", "", ""
    return meta.triggers, meta.source.source_id, meta.source.part or ONLY_PART
