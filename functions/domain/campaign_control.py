"""How a campaign moves: launched, scheduled, paused, resumed, cancelled, given up.

Each move is a function of the campaign as it is. It gives the campaign as it should be, the same
one where there is nothing to do (so repeating is harmless), or why the move is not possible.
"""

from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum

from functions.domain.campaign import Campaign, CampaignStatus
from functions.domain.experiment import fresh_trial
from functions.domain.ids import CampaignId
from functions.domain.pace import Rate
from functions.domain.safety import fresh_run, stepped, stopped as with_stop
from functions.domain.stop_rules import StopReason


class Immovable(StrEnum):
    """Why a campaign cannot be moved like this."""

    NOT_LAUNCHED = "not_launched"
    ALREADY_LAUNCHED = "already_launched"
    CAMPAIGN_CANCELLED = "campaign_cancelled"
    CAMPAIGN_EXPIRED = "campaign_expired"
    SERIES_ENDED = "series_ended"


_WHY_IMMOVABLE = {
    CampaignStatus.DRAFT: Immovable.NOT_LAUNCHED,
    CampaignStatus.SCHEDULED: Immovable.NOT_LAUNCHED,
    CampaignStatus.LAUNCHED: Immovable.ALREADY_LAUNCHED,
    CampaignStatus.PAUSED: Immovable.ALREADY_LAUNCHED,
    CampaignStatus.CANCELLED: Immovable.CAMPAIGN_CANCELLED,
    CampaignStatus.EXPIRED: Immovable.CAMPAIGN_EXPIRED,
    CampaignStatus.ENDED: Immovable.SERIES_ENDED,
}
_OVER = (CampaignStatus.CANCELLED, CampaignStatus.EXPIRED, CampaignStatus.ENDED)


def why_over(campaign: Campaign) -> Immovable | None:
    """Why nothing of the campaign can be changed any more; None while it can."""
    return _WHY_IMMOVABLE[campaign.status] if campaign.status in _OVER else None


def launched(campaign: Campaign, *, now: datetime) -> Campaign | Immovable:
    """Launch a draft: at once, or at its ``send_at`` where that is still ahead.

    What recurs is always scheduled: it is its runs that are launched. What waits for a refresh of
    its audiences is scheduled for now.
    """
    if campaign.status is not CampaignStatus.DRAFT:
        why = _WHY_IMMOVABLE[campaign.status]
        return Immovable.ALREADY_LAUNCHED if why is Immovable.NOT_LAUNCHED else why
    if campaign.send_at is not None and (campaign.send_at > now or campaign.recurs):
        return replace(campaign, status=CampaignStatus.SCHEDULED)
    if waits_for_refresh(campaign):
        return replace(campaign, status=CampaignStatus.SCHEDULED, send_at=now)
    return replace(campaign, status=CampaignStatus.LAUNCHED, launched=now, send_at=None)


def waits_for_refresh(campaign: Campaign) -> bool:
    """Whether there is something to refresh before it is launched."""
    return campaign.refresh_first and any(campaign.recipients.audiences())


def due(campaign: Campaign, *, now: datetime, deadline: datetime) -> Campaign:
    """Launch what was scheduled; from ``deadline`` on it is too late, and it is given up."""
    if campaign.status is not CampaignStatus.SCHEDULED:
        return campaign
    if now >= deadline:
        return replace(campaign, status=CampaignStatus.EXPIRED)
    return replace(campaign, status=CampaignStatus.LAUNCHED, launched=now)


def rescheduled(campaign: Campaign, *, send_at: datetime | None) -> Campaign | Immovable:
    """Change the moment of what is not launched yet (None: at once when it is launched)."""
    if campaign.status not in (CampaignStatus.DRAFT, CampaignStatus.SCHEDULED):
        return _WHY_IMMOVABLE[campaign.status]
    if send_at is None and campaign.recurs:
        return replace(campaign, status=CampaignStatus.DRAFT)
    if send_at is None:
        # Nothing would launch it any more: it waits for its launch as every draft.
        return replace(campaign, send_at=None, status=CampaignStatus.DRAFT)
    first_at = send_at if campaign.recurs else None
    return replace(campaign, send_at=send_at, first_at=first_at)


def run_of(series: Campaign, *, now: datetime, deadline: datetime) -> Campaign:
    """Make the run of a recurring campaign that is due; its id says when it was."""
    moment = series.send_at or now
    run = replace(
        series,
        campaign_id=CampaignId(f"{series.campaign_id}-{moment.astimezone(UTC):%Y%m%d%H%M}"),
        recurs=None,
        first_at=None,
        series=series.campaign_id,
        created=now,
        safety=fresh_run(series.safety),
        experiment=fresh_trial(series.experiment),
        version=0,
    )
    return due(run, now=now, deadline=deadline)


def advanced(series: Campaign, *, next_at: datetime | None) -> Campaign:
    """Wait for the next run of a recurring campaign; without one it has ended."""
    if next_at is None:
        return replace(series, status=CampaignStatus.ENDED)
    return replace(series, send_at=next_at)


def paused(campaign: Campaign) -> Campaign | Immovable:
    """Let nothing more leave until it is resumed."""
    if campaign.status in (CampaignStatus.LAUNCHED, CampaignStatus.PAUSED):
        return replace(campaign, status=CampaignStatus.PAUSED)
    return _WHY_IMMOVABLE[campaign.status]


def stopped(campaign: Campaign, because: StopReason, *, parts: int) -> Campaign:
    """Pause what runs by itself, with so many parts resolved; what does not run stays as it is."""
    if campaign.status is not CampaignStatus.LAUNCHED:
        return campaign
    safety = with_stop(campaign.safety, because, parts=parts)
    return replace(campaign, status=CampaignStatus.PAUSED, safety=safety)


def next_step(campaign: Campaign, *, after: int) -> Campaign:
    """Let the next share of the ramp in, if it runs and stands at this step."""
    if campaign.status is not CampaignStatus.LAUNCHED or campaign.safety.step != after:
        return campaign
    return replace(campaign, safety=stepped(campaign.safety))


def resumed(campaign: Campaign) -> Campaign | Immovable:
    """Let it go on where it was."""
    if campaign.status in (CampaignStatus.LAUNCHED, CampaignStatus.PAUSED):
        return replace(campaign, status=CampaignStatus.LAUNCHED)
    return _WHY_IMMOVABLE[campaign.status]


def cancelled(campaign: Campaign) -> Campaign:
    """End it: nothing more leaves, ever. What was given up already stays that."""
    if campaign.status in _OVER:
        return campaign
    return replace(campaign, status=CampaignStatus.CANCELLED)


def limited(campaign: Campaign, *, rate: Rate | None) -> Campaign | Immovable:
    """Change how fast it may leave at most, also while it leaves; None: as fast as it can."""
    if campaign.status in _OVER:
        return _WHY_IMMOVABLE[campaign.status]
    return replace(campaign, rate=rate)
