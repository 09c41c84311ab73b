"""Settles what an earlier attempt left open, before anything is sent again."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from functions.channels.base import ChannelError
from functions.dispatch.ports import DispatchDeps
from functions.domain.batch import Batch
from functions.domain.channel import Purpose
from functions.domain.ids import MessageNumber
from functions.domain.message import BatchState, Send
from functions.domain.policy import WhenUnknown
from functions.domain.reason import FailureReason

_ASKED_AT_LEAST = timedelta(days=1)
"""How long after an attempt the provider is still asked about messages that have expired."""
_MOST_ATTEMPTS = 3
"""Of a batch that is sent again although nobody can say whether it was."""

Found = Mapping[int, FailureReason | None]


def reconciled(batch: Batch, *, deps: DispatchDeps, now: datetime) -> BatchState | None:
    """Settle what an earlier attempt left open by asking the account that it called.

    None when somebody else got on with the batch meanwhile. Where nobody can say, because the
    provider cannot be asked or has not answered for too long, the messages are given up, or sent
    again if the policy wants that of them. Raises ChannelError.
    """
    open_ = batch.state.in_doubt
    if not open_:
        return batch.state
    found = _found(batch, open_, deps=deps, now=now)
    resend = found is None and _may_repeat(batch, deps=deps, now=now)

    def settle(state: BatchState) -> BatchState | None:
        # What was found is about this attempt only; a rival may have made another since.
        if state.leased(now=now) or state.attempts != batch.state.attempts:
            return None
        if found is None:
            return state.released(_unsaid(state, resend=resend))
        return state.released(_settled(state, found))

    return deps.batches.change_state(batch.meta.number, settle)


def _found(
    batch: Batch, open_: Sequence[int], *, deps: DispatchDeps, now: datetime
) -> Found | None:
    """What the account has of these messages; None when nobody can say any more."""
    refs = {
        MessageNumber(batch=batch.meta.number, ordinal=ordinal): phone
        for ordinal in open_
        if (phone := batch.recipients[ordinal].phone) is not None
    }
    tried = datetime.fromtimestamp(batch.state.rounds[-1], tz=now.tzinfo)
    try:
        account = deps.channel(batch.meta.channel, batch.state.account)
        if not account.can_be_asked:
            return None
        found = account.find(refs, since=tried, now=now)
    except ChannelError:
        if now < max(batch.meta.expires, tried + _ASKED_AT_LEAST):
            raise
        return None
    return {ref.ordinal: failure for ref, failure in found.items()}


def _may_repeat(batch: Batch, *, deps: DispatchDeps, now: datetime) -> bool:
    return (
        batch.meta.purpose is Purpose.TRANSACTIONAL
        and deps.policy().ambiguous_transactional is WhenUnknown.RESEND
        and batch.state.attempts < _MOST_ATTEMPTS
        and now < batch.meta.expires
    )


def _settled(state: BatchState, found: Found) -> dict[int, int]:
    """The send bytes of what was open, now that the provider was asked.

    A report proves that a message was taken, also where the list does not show it yet. A parcel
    is taken as a whole: where others of it are known, one that is not was refused. Where none
    is, the call never arrived, and the messages are as they were before; so are those that the
    account could not pay.
    """
    open_ = state.in_doubt
    taken = bool(found) or any(state.reported(ordinal) for ordinal in open_)
    sends = dict.fromkeys(open_, Send.failed(FailureReason.OTHER) if taken else Send.PENDING)
    for ordinal in open_:
        failure = found.get(ordinal)
        if failure is FailureReason.BALANCE:
            sends[ordinal] = Send.PENDING
        elif failure is not None:
            sends[ordinal] = Send.failed(failure)
        elif ordinal in found or state.reported(ordinal):
            sends[ordinal] = state.sent_now
    return sends


def _unsaid(state: BatchState, *, resend: bool) -> dict[int, int]:
    """The send bytes of what was open where nobody can say what became of it.

    A report of one message proves that its parcel was taken: no other of it is sent again.
    """
    open_ = state.in_doubt
    taken = any(state.reported(ordinal) for ordinal in open_)
    rest = Send.PENDING if resend and not taken else Send.GIVEN_UP
    return {i: state.sent_now if state.reported(i) else rest for i in open_}
