"""Puts the tick together."""

from collections.abc import Sequence
from functools import cache

from functions.contracts.campaign_jobs import SweepJob
from functions.contracts.codec import to_body
from functions.contracts.queues import Queue
from functions.domain.reconciliation import USUAL_PATIENCE
from functions.runtime import queues
from functions.runtime.clock import utc_now
from functions.storage.timers import TimerStore
from functions.timers.service import TimerDeps


@cache
def deps() -> TimerDeps:
    """What the tick needs."""
    sweep = SweepJob(patience_s=int(USUAL_PATIENCE.total_seconds()))
    return TimerDeps(
        timers=TimerStore(),
        send=_send,
        clock=utc_now,
        hourly=((Queue.PLAN, to_body(sweep)),),
    )


def _send(bodies: Sequence[str], queue: Queue, delay_s: int) -> None:
    queues.send_bodies(bodies, to=queue, delay_s=delay_s)
