"""Ends what waits of a batch without sending it."""

from collections.abc import Sequence
from datetime import datetime

from functions.dispatch.ports import DispatchDeps
from functions.domain.batch import BatchMeta
from functions.domain.campaign import Gate
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


def stop(meta: BatchMeta, sending: Sequence[int], *, deps: DispatchDeps) -> Gate:
    """Let go of what was claimed when its campaign was stopped since: claiming can take seconds."""
    gate = deps.gate(meta.source, deps.clock())
    if gate is not Gate.OPEN:
        unsent = dict.fromkeys(sending, Send.PENDING)
        deps.batches.change_state(meta.number, lambda state: state.released(unsent))
    if gate is Gate.GONE:
        cancel(meta, deps=deps)
    return gate
