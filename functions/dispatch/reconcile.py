"""Settles what an earlier attempt left open, before anything is sent again."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from functions.dispatch.ports import DispatchDeps
from functions.domain.batch import Batch
from functions.domain.ids import MessageNumber
from functions.domain.message import BatchState, Send
from functions.domain.reason import FailureReason

_ASKED_AT_LEAST = timedelta(days=1)
"""How long after their expiry messages whose fate is unknown are still asked about."""


def reconciled(batch: Batch, *, deps: DispatchDeps, now: datetime) -> BatchState | None:
    """Settle what an earlier attempt left open by asking the provider what it has.

    None when somebody else got on with the batch meanwhile. Raises ChannelError; LookupError
    when the provider could not be asked long after the messages expired.
    """
    open_ = batch.state.ordinals(Send.SENDING, Send.UNKNOWN)
    if not open_:
        return batch.state
    if now > batch.meta.expires + _ASKED_AT_LEAST:
        msg = f"batch {batch.meta.number} is still unknown long after it expired"
        raise LookupError(msg)
    refs = [MessageNumber(batch=batch.meta.number, ordinal=ordinal) for ordinal in open_]
    since = datetime.fromtimestamp(batch.state.rounds[-1], tz=now.tzinfo)
    found = {
        ref.ordinal: failure
        for ref, failure in deps.channel(batch.meta.channel)
        .find(refs, since=since, now=now)
        .items()
    }

    def settle(state: BatchState) -> BatchState | None:
        # What was found is about this attempt only; a rival may have made another since.
        if state.leased(now=now) or state.attempts != batch.state.attempts:
            return None
        return state.released(_settled(state, found))

    return deps.batches.change_state(batch.meta.number, settle)


def _settled(state: BatchState, found: Mapping[int, FailureReason | None]) -> dict[int, int]:
    """The send bytes of what was open, now that the provider was asked.

    A report proves that a message was taken, also where the list does not show it yet. A parcel
    is taken as a whole: where others of it are known, one that is not was refused. Where none
    is, the call never arrived, and the messages are as they were before.
    """
    open_ = state.ordinals(Send.SENDING, Send.UNKNOWN)
    taken = bool(found) or any(state.reported(ordinal) for ordinal in open_)
    sends = dict.fromkeys(open_, Send.failed(FailureReason.OTHER) if taken else Send.PENDING)
    for ordinal in open_:
        failure = found.get(ordinal)
        if failure is not None:
            sends[ordinal] = Send.failed(failure)
        elif ordinal in found or state.reported(ordinal):
            sends[ordinal] = state.sent_now
    return sends
