"""The queue of reported events."""

from collections.abc import Sequence
from datetime import datetime

from chalice.app import Blueprint

from functions.activity import recording, wiring
from functions.activity.recording import Outcomes
from functions.contracts.queues import EventsReported, EventsWaiting
from functions.domain.person_activity import EventOutcome
from functions.runtime import observe
from functions.runtime.entry import on_job_groups

bp = Blueprint(__name__)
_LOST = (EventOutcome.UNKNOWN, EventOutcome.STALE, EventOutcome.TOO_LATE, EventOutcome.CROWDED_OUT)


def _group_of(job: EventsReported | EventsWaiting) -> str:
    """All reports together, so that a person in several of them costs one write."""
    return job.contact_id if isinstance(job, EventsWaiting) else ""


@bp.on_sqs_message(queue_arn="replaced-by-template", batch_size=10, name="events")
@on_job_groups(key=_group_of)
def events(jobs: Sequence[EventsReported | EventsWaiting], /, *, now: datetime) -> None:
    """Count what people did, and look after what waits for its contact."""
    deps = wiring.record_deps()
    reports = [job for job in jobs if isinstance(job, EventsReported)]
    _tell(recording.record_all(reports, deps=deps, now=now))
    for job in jobs:
        if isinstance(job, EventsWaiting):
            _tell(recording.settle(job, deps=deps, now=now))


def _tell(outcomes: Outcomes) -> None:
    if not outcomes:
        return
    facts: dict[str, object] = {str(outcome): number for outcome, number in outcomes.items()}
    tell = observe.warn if any(outcomes[each] for each in _LOST) else observe.info
    tell("activity.events.recorded", **facts)
    for outcome, number in outcomes.items():
        observe.count({"Events": number}, outcome=outcome.value)
