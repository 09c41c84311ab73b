"""The queue of campaigns to resolve and parts to plan."""

from datetime import datetime

from chalice.app import Blueprint

from functions.campaigns import checking, control, holding, service, simulation, wiring
from functions.contracts.queues import (
    CheckJob,
    HeldJob,
    LaunchJob,
    PlanJob,
    ResolveJob,
    SimulateJob,
    SweepJob,
)
from functions.runtime import observe
from functions.runtime.entry import on_jobs

bp = Blueprint(__name__)


@bp.on_sqs_message(queue_arn="replaced-by-template", batch_size=1, name="plan")
@on_jobs
def plan(
    job: ResolveJob | PlanJob | LaunchJob | SimulateJob | SweepJob | CheckJob | HeldJob,
    *,
    now: datetime,
) -> None:
    """Get on with a campaign, forecast or check it; release or cancel what is held."""
    match job:
        case SweepJob():
            observe.info("campaigns.open", campaigns=checking.sweep(job, deps=wiring.checking()))
        case CheckJob():
            _check(job, now=now)
        case HeldJob():
            done = holding.change_held(job, deps=wiring.holding(), now=now)
            observe.info("held.changed", action=job.action, reason=job.reason, **done)
        case _:
            _get_on(job, now=now)


def _check(job: CheckJob, *, now: datetime) -> None:
    found = checking.check(job, deps=wiring.checking(), now=now)
    if found is None:
        return
    observe.info(
        "campaign.checked",
        campaign=job.campaign_id,
        chunk=found.chunk,
        recipients=found.recipients,
        settled=found.settled,
        amiss=found.amiss,
        faults=[f"{each.kind} {each.part} {each.batch}" for each in found.faults],
        **{f"mended_{kind}": count for kind, count in found.mended.items()},
    )
    observe.count({"RowsAmiss": found.amiss, "JobsMended": sum(found.mended.values())})


def _get_on(job: ResolveJob | PlanJob | LaunchJob | SimulateJob, *, now: datetime) -> None:
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
