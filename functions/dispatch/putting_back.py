"""Having a batch looked at again later."""

from dataclasses import replace
from datetime import datetime, timedelta

from functions.contracts.queues import SendJob
from functions.dispatch import accounts
from functions.dispatch.limits import scattered
from functions.dispatch.ports import DispatchDeps
from functions.dispatch.report import Outcome, Report
from functions.domain.batch import BatchMeta
from functions.domain.route import Route

_BACKOFF_S = 5
_LONGEST_BACKOFF_S = 600


def put_back(
    job: SendJob,
    meta: BatchMeta,
    outcome: Outcome,
    *,
    deps: DispatchDeps,
    now: datetime,
    not_before: datetime | None = None,
) -> Report:
    """Look at the batch again later, each time after a longer while, and not before a moment."""
    backoff_s = min(_BACKOFF_S * 2 ** min(job.attempt, 10), _LONGEST_BACKOFF_S)
    at = now + timedelta(seconds=deps.jitter(backoff_s))
    if not_before is not None and not_before > now:
        at = max(at, scattered(not_before, deps=deps, now=now))
    deps.later(replace(job, attempt=job.attempt + 1), meta, at, now)
    return Report(outcome=outcome)


def wait_for_account(
    job: SendJob, meta: BatchMeta, route: Route, *, deps: DispatchDeps, now: datetime
) -> Report:
    """Look again when an account may be called, or when the batch's time is over."""
    free = max(accounts.free_at(meta, route, deps=deps, now=now), now + timedelta(seconds=1))
    at = min(scattered(free, deps=deps, now=now), meta.expires)
    deps.later(job, meta, at, now)
    return Report(outcome=Outcome.SHUT)
