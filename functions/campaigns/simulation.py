"""What a campaign would do now, by the same code on the same data, without doing it.

Each job forecasts one slice of the recipients and puts the next on its way. Nothing here can
reach a provider: no batch is written, nothing is put into a dispatch queue.
"""

import json
from dataclasses import replace
from datetime import datetime

from functions.campaigns import holding_out
from functions.campaigns.allotting import as_if_first
from functions.campaigns.couponing import Pretending, draft_with_coupons
from functions.campaigns.pinning import pinned
from functions.campaigns.planning import routes_of
from functions.campaigns.ports import CampaignDeps
from functions.campaigns.step_forecasts import Simulated
from functions.contracts.errors import NotFound
from functions.contracts.queues import SimulateJob
from functions.contracts.recipients_document import recipients_from_json, recipients_to_json
from functions.domain.campaign import Campaign, CampaignStatus, PartForecast
from functions.domain.ids import CampaignId
from functions.domain.simulation import Forecast, together


def start(campaign: Campaign, simulation_id: str, *, deps: CampaignDeps, now: datetime) -> None:
    """Have a campaign simulated as if it were launched at ``now``.

    Raises InvalidInput, Conflict ``audience_not_ready``.
    """
    routes_of(campaign, deps=deps)
    recipients = campaign.recipients
    if campaign.status is CampaignStatus.DRAFT:
        recipients = pinned(recipients, deps=deps)
    job = SimulateJob(
        campaign_id=campaign.campaign_id,
        simulation_id=simulation_id,
        at=int(now.timestamp()),
        part=0,
        recipients=json.dumps(recipients_to_json(recipients)),
    )
    deps.enqueue([job])


def simulate_part(job: SimulateJob, *, deps: CampaignDeps, now: datetime) -> PartForecast:
    """Forecast one slice; repeating it is harmless."""
    campaign = deps.campaigns.get(CampaignId(job.campaign_id))
    if campaign is None:
        msg = "There is no such campaign."
        raise NotFound(msg)
    if job.recipients:
        recipients = recipients_from_json(json.loads(job.recipients))
        campaign = replace(campaign, recipients=recipients)
    at = datetime.fromtimestamp(job.at, tz=now.tzinfo)
    found = deps.slice_of(campaign, job.cursor)
    take = Pretending(pool_id=campaign.coupon_pool, coupons=deps.coupons, promised=job.coupons)
    launched = holding_out.as_launched(campaign, deps=deps)
    people = holding_out.as_if_first(launched, found.people, deps=deps)
    variants = as_if_first(campaign, people, deps=deps)
    drafted = draft_with_coupons(campaign, people, take=take, deps=deps, now=at, variants=variants)
    forecast = Forecast.of(drafted, now=at, zone=deps.default_zone)
    counted = PartForecast(
        part=f"{job.part:06d}",
        forecast=replace(forecast, skipped={str(why): n for why, n in found.skipped.items()}),
        last=found.next_cursor is None,
    )
    steps = Simulated(
        campaign_id=campaign.campaign_id,
        simulation_id=job.simulation_id,
        part=counted,
        deps=deps,
    )
    steps.forecast(campaign, drafted, at=at)
    # Last: with it the part is complete.
    deps.campaigns.save_forecast(campaign.campaign_id, job.simulation_id, counted)
    if found.next_cursor is not None:
        following = replace(job, part=job.part + 1, cursor=found.next_cursor)
        deps.enqueue([replace(following, coupons=take.promised)])
    return counted


def result(campaign: Campaign, simulation_id: str, *, deps: CampaignDeps) -> tuple[Forecast, bool]:
    """Add up what was forecast so far; tells whether that is all."""
    parts = deps.campaigns.forecasts(campaign.campaign_id, simulation_id)
    return together(each.forecast for each in parts), bool(parts) and parts[-1].last
