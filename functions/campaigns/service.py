"""Campaigns: drafted, launched, resolved into parts, planned into batches.

Each step can be repeated: a part is resolved once (the first writer's slice counts) and planned
once (the first plan counts; what a loser wrote is never sent), and starting a batch twice is
harmless.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from functions.contracts.errors import Conflict, InvalidInput, NotFound
from functions.contracts.queues import Job, PlanJob, ResolveJob
from functions.contracts.route import route_of
from functions.domain.batch import Batch, BatchMeta, Source
from functions.domain.campaign import Campaign, Part
from functions.domain.contact import AttributeValue, Contact
from functions.domain.fatigue import Recent
from functions.domain.ids import BatchNumber, CampaignId, SenderId, TemplateId
from functions.domain.numbering import CodeOf, number_batches
from functions.domain.planning import (
    Compose,
    Lane,
    Person,
    Plan,
    Refusal,
    Route,
    ZonesOfPhone,
    plan,
)
from functions.domain.policy import Policy
from functions.domain.sender import Sender
from functions.domain.template import Template

PART_SIZE = 2_000
"""People resolved by one job; those given directly are one part, however many."""


class Campaigns(Protocol):
    """The store of campaigns."""

    def create(self, campaign: Campaign) -> None:
        """Write a new campaign."""

    def get(self, campaign_id: CampaignId) -> Campaign | None:
        """Read one campaign."""

    def mark_launched(self, campaign_id: CampaignId, *, now: datetime) -> bool:
        """Launch a draft."""

    def part(self, campaign_id: CampaignId, part: str) -> Part | None:
        """Read one part."""

    def parts(self, campaign_id: CampaignId) -> tuple[Part, ...]:
        """Read all parts."""

    def add_part(self, part: Part) -> bool:
        """Write a newly resolved part."""

    def mark_planned(self, part: Part) -> bool:
        """Make this plan the part's."""


class People(Protocol):
    """Slices of people."""

    def save_direct(self, key: str, given: Sequence[str]) -> None:
        """Write contact ids and numbers as they were given."""

    def save(self, key: str, people: Iterable[Person]) -> None:
        """Write people."""

    def load(self, key: str) -> tuple[Person, ...]:
        """Read people."""

    def save_refusals(self, key: str, refusals: Iterable[Refusal]) -> None:
        """Write who was refused and why."""


class Batches(Protocol):
    """The store of batches."""

    def reserve(self, count: int) -> BatchNumber:
        """Take numbers nobody else gets."""

    def create(self, batches: Iterable[Batch]) -> None:
        """Write new batches."""

    def meta(self, number: BatchNumber, *, consistent: bool = False) -> BatchMeta | None:
        """Read what never changes of a batch; consistently just after it was written."""


class Templates(Protocol):
    """The store of templates."""

    def get(self, template_id: TemplateId, version: int) -> Template | None:
        """Read one version."""


class Senders(Protocol):
    """The store of senders."""

    def get(self, sender_id: SenderId) -> Sender | None:
        """Read one sender."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """Some recipients, and where the next slice begins."""

    people: tuple[Person, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignDeps:
    """What the use cases need.

    ``slice_of`` finds recipients from a cursor on; ``start`` puts a batch on its way;
    ``enqueue`` puts jobs of planning into their queue; ``fresh`` makes a new name.
    ``policy`` gives the company's rules, ``zones_of_phone`` where a number's owner may be.
    """

    campaigns: Campaigns
    people: People
    batches: Batches
    templates: Templates
    senders: Senders
    slice_of: Callable[[Campaign, str | None], Slice]
    composer: Callable[[Template, Sender, Mapping[str, AttributeValue]], Compose]
    code_of: CodeOf
    start: Callable[[BatchMeta, datetime], None]
    enqueue: Callable[[Sequence[Job]], None]
    fresh: Callable[[str], str]
    policy: Callable[[], Policy]
    zones_of_phone: ZonesOfPhone
    default_zone: ZoneInfo


def create(campaign: Campaign, *, direct: Sequence[str], deps: CampaignDeps) -> Campaign:
    """Write a draft, and the people it was given directly. Raises InvalidInput."""
    _route(campaign, deps=deps)
    _swap_route(campaign, deps=deps)
    if campaign.audience.direct_key is not None:
        deps.people.save_direct(campaign.audience.direct_key, direct)
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
    """Launch a draft. Raises NotFound, Conflict ``already_launched`` or ``sender_not_approved``."""
    campaign = find(campaign_id, deps=deps)
    if not _route(campaign, deps=deps).sender.usable(now):
        msg = "The sender is not approved."
        raise Conflict(msg, code="sender_not_approved")
    launched = deps.campaigns.mark_launched(campaign_id, now=now)
    # Also when whoever launched it did not come as far as the queue; resolving twice is harmless.
    if launched or not deps.campaigns.parts(campaign_id):
        deps.enqueue([ResolveJob(campaign_id=campaign_id, part=0)])
    if not launched:
        msg = "The campaign is launched already."
        raise Conflict(msg, code="already_launched")
    return find(campaign_id, deps=deps)


def _route(campaign: Campaign, *, deps: CampaignDeps) -> Route:
    template = deps.templates.get(campaign.template_id, campaign.template_version)
    sender = deps.senders.get(campaign.sender_id)
    route = route_of(template, sender, default_zone=deps.default_zone)
    return _with_rules(route, campaign, deps=deps)


def _swap_route(campaign: Campaign, *, deps: CampaignDeps) -> Route | None:
    """The other way to go; it must be as sound as the first. Raises InvalidInput below /swap."""
    swap = campaign.swap
    if swap is None:
        return None
    template = deps.templates.get(swap.template_id, swap.template_version)
    sender = deps.senders.get(swap.sender_id)
    try:
        route = route_of(template, sender, default_zone=deps.default_zone)
    except InvalidInput as error:
        below = [replace(each, pointer=f"/swap{each.pointer}") for each in error.errors]
        raise InvalidInput.of(*below) from error
    return _with_rules(route, campaign, deps=deps)


def _with_rules(route: Route, campaign: Campaign, *, deps: CampaignDeps) -> Route:
    return replace(
        route,
        source=campaign.campaign_id,
        policy=deps.policy(),
        priority=campaign.priority,
        when_capped=campaign.when_capped,
        zones_of_phone=deps.zones_of_phone,
    )


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
    route = _route(campaign, deps=deps)
    swap = _swap_route(campaign, deps=deps)
    drafted = plan(
        deps.people.load(part.people_key),
        route,
        compose=deps.composer(route.template, route.sender, campaign.variables),
        now=now,
        swap=None if swap is None else _lane(swap, campaign, deps=deps),
    )
    batches = _write_batches(campaign, part, drafted, deps=deps, now=now)
    outcomes_key = f"campaigns/{campaign.campaign_id}/outcomes/{part.part}-{deps.fresh('o')}"
    deps.people.save_refusals(outcomes_key, drafted.refusals)
    planned = replace(
        part,
        planned=True,
        refused=drafted.refused,
        batches=tuple(batch.meta.number for batch in batches),
        batch_sizes=tuple(batch.meta.size for batch in batches),
        outcomes_key=outcomes_key,
    )
    if deps.campaigns.mark_planned(planned):
        return planned
    return _part(campaign.campaign_id, part.part, deps)


def _lane(route: Route, campaign: Campaign, *, deps: CampaignDeps) -> Lane:
    compose = deps.composer(route.template, route.sender, campaign.variables)
    return Lane(route=route, compose=compose)


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
        now=now,
    )
    deps.batches.create(batches)
    return batches


def people_of(contacts: Iterable[tuple[Contact, Recent]]) -> tuple[Person, ...]:
    """Address contacts at the phones of their profiles."""
    return tuple(Person.known(contact, recent=recent) for contact, recent in contacts)
