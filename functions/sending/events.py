"""The queue of messages that other features want sent."""

from datetime import datetime

from chalice.app import Blueprint

from functions.contracts.errors import Conflict, InvalidInput
from functions.contracts.queues import MessagesRequested, RequestCheckJob
from functions.runtime import observe
from functions.runtime.entry import on_jobs
from functions.sending import lost, service, wiring
from functions.sending.asking import request_of

bp = Blueprint(__name__)


@bp.on_sqs_message(queue_arn="replaced-by-template", batch_size=1, name="requests")
@on_jobs
def requests(job: MessagesRequested | RequestCheckJob, *, now: datetime) -> None:
    """Accept a request, or look after those whose job was lost."""
    match job:
        case RequestCheckJob():
            done = lost.check(job, deps=wiring.looking(), now=now)
            observe.info("requests.checked", **done)
            observe.count({"RequestsMended": done["started"]})
        case MessagesRequested():
            _accept(job, now=now)


def _accept(job: MessagesRequested, *, now: datetime) -> None:
    """One that can never be accepted is recorded and not tried again."""
    try:
        batches = service.accept(request_of(job), deps=wiring.deps(), now=now)
    except (InvalidInput, Conflict) as fault:
        faults = [f"{each.pointer} {each.code}" for each in fault.errors]
        observe.warn("request.faulty", request=job.request_id, code=fault.code, faults=faults)
        observe.count({"RequestsFaulty": 1})
        return
    sizes = sum(batch.meta.size for batch in batches)
    observe.info("request.accepted", request=job.request_id, messages=sizes)
