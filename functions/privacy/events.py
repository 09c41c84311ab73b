"""The queue of people to forget."""

from datetime import datetime

from chalice.app import Blueprint

from functions.contracts.queues import EraseJob
from functions.privacy import service, wiring
from functions.runtime import observe
from functions.runtime.entry import on_jobs

bp = Blueprint(__name__)


@bp.on_sqs_message(queue_arn="replaced-by-template", batch_size=1, name="privacy")
@on_jobs
def erase(job: EraseJob, *, now: datetime) -> None:
    """Erase a person from every store."""
    erasure = service.sweep(job, deps=wiring.deps(), now=now)
    observe.info("privacy.swept", erasure=erasure.erasure_id, status=erasure.status)
