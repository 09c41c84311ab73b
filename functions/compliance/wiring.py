"""Puts the making of the compliance record together."""

from functools import cache

from functions.compliance.ports import ComplianceDeps
from functions.contracts.queues import Queue, RecordJob
from functions.runtime import queues, signing
from functions.runtime.pseudonym import subject_of
from functions.runtime.settings import tenant_zone
from functions.storage.batches import BatchStore
from functions.storage.day_records import DayRecordStore


@cache
def deps() -> ComplianceDeps:
    """What the use cases need."""
    return ComplianceDeps(
        records=records(),
        batches=BatchStore(),
        enqueue=_enqueue,
        subject_of=subject_of,
        key_id=lambda: signing.public_key().key_id,
        sign=signing.sign,
        zone=tenant_zone(),
    )


def records() -> DayRecordStore:
    """The store of records."""
    return DayRecordStore()


def _enqueue(job: RecordJob) -> None:
    queues.send([job], to=Queue.COMPLIANCE)
