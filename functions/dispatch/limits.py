"""When a batch comes again: in its turn under the limits (``dispatch/pace.py``), or scattered."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from functions.contracts.queues import SendJob
from functions.dispatch.ports import DispatchDeps
from functions.domain.batch import BatchMeta
from functions.domain.ids import MAIN_ACCOUNT, AccountName
from functions.domain.pace import Lane, moment_of
from functions.domain.planning import Route
from functions.domain.route_pace import lanes_on

_LEAST_SPREAD_S, _MOST_SPREAD_S = 4, 60


def told_turn(
    job: SendJob,
    meta: BatchMeta,
    due: Sequence[int],
    route: Route,
    *,
    deps: DispatchDeps,
    now: datetime,
) -> bool:
    """Put the batch back for its turn where it would come too early."""
    limits = _limits(meta, route, MAIN_ACCOUNT, deps=deps, now=now)
    turn_us = deps.pace.turn(limits, len(due), told_us=job.turn, now=now)
    return _put_back(job, meta, turn_us, deps=deps, now=now)


def found_place(  # noqa: PLR0913  # as use cases are
    job: SendJob,
    meta: BatchMeta,
    sending: Sequence[int],
    route: Route,
    account: AccountName,
    *,
    deps: DispatchDeps,
    now: datetime,
) -> bool:
    """Wait for a place under all limits; False, and put back for its turn, where there is none.

    To be asked when nothing but the call is left to do: what takes time comes before.
    """
    limits = _limits(meta, route, account, deps=deps, now=now)
    turn_us = deps.pace.place(limits, len(sending))
    return not _put_back(job, meta, turn_us, deps=deps, now=now)


def _limits(
    meta: BatchMeta, route: Route, account: AccountName, *, deps: DispatchDeps, now: datetime
) -> tuple[Lane, ...]:
    rate, provider = deps.rate(meta.source, now), deps.provider_of(meta.channel)
    return lanes_on(route, rate=rate, provider=provider, account=account)


def _put_back(
    job: SendJob, meta: BatchMeta, turn_us: int | None, *, deps: DispatchDeps, now: datetime
) -> bool:
    if turn_us is None:
        return False
    deps.later(replace(job, turn=turn_us), meta, moment_of(turn_us), now)
    return True


def scattered(moment: datetime, *, deps: DispatchDeps, now: datetime) -> datetime:
    """A little after the moment, so that those who wait for it do not all come at once."""
    wait_s = (moment - now).total_seconds()
    spread_s = max(_LEAST_SPREAD_S, min(wait_s, _MOST_SPREAD_S))
    return moment + timedelta(seconds=deps.jitter(spread_s))
