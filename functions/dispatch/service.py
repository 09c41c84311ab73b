"""Sends what is due of a batch, once.

The steps: reconcile what an earlier attempt left open, look again whether each message may
leave, find an account that is well, claim, wait for a place under the limits, hand over in one
call, record. A worker may die between any two of them:

- before the claim nothing happened;
- after it the lease keeps others away; once it ran out, the provider is asked, at the account
  that the claim names, what it has before anything is sent again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from functions.channels.base import Ambiguous, ChannelError, NoBalance, Rejected, RetryLater, Taken
from functions.contracts.queues import SendJob
from functions.dispatch import accounts
from functions.dispatch.accounts import Turn, Way
from functions.dispatch.early import kept_until, looking_again
from functions.dispatch.ending import cancel, expire, stop
from functions.dispatch.facts import route_of, verdicts_on
from functions.dispatch.frequency import Places, take_places
from functions.dispatch.limits import found_place, scattered, told_turn
from functions.dispatch.parcel import file_id, make_parcel, opted_out_of
from functions.dispatch.ports import DispatchDeps
from functions.dispatch.recheck import Verdicts
from functions.dispatch.reconcile import reconciled
from functions.domain.batch import Batch, BatchMeta
from functions.domain.campaign import Gate
from functions.domain.evidence import Evidence
from functions.domain.held import early_due
from functions.domain.ids import MAIN_ACCOUNT, BatchNumber
from functions.domain.message import BatchState, Send
from functions.domain.route import Route

SETTLE = timedelta(seconds=30)
"""How long after an unanswered call the provider's list is believed to be complete. A lease lasts
as much longer than its worker may live, for a worker can die in the middle of a call."""
_BACKOFF_S = 5
_LONGEST_BACKOFF_S = 600


class Outcome(StrEnum):
    """What a job came to."""

    GONE = "gone"
    LEASED = "leased"
    NOTHING_DUE = "nothing_due"
    HELD = "held"
    PARKED = "parked"
    PACED = "paced"
    CANCELLED = "cancelled"
    SENT = "sent"
    LATER = "later"
    SHUT = "shut"
    """No account may be called."""
    REJECTED = "rejected"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a job came to, for the log: where it came from, counts, and what it did to a breaker.

    ``account`` is the account that was called, if any.
    """

    outcome: Outcome
    source: str = ""
    account: str = ""
    turn: Turn = field(default_factory=Turn)
    sent: int = 0
    failed: int = 0
    refused: int = 0
    held: int = 0
    unknown: int = 0
    cancelled: int = 0


def send_batch(job: SendJob, *, deps: DispatchDeps, now: datetime) -> Report:
    """Send what is due of a batch. Safe to call at any time, any number of times."""
    batch = deps.batches.load(BatchNumber(job.batch))
    if batch is None:
        return Report(outcome=Outcome.GONE)
    report = _send_batch(job, batch, deps=deps, now=now)
    return replace(report, source=batch.meta.source.source_id)


def _send_batch(job: SendJob, batch: Batch, *, deps: DispatchDeps, now: datetime) -> Report:
    if batch.state.leased(now=now):
        return Report(outcome=Outcome.LEASED)
    waits_until = kept_until(job, batch, now=now)
    if waits_until is not None:
        deps.later(job, batch.meta, waits_until, now)
        return Report(outcome=Outcome.HELD)
    try:
        state = reconciled(batch, deps=deps, now=now)
    except ChannelError:
        unknown = len(batch.state.in_doubt)
        put_back = _put_back(job, batch.meta, Outcome.UNKNOWN, deps=deps, now=now)
        return replace(put_back, unknown=unknown)
    if state is None:
        return Report(outcome=Outcome.LEASED)
    return _send_due(job, batch.meta, batch, state, deps=deps, now=now)


def _send_due(
    job: SendJob,
    meta: BatchMeta,
    batch: Batch,
    state: BatchState,
    *,
    deps: DispatchDeps,
    now: datetime,
) -> Report:
    due = early_due(meta, state, again=job.again, now=now)
    if not due:
        return Report(outcome=Outcome.NOTHING_DUE)
    job = looking_again(job, meta, now=now)
    kept = _kept_back(meta, due, deps=deps, now=now)
    if kept is not None:
        return kept
    route = route_of(meta, deps)
    if (early := _early(job, meta, state, due, route, deps=deps, now=now)) is not None:
        return early
    job = replace(job, turn=0)  # What waits for something else will need another turn.
    verdicts = verdicts_on(batch, due, route, deps=deps, now=now)
    way = _way(job, meta, due, route, deps=deps, now=now) if verdicts.sendable else None
    if isinstance(way, Report):
        return way
    claimed = _claim(replace(batch, state=state), verdicts, way, deps=deps, now=now)
    if claimed is None:
        accounts.give_back(way, deps=deps, now=now)
        return Report(outcome=Outcome.LEASED)
    if verdicts.held:
        deps.later(job, meta, min(verdicts.until), now)
    sending = claimed.ordinals(Send.SENDING)
    places = take_places(batch, sending, verdicts.cases, deps=deps, now=now)
    # Before the provider is called: what leaves can always be explained.
    cases = {**verdicts.cases, **places.cases}
    deps.batches.save_evidence(meta.number, Evidence.of(cases, at=now))
    batch = _keep_back(job, replace(batch, state=claimed), places, deps=deps, now=now)
    report = Report(outcome=Outcome.LATER if places.unsettled else Outcome.HELD)
    if places.ready and way is not None:
        report = _hand_over(job, batch, places.ready, route, way, deps=deps, now=now)
        report = replace(report, account=way.account)
    else:
        accounts.give_back(way, deps=deps, now=now)
    return replace(
        report,
        refused=len(verdicts.refused) + places.refused,
        held=len(verdicts.held) + places.held,
    )


def _early(
    job: SendJob,
    meta: BatchMeta,
    state: BatchState,
    due: Sequence[int],
    route: Route,
    *,
    deps: DispatchDeps,
    now: datetime,
) -> Report | None:
    """What the batch has to wait for before it begins: an account that is well, or its turn."""
    if accounts.free_at(meta, route, deps=deps, now=now) > now:
        return _wait(job, meta, route, deps=deps, now=now)
    told = told_turn(job, meta, state, due, route, deps=deps, now=now)
    return Report(outcome=Outcome.PACED) if told else None


def _kept_back(
    meta: BatchMeta, due: Sequence[int], *, deps: DispatchDeps, now: datetime
) -> Report | None:
    """What keeps the whole batch back: its campaign, or that its time is over."""
    gate = deps.gate(meta.source, now)
    if gate is Gate.SHUT:
        # Nothing asks again: whoever opens the gate starts the batch.
        return Report(outcome=Outcome.PARKED)
    if gate is Gate.GONE:
        cancel(meta, deps=deps)
        return Report(outcome=Outcome.CANCELLED, cancelled=len(due))
    if now >= meta.expires:
        expire(meta, deps=deps, now=now)
        return Report(outcome=Outcome.REJECTED, failed=len(due))
    return None


def _way(
    job: SendJob,
    meta: BatchMeta,
    due: Sequence[int],
    route: Route,
    *,
    deps: DispatchDeps,
    now: datetime,
) -> Way | Report:
    """An account to call, or what came of it that there is none."""
    way = accounts.find_way(meta, route, deps=deps, now=now)
    if way is None:
        return _wait(job, meta, route, deps=deps, now=now)
    if way.probe:
        # The account was asked first; the campaign may have been paused in that time.
        kept = _kept_back(meta, due, deps=deps, now=now + accounts.LONGEST_QUESTION)
        if kept is not None:
            accounts.give_back(way, deps=deps, now=now)
            return kept
    return way


def _keep_back(
    job: SendJob, batch: Batch, places: Places, *, deps: DispatchDeps, now: datetime
) -> Batch:
    """Record whom a cap keeps back, and look again when there may be room. Gives what is left."""
    meta = batch.meta
    sends = dict(places.kept_back) | dict.fromkeys(places.unsettled, Send.PENDING)
    if not sends:
        return batch

    def keep_back(state: BatchState) -> BatchState:
        return state.with_sends(sends) if places.ready else state.released(sends)

    stored = deps.batches.change_state(meta.number, keep_back, known=batch.state)
    if places.unsettled:
        _put_back(job, meta, Outcome.LATER, deps=deps, now=now)
    if places.until:
        deps.later(job, meta, min(places.until), now)
    return replace(batch, state=batch.state if stored is None else stored)


def _claim(
    batch: Batch, verdicts: Verdicts, way: Way | None, *, deps: DispatchDeps, now: datetime
) -> BatchState | None:
    account = MAIN_ACCOUNT if way is None else way.account

    def claim(state: BatchState) -> BatchState | None:
        if state.leased(now=now) or state.in_doubt:
            return None
        # Somebody may have cancelled a message since it was looked at.
        still = set(state.waiting())
        sends = {i: send for i, send in verdicts.sends.items() if i in still}
        if Send.SENDING not in sends.values():
            return state.with_sends(sends)
        return state.claimed(sends, now=now, lease_s=deps.lease_s, account=account)

    meta = batch.meta
    stored = deps.batches.change_state(meta.number, claim, known=batch.state)
    if stored is None and not verdicts.sendable:
        # Nothing changed because what was held is held again for the same reason.
        found = deps.batches.load(meta.number)
        return None if found is None or found.state.leased(now=now) else found.state
    return stored


def _hand_over(
    job: SendJob,
    batch: Batch,
    sending: tuple[int, ...],
    route: Route,
    way: Way,
    *,
    deps: DispatchDeps,
    now: datetime,
) -> Report:
    meta = batch.meta
    try:
        channel = accounts.adapter(way, meta, deps=deps)
        image = file_id(route.template.image_id, way, channel, deps=deps, now=now)
        parcel = make_parcel(batch, sending, way, provider_file_id=image)
        if (kept := _kept_at_last(job, meta, sending, route, way, deps=deps, now=now)) is not None:
            return kept
        taken = channel.send(parcel, now=now)
    except RetryLater as error:
        _release(meta, dict.fromkeys(sending, Send.PENDING), deps=deps)
        turn = accounts.failed(way, error, deps=deps, now=now)
        shut_until = accounts.free_at(meta, route, deps=deps, now=now)
        report = _put_back(job, meta, Outcome.LATER, deps=deps, now=now, not_before=shut_until)
    except Rejected as error:
        _release(meta, dict.fromkeys(sending, Send.failed(error.reason)), deps=deps)
        turn = accounts.succeeded(way, deps=deps, now=now)
        report = Report(outcome=Outcome.REJECTED, failed=len(sending))
    except Ambiguous as error:
        # The call may have begun long after the job did.
        ended = deps.clock()
        ask_at = ended + SETTLE
        unknown = dict.fromkeys(sending, Send.UNKNOWN)
        _release(meta, unknown, deps=deps, lease_until=int(ask_at.timestamp()))
        deps.later(job, meta, ask_at + timedelta(seconds=1), ended)
        turn = accounts.failed(way, error, deps=deps, now=now)
        report = Report(outcome=Outcome.UNKNOWN, unknown=len(sending))
    else:
        report = _record(batch, sending, taken, deps=deps, now=now)
        if taken.unpaid:
            turn = accounts.failed(way, NoBalance("part of a parcel"), deps=deps, now=now)
            _put_back(job, meta, report.outcome, deps=deps, now=now)
        else:
            turn = accounts.succeeded(way, deps=deps, now=now)
    return replace(report, turn=turn)


def _kept_at_last(  # as the call that it comes before
    job: SendJob,
    meta: BatchMeta,
    sending: tuple[int, ...],
    route: Route,
    way: Way,
    *,
    deps: DispatchDeps,
    now: datetime,
) -> Report | None:
    """What keeps a parcel back just before the call: a limit, or a campaign that was stopped."""
    if not found_place(job, meta, sending, route, way.account, deps=deps, now=now):
        _release(meta, dict.fromkeys(sending, Send.PENDING), deps=deps)
        accounts.give_back(way, deps=deps, now=now)
        return Report(outcome=Outcome.PACED)
    # Last of all: the wait for a place, or a slow table, may have taken long.
    stopped = stop(meta, sending, deps=deps)
    if stopped is Gate.OPEN:
        return None
    accounts.give_back(way, deps=deps, now=now)
    gone = stopped is Gate.GONE
    outcome = Outcome.CANCELLED if gone else Outcome.PARKED
    return Report(outcome=outcome, cancelled=len(sending) if gone else 0)


def _record(
    batch: Batch,
    sending: tuple[int, ...],
    taken: Taken,
    *,
    deps: DispatchDeps,
    now: datetime,
) -> Report:
    # First, for once the failures are recorded nobody looks at them again.
    deps.opted_out(opted_out_of(taken.rejected, now=now))
    others = {ref.ordinal: Send.failed(reason) for ref, reason in taken.rejected.items()}
    others |= {ref.ordinal: Send.PENDING for ref in taken.unpaid}

    def record(state: BatchState) -> BatchState:
        return state.released(dict.fromkeys(sending, state.sent_now) | others)

    deps.batches.change_state(batch.meta.number, record, known=batch.state)
    failed = len(taken.rejected)
    return Report(outcome=Outcome.SENT, sent=len(sending) - len(others), failed=failed)


def _release(
    meta: BatchMeta, sends: Mapping[int, int], *, deps: DispatchDeps, lease_until: int = 0
) -> None:
    deps.batches.change_state(
        meta.number, lambda state: state.released(sends, lease_until=lease_until)
    )


def _put_back(
    job: SendJob,
    meta: BatchMeta,
    outcome: Outcome,
    *,
    deps: DispatchDeps,
    now: datetime,
    not_before: datetime | None = None,
) -> Report:
    backoff_s = min(_BACKOFF_S * 2 ** min(job.attempt, 10), _LONGEST_BACKOFF_S)
    at = now + timedelta(seconds=deps.jitter(backoff_s))
    if not_before is not None and not_before > now:
        at = max(at, scattered(not_before, deps=deps, now=now))
    deps.later(replace(job, attempt=job.attempt + 1), meta, at, now)
    return Report(outcome=outcome)


def _wait(
    job: SendJob, meta: BatchMeta, route: Route, *, deps: DispatchDeps, now: datetime
) -> Report:
    """Look again when an account may be called, or when the batch's time is over."""
    free = max(accounts.free_at(meta, route, deps=deps, now=now), now + timedelta(seconds=1))
    at = min(scattered(free, deps=deps, now=now), meta.expires)
    deps.later(job, meta, at, now)
    return Report(outcome=Outcome.SHUT)
