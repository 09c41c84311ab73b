"""Campaigns: drafted, resolved into parts, planned into batches.

Each step can be repeated: a part is resolved once (the first writer's slice counts) and planned
once (the first plan counts; what a loser wrote is never sent), and starting a batch twice is
harmless.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from functions.campaigns import allotting, holding_out
from functions.campaigns.arming import arm
from functions.campaigns.budgeting import affordable, mark_planned, open_purse
from functions.campaigns.couponing import Taking, check_pool, draft_with_coupons
from functions.campaigns.finding import find
from functions.campaigns.noting import note_part
from functions.campaigns.pace import lined_up, start
from functions.campaigns.planning import outcomes_of, route_for, routes_of, ways_of
from functions.campaigns.ports import CampaignDeps
from functions.contracts.follow_up_check import check_steps
from functions.contracts.queues import Job, PlanJob, ResolveJob
from functions.domain.batch import Batch, BatchMeta, Source
from functions.domain.budget import cost_of
from functions.domain.campaign import Campaign, Gate, Part, gate_of
from functions.domain.contact import Contact
from functions.domain.family import with_triggers
from functions.domain.fatigue import Recent
from functions.domain.holdout import withheld
from functions.domain.ids import BatchNumber, CampaignId
from functions.domain.membership import Members
from functions.domain.message import BatchState, Send
from functions.domain.numbering import number_batches
from functions.domain.planning import (
    Person,
    Plan,
)
from functions.domain.template import Template

FIRST_PART = "000000"


def create(
    campaign: Campaign, *, direct: Mapping[str, Sequence[str]], deps: CampaignDeps
) -> Campaign:
    """Write a draft, and by their keys the people it was given directly. Raises InvalidInput."""
    holding_out.check_holdout(campaign, deps=deps)
    check_pool(campaign, routes_of(campaign, deps=deps), deps=deps, now=campaign.created)
    check_steps(
        campaign.follow_ups,
        _followed(campaign, deps=deps),
        templates=deps.templates.get,
        senders=deps.senders.get,
        default_zone=deps.default_zone,
    )
    for key, given in direct.items():
        deps.people.save_direct(key, given)
    open_purse(campaign, deps=deps)
    deps.campaigns.create(campaign)
    return campaign


def _followed(campaign: Campaign, *, deps: CampaignDeps) -> Template:
    """What follow-ups follow: of several ways that with the fewest links, which all have."""
    if not campaign.ways:
        return route_for(campaign, deps=deps).template
    templates = (route.template for route in ways_of(campaign, deps=deps))
    return min(templates, key=lambda each: len(each.links))


def resolve(
    job: ResolveJob, *, deps: CampaignDeps, most: int | None = None, limit: int | None = None
) -> tuple[Part, ...]:
    """Find the next slice of recipients, and put its planning and the next slice on their way.

    The slice has about ``most`` people, or as many as usual. With more than ``limit`` people in
    all it is found, but not put on its way. It is one part, or two where some wait for what comes
    of an experiment. Nothing is done while the campaign is paused, once
    it is cancelled, and for a follow-up, whose people are found by looks.
    """
    campaign = find(CampaignId(job.campaign_id), deps=deps)
    if gate_of(campaign.status) is not Gate.OPEN or campaign.parent is not None:
        return ()
    parts = _known(campaign, job, deps=deps)
    if not parts:
        parts = _resolved(campaign, job, most, deps=deps)
    found = job.found + sum(part.size for part in parts)
    if limit is not None and found > limit:
        return parts
    jobs: list[Job] = [PlanJob(campaign_id=part.campaign_id, part=part.part) for part in parts]
    cursor = parts[-1].next_cursor
    if cursor is not None:
        then = ResolveJob(
            campaign_id=campaign.campaign_id,
            part=job.part + len(parts),
            cursor=cursor,
            found=found,
        )
        jobs.append(then)
    deps.enqueue(jobs)
    return parts


def following(campaign: Campaign, parts: Sequence[Part]) -> list[ResolveJob]:
    """The job that finds the slice after these, if one follows."""
    cursor = parts[-1].next_cursor if parts else None
    if (parts and cursor is None) or campaign.parent is not None:
        return []
    found = sum(part.size for part in parts)
    campaign_id = campaign.campaign_id
    return [ResolveJob(campaign_id=campaign_id, part=len(parts), cursor=cursor, found=found)]


def _names(campaign: Campaign, job: ResolveJob) -> list[str]:
    """Of the parts that a slice makes."""
    halved = campaign.experiment is not None and campaign.experiment.has_rest
    return [f"{job.part + place:06d}" for place in range(2 if halved else 1)]


def _known(campaign: Campaign, job: ResolveJob, *, deps: CampaignDeps) -> tuple[Part, ...]:
    """The parts of a slice that was found before."""
    found = (deps.campaigns.part(campaign.campaign_id, name) for name in _names(campaign, job))
    return tuple(part for part in found if part is not None)


def _resolved(
    campaign: Campaign, job: ResolveJob, most: int | None, *, deps: CampaignDeps
) -> tuple[Part, ...]:
    found = (
        deps.slice_of(campaign, job.cursor)
        if most is None
        else deps.safety.slice_up_to(campaign, job.cursor, most)
    )
    marked, drawn = holding_out.drawn(campaign, found.people, part=job.part, deps=deps)
    people = allotting.split(campaign, marked, first=job.found, drawn=drawn, deps=deps)
    parts = tuple(
        Part(
            campaign_id=campaign.campaign_id,
            part=name,
            size=len(each),
            # Under a name of its own: a rival's slice may differ, and only one part row counts.
            people_key=f"parts/{campaign.campaign_id}/{name}-{deps.fresh('p')}",
            next_cursor=found.next_cursor,
            skipped={} if rest else found.skipped,
            first=job.found,
            rest=bool(rest),
            drawn=drawn,
        )
        for rest, (name, each) in enumerate(zip(_names(campaign, job), people, strict=False))
    )
    for part, each in zip(parts, people, strict=False):
        deps.people.save(part.people_key, each)
    if _added(parts, deps=deps):
        return parts
    return tuple(_part(campaign.campaign_id, part.part, deps) for part in parts)


def _added(parts: Sequence[Part], *, deps: CampaignDeps) -> bool:
    if len(parts) == 1:
        return deps.campaigns.add_part(parts[0])
    return deps.campaigns.add_both(*parts)


def _part(campaign_id: CampaignId, name: str, deps: CampaignDeps) -> Part:
    part = deps.campaigns.part(campaign_id, name)
    if part is None:
        msg = f"part {name} of {campaign_id} is not there"
        raise LookupError(msg)
    return part


def plan_part(job: PlanJob, *, deps: CampaignDeps, now: datetime) -> Part:
    """Decide and compose for everyone of a part, and put the batches on their way.

    Nothing is done while the campaign is paused, or the part waits for what comes of an
    experiment; once it is cancelled, so is the part.
    """
    campaign = find(CampaignId(job.campaign_id), deps=deps)
    part = _part(campaign.campaign_id, job.part, deps)
    gate = gate_of(campaign.status)
    if gate is Gate.SHUT:
        return part
    if gate is Gate.GONE:
        return _cancelled(part, deps=deps)
    if _comes_later(campaign, part, deps=deps, now=now):
        return part
    before = part.planned
    if before:
        starting = _waiting(part, deps=deps)
    else:
        part = _planned(campaign, part, deps=deps, now=now)
        if not part.planned:
            return part
        starting = dict.fromkeys(part.batches, False)
    _forget_people(part, deps=deps)
    metas = [_meta(number, deps) for number in starting]
    note_part(campaign, part, metas, deps=deps)
    leaving = [meta for meta in metas if not meta.shadow]
    free = [replace(each, not_before=None) if starting[each.number] else each for each in leaving]
    start(campaign, free, deps=deps, now=now)
    arm(campaign, part, None if before else leaving, deps=deps, now=now)
    return part


def _comes_later(campaign: Campaign, part: Part, *, deps: CampaignDeps, now: datetime) -> bool:
    """Whether it is not yet time to plan a part."""
    if part.planned:
        return False
    if part.rest and campaign.experiment is not None:
        return campaign.experiment.chosen is None
    due = allotting.due(campaign, part)
    if due is None or due <= now:
        return False
    deps.enqueue_at(PlanJob(campaign_id=part.campaign_id, part=part.part), due, now)
    return True


def _waiting(part: Part, *, deps: CampaignDeps) -> dict[BatchNumber, bool]:
    """The batches of which something can still leave or is not settled; whether it may at once."""
    standings = deps.batches.standings(part.batches)
    return {
        each.number: bool(each.state.ordinals(Send.RELEASED))
        for each in standings
        if each.state.unsettled
    }


def _cancelled(part: Part, *, deps: CampaignDeps) -> Part:
    """Cancel what waits of a part; everyone of it at once where no plan came first."""
    if not part.planned:
        nobody = replace(part, planned=True, cancelled=part.size)
        deps.campaigns.mark_planned(nobody)
        part = _part(part.campaign_id, part.part, deps)
    _forget_people(part, deps=deps)
    for number in part.batches:
        deps.batches.change_state(number, BatchState.cancelled)
    return part


def _forget_people(part: Part, *, deps: CampaignDeps) -> None:
    """Delete the slice of a planned part: needed no more, and full of personal data."""
    # A request, and a look that found nobody, never had one.
    if part.people_key:
        deps.people.delete(part.people_key)


def _meta(number: BatchNumber, deps: CampaignDeps) -> BatchMeta:
    meta = deps.batches.meta(number, consistent=True)
    if meta is None:
        msg = f"batch {number} is not there"
        raise LookupError(msg)
    return meta


def _planned(campaign: Campaign, part: Part, *, deps: CampaignDeps, now: datetime) -> Part:
    found = deps.people.load(part.people_key)
    people = holding_out.kept_from_group(campaign, found, deps=deps)
    take = Taking(campaign=campaign, part=part.part, coupons=deps.coupons, now=now)
    variants = allotting.variants_for(campaign, part, people, deps=deps, now=now)
    drafted = draft_with_coupons(campaign, people, take=take, deps=deps, now=now, variants=variants)
    if not affordable(campaign, drafted, deps=deps):
        return part
    batches = _write_batches(campaign, part, drafted, deps=deps, now=now)
    outcomes_key = f"campaigns/{campaign.campaign_id}/outcomes/{part.part}-{deps.fresh('o')}"
    deps.people.save_outcomes(outcomes_key, outcomes_of(drafted, at=now), at=now)
    planned = replace(
        part,
        planned=True,
        refused=drafted.refused,
        batches=tuple(batch.meta.number for batch in batches),
        batch_sizes=tuple(batch.meta.size for batch in batches),
        batch_variants=_variants_of(batches),
        outcomes_key=outcomes_key,
        members=Members.of([each.contact_id for each in people if each.contact_id is not None]),
        cost=cost_of(batches),
        planned_at=now,
    )
    if mark_planned(campaign, planned, deps=deps):
        return planned
    return _part(campaign.campaign_id, part.part, deps)


def _write_batches(
    campaign: Campaign,
    part: Part,
    drafted: Plan,
    *,
    deps: CampaignDeps,
    now: datetime,
) -> tuple[Batch, ...]:
    if not drafted.batches:
        return ()
    routes = {id(draft.route): draft.route for draft in drafted.batches}.values()
    batches = number_batches(
        # What never leaves comes last, and is in nobody's way.
        sorted(drafted.batches, key=lambda draft: withheld(draft.arm) is not None),
        first=deps.batches.reserve(len(drafted.batches)),
        source=Source(kind="campaign", source_id=campaign.campaign_id, part=part.part),
        code_of=deps.code_of,
        token_of=deps.token_of,
        now=now,
    )
    leaving = lined_up(
        campaign, part, [each for each in batches if not each.meta.shadow], routes, deps=deps
    )
    if campaign.follow_ups:
        leaving = with_triggers(leaving, campaign.follow_ups)
    batches = (*leaving, *(each for each in batches if each.meta.shadow))
    deps.batches.create(batches)
    return batches


def _variants_of(batches: Sequence[Batch]) -> tuple[str, ...]:
    named = tuple(batch.meta.variant for batch in batches)
    return named if any(named) else ()


def people_of(contacts: Iterable[tuple[Contact, Recent]]) -> tuple[Person, ...]:
    """Address contacts at the phones of their profiles."""
    return tuple(Person.known(contact, recent=recent) for contact, recent in contacts)
