"""Runs a campaign's experiment: looks at it again and again, decides once, and lets the rest go.

A chain of jobs, each of which puts the next one on its way. What a look finds is written once,
under its number, and the decision follows from what is written. So a look that is made twice, or
too late, or by two at once, leads to the same decision; it is made by one conditional write.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from functions.campaigns.counting import counted_by_variant
from functions.campaigns.finding import find
from functions.campaigns.moving import moved
from functions.campaigns.planning import variant_routes
from functions.campaigns.ports import CampaignDeps
from functions.contracts.campaign_jobs import ExperimentJob
from functions.contracts.errors import Conflict, InvalidInput
from functions.contracts.experiment_document import is_as_registered, registration_of
from functions.contracts.experiment_record import record_of
from functions.contracts.queues import Job, PlanJob
from functions.domain.campaign import Campaign, CampaignStatus, Part
from functions.domain.experiment import (
    Decision,
    Experiment,
    Metric,
    chosen,
    decided,
    look_at,
)
from functions.domain.experiment_look import Look, Table, verdict, weighed
from functions.domain.ids import CampaignId, KeyId


def check_experiment(campaign: Campaign, *, deps: CampaignDeps) -> None:
    """Raise InvalidInput where a variant cannot be sent, or nothing could lead to the metric."""
    variant_routes(campaign, deps=deps, below="")
    experiment = campaign.experiment
    if (
        experiment is not None
        and experiment.criteria.metric is Metric.CONVERTED
        and campaign.goal is None
    ):
        message = "The campaign has no goal."
        raise InvalidInput.field("/metric", "no_goal", message)


def registered(campaign: Campaign) -> Campaign:
    """The same, with its experiment fixed: from the launch on."""
    if campaign.experiment is None or campaign.launched is None:
        return campaign
    known = registration_of(campaign, at=campaign.launched)
    return replace(campaign, experiment=replace(campaign.experiment, registration=known))


def begin(campaign_id: CampaignId, *, deps: CampaignDeps, now: datetime) -> None:
    """Begin to look at a running campaign's experiment, or go on; doing so twice is harmless."""
    campaign = find(campaign_id, deps=deps)
    if _is_open(campaign):
        looks = deps.experiments.store.looks(campaign_id)
        job = ExperimentJob(
            campaign_id=campaign_id, look=len(looks), chain=int(now.timestamp() * 1000)
        )
        _look_later(campaign, job, deps=deps, now=now)


def _is_open(campaign: Campaign) -> bool:
    experiment = campaign.experiment
    if experiment is None or campaign.status is not CampaignStatus.LAUNCHED:
        return False
    return experiment.is_tested and experiment.decision is None


def _look_later(
    campaign: Campaign, job: ExperimentJob, *, deps: CampaignDeps, now: datetime
) -> None:
    if campaign.experiment is not None and campaign.launched is not None:
        at = look_at(campaign.experiment.criteria, launched=campaign.launched, look=job.look)
        deps.enqueue_at(job, max(at, now), now)


def look(job: ExperimentJob, *, deps: CampaignDeps, now: datetime) -> Campaign:
    """Look once; decide, or put the next look on its way."""
    campaign = find(CampaignId(job.campaign_id), deps=deps)
    experiment = campaign.experiment
    if experiment is None or not _is_open(campaign):
        # Also when the one who decided died before it let them go.
        _let_go(campaign, deps=deps)
        return campaign
    if not is_as_registered(campaign):
        msg = f"the experiment of {campaign.campaign_id} is not what was registered"
        raise LookupError(msg)
    looks = _looks(campaign, experiment, job, deps=deps, now=now)
    if looks is None:
        return campaign
    found = verdict(experiment, looks)
    if found is None:
        _look_later(campaign, replace(job, look=job.look + 1), deps=deps, now=now)
        return campaign
    decision = Decision(
        at=looks[-1].at,
        look=job.look,
        rule=found.rule,
        winner=found.winner,
        chosen=found.chosen,
        record=record_of(looks),
    )
    return _decide(campaign, decision, deps=deps)


def _looks(
    campaign: Campaign,
    experiment: Experiment,
    job: ExperimentJob,
    *,
    deps: CampaignDeps,
    now: datetime,
) -> tuple[Look, ...] | None:
    """All looks up to this one; None where another chain of jobs is the one that goes on."""
    store, campaign_id = deps.experiments.store, campaign.campaign_id
    looks = store.looks(campaign_id)
    if len(looks) <= job.look:
        store.add_look(campaign_id, _new_look(campaign, experiment, looks, job, deps=deps, now=now))
        looks = store.looks(campaign_id)
    looks = looks[: job.look + 1]
    return looks if looks[-1].chain == job.chain else None


def _new_look(  # what a look is of
    campaign: Campaign,
    experiment: Experiment,
    before: Sequence[Look],
    job: ExperimentJob,
    *,
    deps: CampaignDeps,
    now: datetime,
) -> Look:
    known = {part for each in before for part in each.parts}
    parts = deps.campaigns.parts(campaign.campaign_id)
    taking_part = [part for part in parts if not part.rest]
    last = campaign.launched is not None and now >= campaign.launched + experiment.criteria.deadline
    found: dict[str, Table] = {}
    for part in taking_part:
        if part.part not in known and part.planned and (last or _may_count(part, experiment, now)):
            table = _weighed(part, experiment, last=last, deps=deps, now=now)
            if table is not None:
                found[part.part] = table
    resolved = bool(parts) and parts[-1].next_cursor is None
    return Look(
        number=job.look,
        at=now,
        chain=job.chain,
        parts=found,
        last=last,
        complete=resolved and len(known) + len(found) == len(taking_part),
    )


def _may_count(part: Part, experiment: Experiment, now: datetime) -> bool:
    """Whether the window of a message of the part can be over; else its rows are not read."""
    if part.planned_at is None or not part.batches:
        return True
    return part.planned_at + experiment.criteria.window + experiment.criteria.grace <= now


def _weighed(
    part: Part, experiment: Experiment, *, last: bool, deps: CampaignDeps, now: datetime
) -> Table | None:
    table = counted_by_variant(part, experiment.criteria, deps=deps, at=now)
    return weighed(table, experiment.names, last=last)


def _decide(campaign: Campaign, decision: Decision, *, deps: CampaignDeps) -> Campaign:
    def note(each: Campaign) -> Campaign:
        if each.experiment is None:
            return each
        return replace(each, experiment=decided(each.experiment, decision))

    campaign = moved(campaign.campaign_id, note, deps=deps)
    _let_go(campaign, deps=deps)
    return campaign


def _let_go(campaign: Campaign, *, deps: CampaignDeps) -> None:
    """Have everybody planned who waited, once it is known what they get."""
    if campaign.experiment is None or campaign.experiment.chosen is None:
        return
    parts = deps.campaigns.parts(campaign.campaign_id)
    jobs: list[Job] = [
        PlanJob(campaign_id=campaign.campaign_id, part=part.part) for part in parts if part.waits
    ]
    deps.enqueue(jobs)


def choose(
    campaign_id: CampaignId, name: str, *, by: KeyId, deps: CampaignDeps, now: datetime
) -> Campaign:
    """Choose what the rest gets, where the experiment ended without a winner and asks.

    Raises NotFound, InvalidInput, Conflict ``not_asked``.
    """
    known = find(campaign_id, deps=deps).experiment
    if known is not None and name not in known.names:
        raise InvalidInput.field("/variant", "not_found", "There is no such variant.")

    def note(campaign: Campaign) -> Campaign:
        experiment = campaign.experiment
        after = None if experiment is None else chosen(experiment, name, by=by, at=now)
        if after is None:
            msg = "Nobody is asked: there is no experiment that ended without a choice."
            raise Conflict(msg, code="not_asked")
        return replace(campaign, experiment=after)

    campaign = moved(campaign_id, note, deps=deps)
    _let_go(campaign, deps=deps)
    return campaign
