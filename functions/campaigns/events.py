"""The queue of campaigns to resolve and parts to plan."""

from datetime import datetime

from chalice.app import Blueprint

from functions.campaigns import control, ramping, service, simulation, watching, wiring
from functions.campaigns.service import FIRST_PART
from functions.contracts.queues import (
    LaunchJob,
    PlanJob,
    RampJob,
    ResolveJob,
    SimulateJob,
    WatchJob,
)
from functions.domain.campaign import Campaign
from functions.domain.ids import CampaignId
from functions.runtime import observe
from functions.runtime.entry import on_jobs

bp = Blueprint(__name__)


@bp.on_sqs_message(queue_arn="replaced-by-template", batch_size=1, name="plan")
@on_jobs
def plan(
    job: ResolveJob | PlanJob | LaunchJob | SimulateJob | RampJob | WatchJob, *, now: datetime
) -> None:
    """Launch a campaign, resolve a slice of its recipients, get on with one, or forecast one."""
    if isinstance(job, LaunchJob):
        campaign = control.launch_due(job, deps=wiring.deps(), now=now)
        observe.info("campaign.due", campaign=job.campaign_id, status=campaign.status)
        return
    if isinstance(job, RampJob):
        campaign = ramping.step_over(job, deps=wiring.deps(), now=now)
        observe.info("campaign.ramp", campaign=job.campaign_id, **_standing(campaign))
        return
    if isinstance(job, WatchJob):
        why = watching.watch(job, deps=wiring.deps(), now=now)
        observe.info("campaign.watched", campaign=job.campaign_id, turn=job.turn, stopped=why)
        return
    if isinstance(job, SimulateJob):
        found = simulation.simulate_part(job, deps=wiring.deps(), now=now)
        observe.info(
            "campaign.simulated",
            campaign=job.campaign_id,
            part=found.part,
            size=found.forecast.recipients,
        )
        return
    if isinstance(job, ResolveJob):
        resolved = ramping.resolve_next(job, deps=wiring.deps(), now=now)
        size = None if resolved is None else resolved.size
        observe.info("campaign.resolved", campaign=job.campaign_id, part=job.part, size=size)
        return
    _plan(job, now=now)


def _plan(job: PlanJob, *, now: datetime) -> None:
    part = service.plan_part(job, deps=wiring.deps(), now=now)
    if job.part == FIRST_PART:
        watching.begin(CampaignId(job.campaign_id), deps=wiring.deps(), now=now)
    refused = {f"refused_{reason}": count for reason, count in part.refused.items()}
    observe.info(
        "campaign.planned",
        campaign=job.campaign_id,
        part=part.part,
        size=part.size,
        batches=len(part.batches),
        **refused,
    )
    observe.count(
        {"MessagesPlanned": sum(part.batch_sizes), "PeopleRefused": sum(part.refused.values())}
    )


def _standing(campaign: Campaign) -> dict[str, object]:
    return {
        "status": campaign.status,
        "step": campaign.safety.step,
        "because": campaign.safety.because,
    }
