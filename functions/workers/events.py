"""The queue of all work that needs DuckDB, which serves several features.

A queue and a function of their own for each would cost more every month than the work itself.
"""

from datetime import UTC, datetime, timedelta

from chalice.app import Blueprint

from functions.audiences import answering, forgetting, refresh, wiring as audience_wiring
from functions.contracts.export_jobs import (
    ExportDueJob,
    ExportForgetJob,
    ExportJob,
    ExportLookJob,
    ExportScanJob,
    ExportTidyJob,
    ExportWriteJob,
)
from functions.contracts.queues import (
    AnswerAudienceJob,
    AudienceJob,
    BuildShardJob,
    ForgetPersonJob,
    RefreshJob,
    ScanPeopleJob,
)
from functions.domain.export import RunStatus
from functions.exports import (
    forgetting as export_forgetting,
    running,
    service as exporting,
    wiring as export_wiring,
)
from functions.runtime import observe
from functions.runtime.clock import utc_now
from functions.runtime.entry import on_jobs

bp = Blueprint(__name__)
TURN = timedelta(seconds=180)
"""Well below the Lambda's 600 s: what was read is written after it."""


@bp.on_sqs_message(queue_arn="replaced-by-template", batch_size=1, name="audiences")
@on_jobs
def audiences(
    job: RefreshJob
    | ScanPeopleJob
    | BuildShardJob
    | AnswerAudienceJob
    | ForgetPersonJob
    | ExportDueJob
    | ExportScanJob
    | ExportWriteJob
    | ExportLookJob
    | ExportTidyJob
    | ExportForgetJob,
    *,
    now: datetime,
) -> None:
    """Do a step of a refresh of audiences, or of an export."""
    if isinstance(job, ExportJob):
        _export(job, now=now)
    else:
        _refresh(job, now=now)


def _refresh(job: AudienceJob, *, now: datetime) -> None:
    deps = audience_wiring.deps()
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


def _export(job: ExportJob, *, now: datetime) -> None:
    deps = export_wiring.deps()
    match job:
        case ExportDueJob():
            started = exporting.run_due(job, deps=deps, now=now)
            run_id = None if started is None else started.run_id
            observe.info("exports.due", export=job.export, run_id=run_id)
        case ExportScanJob():
            events = running.scan(job, deps=deps, now=now)
            observe.info("exports.scanned", run_id=job.run_id, slice=job.slice, events=events)
        case ExportWriteJob():
            file = running.write(job, deps=deps, now=now)
            size = None if file is None else file.size_bytes
            observe.info("exports.written", run_id=job.run_id, day=job.day, size_bytes=size)
        case ExportLookJob():
            status = running.look(job, deps=deps, now=now)
            observe.info("exports.looked", run_id=job.run_id, status=status)
            observe.count({"ExportsFailed": int(status is RunStatus.FAILED)})
        case ExportTidyJob():
            dropped = running.tidy(job, deps=deps, now=now)
            observe.info("exports.tidied", export=job.export, day=job.day, dropped=dropped)
        case ExportForgetJob():
            changed = export_forgetting.forget(job, deps=deps, now=now)
            observe.info("exports.forgotten", files=changed)
