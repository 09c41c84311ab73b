"""Puts the tick together."""

from collections.abc import Sequence
from functools import cache

from functions.contracts.campaign_jobs import SweepJob
from functions.contracts.codec import to_body
from functions.contracts.queues import Queue, RequestCheckJob
from functions.domain.reconciliation import USUAL_PATIENCE
from functions.domain.slug import HEALTH
from functions.runtime import queues, web
from functions.runtime.aws import derived_token
from functions.runtime.clock import utc_now
from functions.storage.link_domains import LinkDomainStore, link_bases
from functions.storage.timers import TimerStore
from functions.timers.domains import DomainDeps
from functions.timers.service import TimerDeps
from functions.timers.watching import Depth, WatchDeps

_OK = 200


@cache
def deps() -> TimerDeps:
    """What the tick needs."""
    patience_s = int(USUAL_PATIENCE.total_seconds())
    sweep, lost = SweepJob(patience_s=patience_s), RequestCheckJob(patience_s=patience_s)
    return TimerDeps(
        timers=TimerStore(),
        send=_send,
        clock=utc_now,
        hourly=((Queue.PLAN, to_body(sweep)), (Queue.REQUESTS, to_body(lost))),
    )


@cache
def watch_deps() -> WatchDeps:
    """What looking at the queues needs."""
    return WatchDeps(
        depth_of=lambda queue: Depth(*queues.depth_of(queue)),
        dead_in=lambda queue: Depth(*queues.depth_of(queue, dead=True)),
    )


def _send(bodies: Sequence[str], queue: Queue, delay_s: int) -> None:
    queues.send_bodies(bodies, to=queue, delay_s=delay_s)


@cache
def domain_deps() -> DomainDeps:
    """What checking the domains of links needs."""
    return DomainDeps(
        domains=link_bases(),
        store=LinkDomainStore(),
        answers=_leads_here,
    )


def _leads_here(base: str) -> bool:
    """Ask a domain for the word that only this deployment says. No redirect is followed."""
    try:
        answer = web.request("GET", f"{base}/{HEALTH}", headers={"User-Agent": "allim-check"})
    except (web.NotConnected, web.NoAnswer):
        return False
    return answer.status == _OK and answer.body == derived_token(HEALTH).encode()
