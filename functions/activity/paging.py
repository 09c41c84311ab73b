"""What pages tell of their visitors: taken from anybody who has a link, so trusted little.

A report names the message by the code of its link, which carries a MAC, and must be of an event
that the message's campaign is after. It then is an event of the message's person, as if the
company had reported it; of a number that belongs to nobody known, only of the message.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from functions.activity.attributing import AttributionDeps, Holder, attribute
from functions.contracts.activity_document import events_to_text
from functions.contracts.errors import InvalidInput, NotFound
from functions.contracts.goal_jobs import PageEventJob
from functions.contracts.queues import EventsReported
from functions.domain.attribution import GoalEvent
from functions.domain.batch import BatchMeta
from functions.domain.event import Event, PersonEvents, event_key
from functions.domain.goal import Goal
from functions.domain.ids import BatchNumber, CampaignId, MessageNumber
from functions.domain.tracking_code import Target

LOOKED_AT_AFTER_S = 15
"""So long a report waits, for the click that led to the page to be recorded first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageReport:
    """What a page tells: the code of the link, and the event.

    Without an id it is the one event of this name that came of the message, by whichever link.
    """

    code: str
    name: str
    event_id: str | None
    minor: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PageDeps:
    """What taking reports needs. ``enqueue`` lets jobs wait for so many seconds."""

    decode: Callable[[str], Target | None]
    meta: Callable[[BatchNumber], BatchMeta | None]
    goal_of: Callable[[CampaignId], Goal | None]
    enqueue: Callable[[PageEventJob, int], None]


def accept(report: PageReport, *, deps: PageDeps, now: datetime) -> None:
    """Queue what a page tells. Raises NotFound for a code that is none of ours.

    Raises InvalidInput for an event that its message's campaign is not after.
    """
    target = deps.decode(report.code)
    meta = None if target is None else deps.meta(BatchNumber(target.batch))
    if target is None or meta is None or target.ordinal >= meta.size:
        msg = "There is no such link."
        raise NotFound(msg)
    campaign = meta.source.kind == "campaign"
    goal = deps.goal_of(CampaignId(meta.source.source_id)) if campaign else None
    if goal is None or goal.event != report.name:
        msg = "This is no goal of the campaign that the link is of."
        raise InvalidInput.field("/event", "not_a_goal", msg)
    job = PageEventJob(
        batch=target.batch,
        ordinal=target.ordinal,
        event=report.name,
        key=event_key(report.event_id or f"{target.batch}/{target.ordinal}:{report.name}"),
        at=int(now.timestamp()),
        minor=report.minor,
    )
    deps.enqueue(job, LOOKED_AT_AFTER_S)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageWorkDeps:
    """What working off reports needs.

    ``holder_of`` tells whose event it is; None: nobody's, for who it was was erased. ``report``
    counts events as if the company had reported them.
    """

    holder_of: Callable[[MessageNumber], Holder | None]
    attribution: AttributionDeps
    report: Callable[[EventsReported, datetime], None]


def work_off(job: PageEventJob, *, deps: PageWorkDeps, now: datetime) -> bool:
    """Take what a page told for an event of the message's person; False where it is not taken.

    Doing it again changes nothing. Raises Unavailable.
    """
    holder = deps.holder_of(MessageNumber(batch=BatchNumber(job.batch), ordinal=job.ordinal))
    if holder is None:
        return False
    if not deps.attribution.logs.of(holder).takes_from_pages(job.key, now=now):
        return False
    event = _event(job)
    found = [GoalEvent.of(event, from_page=True)]
    attribute(holder, found, deps=deps.attribution, now=now)
    if not isinstance(holder, MessageNumber):
        people = events_to_text([PersonEvents(contact_id=holder, events=(event,))])
        deps.report(EventsReported(received=job.at, people=people), now)
    return True


def _event(job: PageEventJob) -> Event:
    return Event(
        key=job.key, name=job.event, at=datetime.fromtimestamp(job.at, tz=UTC), minor=job.minor
    )
