"""Launches, schedules, pauses, resumes and cancels campaigns; all of it may be repeated.

The state is one row, changed under its version. Whoever sends or plans looks at it first:

- paused: a batch whose turn comes is parked (its job ends, nothing asks again);
- resumed: every part that is not done is put on its way once more, which wakes what was parked;
- cancelled: the same, and what gets on with a part then cancels what waits of it. A message is
  sent or cancelled by one conditional write to its batch, so never both.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from functions.campaigns.arming import running_below
from functions.campaigns.budgeting import open_purse
from functions.campaigns.experimenting import registered
from functions.campaigns.finding import find
from functions.campaigns.freshness import is_fresh, refresh_and_look_again
from functions.campaigns.holding_out import in_force
from functions.campaigns.moving import moved
from functions.campaigns.pinning import pinned
from functions.campaigns.planning import route_for, variant_routes, ways_of
from functions.campaigns.ports import CampaignDeps
from functions.campaigns.service import following
from functions.campaigns.sizing import most_people
from functions.contracts.errors import Conflict, InvalidInput
from functions.contracts.queues import Job, LaunchJob, PlanJob, ResolveJob
from functions.domain.campaign import Campaign, CampaignStatus
from functions.domain.campaign_control import (
    Immovable,
    advanced,
    cancelled,
    due,
    launched,
    limited,
    paused,
    rescheduled,
    resumed,
    run_of,
)
from functions.domain.ids import CampaignId
from functions.domain.pace import Rate

_FURTHEST = timedelta(days=366)
Prepare = Callable[[Campaign], Campaign]
"""Looks at a campaign, and makes it ready, in the very write that moves it; may raise Conflict."""


def _as_it_is(campaign: Campaign) -> Campaign:
    return campaign


def launch(
    campaign_id: CampaignId,
    *,
    deps: CampaignDeps,
    now: datetime,
    prepare: Prepare = _as_it_is,
) -> Campaign:
    """Launch a draft, or schedule it where its ``send_at`` is ahead.

    Raises NotFound, Conflict with the code ``already_launched``, ``campaign_cancelled``,
    ``campaign_expired``, ``sender_not_approved`` or ``audience_not_ready``.
    """
    campaign = find(campaign_id, deps=deps)
    routes = variant_routes(campaign, deps=deps)
    if campaign.ways or not routes:
        routes = ways_of(campaign, deps=deps)
    if not all(route.sender.usable(now) for route in routes):
        msg = "The sender is not approved."
        raise Conflict(msg, code="sender_not_approved")
    try:
        campaign = moved(
            campaign_id, lambda each: _launched(prepare(each), deps=deps, now=now), deps=deps
        )
    except Conflict:
        # Whoever launched it may not have come as far as the queue; doing so twice is harmless.
        campaign = find(campaign_id, deps=deps)
        _set_off_once(campaign, deps=deps, now=now)
        raise
    set_off(campaign, deps=deps, now=now)
    return campaign


def _launched(campaign: Campaign, *, deps: CampaignDeps, now: datetime) -> Campaign | Immovable:
    after = launched(campaign, now=now)
    return after if isinstance(after, Immovable) else _pinned(after, deps)


def _pinned(campaign: Campaign, deps: CampaignDeps) -> Campaign:
    """Use the last refresh of every audience from the launch on, and count whom it is for.

    Whom it holds out is fixed then, too.
    """
    if campaign.status is not CampaignStatus.LAUNCHED:
        return campaign
    recipients = pinned(campaign.recipients, deps=deps)
    safety = replace(campaign.safety, expected=most_people(recipients, deps=deps))
    holdout = in_force(campaign, deps=deps)
    return registered(replace(campaign, recipients=recipients, safety=safety, holdout=holdout))


def set_off(campaign: Campaign, *, deps: CampaignDeps, now: datetime) -> None:
    """Put a launched campaign on its way, or the timer of a scheduled one."""
    if campaign.status is CampaignStatus.LAUNCHED:
        deps.enqueue([ResolveJob(campaign_id=campaign.campaign_id, part=0)])
    if campaign.status is CampaignStatus.SCHEDULED and campaign.send_at is not None:
        job = LaunchJob(campaign_id=campaign.campaign_id, version=campaign.version)
        deps.enqueue_at(job, campaign.send_at, now)


def _set_off_once(campaign: Campaign, *, deps: CampaignDeps, now: datetime) -> None:
    if not deps.campaigns.parts(campaign.campaign_id):
        set_off(campaign, deps=deps, now=now)


def launch_due(job: LaunchJob, *, deps: CampaignDeps, now: datetime) -> Campaign:
    """Launch a campaign whose moment has come; give it up when that was too long ago.

    Nothing happens where its state changed since the timer was set, so an old timer is harmless.
    What recurs makes a run, which is a campaign of its own, and waits for the next one. Audiences
    are refreshed before, where the campaign says so.
    """
    campaign = find(CampaignId(job.campaign_id), deps=deps)
    if campaign.version == job.version and campaign.send_at is not None:
        deadline = route_for(campaign, deps=deps).expires(campaign.send_at)
        if now < deadline and not is_fresh(campaign, deps=deps):
            refresh_and_look_again(campaign, job, deps=deps, now=now)
            return campaign
        if campaign.recurs is None:
            after = _pinned(due(campaign, now=now, deadline=deadline), deps)
        else:
            _start_run(run_of(campaign, now=now, deadline=deadline), deps=deps, now=now)
            after = advanced(campaign, next_at=_next_at(campaign, deps=deps, now=now))
        deps.campaigns.change(campaign, after)
        campaign = find(campaign.campaign_id, deps=deps)
    # Also when this job died here the last time.
    _set_off_once(campaign, deps=deps, now=now)
    return campaign


def _start_run(run: Campaign, *, deps: CampaignDeps, now: datetime) -> None:
    known = deps.campaigns.get(run.campaign_id)
    if known is None:
        open_purse(run, deps=deps)
        deps.campaigns.create(_pinned(run, deps))
    _set_off_once(known or run, deps=deps, now=now)


def _next_at(series: Campaign, *, deps: CampaignDeps, now: datetime) -> datetime | None:
    """The next time that is not past: of those that were missed, one was made good."""
    moment = series.send_at or now
    return deps.next_run(series.recurs or "", series.first_at or moment, max(moment, now))


def reschedule(
    campaign_id: CampaignId,
    send_at: datetime | None,
    *,
    deps: CampaignDeps,
    now: datetime,
    prepare: Prepare = _as_it_is,
) -> Campaign:
    """Change when a campaign is launched, while it is not.

    Without a moment a scheduled campaign is a draft again. Raises NotFound, InvalidInput,
    Conflict with the code ``already_launched``, ``campaign_cancelled`` or ``campaign_expired``.
    """
    check_send_at(send_at, now=now)
    # What lies behind us is as good as now, and not too late.
    moment = None if send_at is None else max(send_at, now)
    campaign = moved(
        campaign_id, lambda each: rescheduled(prepare(each), send_at=moment), deps=deps
    )
    set_off(campaign, deps=deps, now=now)
    return campaign


def check_send_at(send_at: datetime | None, *, now: datetime) -> None:
    """Raise InvalidInput for a moment that is too far off."""
    if send_at is not None and send_at > now + _FURTHEST:
        raise InvalidInput.field("/send_at", "out_of_range", "Use a moment within a year.")


def pause(campaign_id: CampaignId, *, deps: CampaignDeps) -> Campaign:
    """Let nothing more leave: within two seconds, and what a provider call takes.

    Raises NotFound, Conflict with the code ``not_launched``, ``campaign_cancelled`` or
    ``campaign_expired``.
    """
    return moved(campaign_id, paused, deps=deps)


def resume(
    campaign_id: CampaignId, *, deps: CampaignDeps, prepare: Prepare = _as_it_is
) -> Campaign:
    """Let a campaign go on; repeating it wakes again what waits. Raises as ``pause``."""
    campaign = moved(campaign_id, lambda each: resumed(prepare(each)), deps=deps)
    # Whoever was in line gets in line once more.
    deps.lanes.forget_turns(campaign_id)
    _get_on(campaign, deps=deps)
    for below in running_below(campaign, deps=deps):
        # Nobody followed it meanwhile.
        _get_on(below, deps=deps)
    return campaign


def limit(campaign_id: CampaignId, rate: Rate | None, *, deps: CampaignDeps) -> Campaign:
    """Change how fast a campaign may leave, also while it does: it holds within two seconds.

    Batches keep the size that they were planned with. Raises NotFound, Conflict with the code
    ``campaign_cancelled``, ``campaign_expired`` or ``series_ended``.
    """
    campaign = moved(campaign_id, lambda each: limited(each, rate=rate), deps=deps)
    deps.lanes.forget_turns(campaign_id)
    if campaign.status is CampaignStatus.LAUNCHED:
        # Turns that were told before are of another pace.
        _get_on(campaign, deps=deps)
    return campaign


def cancel(campaign_id: CampaignId, *, deps: CampaignDeps) -> Campaign:
    """End a campaign: what has not left is cancelled. Raises NotFound."""
    campaign = moved(campaign_id, cancelled, deps=deps)
    _get_on(campaign, deps=deps)
    return campaign


def _get_on(campaign: Campaign, *, deps: CampaignDeps) -> None:
    """Put every part on its way once more, and the slice after the last one."""
    parts = deps.campaigns.parts(campaign.campaign_id)
    jobs: list[Job] = [PlanJob(campaign_id=each.campaign_id, part=each.part) for each in parts]
    if campaign.status is CampaignStatus.LAUNCHED:
        jobs += following(campaign, parts)
    deps.enqueue(jobs)
