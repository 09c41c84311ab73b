"""Puts the preference page together."""

from functools import cache
from zoneinfo import ZoneInfo

from functions.preferences.service import PreferenceDeps
from functions.runtime.ids import fresh_number
from functions.runtime.preferences import coder
from functions.runtime.settings import api_base_url, tenant_zone
from functions.storage.batches import BatchStore
from functions.storage.consents import ConsentStore
from functions.storage.contacts import ContactStore
from functions.storage.opt_outs import OptOutStore
from functions.storage.preference_links import PreferenceLinkStore
from functions.storage.reactions import ReactionStore
from functions.storage.senders import SenderStore
from functions.storage.suppressions import address_hash, marks_of


@cache
def deps() -> PreferenceDeps:
    """What the use cases need."""
    return PreferenceDeps(
        coder=coder(),
        contacts=ContactStore(),
        batches=BatchStore(),
        senders=SenderStore(),
        links=PreferenceLinkStore(),
        opt_outs=OptOutStore(),
        consents=ConsentStore(),
        hash_of=address_hash,
        marks_of=marks_of,
        reactions=ReactionStore(),
        nonce=fresh_number,
    )


def zone() -> ZoneInfo:
    """The zone in which the page says when something was."""
    return tenant_zone()


def base_url() -> str | None:
    """What the page's address starts with, where it is known."""
    return api_base_url()
