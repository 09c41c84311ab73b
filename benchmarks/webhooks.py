"""What a webhook that is told everything adds to a campaign: ``python -m benchmarks.webhooks``.

Each time something is recorded of a batch, a look at it is counted: here once for its sending,
once for its receipts and once for each ten clicks, as if never two came within the seconds that a
look waits. Lambda's time is reckoned with 50 ms for each answer of the receiver; what the receiver
costs is its owner's.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from benchmarks.capacity import Meter
from benchmarks.cost import counted, memory_mb
from benchmarks.prices import Prices, Step
from benchmarks.units import NOON, RECIPIENTS, Run, a_metered_account
from functions.contracts.queues import Queue
from functions.domain.message_event import EventType
from functions.domain.webhook import Webhook, WebhookId
from functions.runtime.settings import forget_settings
from functions.storage import announcing
from functions.storage.webhooks import WebhookStore
from functions.webhooks import wiring
from functions.webhooks.ports import Said
from functions.webhooks.telling import tell

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.integration.account import Account

_MILLION = 1_000_000
_ANSWER_MS = 50
_JOBS_A_REQUEST = 10


class _Receiver:
    """Takes everything."""

    def __init__(self) -> None:
        self.posts = 0

    def post(self, body: bytes, headers: Mapping[str, str]) -> Said:  # as the port has it
        self.posts += 1
        return Said(status=204)

    def close(self) -> None:
        return


@dataclass
class _Told:
    """Looks, requests to the receiver, and what both took."""

    looks: int
    posts: int
    units: Counter[str]

    def __add__(self, other: _Told) -> _Told:
        return _Told(self.looks + other.looks, self.posts + other.posts, self.units + other.units)

    def bill(self, things: int) -> dict[str, Any]:
        """All of it for a million things."""
        usd = sum(Prices.read().bill(self.units).values())
        found = {"looks": self.looks, "requests": self.posts, **self.units}
        million = {name: round(n * _MILLION / things) for name, n in found.items()}
        each = {"usd_a_million_looks": round(usd * _MILLION / self.looks, 2)}
        return million | {"usd": round(usd * _MILLION / things, 4)} | each


def measure(recipients: int = RECIPIENTS) -> dict[str, Any]:
    """Units and dollars of a million messages, and of a million clicks, for one webhook."""
    with a_metered_account() as (account, meter):
        os.environ["WEBHOOKS"] = "on"
        forget_settings()
        announcing.announcer.cache_clear()
        announcing._STANDS_FOR, announcing.WAIT_S = timedelta(0), 0  # noqa: SLF001  # see above
        _listen()
        run = Run(account, meter, recipients=recipients)
        run.prepare()
        run.campaign()
        for job in run._batches:  # noqa: SLF001  # as the function does after each
            announcing.announce([job])
        sent = _told(account, meter)
        run.receipts()
        announcing.tell_collected()
        delivered = _told(account, meter)
        opened = run.clicks()
        announcing.tell_collected()
        clicked = _told(account, meter)
    return {
        "per_million_messages": (sent + delivered).bill(recipients),
        "per_million_clicks": clicked.bill(opened),
    }


def _listen() -> None:
    since = dict.fromkeys(map(str, EventType), int((NOON - timedelta(days=1)).timestamp()))
    WebhookStore().add(
        Webhook(
            webhook_id=WebhookId("whk_1"),
            url="https://crm.example.com/",
            since_by_type=since,
            created=NOON,
        )
    )


def _told(account: Account, meter: Meter) -> _Told:
    """Work off all that is to be told, counted alone."""
    receiver = _Receiver()
    deps = wiring.tell_deps()
    deps = replace(deps, post=replace(deps.post, connect=lambda _: receiver))
    jobs = account.take_jobs(Queue.WEBHOOKS)
    meter.reset()
    meter.delivered(len(jobs))
    meter.sqs += -(-len(jobs) // _JOBS_A_REQUEST)
    for job in jobs:
        tell(job, deps=deps, now=NOON + timedelta(hours=1))
    prices = Prices.read()
    done = Step(
        function="Webhooks",
        memory_mb=memory_mb("Webhooks"),
        invocations=len(jobs),
        things=len(jobs),
        requests=sum(meter.requests.values()),
    ).units(
        {**prices.lambda_, "cpu_ms": {"Webhooks": _ANSWER_MS * receiver.posts / len(jobs)}},
        prices.log,
    )
    return _Told(len(jobs), receiver.posts, counted(meter) + done)


if __name__ == "__main__":
    json.dump(measure(), sys.stdout, indent=1)
