"""Puts the activity feature together."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache

from functions.activity.attributing import AttributionDeps, attribute
from functions.activity.looking_again import LookAgainDeps
from functions.activity.paging import PageWorkDeps
from functions.activity.recording import RecordDeps, record_all
from functions.activity.service import ReportDeps
from functions.contracts.codec import to_body
from functions.contracts.goal_jobs import AttributeJob
from functions.contracts.queues import EventsReported, EventsWaiting, Queue
from functions.contracts.timer import Timer
from functions.domain.attribution import GoalEvent
from functions.domain.event import Event
from functions.domain.follow_up import Condition
from functions.domain.ids import BatchNumber, ContactId
from functions.runtime import queues
from functions.runtime.settings import tenant_zone
from functions.storage.activities import ActivityStore
from functions.storage.announcing import collect, tell_collected
from functions.storage.campaigns import CampaignStore
from functions.storage.event_types import CurrentEventTypes, EventTypeStore
from functions.storage.goal_logs import GoalLogStore
from functions.storage.goal_reach import GoalReach
from functions.storage.goals import GoalStore, OpenGoals
from functions.storage.message_people import holder_of, recipients_of
from functions.storage.outcomes import OutcomeStore
from functions.storage.timers import TimerStore
from functions.storage.triggers import follow_batch_at_once


@cache
def report_deps() -> ReportDeps:
    """What taking reports needs."""
    return ReportDeps(types=EventTypeStore(), declared=CurrentEventTypes(), enqueue=_enqueue)


@cache
def record_deps() -> RecordDeps:
    """What counting needs."""
    return RecordDeps(
        activities=ActivityStore(), remind=_remind, attribute=_attribute, zone=tenant_zone()
    )


@cache
def attribution_deps() -> AttributionDeps:
    """What putting events down to messages needs."""
    return AttributionDeps(
        logs=GoalLogStore(),
        reach=GoalReach(),
        outcomes=OutcomeStore(),
        open_goals=OpenGoals(),
        goals_of=GoalStore().of,
        followed=_followed,
    )


@cache
def page_work_deps() -> PageWorkDeps:
    """What working off reports of pages needs."""
    return PageWorkDeps(holder_of=holder_of, attribution=attribution_deps(), report=_report)


@cache
def look_again_deps() -> LookAgainDeps:
    """What looking again needs."""
    return LookAgainDeps(
        campaigns=CampaignStore(),
        recipients=recipients_of,
        logs=GoalLogStore(),
        attribution=attribution_deps(),
        enqueue=_enqueue_looks,
    )


def finish() -> None:
    """Have webhooks told of the batches that events were put down to. Raises Unavailable."""
    tell_collected()


def _followed(number: BatchNumber, fact: Condition) -> None:
    follow_batch_at_once(number, fact)
    collect([number])


def _enqueue(jobs: Sequence[EventsReported]) -> None:
    queues.send(jobs, to=Queue.EVENTS)


def _attribute(contact_id: ContactId, events: Sequence[Event], now: datetime) -> None:
    attribute(contact_id, map(GoalEvent.of, events), deps=attribution_deps(), now=now)


def _report(job: EventsReported, now: datetime) -> None:
    record_all([job], deps=record_deps(), now=now)


def _enqueue_looks(jobs: Sequence[AttributeJob]) -> None:
    queues.send(jobs, to=Queue.EVENTS)


def _remind(job: EventsWaiting, at: datetime) -> None:
    timer_id = f"{job.KIND}#{job.contact_id}"
    TimerStore().put(Timer(timer_id=timer_id, due=at, queue=Queue.EVENTS, body=to_body(job)))
