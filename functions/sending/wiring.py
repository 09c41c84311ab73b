"""Puts the send API together."""

from collections.abc import Mapping
from functools import cache

from functions.content.compose import Composer
from functions.content.phone_zones import zones_of_phone
from functions.domain.contact import AttributeValue
from functions.domain.planning import Compose
from functions.domain.sender import Sender
from functions.domain.template import Template
from functions.runtime.settings import link_base_url, tenant_zone
from functions.runtime.tracking import code_of
from functions.sending.ports import SendingDeps
from functions.storage.batches import BatchStore
from functions.storage.contacts import ContactStore
from functions.storage.later import start_batch
from functions.storage.policies import CurrentPolicy
from functions.storage.recents import RecentStore
from functions.storage.requests import RequestStore
from functions.storage.senders import SenderStore
from functions.storage.suppressions import SuppressionStore
from functions.storage.templates import TemplateStore


@cache
def contacts() -> ContactStore:
    """The store of contacts, for a person's history."""
    return ContactStore()


@cache
def batches() -> BatchStore:
    """The store of batches."""
    return BatchStore()


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
        start=start_batch,
        policy=CurrentPolicy(),
        zones_of_phone=zones_of_phone,
        default_zone=tenant_zone(),
    )


def _composer(template: Template, sender: Sender, shared: Mapping[str, AttributeValue]) -> Compose:
    return Composer(template=template, sender=sender, link_base=link_base_url(), shared=shared)
