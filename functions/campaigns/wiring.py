"""Puts campaigns together."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache, lru_cache, partial
from itertools import chain
from math import ceil

from functions.campaigns.channel_tallies import TallyDeps, tallies_before
from functions.campaigns.checking import CheckingDeps
from functions.campaigns.exclusion import excluded_by
from functions.campaigns.follow_ups import FamilyDeps
from functions.campaigns.following import FollowDeps, look_sooner
from functions.campaigns.holding import HoldingDeps
from functions.campaigns.ports import (
    CampaignDeps,
    ChannelPorts,
    ExperimentPorts,
    HoldoutPorts,
    SafetyPorts,
    Slice,
)
from functions.campaigns.readdressing import people_again
from functions.campaigns.reporting import ReportingDeps
from functions.campaigns.resolving import ResolvingDeps, slice_of
from functions.channels.providers import provider_of
from functions.content.compose import Composer
from functions.content.phone_zones import zones_of_phone
from functions.content.recurrence import next_run
from functions.contracts.goal_jobs import AttributeJob
from functions.contracts.queues import Job, Queue, RefreshJob
from functions.domain.batch import BatchMeta
from functions.domain.campaign import Campaign
from functions.domain.channel import Channel, Purpose
from functions.domain.contact import AttributeValue
from functions.domain.goal import Goal
from functions.domain.id_hashes import IdHashes
from functions.domain.ids import AudienceId, CampaignId
from functions.domain.openings import Tally
from functions.domain.planning import Compose
from functions.domain.recipients import Pin
from functions.domain.report_token import ReportTokenCoder
from functions.domain.sender import Sender
from functions.domain.template import Template
from functions.runtime import queues
from functions.runtime.allotment import draw_of, group_place_of, holdout_rank_of, rank_of
from functions.runtime.aws import derived_key
from functions.runtime.ids import fresh_id
from functions.runtime.preferences import token_of
from functions.runtime.settings import (
    api_base_url,
    tenant_zone,
)
from functions.runtime.spread import spread
from functions.runtime.tracking import code_of
from functions.storage.announcing import AnnouncingBatches
from functions.storage.audience_members import MemberStore
from functions.storage.audiences import AudienceStore
from functions.storage.base import item_count
from functions.storage.batches import BatchStore
from functions.storage.campaign_safety import CampaignSafetyStore
from functions.storage.campaigns import CampaignStore
from functions.storage.contacts import ContactStore
from functions.storage.coupons import CouponStore
from functions.storage.experiments import ExperimentStore
from functions.storage.families import FamilyStore
from functions.storage.goals import GoalStore
from functions.storage.histories import HistoryStore
from functions.storage.lanes import LaneStore
from functions.storage.later import send_job_at, start_batch, start_batch_in_turn
from functions.storage.link_domains import current_link_base
from functions.storage.open_campaigns import OpenCampaignStore
from functions.storage.people import PeopleStore
from functions.storage.policies import CurrentPolicy, PolicyStore
from functions.storage.recents import RecentStore
from functions.storage.refreshes import RefreshStore
from functions.storage.replies import ReplyStore
from functions.storage.senders import SenderStore
from functions.storage.suppressions import SuppressionStore
from functions.storage.templates import TemplateStore
from functions.storage.told import ToldStore


@cache
def campaigns() -> CampaignStore:
    """The store, for lists."""
    return CampaignStore()


@cache
def batches() -> BatchStore:
    """The store of batches."""
    return AnnouncingBatches()


@cache
def reporting() -> ReportingDeps:
    """What reports need."""
    return ReportingDeps(campaigns=campaigns(), batches=ToldStore(), templates=TemplateStore())


@cache
def family() -> FamilyDeps:
    """What counting a campaign's follow-ups needs."""
    return FamilyDeps(families=FamilyStore(), batches=reporting().batches)


@cache
def goals() -> GoalStore:
    """Which campaigns have goals that events can still reach."""
    return GoalStore()


@cache
def report_tokens() -> ReportTokenCoder:
    """Makes and checks the tokens of report pages."""
    return ReportTokenCoder(derived_key("reports"))


@cache
def people() -> PeopleStore:
    """The store of people given directly."""
    return PeopleStore()


@cache
def deps() -> CampaignDeps:
    """What the use cases need."""
    return CampaignDeps(
        campaigns=campaigns(),
        people=people(),
        batches=batches(),
        histories=HistoryStore(),
        templates=TemplateStore(),
        senders=SenderStore(),
        audiences=AudienceStore(),
        coupons=CouponStore(),
        slice_of=partial(slice_of, deps=_resolving()),
        excluded_by=partial(excluded_by, deps=_resolving()),
        composer=_composer,
        code_of=code_of,
        token_of=token_of,
        start=start_batch,
        start_in_turn=start_batch_in_turn,
        lanes=LaneStore(),
        provider_of=provider_of,
        enqueue=_enqueue,
        enqueue_at=_enqueue_at,
        refresh=_refresh,
        fresh=fresh_id,
        policy=CurrentPolicy(),
        next_run=_next_run,
        zones_of_phone=zones_of_phone,
        default_zone=tenant_zone(),
        safety=_safety(),
        experiments=ExperimentPorts(store=ExperimentStore(), rank=rank_of),
        channels=ChannelPorts(tallies_before=_tallies_before, draw=draw_of),
        holdouts=HoldoutPorts(rank=holdout_rank_of, place=group_place_of),
    )


@cache
def checking() -> CheckingDeps:
    """What checks need."""
    return CheckingDeps(
        campaigns=campaigns(),
        open=OpenCampaignStore(),
        batches=batches(),
        start=start_batch,
        enqueue=_enqueue,
        spread=spread,
        close_goal=_close_goal,
    )


@cache
def following() -> FollowDeps:
    """What follow-ups need."""
    return FollowDeps(
        campaigns=campaigns(),
        batches=batches(),
        people=people(),
        replies=ReplyStore().of,
        people_again=partial(people_again, deps=_resolving()),
        enqueue=_enqueue,
        enqueue_at=_enqueue_at,
        fresh=fresh_id,
    )


@cache
def holding() -> HoldingDeps:
    """What releasing and cancelling needs."""
    return HoldingDeps(
        batches=batches(), start=start_batch, look_sooner=_look_sooner, spread=spread
    )


@cache
def _safety() -> SafetyPorts:
    return SafetyPorts(
        store=CampaignSafetyStore(),
        slice_up_to=_slice_up_to,
        people_count=_people_count,
        policy_now=PolicyStore().current,
    )


def _slice_up_to(campaign: Campaign, cursor: str | None, most: int) -> Slice:
    deps = _resolving()
    return slice_of(campaign, cursor, deps=replace(deps, size=min(most, deps.size)))


def _people_count() -> int:
    """As the last refresh counted; before the first, the rows of the table, which are more."""
    refresh = RefreshStore().newest(done=True)
    return item_count("contacts") if refresh is None else refresh.people


_TALLIES_KEPT = 8
"""Days and purposes: campaigns that are planned at once were mostly launched on the same day."""


@lru_cache(maxsize=_TALLIES_KEPT)
def _tallies_before(day: date, purpose: Purpose) -> Mapping[Channel, Tally]:
    deps = TallyDeps(batches=batches(), told=ToldStore(), templates=TemplateStore())
    return tallies_before(day, purpose, deps=deps)


_AUDIENCES_KEPT = 16
"""A million members take 8 MB."""


@cache
def _resolving() -> ResolvingDeps:
    return ResolvingDeps(
        directory=ContactStore(),
        recents=RecentStore().of,
        suppressed=SuppressionStore().marks_by_phone,
        lists=people(),
        shard=MemberStore().load,
        hashes=_hashes,
        fresh=fresh_id,
    )


@lru_cache(maxsize=_AUDIENCES_KEPT)
def _hashes(audience_id: AudienceId, pin: Pin) -> IdHashes:
    """Read a whole refresh, which never changes."""
    store = MemberStore()
    shards = (store.load(audience_id, pin.run_id, shard) for shard in range(pin.shards))
    return IdHashes.of(chain.from_iterable(shards))


def _composer(template: Template, sender: Sender, shared: Mapping[str, AttributeValue]) -> Compose:
    return Composer(
        template=template,
        sender=sender,
        link_base=current_link_base()(),
        shared=shared,
        page_base=api_base_url(),
    )


def _next_run(rule: str, first: datetime, after: datetime) -> datetime | None:
    return next_run(rule, first=first, after=after, zone=tenant_zone())


def _enqueue(jobs: Sequence[Job]) -> None:
    queues.send(jobs, to=Queue.PLAN)


def _enqueue_at(job: Job, at: datetime, now: datetime) -> None:
    send_job_at(job, to=Queue.PLAN, at=at, now=now)


_SETTLED_AFTER = timedelta(hours=1)
"""After the window: what is reported of its last moments is there by then."""


def _look_sooner(meta: BatchMeta, now: datetime) -> None:
    look_sooner(meta, deps=following(), now=now)


def _close_goal(campaign_id: CampaignId, goal: Goal, now: datetime) -> None:
    """Have all events looked at once more when the window of the last message has passed."""
    goals().end(campaign_id, goal, now=now)
    at = now + goal.window + _SETTLED_AFTER
    send_job_at(AttributeJob(campaign_id=campaign_id), to=Queue.EVENTS, at=at, now=now)


def _refresh(since: datetime) -> None:
    queues.send([RefreshJob(since=ceil(since.timestamp()))], to=Queue.AUDIENCES)
