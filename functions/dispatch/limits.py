"""When a batch comes again: in its turn under the limits (``dispatch/pace.py``), or scattered."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from functions.contracts.queues import SendJob
from functions.dispatch.ports import DispatchDeps
from functions.domain.batch import BatchMeta
from functions.domain.ids import MAIN_ACCOUNT, AccountName
from functions.domain.in_line import LISTED_FROM_US, in_line
from functions.domain.message import BatchState
from functions.domain.pace import Lane, micros, moment_of
from functions.domain.route import Route
from functions.domain.route_pace import lanes_on

_REMEMBERED = timedelta(seconds=2)
"""So long a campaign's limit is remembered; see ``storage/gates.py``."""
_LEAST_SPREAD_S, _MOST_SPREAD_S = 4, 60


def told_turn(  # noqa: PLR0913  # as use cases are
    job: SendJob,
    meta: BatchMeta,
    state: BatchState,
    due: Sequence[int],
    route: Route,
    *,
    deps: DispatchDeps,
    now: datetime,
) -> bool:
    """Put the batch back for its turn where it would come too early.

    One whose new turn is far off stands in the ledger of what is held meanwhile.
    """
    turn_us = _turn(job, meta, due, route, deps=deps, now=now)
    if turn_us is not None and turn_us != job.turn and _far(turn_us, now):
        _note(meta, state, due, deps=deps, now=now)
    return _put_back(job, meta, turn_us, deps=deps, now=now)


def _turn(
    job: SendJob,
    meta: BatchMeta,
    due: Sequence[int],
    route: Route,
    *,
    deps: DispatchDeps,
    now: datetime,
) -> int | None:
    limits = _limits(meta, route, MAIN_ACCOUNT, deps=deps, now=now)
    turn_us = deps.pace.turn(limits, len(due), told_us=job.turn, now=now)
    if turn_us is None or turn_us == job.turn or not _far(turn_us, now):
        return turn_us
    # The limit may have been changed since it was looked at, and this be the job that lets go.
    anew = _limits(meta, route, MAIN_ACCOUNT, deps=deps, now=now + _REMEMBERED)
    return turn_us if anew == limits else deps.pace.turn(anew, len(due), told_us=0, now=now)


def _far(turn_us: int, now: datetime) -> bool:
    return turn_us - micros(now) >= LISTED_FROM_US


def _note(
    meta: BatchMeta,
    state: BatchState,
    due: Sequence[int],
    *,
    deps: DispatchDeps,
    now: datetime,
) -> None:
    if in_line(state, due) == state:
        return

    def wait(newest: BatchState) -> BatchState | None:
        return None if newest.leased(now=now) else in_line(newest, due)

    deps.batches.change_state(meta.number, wait, known=state)


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
