"""The look whether a refresh is due, and the queue of its steps."""

from datetime import UTC, datetime, timedelta

from chalice.app import Blueprint, Rate

from functions.audiences import answering, forgetting, refresh, wiring
from functions.contracts.queues import (
    AnswerAudienceJob,
    BuildShardJob,
    ForgetPersonJob,
    RefreshJob,
    ScanPeopleJob,
)
from functions.runtime import observe
from functions.runtime.clock import utc_now
from functions.runtime.entry import on_jobs, on_tick

bp = Blueprint(__name__)
TURN = timedelta(seconds=180)
"""Well below the Lambda's 600 s: what was read is written after it."""


@bp.schedule(Rate(10, unit=Rate.MINUTES), name="audiences_daily")
@on_tick
def audiences_daily(*, now: datetime) -> None:
    """Start the refresh of the day, or wake up one that came to a stop."""
    started = refresh.start_due(deps=wiring.deps(), now=now)
    if started is not None:
        late = started.late(now)
        observe.info("audiences.refresh", run_id=started.run_id, status=started.status, late=late)
        observe.count({"RefreshLate": int(late)})


@bp.on_sqs_message(queue_arn="replaced-by-template", batch_size=1, name="audiences")
@on_jobs
def audiences(
    job: RefreshJob | ScanPeopleJob | BuildShardJob | AnswerAudienceJob | ForgetPersonJob,
    *,
    now: datetime,
) -> None:
    """Start a refresh, read people, build a shard, answer one audience, or forget somebody."""
    deps = wiring.deps()
    match job:
        case RefreshJob():
            since = datetime.fromtimestamp(job.since, tz=UTC)
            started = refresh.start_since(since, deps=deps, now=now)
            observe.info("audiences.asked", started=None if started is None else started.run_id)
        case ScanPeopleJob():
            people = refresh.scan(job, deps=deps, now=now, clock=utc_now, until=now + TURN)
            observe.info("audiences.scanned", run_id=job.run_id, chunk=job.chunk, people=people)
        case BuildShardJob():
            result = refresh.build(job, deps=deps, now=now)
            if result is not None:
                observe.info("audiences.built", run_id=job.run_id, people=result.people)
        case AnswerAudienceJob():
            answered = answering.answer(job, deps=deps, now=now)
            observe.info("audiences.answered", audience=job.audience_id, answered=answered)
        case ForgetPersonJob():
            forgotten = forgetting.forget(job, deps=deps, now=now)
            observe.info("audiences.forgotten", files=forgotten)
