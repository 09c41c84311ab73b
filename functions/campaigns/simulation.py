"""What a campaign would do now, by the same code on the same data, without doing it.

Each job forecasts one slice of the recipients and puts the next on its way. Nothing here can
reach a provider: no batch is written, nothing is put into a dispatch queue.
"""

from datetime import datetime

from functions.campaigns.planning import draft, route_for, swap_route
from functions.campaigns.ports import CampaignDeps
from functions.contracts.errors import NotFound
from functions.contracts.queues import SimulateJob
from functions.domain.campaign import Campaign, PartForecast
from functions.domain.ids import CampaignId
from functions.domain.simulation import Forecast, together


def start(campaign: Campaign, simulation_id: str, *, deps: CampaignDeps, now: datetime) -> None:
    """Have a campaign simulated as if it were launched at ``now``. Raises InvalidInput."""
    route_for(campaign, deps=deps)
    swap_route(campaign, deps=deps)
    job = SimulateJob(
        campaign_id=campaign.campaign_id,
        simulation_id=simulation_id,
        at=int(now.timestamp()),
        part=0,
    )
    deps.enqueue([job])


def simulate_part(job: SimulateJob, *, deps: CampaignDeps, now: datetime) -> PartForecast:
    """Forecast one slice; repeating it is harmless."""
    campaign = deps.campaigns.get(CampaignId(job.campaign_id))
    if campaign is None:
        msg = "There is no such campaign."
        raise NotFound(msg)
    at = datetime.fromtimestamp(job.at, tz=now.tzinfo)
    found = deps.slice_of(campaign, job.cursor)
    drafted = draft(campaign, found.people, deps=deps, now=at)
    forecast = PartForecast(
        part=f"{job.part:06d}",
        forecast=Forecast.of(drafted, now=at, zone=deps.default_zone),
        last=found.next_cursor is None,
    )
    deps.campaigns.save_forecast(campaign.campaign_id, job.simulation_id, forecast)
    if found.next_cursor is not None:
        following = SimulateJob(
            campaign_id=job.campaign_id,
            simulation_id=job.simulation_id,
            at=job.at,
            part=job.part + 1,
            cursor=found.next_cursor,
        )
        deps.enqueue([following])
    return forecast


def result(campaign: Campaign, simulation_id: str, *, deps: CampaignDeps) -> tuple[Forecast, bool]:
    """Add up what was forecast so far; tells whether that is all."""
    parts = deps.campaigns.forecasts(campaign.campaign_id, simulation_id)
    return together(each.forecast for each in parts), bool(parts) and parts[-1].last
