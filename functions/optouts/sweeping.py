"""Reads a provider's list of refusals, a few pages at a time, and queues what is new."""

from dataclasses import dataclass
from datetime import datetime
from math import ceil

from functions.channels.base import Ambiguous, OptOutEvent, Rejected, RetryLater
from functions.contracts.queues import AddressRefused
from functions.domain.sweep import Sweep
from functions.optouts.ports import SweepDeps

_MOST_PAGES = 20
"""A bound for one tick; where the list is longer the next tick goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What a tick came to, for the log.

    ``finished`` tells that the list was read to its end, ``why_not`` what the provider answered
    instead of a page.
    """

    pages: int
    found: int
    finished: bool
    why_not: str = ""


def sweep_all(*, deps: SweepDeps, now: datetime) -> Swept:
    """Go on with the sweep over every account's list; one that fails does not keep the others.

    ``finished`` tells that each was read to its end. Raises Rejected when all were looked at.
    """
    swept, refusals = [], []
    for provider in deps.sources:
        try:
            swept.append(sweep(provider, deps=deps, now=now))
        except Rejected as error:
            refusals.append(error)
    if refusals:
        raise refusals[0]
    return Swept(
        pages=sum(each.pages for each in swept),
        found=sum(each.found for each in swept),
        finished=all(each.finished for each in swept),
        why_not="; ".join(each.why_not for each in swept if each.why_not),
    )


def sweep(provider: str, *, deps: SweepDeps, now: datetime) -> Swept:
    """Go on with the sweep over this provider's list; what is new is queued before it is noted.

    A provider that does not answer leaves the sweep where it was.
    """
    state = deps.sweeps.get(provider).started(now=now)
    found = pages = 0
    while pages < _MOST_PAGES:
        try:
            page = deps.sources[provider].opt_outs(since=state.since, cursor=state.cursor, now=now)
        except (RetryLater, Ambiguous) as error:
            return Swept(pages=pages, found=found, finished=False, why_not=str(error))
        except Rejected as error:
            if state.cursor is None:
                raise
            deps.sweeps.put(provider, state.restarted())
            return Swept(pages=pages, found=found, finished=False, why_not=str(error))
        pages += 1
        found += _queue(page.events, state, provider, deps=deps)
        state = state.after((event.key for event in page.events), cursor=page.cursor)
        deps.sweeps.put(provider, state)
        if page.cursor is None:
            return Swept(pages=pages, found=found, finished=True)
    return Swept(pages=pages, found=found, finished=False)


def _queue(events: tuple[OptOutEvent, ...], state: Sweep, provider: str, *, deps: SweepDeps) -> int:
    new = set(state.unseen(event.key for event in events))
    jobs = [
        AddressRefused(
            address=deps.hash_of(event.phone),
            reason=str(event.reason),
            at=ceil(event.at.timestamp()),
            source=f"080:{provider}",
        )
        for event in events
        if event.key in new
    ]
    deps.enqueue(jobs)
    return len(jobs)
