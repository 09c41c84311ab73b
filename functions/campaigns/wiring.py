"""Puts campaigns together."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache

from functions.campaigns.audience import slice_of
from functions.campaigns.ports import CampaignDeps
from functions.content.compose import Composer
from functions.content.phone_zones import zones_of_phone
from functions.content.recurrence import next_run
from functions.contracts.queues import Job, Queue
from functions.domain.contact import AttributeValue
from functions.domain.planning import Compose
from functions.domain.sender import Sender
from functions.domain.template import Template
from functions.runtime import queues
from functions.runtime.ids import fresh_id
from functions.runtime.preferences import token_of
from functions.runtime.settings import api_base_url, link_base_url, tenant_zone
from functions.runtime.tracking import code_of
from functions.storage.batches import BatchStore
from functions.storage.campaigns import CampaignStore
from functions.storage.later import send_job_at, start_batch
from functions.storage.people import PeopleStore
from functions.storage.policies import CurrentPolicy
from functions.storage.senders import SenderStore
from functions.storage.templates import TemplateStore


@cache
def campaigns() -> CampaignStore:
    """The store, for lists."""
    return CampaignStore()


@cache
def batches() -> BatchStore:
    """The store of batches, for reports."""
    return BatchStore()


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
        templates=TemplateStore(),
        senders=SenderStore(),
        slice_of=slice_of,
        composer=_composer,
        code_of=code_of,
        token_of=token_of,
        start=start_batch,
        enqueue=_enqueue,
        enqueue_at=_enqueue_at,
        fresh=fresh_id,
        policy=CurrentPolicy(),
        next_run=_next_run,
        zones_of_phone=zones_of_phone,
        default_zone=tenant_zone(),
    )


def _composer(template: Template, sender: Sender, shared: Mapping[str, AttributeValue]) -> Compose:
    return Composer(
        template=template,
        sender=sender,
        link_base=link_base_url(),
        shared=shared,
        page_base=api_base_url(),
    )


def _next_run(rule: str, first: datetime, after: datetime) -> datetime | None:
    return next_run(rule, first=first, after=after, zone=tenant_zone())


def _enqueue(jobs: Sequence[Job]) -> None:
    queues.send(jobs, to=Queue.PLAN)


def _enqueue_at(job: Job, at: datetime, now: datetime) -> None:
    send_job_at(job, to=Queue.PLAN, at=at, now=now)
