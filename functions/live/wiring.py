"""Puts live membership together."""

from collections.abc import Sequence
from functools import cache

from functions.contracts.queues import LiveJob, Queue
from functions.live.definitions import LiveDefinitions
from functions.live.ports import LiveDeps
from functions.runtime import queues
from functions.runtime.settings import tenant_zone
from functions.storage.audiences import AudienceStore
from functions.storage.stays import StayStore
from functions.storage.subjects import SubjectStore


@cache
def deps() -> LiveDeps:
    """What the use cases need."""
    zone = tenant_zone()
    return LiveDeps(
        audiences=AudienceStore().all,
        stays=StayStore(),
        subjects=SubjectStore(zone),
        enqueue=_enqueue,
        zone=zone,
    )


@cache
def definitions() -> LiveDefinitions:
    """The live audiences that this process remembers."""
    return LiveDefinitions(AudienceStore().all)


def _enqueue(jobs: Sequence[LiveJob]) -> None:
    queues.send(jobs, to=Queue.LIVE)
