"""Puts the contacts feature together."""

from functools import cache

from functions.contacts.merging import MergeDeps
from functions.contacts.service import ContactDeps
from functions.domain.ids import AddressHash, ContactId
from functions.domain.merge import Origin
from functions.runtime.pseudonym import subject_of
from functions.runtime.settings import tenant_zone
from functions.storage.consents import ConsentStore
from functions.storage.contacts import ContactStore
from functions.storage.merging import MergeStore, merged_into
from functions.storage.notices import NoticeStore
from functions.storage.opt_outs import OptOutStore
from functions.storage.reactions import ReactionStore
from functions.storage.suppressions import SuppressionStore, address_hash as _address_hash


@cache
def contacts() -> ContactStore:
    """The store, for lists."""
    return ContactStore()


@cache
def suppressions() -> SuppressionStore:
    """The store, for lists."""
    return SuppressionStore()


def address_hash(address: str) -> AddressHash:
    """The hash under which a suppressed address is known."""
    return _address_hash(address)


@cache
def deps() -> ContactDeps:
    """What the use cases need."""
    return ContactDeps(
        contacts=contacts(),
        consents=ConsentStore(),
        suppressions=suppressions(),
        reactions=ReactionStore(),
        merged_into=merged_into,
    )


def merge_deps(other: ContactId, *, actor: str) -> MergeDeps:
    """What merging somebody into another needs."""
    return MergeDeps(
        people=deps(),
        rows=MergeStore(tenant_zone()),
        evidence=ConsentStore(),
        notices=NoticeStore(),
        opt_outs=OptOutStore(),
        origin=Origin(source=f"merge:{subject_of(other)}", actor=actor),
    )
