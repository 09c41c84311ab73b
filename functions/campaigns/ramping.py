"""Lets a campaign's recipients in by the steps of its ramp, and checks how many there are.

Recipients are found slice by slice, each slice by a job that the one before puts on its way. A
step of the ramp is where that chain halts: instead of the next slice a look is put on its way,
which lets the next share in, waits on, or pauses the campaign. Whoever comes again, of the chain
or of the looks, finds the step where it is.
"""

from datetime import datetime

from functions.campaigns.finding import find
from functions.campaigns.moving import moved
from functions.campaigns.ports import CampaignDeps
from functions.campaigns.service import following, resolve
from functions.campaigns.watching import counted, stop
from functions.contracts.campaign_jobs import RampJob
from functions.contracts.queues import ResolveJob
from functions.domain.campaign import Campaign, CampaignStatus, Part
from functions.domain.campaign_control import next_step
from functions.domain.ids import CampaignId
from functions.domain.safety import reach, room
from functions.domain.stop_rules import StopReason, judged

_MOST_WAITING = 10
"""A step is judged when no more than this part of it still waits to leave."""


def resolve_next(job: ResolveJob, *, deps: CampaignDeps, now: datetime) -> tuple[Part, ...]:
    """Find the next slice, if the step and the approval leave room; else nothing."""
    campaign = find(CampaignId(job.campaign_id), deps=deps)
    if campaign.status is not CampaignStatus.LAUNCHED:
        return resolve(job, deps=deps)
    most = room(campaign.safety, found=job.found)
    if most == 0:
        _look_later(campaign, deps=deps, now=now)
        return ()
    limit = reach(campaign.safety, above=deps.policy().approval_above)
    found = resolve(job, deps=deps, most=most, limit=limit)
    if limit is not None and found and job.found + sum(part.size for part in found) > limit:
        parts = job.part + len(found)
        stop(campaign, StopReason.APPROVAL_REQUIRED, parts=parts, deps=deps)
    return found


def _look_later(campaign: Campaign, *, deps: CampaignDeps, now: datetime) -> None:
    ramp = campaign.safety.ramp_in_force
    if ramp is not None:
        job = RampJob(campaign_id=campaign.campaign_id, step=campaign.safety.step)
        deps.enqueue_at(job, now + ramp.wait, now)


def step_over(job: RampJob, *, deps: CampaignDeps, now: datetime) -> Campaign:
    """Look at what came of a step: pause the campaign, wait on, or let the next share in."""
    campaign = find(CampaignId(job.campaign_id), deps=deps)
    if campaign.status is not CampaignStatus.LAUNCHED or campaign.safety.step < job.step:
        return campaign
    parts = deps.campaigns.parts(campaign.campaign_id)
    if campaign.safety.step == job.step:
        newer = counted(parts[campaign.safety.judged_from :], deps=deps)
        why = judged(campaign.safety.rules, newer)
        if why is not None:
            return stop(campaign, why, parts=len(parts), deps=deps)
        # Who waits for what comes of an experiment does not keep the others waiting.
        total = counted([part for part in parts if not part.waits], deps=deps)
        if total.waiting * _MOST_WAITING > total.waiting + total.sent:
            _look_later(campaign, deps=deps, now=now)
            return campaign
        campaign = moved(
            campaign.campaign_id, lambda each: next_step(each, after=job.step), deps=deps
        )
    # Also when this job died here the last time.
    deps.enqueue(following(campaign, parts))
    return campaign
