"""What comes before its batch's time: some of its messages may have been released."""

from dataclasses import replace
from datetime import datetime

from functions.contracts.queues import SendJob
from functions.domain.batch import Batch, BatchMeta
from functions.domain.held import early_due
from functions.domain.message import Send


def kept_until(job: SendJob, batch: Batch, *, now: datetime) -> datetime | None:
    """Until when a batch has to wait; None when there is something to do for it now."""
    not_before = batch.meta.not_before
    if not_before is None or now >= not_before:
        return None
    in_doubt = batch.state.ordinals(Send.SENDING, Send.UNKNOWN)
    due = early_due(batch.meta, batch.state, again=job.again, now=now)
    return None if in_doubt or due else not_before


def looking_again(job: SendJob, meta: BatchMeta, *, now: datetime) -> SendJob:
    """The job that goes on with what was looked at before the batch's time."""
    early = meta.not_before is not None and now < meta.not_before
    return replace(job, again=True) if early else job
