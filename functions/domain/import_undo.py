"""Undoing an import: what it found and wrote of each person, and what may be taken back."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from functions.domain.consent import ConsentRecord
from functions.domain.contact import Contact
from functions.domain.contact_merge import same_profile
from functions.domain.ids import ContactId, ImportId
from functions.domain.writing import Profile

UNDONE_WITHIN = timedelta(days=29)
"""What an import found is kept for 30 days from when it was read."""
UNDO_PREFIX = "undo:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A person before a row was written (None: unknown, version 0) and after.

    Of the contacts only number, e-mail address, attributes and groups count.
    """

    contact_id: ContactId
    before: Contact | None
    version: int
    after: Contact


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageChunk:
    """The people of the rows that were written together, after the row ``start``."""

    start: int
    images: tuple[Image, ...]


class UndoStep(StrEnum):
    """What undoing comes to for one person.

    A ``restored`` person is found as before already. A ``changed`` one was changed by others, or
    their number is somebody else's by now: they stay as they are.
    """

    ERASE = "erase"
    RESTORE = "restore"
    RESTORED = "restored"
    CHANGED = "changed"
    ABSENT = "absent"
    NOTHING = "nothing"


def import_source(import_id: ImportId) -> str:
    """How evidence names the import that recorded it."""
    return f"import:{import_id}"


def undo_source(import_id: ImportId) -> str:
    """How evidence names the undoing that recorded it."""
    return f"{UNDO_PREFIX}{import_id}"


def undo_step(
    image: Image, profile: Profile | None, history: Iterable[ConsentRecord], import_id: ImportId
) -> UndoStep:
    """Decide what to do with somebody; ``history`` is all evidence about them.

    Deciding again after it was done gives a step that does nothing.
    """
    if profile is None:
        return UndoStep.ABSENT
    if profile.version == image.version:
        return UndoStep.NOTHING
    if profile.version == image.version + 1 and same_profile(profile.contact, image.after):
        if image.before is not None:
            return UndoStep.RESTORE
        ours = {import_source(import_id), undo_source(import_id)}
        others = any(record.source not in ours for record in history)
        return UndoStep.CHANGED if others else UndoStep.ERASE
    if _is_restored(image, profile):
        return UndoStep.RESTORED
    return UndoStep.CHANGED


def _is_restored(image: Image, profile: Profile) -> bool:
    return (
        image.before is not None
        and profile.version == image.version + 2
        and same_profile(profile.contact, image.before)
    )


def restored(current: Contact, before: Contact) -> Contact:
    """The person with what the import had found; what no import writes stays as it is."""
    return replace(
        current,
        phone=before.phone,
        email=before.email,
        attributes=before.attributes,
        groups=before.groups,
    )
