"""The queue of providers' callbacks."""

from collections.abc import Sequence
from datetime import datetime

from chalice.app import Blueprint

from functions.contracts.queues import CallbackReceived
from functions.receipts import service, wiring
from functions.runtime import observe
from functions.runtime.entry import on_job_groups

bp = Blueprint(__name__)


@bp.on_sqs_message(queue_arn="replaced-by-template", batch_size=5, name="receipts")
@on_job_groups(key=lambda job: job.provider, finish=wiring.finish)
def merge_receipts(jobs: Sequence[CallbackReceived], *, now: datetime) -> None:
    """Merge the reports of all callbacks that came together."""
    merged = service.merge(jobs, deps=wiring.deps(), now=now)
    observe.info(
        "receipts.merged",
        events=merged.events,
        batches=merged.batches,
        unknown_batches=merged.unknown_batches,
        opted_out=merged.opted_out,
    )
    observe.count({"ReceiptsMerged": merged.events, "ReceiptsUnknown": merged.unknown_batches})
