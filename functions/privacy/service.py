"""A person's rights over their data: everything in one file, and being forgotten.

Erasure: the profile goes at once, so that nothing leaves any more (dispatch refuses
``contact_erased``). A worker then sweeps every store, and once more when whoever was writing
about the person at that moment has certainly finished. Every step can be repeated.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from functions.contracts.errors import NotFound
from functions.contracts.queues import EraseJob
from functions.domain.erasure import SWEPT_AGAIN_AFTER, Erasure, ErasureStatus, Traces
from functions.domain.ids import ContactId
from functions.domain.writing import Profile

Sweep = Callable[[Traces], int]
"""Erases a person from one store; tells how many things it changed."""


class Erasures(Protocol):
    """The store of erasures."""

    def add(self, erasure: Erasure) -> None:
        """Write a new erasure."""

    def get(self, erasure_id: str) -> Erasure | None:
        """Read one."""

    def note_sweep(self, erasure: Erasure) -> None:
        """Keep how far it has come."""


class Contacts(Protocol):
    """The store of contacts."""

    def get(self, contact_id: ContactId) -> Profile | None:
        """Read one person."""

    def erase_profile(self, profile: Profile) -> None:
        """Delete a profile and free its addresses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyDeps:
    """What the use cases need. ``sweeps`` erase from the other stores, by kind of thing.

    ``later`` enqueues the job for a moment (None: at once).
    """

    erasures: Erasures
    contacts: Contacts
    sweeps: Mapping[str, Sweep]
    later: Callable[[EraseJob, datetime | None, datetime], None]
    subject_of: Callable[[ContactId], str]


def request(
    contact_id: ContactId, *, erasure_id: str, actor: str, deps: PrivacyDeps, now: datetime
) -> Erasure:
    """Forget a person; nothing leaves to them from now on. Raises NotFound.

    Dying midway is made good by calling again: the profile goes last, so it is still found.
    """
    profile = deps.contacts.get(contact_id)
    if profile is None:
        msg = "There is no such contact."
        raise NotFound(msg)
    erasure = Erasure(
        erasure_id=erasure_id,
        subject=deps.subject_of(contact_id),
        requested=now,
        actor=actor,
        traces=Traces(
            contact_id=contact_id, phone=profile.contact.phone, email=profile.contact.email
        ),
    )
    deps.erasures.add(erasure)
    deps.contacts.erase_profile(profile)
    deps.later(EraseJob(erasure_id=erasure_id), None, now)
    return erasure


def find(erasure_id: str, *, deps: PrivacyDeps) -> Erasure:
    """Read an erasure. Raises NotFound."""
    erasure = deps.erasures.get(erasure_id)
    if erasure is None:
        msg = "There is no such erasure."
        raise NotFound(msg)
    return erasure


def sweep(job: EraseJob, *, deps: PrivacyDeps, now: datetime) -> Erasure:
    """Erase the person from every store, the first time or the second and last."""
    erasure = find(job.erasure_id, deps=deps)
    if erasure.traces is None:
        return erasure
    due = erasure.requested + SWEPT_AGAIN_AFTER
    counts = Counter({kind: erase(erasure.traces) for kind, erase in deps.sweeps.items()})
    last = now >= due
    swept = replace(
        erasure,
        status=ErasureStatus.DONE if last else ErasureStatus.SWEPT_ONCE,
        completed=now if last else None,
        erased=erasure.with_counts(counts),
    )
    deps.erasures.note_sweep(swept)
    if not last:
        deps.later(job, due, now)
    return swept
