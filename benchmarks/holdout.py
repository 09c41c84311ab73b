"""What holding people out costs: the same campaign with nobody, a tenth and half held out.

Planned and sent by the code of the Lambdas on moto, with every request counted
(``benchmarks/capacity.py``). Then somebody of each group buys.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from datetime import timedelta

from benchmarks.units import NOON, RECIPIENTS, Run, a_metered_account
from functions.activity.attributing import attribute
from functions.activity.wiring import attribution_deps
from functions.domain.attribution import GoalEvent
from functions.domain.campaign import Campaign
from functions.domain.goal import Goal
from functions.domain.holdout import Holdout
from functions.domain.ids import CampaignId, ContactId
from functions.storage.batches import BatchStore
from functions.storage.campaigns import CampaignStore

SHARES = (0, 100, 500)
"""Thousandths."""


def measure_holdouts(recipients: int = RECIPIENTS) -> dict[str, dict[str, float]]:
    """Give write and read units by what is held out, in percent."""
    return {f"{share / 10:g}": _measured(share, recipients) for share in SHARES}


def _measured(share: int, recipients: int) -> dict[str, float]:
    with a_metered_account() as (account, meter):
        attribution_deps.cache_clear()
        run = Run(account, meter, recipients=recipients)
        run.prepare()
        campaign = _with_holdout(CampaignId(run.campaign_id), share)
        meter.reset()
        run.campaign()
        sent = {"wru": meter.wru, "rru": meter.rru}
        noted = sum(units for name, units in meter.wru_by_table.items() if "histories" in name)
        meter.reset()
        buyers = _buyers(campaign)
        for each in buyers:
            event = GoalEvent(key=1, name="purchase", at=int(NOON.timestamp()) + 600)
            attribute(each, [event], deps=attribution_deps(), now=NOON + timedelta(minutes=20))
    return {
        "wru_per_person": round(sent["wru"] / recipients, 4),
        "rru_per_person": round(sent["rru"] / recipients, 4),
        "wru_of_histories_per_person": round(noted / recipients, 4),
        "wru_per_untouched_event": round(meter.wru / len(buyers), 2),
        "rru_per_untouched_event": round(meter.rru / len(buyers), 2),
    }


def _with_holdout(campaign_id: CampaignId, share: int) -> Campaign:
    store = CampaignStore()
    before = store.get(campaign_id)
    if before is None:
        msg = "there is no campaign"
        raise LookupError(msg)
    after = replace(before, goal=Goal(event="purchase"))
    after = replace(after, holdout=Holdout(share=share) if share else None)
    store.change(before, after)
    return after


def _buyers(campaign: Campaign) -> list[ContactId]:
    """The first of each batch: nobody has clicked."""
    parts = CampaignStore().parts(campaign.campaign_id)
    batches = [BatchStore().load(number) for part in parts for number in part.batches]
    firsts = [batch.recipients[0].contact_id for batch in batches if batch is not None]
    return [each for each in firsts if each is not None]


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure_holdouts(), indent=2) + "\n")
