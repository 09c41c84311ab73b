"""Puts the contacts feature together."""

from functools import cache

from functions.contacts.service import ContactDeps
from functions.domain.ids import AddressHash
from functions.storage.consents import ConsentStore
from functions.storage.contacts import ContactStore
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
    return ContactDeps(contacts=contacts(), consents=ConsentStore(), suppressions=suppressions())
