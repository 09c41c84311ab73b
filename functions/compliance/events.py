"""The hourly look whether a day is to be sealed, and the queue of parts."""

from datetime import datetime

from chalice.app import Blueprint, Rate

from functions.compliance import service, wiring
from functions.contracts.queues import RecordJob
from functions.runtime import observe
from functions.runtime.entry import on_jobs, on_tick

bp = Blueprint(__name__)


@bp.schedule(Rate(1, unit=Rate.HOURS), name="compliance_daily")
@on_tick
def compliance_daily(*, now: datetime) -> None:
    """Start the day whose turn it is, and wake up one that came to a stop."""
    day = service.start(deps=wiring.deps(), now=now)
    if day is not None:
        observe.info("compliance.started", day=day.isoformat())


@bp.on_sqs_message(queue_arn="replaced-by-template", batch_size=1, name="compliance")
@on_jobs
def compliance(job: RecordJob, *, now: datetime) -> None:
    """Write a part of a day's record."""
    record = service.work(job, deps=wiring.deps(), now=now)
    if record is not None:
        observe.info(
            "compliance.written",
            day=job.day,
            parts=len(record.files),
            messages=record.messages,
            sealed=record.sealed is not None,
        )
        observe.count({"DaysSealed": int(record.sealed is not None)})
