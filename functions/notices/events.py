"""The hourly look at the clock, and the queue of parts of the due list."""

from datetime import datetime

from chalice.app import Blueprint, Rate

from functions.contracts.queues import NoticesDue
from functions.notices import service, wiring
from functions.runtime import observe
from functions.runtime.entry import on_jobs, on_tick

bp = Blueprint(__name__)


@bp.schedule(Rate(1, unit=Rate.HOURS), name="notices_daily")
@on_tick
def notices_daily(*, now: datetime) -> None:
    """Start the day's notices at ten o'clock of the tenant's zone."""
    run = service.run_daily(deps=wiring.deps(), now=now)
    if run is not None:
        observe.info("notices.started", overdue=run.overdue, parts=run.parts)
        observe.count({"NoticesOverdue": run.overdue})


@bp.on_sqs_message(queue_arn="replaced-by-template", batch_size=1, name="notices")
@on_jobs
def notices(job: NoticesDue, *, now: datetime) -> None:
    """Work off a part of the due list."""
    worked = service.work_off(job, deps=wiring.deps(), now=now)
    observe.info(
        "notices.worked",
        state=job.state,
        day=job.day,
        shard=job.shard,
        sent=worked.sent,
        asked=worked.asked,
        undeliverable=worked.undeliverable,
    )
    observe.count({"NoticesSent": worked.sent, "NoticesUndeliverable": worked.undeliverable})
