"""Puts privacy together."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import cache

from functions.contracts.export_jobs import ExportForgetJob
from functions.contracts.queues import EraseJob, ForgetPersonJob, Queue
from functions.domain.activity import ActivityKey, DayTotal
from functions.domain.attribution import GoalEvent
from functions.domain.erasure import SWEPT_AGAIN_AFTER, Traces
from functions.domain.ids import ContactId
from functions.privacy.service import PrivacyDeps, Sweep
from functions.runtime import queues
from functions.runtime.clock import utc_now
from functions.runtime.pseudonym import subject_of
from functions.runtime.settings import tenant_zone
from functions.storage import erasing
from functions.storage.activities import ActivityStore
from functions.storage.audit import AuditStore
from functions.storage.batches import BatchStore
from functions.storage.consents import ConsentStore
from functions.storage.contacts import ContactStore
from functions.storage.erasures import ErasureStore
from functions.storage.goal_logs import GoalLogStore
from functions.storage.histories import HistoryStore

_MESSAGES_A_JOB = 5_000
"""Far below what a message of a queue may hold."""


@cache
def erasures() -> ErasureStore:
    """The store, for lists."""
    return ErasureStore()


@cache
def contacts() -> ContactStore:
    """The store of contacts, for exports."""
    return ContactStore()


@cache
def consents() -> ConsentStore:
    """The store of evidence, for exports."""
    return ConsentStore()


@cache
def batches() -> BatchStore:
    """The store of batches, for exports."""
    return BatchStore()


@cache
def histories() -> HistoryStore:
    """Who got which messages, for exports."""
    return HistoryStore()


@cache
def audit() -> AuditStore:
    """The access log."""
    return AuditStore()


def goal_events(contact_id: ContactId) -> Sequence[GoalEvent]:
    """What a person did that is a campaign's goal, for exports."""
    return GoalLogStore().of(contact_id).events


def activity(contact_id: ContactId) -> Mapping[ActivityKey, Sequence[DayTotal]]:
    """All that a person did, for exports."""
    return ActivityStore().of(contact_id, first=date.min, last=date.max, zone=tenant_zone())


@cache
def deps() -> PrivacyDeps:
    """What the use cases need. Histories come last, for the others look there."""
    return PrivacyDeps(
        erasures=erasures(),
        contacts=contacts(),
        sweeps={
            # First: the others take away what leads to the person's messages.
            "export_files_asked": _ask_exports,
            "messages": erasing.messages,
            "campaign_messages": _under_every_id(erasing.campaign_messages),
            "campaign_files": _under_every_id(erasing.campaign_files),
            "audience_members": _under_every_id(erasing.audience_members),
            "people_files_asked": _under_every_id(_ask_people_files),
            "stored_answers": _under_every_id(erasing.requests),
            "consent_rows_pseudonymised": erasing.evidence,
            "notices": erasing.notices,
            "coupon_grants": _under_every_id(erasing.coupons),
            "goal_events": _under_every_id(erasing.goal_events),
            "history_rows": _under_every_id(erasing.history),
        },
        later=_later,
        subject_of=subject_of,
    )


def _ask_people_files(traces: Traces) -> int:
    """Have the person forgotten by who can write the files that audiences are asked of."""
    queues.send([ForgetPersonJob(contact_id=traces.contact_id)], to=Queue.AUDIENCES)
    return 1


def _ask_exports(traces: Traces) -> int:
    """Have the person forgotten in exports, by who can write their files."""
    messages = erasing.messages_of(traces)
    ids = json.dumps(erasing.every_id(traces.contact_id))
    asked = int(utc_now().timestamp())
    jobs = [
        ExportForgetJob(contact_ids=ids, messages=json.dumps(some), asked=asked)
        for at in range(0, len(messages), _MESSAGES_A_JOB)
        if (some := messages[at : at + _MESSAGES_A_JOB])
    ]
    queues.send(jobs, to=Queue.AUDIENCES)
    return len(jobs)


def _under_every_id(sweep: Sweep) -> Sweep:
    """Sweep also for those who were merged into the person; for the person last."""

    def swept(traces: Traces) -> int:
        ids = erasing.every_id(traces.contact_id)
        return sum(sweep(replace(traces, contact_id=each)) for each in ids)

    return swept


def _later(job: EraseJob, at: datetime | None, now: datetime) -> None:
    wait_s = 0.0 if at is None else (at - now).total_seconds()
    most = SWEPT_AGAIN_AFTER.total_seconds()
    queues.send([job], to=Queue.PRIVACY, delay_s=round(min(max(wait_s, 0), most)))
