"""Puts the send API together."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache

from functions.channels.providers import provider_of
from functions.content.compose import Composer
from functions.content.phone_zones import zones_of_phone
from functions.contracts.campaign_jobs import FollowJob
from functions.contracts.queues import Queue
from functions.domain.batch import Batch
from functions.domain.contact import AttributeValue
from functions.domain.ids import ContactId
from functions.domain.planning import Compose
from functions.domain.sender import Sender
from functions.domain.template import Template
from functions.runtime import queues
from functions.runtime.allotment import group_place_of
from functions.runtime.preferences import token_of
from functions.runtime.settings import (
    api_base_url,
    tenant_zone,
)
from functions.runtime.spread import spread
from functions.runtime.tracking import code_of
from functions.sending.following import FollowPorts, follow
from functions.sending.lost import LostDeps
from functions.sending.ports import Many, SendingDeps, SendRequest, TooManyPeople
from functions.storage.announcing import AnnouncingBatches
from functions.storage.audience_members import MemberStore
from functions.storage.audiences import AudienceStore
from functions.storage.batches import BatchStore
from functions.storage.campaigns import CampaignStore
from functions.storage.contacts import ContactStore
from functions.storage.histories import HistoryStore
from functions.storage.later import send_job_at, start_batch
from functions.storage.link_domains import current_link_base
from functions.storage.lost_requests import LostRequestStore
from functions.storage.policies import CurrentPolicy
from functions.storage.recents import RecentStore
from functions.storage.requests import RequestStore
from functions.storage.senders import SenderStore
from functions.storage.suppressions import SuppressionStore
from functions.storage.templates import TemplateStore


@cache
def contacts() -> ContactStore:
    """The store of contacts."""
    return ContactStore()


@cache
def histories() -> HistoryStore:
    """Who got which messages."""
    return HistoryStore()


@cache
def batches() -> BatchStore:
    """The store of batches."""
    return AnnouncingBatches()


@cache
def deps() -> SendingDeps:
    """What the use cases need."""
    return SendingDeps(
        contacts=contacts(),
        recents=RecentStore().of,
        batches=batches(),
        requests=RequestStore(),
        templates=TemplateStore(),
        senders=SenderStore(),
        composer=_composer,
        suppressed=SuppressionStore().marks_by_phone,
        code_of=code_of,
        token_of=token_of,
        start=start_batch,
        provider_of=provider_of,
        policy=CurrentPolicy(),
        members=members_of,
        zones_of_phone=zones_of_phone,
        default_zone=tenant_zone(),
        group_place=group_place_of,
        follow=_follow,
    )


@cache
def looking() -> LostDeps:
    """What the look after lost requests needs."""
    return LostDeps(
        batches=batches(),
        watches=LostRequestStore(),
        requests=RequestStore(),
        start=start_batch,
        enqueue=lambda job: queues.send([job], to=Queue.REQUESTS),
        spread=spread,
    )


def _follow(request: SendRequest, batches: Sequence[Batch], now: datetime) -> None:
    follow(request, batches, ports=FollowPorts(campaigns=CampaignStore(), look_at=_look), now=now)


def _look(job: FollowJob, at: datetime, now: datetime) -> None:
    send_job_at(job, to=Queue.PLAN, at=at, now=now)


def _composer(template: Template, sender: Sender, shared: Mapping[str, AttributeValue]) -> Compose:
    return Composer(
        template=template,
        sender=sender,
        link_base=current_link_base()(),
        shared=shared,
        page_base=api_base_url(),
    )


def members_of(many: Many, most: int) -> Sequence[ContactId] | None:
    """Who is in a group or an audience. Raises TooManyPeople."""
    if many.audience is None:
        return _in_group(many.group or "", most)
    found = AudienceStore().get(many.audience)
    if found is None or found.members is None:
        return None
    if found.members.count > most:
        raise TooManyPeople
    shards = range(found.members.shards)
    parts = [MemberStore().load(many.audience, found.members.run_id, shard) for shard in shards]
    return [contact_id for part in parts for contact_id in part]


def _in_group(group: str, most: int) -> Sequence[ContactId]:
    """A table too large to be looked through in one call counts as too many people."""
    page = contacts().slice(size=most + 1, position=None, groups=(group,))
    if page.after is not None or len(page.items) > most:
        raise TooManyPeople
    return [contact.contact_id for contact, _ in page.items]
