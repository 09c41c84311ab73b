"""Campaigns: drafted, launched, resolved into parts, planned into batches.

Each step can be repeated: a part is resolved once (the first writer's slice counts) and planned
once (the first plan counts; what a loser wrote is never sent), and starting a batch twice is
harmless.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from functions.campaigns.pinning import pinned
from functions.campaigns.planning import draft, outcomes_of, route_for, swap_route
from functions.campaigns.ports import CampaignDeps
from functions.contracts.errors import Conflict, NotFound
from functions.contracts.queues import Job, PlanJob, ResolveJob
from functions.domain.batch import Batch, BatchMeta, Source
from functions.domain.campaign import Campaign, CampaignStatus, Part
from functions.domain.contact import Contact
from functions.domain.fatigue import Recent
from functions.domain.ids import BatchNumber, CampaignId
from functions.domain.membership import Members
from functions.domain.numbering import number_batches
from functions.domain.planning import (
    Person,
    Plan,
)


def create(
    campaign: Campaign, *, direct: Mapping[str, Sequence[str]], deps: CampaignDeps
) -> Campaign:
    """Write a draft, and by their keys the people it was given directly. Raises InvalidInput."""
    route_for(campaign, deps=deps)
    swap_route(campaign, deps=deps)
    for key, given in direct.items():
        deps.people.save_direct(key, given)
    deps.campaigns.create(campaign)
    return campaign


def find(campaign_id: CampaignId, *, deps: CampaignDeps) -> Campaign:
    """Read a campaign. Raises NotFound."""
    campaign = deps.campaigns.get(campaign_id)
    if campaign is None:
        msg = "There is no such campaign."
        raise NotFound(msg)
    return campaign


def launch(campaign_id: CampaignId, *, deps: CampaignDeps, now: datetime) -> Campaign:
    """Launch a draft, to the audiences as they were last refreshed.

    Raises NotFound, Conflict ``already_launched``, ``sender_not_approved`` or
    ``audience_not_ready``.
    """
    campaign = find(campaign_id, deps=deps)
    if not route_for(campaign, deps=deps).sender.usable(now):
        msg = "The sender is not approved."
        raise Conflict(msg, code="sender_not_approved")
    launched = campaign.status is CampaignStatus.DRAFT and deps.campaigns.mark_launched(
        campaign_id, pinned(campaign.recipients, deps=deps), now=now
    )
    # Also when whoever launched it did not come as far as the queue; resolving twice is harmless.
    if launched or not deps.campaigns.parts(campaign_id):
        deps.enqueue([ResolveJob(campaign_id=campaign_id, part=0)])
    if not launched:
        msg = "The campaign is launched already."
        raise Conflict(msg, code="already_launched")
    return find(campaign_id, deps=deps)


def resolve(job: ResolveJob, *, deps: CampaignDeps) -> Part:
    """Find the next slice of recipients, and put its planning and the next slice on their way."""
    campaign = find(CampaignId(job.campaign_id), deps=deps)
    name = f"{job.part:06d}"
    part = deps.campaigns.part(campaign.campaign_id, name)
    if part is None:
        part = _resolved(campaign, name, job.cursor, deps=deps)
    jobs: list[Job] = [PlanJob(campaign_id=campaign.campaign_id, part=name)]
    if part.next_cursor is not None:
        following = ResolveJob(
            campaign_id=campaign.campaign_id, part=job.part + 1, cursor=part.next_cursor
        )
        jobs.append(following)
    deps.enqueue(jobs)
    return part


def _resolved(campaign: Campaign, name: str, cursor: str | None, *, deps: CampaignDeps) -> Part:
    found = deps.slice_of(campaign, cursor)
    part = Part(
        campaign_id=campaign.campaign_id,
        part=name,
        size=len(found.people),
        # Under a name of its own: a rival's slice may differ, and only one part row counts.
        people_key=f"parts/{campaign.campaign_id}/{name}-{deps.fresh('p')}",
        next_cursor=found.next_cursor,
        skipped=found.skipped,
    )
    deps.people.save(part.people_key, found.people)
    if deps.campaigns.add_part(part):
        return part
    return _part(campaign.campaign_id, name, deps)


def _part(campaign_id: CampaignId, name: str, deps: CampaignDeps) -> Part:
    part = deps.campaigns.part(campaign_id, name)
    if part is None:
        msg = f"part {name} of {campaign_id} is not there"
        raise LookupError(msg)
    return part


def plan_part(job: PlanJob, *, deps: CampaignDeps, now: datetime) -> Part:
    """Decide and compose for everyone of a part, and put the batches on their way."""
    campaign = find(CampaignId(job.campaign_id), deps=deps)
    part = _part(campaign.campaign_id, job.part, deps)
    if not part.planned:
        part = _planned(campaign, part, deps=deps, now=now)
    # Needed no more, and full of personal data.
    deps.people.delete(part.people_key)
    for number in part.batches:
        deps.start(_meta(number, deps), now)
    return part


def _meta(number: BatchNumber, deps: CampaignDeps) -> BatchMeta:
    meta = deps.batches.meta(number, consistent=True)
    if meta is None:
        msg = f"batch {number} is not there"
        raise LookupError(msg)
    return meta


def _planned(campaign: Campaign, part: Part, *, deps: CampaignDeps, now: datetime) -> Part:
    people = deps.people.load(part.people_key)
    drafted = draft(campaign, people, deps=deps, now=now)
    batches = _write_batches(campaign, part, drafted, deps=deps, now=now)
    outcomes_key = f"campaigns/{campaign.campaign_id}/outcomes/{part.part}-{deps.fresh('o')}"
    deps.people.save_outcomes(outcomes_key, outcomes_of(drafted, at=now), at=now)
    planned = replace(
        part,
        planned=True,
        refused=drafted.refused,
        batches=tuple(batch.meta.number for batch in batches),
        batch_sizes=tuple(batch.meta.size for batch in batches),
        outcomes_key=outcomes_key,
        members=Members.of([each.contact_id for each in people if each.contact_id is not None]),
    )
    if deps.campaigns.mark_planned(planned):
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
    batches = number_batches(
        drafted.batches,
        first=deps.batches.reserve(len(drafted.batches)),
        source=Source(kind="campaign", source_id=campaign.campaign_id, part=part.part),
        code_of=deps.code_of,
        token_of=deps.token_of,
        now=now,
    )
    deps.batches.create(batches)
    return batches


def people_of(contacts: Iterable[tuple[Contact, Recent]]) -> tuple[Person, ...]:
    """Address contacts at the phones of their profiles."""
    return tuple(Person.known(contact, recent=recent) for contact, recent in contacts)
