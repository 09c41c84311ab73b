"""The queue of campaigns to resolve and parts to plan."""

from datetime import datetime

from chalice.app import Blueprint

from functions.campaigns import control, service, simulation, wiring
from functions.contracts.queues import LaunchJob, PlanJob, ResolveJob, SimulateJob
from functions.runtime import observe
from functions.runtime.entry import on_jobs

bp = Blueprint(__name__)


@bp.on_sqs_message(queue_arn="replaced-by-template", batch_size=1, name="plan")
@on_jobs
def plan(job: ResolveJob | PlanJob | LaunchJob | SimulateJob, *, now: datetime) -> None:
    """Launch a campaign, resolve a slice of its recipients, get on with one, or forecast one."""
    if isinstance(job, LaunchJob):
        campaign = control.launch_due(job, deps=wiring.deps(), now=now)
        observe.info("campaign.due", campaign=job.campaign_id, status=campaign.status)
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
        resolved = service.resolve(job, deps=wiring.deps())
        size = None if resolved is None else resolved.size
        observe.info("campaign.resolved", campaign=job.campaign_id, part=job.part, size=size)
        return
    part = service.plan_part(job, deps=wiring.deps(), now=now)
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
