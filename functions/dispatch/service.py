"""Sends what is due of a batch, once.

The steps: reconcile what an earlier attempt left open, look again whether each message may
leave, find an account that is well, claim, wait for a place under the limits, hand over in one
call, record. A worker may die between any two of them:

- before the claim nothing happened;
- after it the lease keeps others away; once it ran out, the provider is asked, at the account
  that the claim names, what it has before anything is sent again.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from functions.channels.base import ChannelError
from functions.contracts.queues import SendJob
from functions.dispatch import accounts
from functions.dispatch.accounts import Way
from functions.dispatch.early import kept_until, looking_again
from functions.dispatch.ending import cancel, expire
from functions.dispatch.facts import route_of, verdicts_on
from functions.dispatch.frequency import Places, take_places
from functions.dispatch.handing_over import Call, hand_over
from functions.dispatch.limits import told_turn
from functions.dispatch.ports import DispatchDeps
from functions.dispatch.putting_back import put_back, wait_for_account
from functions.dispatch.recheck import Verdicts
from functions.dispatch.reconcile import reconciled
from functions.dispatch.report import Outcome, Report
from functions.domain.batch import Batch, BatchMeta
from functions.domain.campaign import Gate
from functions.domain.evidence import Evidence
from functions.domain.held import early_due
from functions.domain.ids import MAIN_ACCOUNT, BatchNumber
from functions.domain.message import BatchState, Send
from functions.domain.route import Route


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
        later = put_back(job, batch.meta, Outcome.UNKNOWN, deps=deps, now=now)
        return replace(later, unknown=unknown)
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
        call = Call(job=job, batch=batch, sending=places.ready, route=route, way=way)
        report = replace(hand_over(call, deps=deps, now=now), account=way.account)
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
        return wait_for_account(job, meta, route, deps=deps, now=now)
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
        return wait_for_account(job, meta, route, deps=deps, now=now)
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
        put_back(job, meta, Outcome.LATER, deps=deps, now=now)
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
