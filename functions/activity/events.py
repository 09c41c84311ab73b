"""The queue of reported events."""

from collections.abc import Hashable, Sequence
from datetime import datetime

from chalice.app import Blueprint

from functions.activity import looking_again, paging, recording, wiring
from functions.activity.recording import Outcomes
from functions.contracts.goal_jobs import AttributeJob, PageEventJob
from functions.contracts.queues import EventsReported, EventsWaiting
from functions.domain.person_activity import EventOutcome
from functions.runtime import observe
from functions.runtime.entry import on_job_groups

bp = Blueprint(__name__)
_LOST = (EventOutcome.UNKNOWN, EventOutcome.STALE, EventOutcome.TOO_LATE, EventOutcome.CROWDED_OUT)


def _group_of(
    job: EventsReported | EventsWaiting | PageEventJob | AttributeJob,
) -> Hashable:
    """All reports together, so that a person in several of them costs one write."""
    return "" if isinstance(job, EventsReported) else job


@bp.on_sqs_message(queue_arn="replaced-by-template", batch_size=10, name="events")
@on_job_groups(key=_group_of, finish=wiring.finish)
def events(
    jobs: Sequence[EventsReported | EventsWaiting | PageEventJob | AttributeJob],
    /,
    *,
    now: datetime,
) -> None:
    """Count what people did, put it down to messages, look after what waits for its contact."""
    match jobs[0]:
        case EventsReported():
            reports = [job for job in jobs if isinstance(job, EventsReported)]
            _tell(recording.record_all(reports, deps=wiring.record_deps(), now=now))
        case EventsWaiting() as waiting:
            _tell(recording.settle(waiting, deps=wiring.record_deps(), now=now))
        case PageEventJob() as page:
            taken = paging.work_off(page, deps=wiring.page_work_deps(), now=now)
            observe.info("activity.page.worked_off", batch=page.batch, taken=taken)
        case AttributeJob() as again:
            people = looking_again.look_again(again, deps=wiring.look_again_deps(), now=now)
            observe.info(
                "activity.looked_again", campaign=again.campaign_id, part=again.part, people=people
            )


def _tell(outcomes: Outcomes) -> None:
    if not outcomes:
        return
    facts: dict[str, object] = {str(outcome): number for outcome, number in outcomes.items()}
    tell = observe.warn if any(outcomes[each] for each in _LOST) else observe.info
    tell("activity.events.recorded", **facts)
    for outcome, number in outcomes.items():
        observe.count({"Events": number}, outcome=outcome.value)
