"""The queue of campaigns to resolve and parts to plan."""

from datetime import datetime

from chalice.app import Blueprint

from functions.campaigns import service, simulation, wiring
from functions.contracts.queues import PlanJob, ResolveJob, SimulateJob
from functions.runtime import observe
from functions.runtime.entry import on_jobs

bp = Blueprint(__name__)


@bp.on_sqs_message(queue_arn="replaced-by-template", batch_size=1, name="plan")
@on_jobs
def plan(job: ResolveJob | PlanJob | SimulateJob, *, now: datetime) -> None:
    """Resolve a slice of a campaign's recipients, plan one, or forecast one."""
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
        part = service.resolve(job, deps=wiring.deps())
        observe.info("campaign.resolved", campaign=job.campaign_id, part=part.part, size=part.size)
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
