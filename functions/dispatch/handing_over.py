"""The one call to the provider, what may still keep it back, and the record of what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from functions.channels.base import Ambiguous, NoBalance, Rejected, RetryLater, Taken
from functions.contracts.queues import SendJob
from functions.dispatch import accounts
from functions.dispatch.accounts import Way
from functions.dispatch.ending import stop
from functions.dispatch.limits import found_place
from functions.dispatch.parcel import file_id, make_parcel, opted_out_of
from functions.dispatch.ports import DispatchDeps
from functions.dispatch.putting_back import put_back
from functions.dispatch.report import Outcome, Report
from functions.domain.batch import Batch, BatchMeta
from functions.domain.campaign import Gate
from functions.domain.message import BatchState, Send
from functions.domain.route import Route

SETTLE = timedelta(seconds=30)
"""How long after an unanswered call the provider's list is believed to be complete. A lease lasts
as much longer than its worker may live, for a worker can die in the middle of a call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What is about to be handed over: the claimed messages ``sending`` of a batch, and the way."""

    job: SendJob
    batch: Batch
    sending: tuple[int, ...]
    route: Route
    way: Way

    @property
    def meta(self) -> BatchMeta:
        """What never changes of the batch."""
        return self.batch.meta

    def all(self, send: int) -> dict[int, int]:
        """Every message of the call with the same new state."""
        return dict.fromkeys(self.sending, send)


def hand_over(call: Call, *, deps: DispatchDeps, now: datetime) -> Report:
    """Call the provider once, and record what it said."""
    meta, way = call.meta, call.way
    try:
        channel = accounts.adapter(way, meta, deps=deps)
        image = file_id(call.route.template.image_id, way, channel, deps=deps, now=now)
        parcel = make_parcel(call.batch, call.sending, way, provider_file_id=image)
        if (kept := _kept_at_last(call, deps=deps, now=now)) is not None:
            return kept
        taken = channel.send(parcel, now=now)
    except RetryLater as error:
        return _later(call, error, deps=deps, now=now)
    except Rejected as error:
        _release(meta, call.all(Send.failed(error.reason)), deps=deps)
        turn = accounts.succeeded(way, deps=deps, now=now)
        return Report(outcome=Outcome.REJECTED, failed=len(call.sending), turn=turn)
    except Ambiguous as error:
        return _in_doubt(call, error, deps=deps, now=now)
    report = _recorded(call, taken, deps=deps, now=now)
    if taken.unpaid:
        turn = accounts.failed(way, NoBalance("part of a parcel"), deps=deps, now=now)
        put_back(call.job, meta, report.outcome, deps=deps, now=now)
    else:
        turn = accounts.succeeded(way, deps=deps, now=now)
    return replace(report, turn=turn)


def _kept_at_last(call: Call, *, deps: DispatchDeps, now: datetime) -> Report | None:
    """What keeps a parcel back just before the call: a limit, or a campaign that was stopped."""
    meta, sending = call.meta, call.sending
    account = call.way.account
    if not found_place(call.job, meta, sending, call.route, account, deps=deps, now=now):
        _release(meta, call.all(Send.PENDING), deps=deps)
        accounts.give_back(call.way, deps=deps, now=now)
        return Report(outcome=Outcome.PACED)
    # Last of all: the wait for a place, or a slow table, may have taken long.
    stopped = stop(meta, sending, deps=deps)
    if stopped is Gate.OPEN:
        return None
    accounts.give_back(call.way, deps=deps, now=now)
    gone = stopped is Gate.GONE
    outcome = Outcome.CANCELLED if gone else Outcome.PARKED
    return Report(outcome=outcome, cancelled=len(sending) if gone else 0)


def _later(call: Call, error: RetryLater, *, deps: DispatchDeps, now: datetime) -> Report:
    """Nothing was taken: the messages wait, and the account counts a failure."""
    meta = call.meta
    _release(meta, call.all(Send.PENDING), deps=deps)
    turn = accounts.failed(call.way, error, deps=deps, now=now)
    shut_until = accounts.free_at(meta, call.route, deps=deps, now=now)
    report = put_back(call.job, meta, Outcome.LATER, deps=deps, now=now, not_before=shut_until)
    return replace(report, turn=turn)


def _in_doubt(call: Call, error: Ambiguous, *, deps: DispatchDeps, now: datetime) -> Report:
    """Nobody knows what was taken: the provider is asked when its list is complete."""
    # The call may have begun long after the job did.
    ended = deps.clock()
    ask_at = ended + SETTLE
    lease_until = int(ask_at.timestamp())
    _release(call.meta, call.all(Send.UNKNOWN), deps=deps, lease_until=lease_until)
    deps.later(call.job, call.meta, ask_at + timedelta(seconds=1), ended)
    turn = accounts.failed(call.way, error, deps=deps, now=now)
    return Report(outcome=Outcome.UNKNOWN, unknown=len(call.sending), turn=turn)


def _recorded(call: Call, taken: Taken, *, deps: DispatchDeps, now: datetime) -> Report:
    # First, for once the failures are recorded nobody looks at them again.
    deps.opted_out(opted_out_of(taken.rejected, now=now))
    others = {ref.ordinal: Send.failed(reason) for ref, reason in taken.rejected.items()}
    others |= {ref.ordinal: Send.PENDING for ref in taken.unpaid}

    def record(state: BatchState) -> BatchState:
        return state.released(call.all(state.sent_now) | others)

    deps.batches.change_state(call.meta.number, record, known=call.batch.state)
    failed = len(taken.rejected)
    return Report(outcome=Outcome.SENT, sent=len(call.sending) - len(others), failed=failed)


def _release(
    meta: BatchMeta, sends: Mapping[int, int], *, deps: DispatchDeps, lease_until: int = 0
) -> None:
    deps.batches.change_state(
        meta.number, lambda state: state.released(sends, lease_until=lease_until)
    )
