"""Looks whether a running campaign's stop rules hold, every few minutes while anything of it waits.

A chain of jobs, each of which puts the next one on its way. It begins with the first part, at the
launch and after each resume. Each look has a turn, and only the highest counts, so jobs that come
twice do not make two chains. At most 500 batches are read at a look, spread evenly.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from functions.campaigns.finding import find
from functions.campaigns.moving import moved
from functions.campaigns.ports import CampaignDeps
from functions.contracts.campaign_jobs import WatchJob
from functions.domain.campaign import Campaign, CampaignStatus, Part
from functions.domain.campaign_control import stopped
from functions.domain.ids import CampaignId
from functions.domain.message import MessageStatus, is_open
from functions.domain.reaction import Reaction
from functions.domain.reason import FailureReason
from functions.domain.standing import Standing
from functions.domain.stop_rules import Counts, StopReason, judged

EVERY = timedelta(minutes=5)
SELDOM = timedelta(minutes=15)
"""While nothing leaves, as in the night; no longer than a queue keeps a job back by itself."""
MOST_BATCHES = 500
_TURNS = 100_000
"""Of one chain: more than there are in a year."""
_SENT = frozenset({MessageStatus.SENT, MessageStatus.DELIVERED, MessageStatus.FAILED})


def begin(campaign_id: CampaignId, *, deps: CampaignDeps, now: datetime) -> None:
    """Begin to watch a running campaign that has rules; doing so twice is harmless."""
    campaign = find(campaign_id, deps=deps)
    if campaign.status is CampaignStatus.LAUNCHED and campaign.safety.rules is not None:
        job = WatchJob(campaign_id=campaign_id, turn=campaign.version * _TURNS + 1)
        deps.enqueue_at(job, now + EVERY, now)


def watch(job: WatchJob, *, deps: CampaignDeps, now: datetime) -> StopReason | None:
    """Look once, and pause the campaign when a rule says so; tells which."""
    campaign = find(CampaignId(job.campaign_id), deps=deps)
    if campaign.status is not CampaignStatus.LAUNCHED or campaign.safety.rules is None:
        return None
    if deps.safety.store.turn(campaign.campaign_id) >= job.turn:
        return None
    parts = deps.campaigns.parts(campaign.campaign_id)
    counts = counted(parts[campaign.safety.judged_from :], deps=deps)
    why = judged(campaign.safety.rules, counts)
    if why is not None:
        stop(campaign, why, parts=len(parts), deps=deps)
    elif _goes_on(parts, counts, deps=deps):
        wait = EVERY if counts.sent != job.sent else SELDOM
        following = WatchJob(campaign_id=job.campaign_id, turn=job.turn + 1, sent=counts.sent)
        deps.enqueue_at(following, now + wait, now)
    deps.safety.store.note_look(campaign.campaign_id, job.turn, counts)
    return why


def _goes_on(parts: Sequence[Part], counts: Counts, *, deps: CampaignDeps) -> bool:
    if not parts or parts[-1].next_cursor is not None:
        return True
    return counts.waiting > 0 or counted(parts, deps=deps).waiting > 0


def stop(campaign: Campaign, why: StopReason, *, parts: int, deps: CampaignDeps) -> Campaign:
    """Pause a campaign for a reason, unless it does not run any more."""
    return moved(campaign.campaign_id, lambda each: stopped(each, why, parts=parts), deps=deps)


def counted(parts: Sequence[Part], *, deps: CampaignDeps) -> Counts:
    """Count what became of these parts, by at most 500 batches spread evenly over them."""
    numbers = [number for part in parts for number in part.batches]
    step = -(-len(numbers) // MOST_BATCHES) or 1
    standings = deps.batches.standings(numbers[::step])
    unplanned = sum(part.size for part in parts if not part.planned)
    counts = [_count(each) for each in standings]
    return Counts(
        sent=sum(each.sent for each in counts),
        failed=sum(each.failed for each in counts),
        opted_out=sum(each.opted_out for each in counts),
        complained=sum(each.complained for each in counts),
        waiting=sum(each.waiting for each in counts) + unplanned,
    )


def _count(standing: Standing) -> Counts:
    sent = failed = waiting = 0
    for (status, reason), count in standing.state.tally().items():
        # What was given up before a provider was asked tells nothing about it.
        if status in _SENT and reason is not FailureReason.EXPIRED:
            sent += count
            failed += count if status is MessageStatus.FAILED else 0
        waiting += count if is_open(status, reason) else 0
    return Counts(
        sent=sent,
        failed=failed,
        opted_out=standing.reactions.count(Reaction.OPTED_OUT),
        complained=standing.reactions.count(Reaction.COMPLAINED),
        waiting=waiting,
    )
