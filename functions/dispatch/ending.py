"""Ends what waits of a batch without sending it."""

from datetime import datetime

from functions.dispatch.ports import DispatchDeps
from functions.domain.batch import BatchMeta
from functions.domain.message import BatchState, Send
from functions.domain.reason import FailureReason


def expire(meta: BatchMeta, *, deps: DispatchDeps, now: datetime) -> None:
    """Give up what waited too long."""
    expired = Send.failed(FailureReason.EXPIRED)

    def give_up(state: BatchState) -> BatchState | None:
        if state.leased(now=now):
            return None
        return state.with_sends(dict.fromkeys(state.waiting(), expired))

    deps.batches.change_state(meta.number, give_up)


def cancel(meta: BatchMeta, *, deps: DispatchDeps) -> None:
    """Cancel what waits; what is being sent by a rival is left to the rival."""
    deps.batches.change_state(meta.number, BatchState.cancelled)
