"""Puts the templates feature together."""

from functools import cache

from functions.contracts.errors import InvalidInput
from functions.domain.contact import Contact
from functions.domain.ids import ContactId, SenderId
from functions.domain.sender import Sender
from functions.runtime.settings import (
    api_base_url,
    link_hosts,
    solapi_accounts,
)
from functions.storage.contacts import ContactStore
from functions.storage.images import ImageStore
from functions.storage.link_domains import current_link_base
from functions.storage.objects import ObjectStore
from functions.storage.senders import SenderStore
from functions.storage.templates import TemplateStore
from functions.templates.linking import LinkingDeps
from functions.templates.service import TemplateDeps


@cache
def templates() -> TemplateStore:
    """The store, for lists."""
    return TemplateStore()


@cache
def images() -> ImageStore:
    """The store of images."""
    return ImageStore()


@cache
def objects() -> ObjectStore:
    """The bucket, for the bytes of images."""
    return ObjectStore()


@cache
def deps() -> TemplateDeps:
    """What the use cases need."""
    return TemplateDeps(
        templates=templates(), images=images(), accounts=solapi_accounts, hosts=link_hosts()
    )


@cache
def linking_deps() -> LinkingDeps:
    """What changing links needs."""
    return LinkingDeps(templates=templates(), hosts=link_hosts())


def link_base() -> str:
    """What tracked links start with."""
    return current_link_base()()


def page_base() -> str | None:
    """What the preference page's address starts with."""
    return api_base_url()


def contact(contact_id: str) -> Contact:
    """Read a contact for a preview. Raises InvalidInput."""
    profile = ContactStore().get(ContactId(contact_id))
    if profile is None:
        raise InvalidInput.field("/contact_id", "not_found", "There is no such contact.")
    return profile.contact


def sender(sender_id: str) -> Sender:
    """Read a sender for a preview. Raises InvalidInput."""
    found = SenderStore().get(SenderId(sender_id))
    if found is None:
        raise InvalidInput.field("/sender_id", "not_found", "There is no such sender.")
    return found
