"""How fast a campaign may leave: its limits, its turns, and how long it takes."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from functions.campaigns.planning import route_for, ways_of
from functions.campaigns.ports import CampaignDeps
from functions.campaigns.resolving import PART_SIZE
from functions.campaigns.sizing import size_of
from functions.domain import in_line
from functions.domain.batch import Batch, BatchMeta
from functions.domain.campaign import Campaign, Part
from functions.domain.pace import Estimate, Lane, LaneKind, micros, slowest, spread
from functions.domain.route import Route
from functions.domain.route_pace import lanes_on


def lanes_for(campaign: Campaign, *, deps: CampaignDeps) -> tuple[Lane, ...]:
    """What limits a campaign, on each way that everybody may go. Raises InvalidInput."""
    routes = ways_of(campaign, deps=deps) if campaign.ways else (route_for(campaign, deps=deps),)
    lanes = (
        lane
        for route in routes
        for lane in lanes_on(route, rate=campaign.rate, provider=deps.provider_of(route.channel))
    )
    return tuple(dict.fromkeys(lanes))


def start(
    campaign: Campaign, metas: Sequence[BatchMeta], *, deps: CampaignDeps, now: datetime
) -> None:
    """Put batches on their way: one after the other where there is a limit.

    They get in the campaign's own line together, by one write, at the pace of the slowest limit;
    one that it shares with others is kept when they leave. Those that wait for a moment of their
    own get in line when it has come. Repeating it is harmless.
    """
    waiting = [each for each in metas if each.not_before is not None and each.not_before > now]
    ready = [each for each in metas if each not in waiting]
    lane = slowest(lanes_for(campaign, deps=deps)) if ready else None
    if lane is None:
        waiting, ready = list(metas), []
    for meta in waiting:
        deps.start(meta, now)
    if lane is None:
        return
    sizes = [each.size for each in ready]
    own = Lane(kind=LaneKind.CAMPAIGN, name=campaign.campaign_id, rate=lane.rate)
    begins_us = deps.lanes.book(own, lane.rate.cost_us(sum(sizes)), micros(now))
    for meta, turn_us in zip(ready, spread(sizes, begins_us, lane.rate), strict=True):
        deps.start_in_turn(meta, turn_us, now)


def lined_up(
    campaign: Campaign,
    part: Part,
    batches: Sequence[Batch],
    routes: Iterable[Route],
    *,
    deps: CampaignDeps,
) -> tuple[Batch, ...]:
    """The new batches of a part; those whose turn is far off stand in the ledger of what is held.

    No part has more people than a slice, so none is thought to be sooner than it is. Parts of
    follow-ups are not numbered one after the other; how many come before them is not known.
    """
    lane = slowest(
        lane
        for route in routes
        for lane in lanes_on(route, rate=campaign.rate, provider=deps.provider_of(route.channel))
    )
    if lane is None:
        return tuple(batches)
    before = int(part.part) * PART_SIZE if campaign.parent is None else 0
    return in_line.lined_up(batches, before=before, rate=lane.rate)


def estimate(campaign: Campaign, messages: int | None, *, deps: CampaignDeps) -> Estimate:
    """How long so many messages of a campaign take. Raises InvalidInput."""
    return Estimate.of(messages, lanes_for(campaign, deps=deps))


def estimate_at_launch(campaign: Campaign, *, deps: CampaignDeps) -> Estimate:
    """How long a campaign takes at most, where its sources tell how many people they have.

    Groups and everyone do not: a simulation counts them.
    """
    counts = [size_of(each, deps=deps) for each in campaign.recipients.include]
    known = [count for count in counts if count is not None]
    messages = sum(known) if len(known) == len(counts) else None
    return estimate(campaign, messages, deps=deps)
