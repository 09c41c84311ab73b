"""Puts the imports feature together."""

from functools import cache

from functions.contracts.queues import EraseJob, ImportJob, Queue
from functions.domain.ids import ContactId
from functions.imports.service import ImportDeps
from functions.imports.undoing import UndoDeps
from functions.runtime.pseudonym import subject_of
from functions.runtime.queues import send
from functions.runtime.settings import tenant_zone
from functions.runtime.spread import spread
from functions.storage.consents import ConsentStore
from functions.storage.contacts import ContactStore
from functions.storage.erasures import ErasureStore
from functions.storage.import_files import ImportFiles
from functions.storage.imports import ImportStore
from functions.storage.opt_outs import OptOutStore
from functions.storage.suppressions import SuppressionStore, address_hash

_NOBODY = ContactId("-")


@cache
def deps() -> ImportDeps:
    """What the use cases need."""
    _set_up()
    return ImportDeps(
        imports=ImportStore(),
        files=ImportFiles(),
        contacts=ContactStore(),
        consents=ConsentStore(),
        opt_outs=OptOutStore(),
        enqueue=enqueue,
        spread=spread,
        zone=tenant_zone(),
    )


@cache
def undo_deps() -> UndoDeps:
    """What undoing needs."""
    _set_up()
    return UndoDeps(
        imports=ImportStore(),
        files=ImportFiles(),
        contacts=ContactStore(),
        consents=ConsentStore(),
        erasures=ErasureStore(),
        enqueue=enqueue,
        sweep=_sweep,
        subject_of=subject_of,
        spread=spread,
    )


def _sweep(job: EraseJob) -> None:
    send([job], to=Queue.PRIVACY)


def enqueue(job: ImportJob) -> None:
    """Have a worker read the file."""
    send([job], to=Queue.IMPORTS)


def _set_up() -> None:
    """Use every table once: neither PynamoDB nor botocore can be set up by several at once."""
    nobody = address_hash(_NOBODY)
    SuppressionStore().get(nobody)
    SuppressionStore().owner_of(nobody)
    ContactStore().get(_NOBODY)
    ConsentStore().history(_NOBODY)
    subject_of(_NOBODY)
