"""``python -m benchmarks.ledger``: what the ledger of held messages and the hourly check cost.

In process on moto, as ``make cost``: a campaign is planned at night, so that all of it is held;
requests and units are counted. With ``--stack`` also how long it takes the local stack to release
10,000 messages. Figures in build/bench/ledger.json.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from benchmarks import ledger_stack
from benchmarks.prices import Prices
from benchmarks.units import NOON, Run, a_metered_account
from functions.campaigns import checking, control, service as planning, wiring as campaigns
from functions.contracts.campaign_jobs import CheckJob
from functions.contracts.queues import Queue, ResolveJob
from functions.domain.held import HeldAction
from functions.domain.ids import BatchNumber, CampaignId, MessageNumber
from functions.held import service as held, wiring as ledger
from functions.held.service import Wanted
from infra.packaging.layout import REPOSITORY
from infra.progress import console, step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.integration.account import Account

RESULT = REPOSITORY / "build" / "bench" / "ledger.json"
NIGHT = NOON + timedelta(hours=10)
RECIPIENTS = 10_000
_MILLION = 1_000_000
_BATCH = 200


def measure(recipients: int = RECIPIENTS) -> dict[str, Any]:
    """Hold, list, release and check a campaign; give units and seconds."""
    with a_metered_account() as (account, meter):
        for wiring in (campaigns.checking, ledger.deps):
            wiring.cache_clear()
        run = Run(account, meter, recipients=recipients)
        run.prepare()
        wanted = Wanted(campaign_id=CampaignId(run.campaign_id))

        def counted(work: Callable[[], object]) -> dict[str, float]:
            meter.reset()
            began = time.perf_counter()
            work()
            return {
                "requests": sum(meter.requests.values()),
                "rru": meter.rru,
                "wru": meter.wru,
                "sqs": meter.sqs,
                "seconds_on_moto": round(time.perf_counter() - began, 3),
            }

        plan = counted(lambda: _plan(account, run))
        by_index = {
            "index_wru": _index_units(recipients),
            "summary": counted(lambda: held.summary(wanted, deps=ledger.deps())),
            "page_of_50": counted(
                lambda: held.listed(wanted, after=None, limit=50, deps=ledger.deps())
            ),
        }
        first = counted(lambda: _check(run, NIGHT))
        later = counted(lambda: _check(run, NIGHT + timedelta(hours=2)))
        releases = {
            "release_by_campaign": counted(
                lambda: held.change(HeldAction.RELEASE, wanted, after=None, deps=ledger.deps())
            ),
            "release_by_ids_in_batches": counted(lambda: _release(_in_batches(recipients))),
            "release_by_ids_alone": counted(lambda: _release(_alone(recipients))),
        }
    return {"recipients": recipients, "plan": plan, **by_index, **releases} | {
        "check": first,
        "check_that_looks_closer": later,
        "check_per_million": _per_million(first, recipients),
        "check_that_looks_closer_per_million": _per_million(later, recipients),
        "held_usd_per_million": _usd(wru=_index_units(_MILLION)),
    }


def _plan(account: Account, run: Run) -> None:
    """Launch and plan at night: everything is held until the morning."""
    deps = campaigns.deps()
    control.launch(CampaignId(run.campaign_id), deps=deps, now=NIGHT)
    while jobs := account.take_jobs(Queue.PLAN):
        for job in jobs:
            if isinstance(job, ResolveJob):
                planning.resolve(job, deps=deps)
            else:
                planning.plan_part(job, deps=deps, now=NIGHT)


def _check(run: Run, now: Any) -> None:  # noqa: ANN401  # a moment
    job = CheckJob(campaign_id=run.campaign_id, patience_s=3_600)
    found = checking.check(job, deps=campaigns.checking(), now=now)
    if found is None or found.counts != {"held": run.recipients}:
        msg = f"the campaign is not held: {found}"
        raise RuntimeError(msg)


def _release(numbers: Iterable[MessageNumber]) -> None:
    held.change_these(HeldAction.RELEASE, numbers, None, deps=ledger.deps())


def _in_batches(recipients: int) -> list[MessageNumber]:
    return [
        MessageNumber(batch=BatchNumber(1 + n // _BATCH), ordinal=n % _BATCH)
        for n in range(recipients)
    ]


def _alone(recipients: int) -> list[MessageNumber]:
    return [MessageNumber(batch=BatchNumber(1_000_000 + n), ordinal=0) for n in range(recipients)]


def _index_units(messages: int) -> int:
    """A batch comes into the index once and leaves it once."""
    return 2 * messages // _BATCH


def _per_million(found: dict[str, float], recipients: int) -> dict[str, float]:
    share = _MILLION / recipients
    return {
        "rru": found["rru"] * share,
        "wru": found["wru"] * share,
        "requests": found["requests"] * share,
        "usd": _usd(rru=found["rru"] * share, wru=found["wru"] * share),
    }


def _usd(*, rru: float = 0, wru: float = 0) -> float:
    bill = Prices.read().bill({"dynamodb_read": rru, "dynamodb_write": wru})
    return round(sum(bill.values()), 6)


def main() -> None:
    """Measure and write down."""
    with step("Counting a campaign of 10,000 that is held"):
        found = measure()
    if "--stack" in sys.argv:
        found["stack"] = ledger_stack.measure()
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(found, indent=2) + "\n", "utf-8")
    console.print_json(json.dumps(found))


if __name__ == "__main__":
    main()
