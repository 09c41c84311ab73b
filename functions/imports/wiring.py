"""Puts the imports feature together."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

from functions.contracts.queues import ImportJob, Queue
from functions.domain.ids import ContactId
from functions.imports.service import ImportDeps
from functions.runtime.queues import send
from functions.runtime.settings import tenant_zone
from functions.storage.consents import ConsentStore
from functions.storage.contacts import ContactStore
from functions.storage.import_files import ImportFiles
from functions.storage.imports import ImportStore
from functions.storage.suppressions import SuppressionStore, address_hash

T = TypeVar("T")
R = TypeVar("R")

_ROWS_AT_ONCE = 8
_NOBODY = ContactId("-")


@cache
def deps() -> ImportDeps:
    """What the use cases need."""
    return ImportDeps(
        imports=ImportStore(),
        files=ImportFiles(),
        contacts=ContactStore(),
        consents=ConsentStore(),
        enqueue=enqueue,
        spread=spread,
        zone=tenant_zone(),
    )


def enqueue(job: ImportJob) -> None:
    """Have a worker read the file."""
    send([job], to=Queue.IMPORTS)


def spread(work: Callable[[T], R], values: Iterable[T], /) -> Iterator[R]:
    """Work on some values at once, each a few requests long; results in the values' order."""
    return _pool().map(work, values)


@cache
def _pool() -> ThreadPoolExecutor:
    # The first use of a table or secret sets up what all threads share, and is not made for
    # several at once: neither PynamoDB's connections nor botocore's making of clients.
    nobody = address_hash(_NOBODY)
    SuppressionStore().get(nobody)
    SuppressionStore().owner_of(nobody)
    ContactStore().get(_NOBODY)
    ConsentStore().history(_NOBODY)
    return ThreadPoolExecutor(max_workers=_ROWS_AT_ONCE)
