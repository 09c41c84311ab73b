"""Puts the activity feature together."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache

from functions.activity.recording import RecordDeps
from functions.activity.service import ReportDeps
from functions.contracts.codec import to_body
from functions.contracts.queues import EventsReported, EventsWaiting, Queue
from functions.contracts.timer import Timer
from functions.runtime import queues
from functions.runtime.settings import tenant_zone
from functions.storage.activities import ActivityStore
from functions.storage.event_types import CurrentEventTypes, EventTypeStore
from functions.storage.timers import TimerStore


@cache
def report_deps() -> ReportDeps:
    """What taking reports needs."""
    return ReportDeps(types=EventTypeStore(), declared=CurrentEventTypes(), enqueue=_enqueue)


@cache
def record_deps() -> RecordDeps:
    """What counting needs."""
    return RecordDeps(activities=ActivityStore(), remind=_remind, zone=tenant_zone())


def _enqueue(jobs: Sequence[EventsReported]) -> None:
    queues.send(jobs, to=Queue.EVENTS)


def _remind(job: EventsWaiting, at: datetime) -> None:
    timer_id = f"{job.KIND}#{job.contact_id}"
    TimerStore().put(Timer(timer_id=timer_id, due=at, queue=Queue.EVENTS, body=to_body(job)))
