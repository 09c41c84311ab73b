"""The queue of campaigns to resolve and parts to plan."""

from datetime import datetime

from chalice.app import Blueprint

from functions.campaigns import (
    checking,
    control,
    experimenting,
    following,
    holding,
    ramping,
    service,
    simulation,
    watching,
    wiring,
)
from functions.campaigns.service import FIRST_PART
from functions.contracts.campaign_jobs import (
    CheckJob,
    ExperimentJob,
    FollowJob,
    HeldJob,
    RampJob,
    SweepJob,
    WatchJob,
)
from functions.contracts.queues import LaunchJob, PlanJob, ResolveJob, SimulateJob
from functions.domain.campaign import Campaign
from functions.domain.ids import CampaignId
from functions.runtime import observe
from functions.runtime.entry import on_jobs

bp = Blueprint(__name__)


@bp.on_sqs_message(queue_arn="replaced-by-template", batch_size=1, name="plan")
@on_jobs
def plan(
    job: ResolveJob
    | PlanJob
    | LaunchJob
    | SimulateJob
    | RampJob
    | WatchJob
    | ExperimentJob
    | FollowJob
    | SweepJob
    | CheckJob
    | HeldJob,
    *,
    now: datetime,
) -> None:
    """Get on with a campaign, forecast or check it; change what is held."""
    match job:
        case SweepJob():
            observe.info("campaigns.open", campaigns=checking.sweep(job, deps=wiring.checking()))
        case CheckJob():
            _check(job, now=now)
        case FollowJob():
            _follow(job, now=now)
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


def _follow(job: FollowJob, *, now: datetime) -> None:
    found = following.follow(job, deps=wiring.following(), now=now)
    observe.info(
        "campaign.followed",
        campaign=job.campaign_id,
        part=job.part,
        step=job.step,
        seen=0 if found is None else found.seen,
        matched=0 if found is None else found.size,
    )


def _get_on(
    job: ResolveJob | PlanJob | LaunchJob | SimulateJob | RampJob | WatchJob | ExperimentJob,
    *,
    now: datetime,
) -> None:
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
    if isinstance(job, ExperimentJob):
        campaign = experimenting.look(job, deps=wiring.deps(), now=now)
        observe.info("campaign.experiment", campaign=job.campaign_id, **_found(campaign, job))
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
        size = sum(part.size for part in resolved) if resolved else None
        observe.info("campaign.resolved", campaign=job.campaign_id, part=job.part, size=size)
        return
    _plan(job, now=now)


def _plan(job: PlanJob, *, now: datetime) -> None:
    part = service.plan_part(job, deps=wiring.deps(), now=now)
    if job.part == FIRST_PART:
        watching.begin(CampaignId(job.campaign_id), deps=wiring.deps(), now=now)
        experimenting.begin(CampaignId(job.campaign_id), deps=wiring.deps(), now=now)
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


def _found(campaign: Campaign, job: ExperimentJob) -> dict[str, object]:
    decision = None if campaign.experiment is None else campaign.experiment.decision
    if decision is None:
        return {"look": job.look, "rule": None}
    return {"look": job.look, "rule": decision.rule, "chosen": decision.chosen}


def _standing(campaign: Campaign) -> dict[str, object]:
    return {
        "status": campaign.status,
        "step": campaign.safety.step,
        "because": campaign.safety.because,
    }
