"""Takes a finished import back, chunk by chunk from its end.

Backwards, so that a number which moved on within the file is free again when its former owner is
given it back. After every chunk the progress is stored under a condition; doing a chunk twice is
harmless.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from functions.contracts.errors import Conflict
from functions.contracts.queues import EraseJob, ImportJob
from functions.domain.consent import ConsentAction, ConsentRecord
from functions.domain.contact import Contact
from functions.domain.contact_file import ContactImport, ImportStatus, Position, UndoCounts
from functions.domain.erasure import Erasure, ErasureStatus, Traces
from functions.domain.ids import ContactId, ImportId
from functions.domain.import_undo import (
    Image,
    UndoStep,
    import_source,
    restored,
    undo_source,
    undo_step,
)
from functions.domain.writing import ConsentChange, Profile
from functions.imports.reading import Step, Turn
from functions.imports.service import Files, Imports, Spread

_TEXT_VERSION = "undo"


class Contacts(Protocol):
    """The store of contacts."""

    def get(self, contact_id: ContactId) -> Profile | None:
        """Read one person."""

    def save(self, contact: Contact, *, replacing: Profile | None) -> bool:
        """Write unless changed meanwhile. Raises Conflict ``address_taken``."""

    def erase_unchanged(self, profile: Profile) -> bool:
        """Delete a profile and free its address, unless anybody changed it; tells if it did so."""


class Consents(Protocol):
    """The store of evidence."""

    def history(self, contact_id: ContactId) -> tuple[ConsentRecord, ...]:
        """All evidence about a person, oldest first."""

    def append_decided(
        self,
        contact_id: ContactId,
        decide: Callable[[Contact], Sequence[ConsentChange]],
        *,
        now: datetime,
    ) -> tuple[ConsentRecord, ...]:
        """Append what ``decide`` makes of the person as they are in that very write."""

    def pseudonymise(self, contact_id: ContactId) -> int:
        """Keep the evidence under the keyed hash of the person only."""


class Erasures(Protocol):
    """The store of erasures."""

    def add(self, erasure: Erasure) -> None:
        """Write a new erasure."""

    def get(self, erasure_id: str) -> Erasure | None:
        """Read one."""

    def note_sweep(self, erasure: Erasure) -> None:
        """Keep how far it has come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoDeps:
    """What undoing needs. ``sweep`` has the other stores swept for who was erased."""

    imports: Imports
    files: Files
    contacts: Contacts
    consents: Consents
    erasures: Erasures
    enqueue: Callable[[ImportJob], None]
    sweep: Callable[[EraseJob], None]
    subject_of: Callable[[ContactId], str]
    spread: Spread


def undo_file(
    import_id: ImportId, *, deps: UndoDeps, clock: Callable[[], datetime], until: datetime
) -> Turn:
    """Take a turn at undoing: to the beginning, or until ``clock`` passes ``until``.

    Raises what storage raises; the job is then delivered again and goes on.
    """
    current = deps.imports.get(import_id)
    if current is None or current.status is not ImportStatus.UNDOING:
        return Turn(step=Step.NOT_RUNNING)
    while current.position.row:
        now = clock()
        if now >= until:
            deps.enqueue(ImportJob(import_id=import_id))
            return Turn(step=Step.HANDED_OVER, counts=current.counts)
        chunk = deps.files.load_images(current)
        undone = _Undoing(current, deps=deps, now=now).undo(chunk.images)
        after = replace(current, position=Position(row=chunk.start), undone=current.undone + undone)
        if not deps.imports.advance(current, after):
            return Turn(step=Step.SUPERSEDED, counts=current.counts)
        current = after
    done = deps.imports.advance(current, replace(current, status=ImportStatus.UNDONE))
    return Turn(step=Step.FINISHED if done else Step.SUPERSEDED, counts=current.counts)


class _Undoing:
    """Undoes one chunk."""

    def __init__(self, contact_import: ContactImport, *, deps: UndoDeps, now: datetime) -> None:
        self.import_id = contact_import.import_id
        self.deps = deps
        self.now = now

    def undo(self, images: Sequence[Image]) -> UndoCounts:
        withdrawn = sum(self.deps.spread(self._withdraw, images))
        steps = list(self.deps.spread(self._take_back, images))
        while waiting := [n for n, step in enumerate(steps) if step is UndoStep.RESTORE]:
            # Their number was another's, who may have been given back an own one by now.
            for number in waiting:
                steps[number] = self._take_back(images[number])
            if all(steps[number] is UndoStep.RESTORE for number in waiting):
                break
        return _counted(steps, withdrawn)

    def _withdraw(self, image: Image) -> int:
        """Withdraw the consents of the import that are in force; tells how many rows say so."""
        recorded = self._sequence_numbers(image.contact_id, import_source(self.import_id))
        if recorded and self.deps.contacts.get(image.contact_id) is not None:
            self._append(image.contact_id, recorded)
        return len(self._sequence_numbers(image.contact_id, undo_source(self.import_id)))

    def _sequence_numbers(self, contact_id: ContactId, source: str) -> frozenset[int]:
        history = self.deps.consents.history(contact_id)
        return frozenset(record.seq for record in history if record.source == source)

    def _append(self, contact_id: ContactId, recorded: frozenset[int]) -> None:
        def decide(contact: Contact) -> Sequence[ConsentChange]:
            return [
                ConsentChange(
                    key=key,
                    action=ConsentAction.WITHDRAW,
                    at=self.now,
                    source=undo_source(self.import_id),
                    actor=self.import_id,
                    text_version=_TEXT_VERSION,
                )
                for key, consent in contact.consents.items()
                if consent.granted and consent.seq in recorded
            ]

        self.deps.consents.append_decided(contact_id, decide, now=self.now)

    def _take_back(self, image: Image) -> UndoStep:
        """Undo what was written of somebody; ``RESTORE`` when their number is another's now."""
        profile = self.deps.contacts.get(image.contact_id)
        history = self.deps.consents.history(image.contact_id)
        step = undo_step(image, profile, history, self.import_id)
        if step is UndoStep.ABSENT:
            return self._absent(image)
        if profile is not None and step is UndoStep.ERASE:
            return self._erase(profile)
        if profile is not None and image.before is not None and step is UndoStep.RESTORE:
            return self._restore(profile, image.before)
        return step

    def _restore(self, profile: Profile, before: Contact) -> UndoStep:
        try:
            saved = self.deps.contacts.save(restored(profile.contact, before), replacing=profile)
        except Conflict as conflict:
            if conflict.code != "address_taken":
                raise
            return UndoStep.RESTORE
        return UndoStep.RESTORED if saved else UndoStep.CHANGED

    def _erase(self, profile: Profile) -> UndoStep:
        """Erase somebody in the order in which a worker that takes over can go on."""
        erasure = self._erasure(profile.contact)
        if self.deps.erasures.get(erasure.erasure_id) is None:
            self.deps.erasures.add(erasure)
        if not self.deps.contacts.erase_unchanged(profile):
            ended = replace(erasure, status=ErasureStatus.DONE, completed=self.now)
            self.deps.erasures.note_sweep(ended)
            return UndoStep.CHANGED
        return self._sweep(profile.contact.contact_id, erasure.erasure_id)

    def _absent(self, image: Image) -> UndoStep:
        """Go on where a worker died who had erased somebody; others are not ours to count."""
        erasure_id = self._erasure(image.after).erasure_id
        if image.before is not None or self.deps.erasures.get(erasure_id) is None:
            return UndoStep.ABSENT
        return self._sweep(image.contact_id, erasure_id)

    def _sweep(self, contact_id: ContactId, erasure_id: str) -> UndoStep:
        # At once: whoever comes back finds no evidence numbered from 1 in the way of theirs.
        self.deps.consents.pseudonymise(contact_id)
        self.deps.sweep(EraseJob(erasure_id=erasure_id))
        return UndoStep.ERASE

    def _erasure(self, contact: Contact) -> Erasure:
        subject = self.deps.subject_of(contact.contact_id)
        return Erasure(
            erasure_id=f"era_{self.import_id}_{subject}",
            subject=subject,
            requested=self.now,
            actor=undo_source(self.import_id),
            traces=Traces(contact_id=contact.contact_id, phone=contact.phone, email=contact.email),
        )


def _counted(steps: Sequence[UndoStep], withdrawn: int) -> UndoCounts:
    number = Counter(steps)
    return UndoCounts(
        erased=number[UndoStep.ERASE],
        restored=number[UndoStep.RESTORED],
        left_changed=number[UndoStep.CHANGED] + number[UndoStep.RESTORE],
        consents_withdrawn=withdrawn,
    )
