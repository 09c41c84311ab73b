"""What a follow-up costs for people who need none: 100,000 who all clicked, in AWS units.

The batches are written as planning and dispatch leave them; then everything that a step adds runs
through the code of the Lambdas on moto, and every request is counted (``benchmarks/capacity.py``):
the step's campaign, the timers, the tick that moves them, and the looks.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from benchmarks.capacity import Meter
from benchmarks.units import NOON, a_metered_account
from functions.campaigns import arming, following, wiring as campaign_wiring
from functions.contracts.campaign_jobs import FollowJob
from functions.contracts.queues import Queue
from functions.domain.batch import Batch, Source
from functions.domain.campaign import Campaign, CampaignStatus, Part
from functions.domain.clicks import BatchClicks, Hit, Visitor
from functions.domain.follow_up import Condition, FollowUp
from functions.domain.ids import MAX_BATCH_SIZE, BatchNumber, CampaignId, SenderId, TemplateId
from functions.domain.message import BatchState, Send
from functions.storage.batches import BatchStore
from functions.storage.campaigns import CampaignStore
from functions.timers import service as timers, wiring as timer_wiring
from tests.builders import a_campaign, a_meta, a_part, a_recipient
from tests.integration.account import Account

PEOPLE = 100_000
_PART_SIZE = 2_000
_PARENT = CampaignId("cmp_bench")
_AFTER = timedelta(days=1)
_STEP = FollowUp(
    condition=Condition.NOT_CLICKED,
    after=_AFTER,
    template_id=TemplateId("tpl_1"),
    template_version=1,
    sender_id=SenderId("snd_1"),
)


def measure_follow_ups(people: int = PEOPLE) -> dict[str, float]:
    """Give units per person of a step that nobody needs, and whether everybody was looked at."""
    with a_metered_account() as (account, meter):
        campaign_wiring.following.cache_clear()
        timer_wiring.deps.cache_clear()
        campaign = _a_campaign()
        CampaignStore().create(campaign)
        parts = [_part(number) for number in range(people // _PART_SIZE)]
        meter.reset()
        for part in parts:
            _arm(campaign, part)
        looks = _look(account, meter)
        rows = CampaignStore().parts(CampaignId(f"{_PARENT}-n"))
    if sum(row.seen for row in rows) != people or any(row.size for row in rows):
        msg = "somebody was not looked at, or matched"
        raise AssertionError(msg)
    return {
        "people": people,
        "looks": looks,
        "followup_wru_per_person": round(meter.wru / people, 5),
        "followup_rru_per_person": round(meter.rru / people, 5),
        "followup_requests_per_person": round(sum(meter.requests.values()) / people, 5),
    }


def _a_campaign() -> Campaign:
    return a_campaign(
        campaign_id=_PARENT,
        status=CampaignStatus.LAUNCHED,
        launched=NOON,
        created=NOON,
        follow_ups=(_STEP,),
    )


def _part(number: int) -> Part:
    batches = list(_batches(number))
    BatchStore().create(batches)
    for batch in batches:
        BatchStore().change_clicks(batch.meta.number, MAX_BATCH_SIZE, _all_clicked)
    part = a_part(
        number,
        campaign_id=_PARENT,
        size=_PART_SIZE,
        planned=True,
        batches=tuple(batch.meta.number for batch in batches),
        batch_sizes=tuple(batch.meta.size for batch in batches),
    )
    CampaignStore().add_part(part)
    return part


def _all_clicked(clicks: BatchClicks) -> BatchClicks:
    return clicks.with_hits(
        Hit(ordinal=ordinal, link=0, visitor=Visitor.HUMAN, elapsed_s=600)
        for ordinal in range(MAX_BATCH_SIZE)
    )


def _batches(part: int) -> Iterator[Batch]:
    sent = BatchState.fresh([Send.PENDING] * MAX_BATCH_SIZE, now=NOON).claimed(
        dict.fromkeys(range(MAX_BATCH_SIZE), Send.sent(round_=0)), now=NOON, lease_s=0
    )
    for place in range(_PART_SIZE // MAX_BATCH_SIZE):
        number = 1 + part * (_PART_SIZE // MAX_BATCH_SIZE) + place
        source = Source(kind="campaign", source_id=_PARENT, part=f"{part:06d}")
        meta = a_meta(number, size=MAX_BATCH_SIZE, source=source, created=NOON)
        people = tuple(a_recipient(ordinal + 1, text="") for ordinal in range(MAX_BATCH_SIZE))
        yield Batch(meta=meta, recipients=people, state=sent)


def _arm(campaign: Campaign, part: Part) -> None:
    metas = [BatchStore().meta(BatchNumber(part.batches[0]))]
    found = [meta for meta in metas if meta is not None]
    arming.arm(campaign, part, found, deps=campaign_wiring.deps(), now=NOON)


def _look(account: Account, meter: Meter) -> int:
    """Let the tick move the timers when they are due, and do what is in the queue."""
    due: datetime = NOON + _AFTER
    timers.tick(deps=replace(timer_wiring.deps(), clock=lambda: due, hourly=()), now=due)
    jobs = account.take_jobs(Queue.PLAN)
    meter.delivered(len(jobs))
    for job in jobs:
        if not isinstance(job, FollowJob):
            msg = f"{job.KIND} was not expected"
            raise TypeError(msg)
        following.follow(job, deps=campaign_wiring.following(), now=due)
    return len(jobs)


if __name__ == "__main__":
    json.dump(measure_follow_ups(), sys.stdout)
    sys.stdout.write("\n")
