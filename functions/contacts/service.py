"""People: their profiles, what they agreed to, and where they must not be written to."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from functions.contracts.errors import AppError, Conflict, InvalidInput, NotFound
from functions.domain.consent import (
    Consent,
    ConsentAction,
    ConsentKey,
    ConsentRecord,
    chain_breaks,
    fold,
)
from functions.domain.contact import (
    MAX_ATTRIBUTES,
    MAX_ATTRIBUTES_CHARS,
    MAX_GROUPS,
    AttributeValue,
    Contact,
    GroupChange,
    Phone,
    attributes_chars,
)
from functions.domain.ids import AddressHash, ContactId
from functions.domain.opt_out import standing
from functions.domain.reaction import Reaction
from functions.domain.reason import SuppressionReason
from functions.domain.suppression import OPT_OUTS, Mark, Scope, Suppression
from functions.domain.writing import ConsentChange, Profile

_MAX_TRIES = 8


class Contacts(Protocol):
    """The store of contacts."""

    def get(self, contact_id: ContactId) -> Profile | None:
        """Read one person."""

    def get_profiles(self, contact_ids: Iterable[ContactId]) -> Mapping[ContactId, Profile]:
        """Read many people."""

    def owner_of(self, phone: Phone) -> ContactId | None:
        """Whose number this is."""

    def save(self, contact: Contact, *, replacing: Profile | None) -> bool:
        """Write unless changed meanwhile."""

    def add_marks(self, contact_id: ContactId, hashed: AddressHash, marks: Iterable[Mark]) -> None:
        """Show on the profile that an address is suppressed."""

    def clear_marks(
        self, contact_id: ContactId, hashed: AddressHash, marks: Iterable[Mark] | None = None
    ) -> None:
        """Take these marks of an address, or all that it has, off the profile."""

    def change_groups(
        self, contact_id: ContactId, *, add: str | None = None, remove: str | None = None
    ) -> GroupChange:
        """Put a person into a group or take them out."""


class Consents(Protocol):
    """The store of evidence."""

    def append_decided(
        self,
        contact_id: ContactId,
        decide: Callable[[Contact], Sequence[ConsentChange]],
        *,
        now: datetime,
    ) -> tuple[ConsentRecord, ...]:
        """Append and put in force what ``decide`` makes of the person in that very write."""

    def history(self, contact_id: ContactId) -> tuple[ConsentRecord, ...]:
        """All evidence about a person."""


class Suppressions(Protocol):
    """The store of suppressions."""

    def put_decided(
        self,
        hashed: AddressHash,
        scope: Scope,
        decide: Callable[[Suppression | None], Suppression],
    ) -> tuple[Suppression, Suppression | None]:
        """Suppress an address as ``decide`` makes of what it has; gives what stands, what was."""

    def remove(self, hashed: AddressHash, scope: Scope | None = None) -> bool:
        """Allow the address again; False when it was not suppressed so."""

    def owner_of(self, hashed: AddressHash) -> ContactId | None:
        """Whose address this is."""


class Reacted(Protocol):
    """Puts a complaint down to the message that it came of."""

    def of_owner(self, owner: ContactId, reaction: Reaction, *, at: datetime) -> None:
        """Note a reaction of whoever got an advertisement before this moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactDeps:
    """What the use cases need. ``merged_into`` tells into whom somebody was merged."""

    contacts: Contacts
    consents: Consents
    suppressions: Suppressions
    reactions: Reacted
    merged_into: Callable[[ContactId], ContactId | None]


class Outcome(StrEnum):
    """What became of an upsert."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upserted:
    """One upsert's outcome. ``error`` is set when it was rejected."""

    contact_id: ContactId
    outcome: Outcome
    error: AppError | None = None


def upsert(contact: Contact, *, deps: ContactDeps) -> Upserted:
    """Make the profile be this contact. Raises Conflict ``address_taken`` or ``busy``."""
    return _upsert(contact, deps.contacts.get(contact.contact_id), deps=deps)


def upsert_many(contacts: Sequence[Contact], *, deps: ContactDeps) -> list[Upserted]:
    """Upsert each; one whose phone belongs to somebody else is rejected alone."""
    known = deps.contacts.get_profiles(contact.contact_id for contact in contacts)
    return [_upsert_alone(each, known.get(each.contact_id), deps=deps) for each in contacts]


def _upsert_alone(contact: Contact, known: Profile | None, *, deps: ContactDeps) -> Upserted:
    try:
        return _upsert(contact, known, deps=deps)
    except Conflict as error:
        return Upserted(contact_id=contact.contact_id, outcome=Outcome.REJECTED, error=error)


def _upsert(contact: Contact, known: Profile | None, *, deps: ContactDeps) -> Upserted:
    for _ in range(_MAX_TRIES):
        if known is not None and same_profile(known.contact, contact):
            return Upserted(contact_id=contact.contact_id, outcome=Outcome.UNCHANGED)
        if deps.contacts.save(contact, replacing=known):
            outcome = Outcome.CREATED if known is None else Outcome.UPDATED
            return Upserted(contact_id=contact.contact_id, outcome=outcome)
        known = deps.contacts.get(contact.contact_id)
    raise _busy()


def patch(contact_id: ContactId, changes: Mapping[str, object], *, deps: ContactDeps) -> Contact:
    """Change only these values; ``attributes`` are merged.

    Raises NotFound, InvalidInput, Conflict.
    """
    for _ in range(_MAX_TRIES):
        known = find(contact_id, deps=deps)
        contact = _patched(known.contact, changes)
        if deps.contacts.save(contact, replacing=known):
            # Read again: a new number may bring its suppression with it.
            return find(contact_id, deps=deps).contact
    raise _busy()


def _patched(contact: Contact, changes: Mapping[str, object]) -> Contact:
    plain = {name: value for name, value in changes.items() if name != "attributes"}
    if "attributes" in changes:
        plain["attributes"] = _merged(contact.attributes, changes["attributes"])
    return replace(contact, **plain)  # type: ignore[arg-type]  # same names


def _merged(known: Mapping[str, AttributeValue], given: object) -> Mapping[str, AttributeValue]:
    """Set and remove values by name; nothing given removes all. Raises InvalidInput."""
    if not isinstance(given, dict):
        return {}
    merged = {name: each for name, each in {**known, **given}.items() if each is not None}
    if len(merged) > MAX_ATTRIBUTES or attributes_chars(merged) > MAX_ATTRIBUTES_CHARS:
        message = "With those that it has, the contact would have too many or too long attributes."
        raise InvalidInput.field("/attributes", "too_large", message)
    return merged


def same_profile(one: Contact, other: Contact) -> bool:
    """Whether an upsert would change nothing; consents and suppressions are not its matter."""
    return _profile_values(one) == _profile_values(other)


def _profile_values(contact: Contact) -> tuple[object, ...]:
    return (
        contact.phone,
        contact.email,
        # To Python 1, 1.0 and True are equal; in a text they are not.
        {name: (type(value), value) for name, value in contact.attributes.items()},
        contact.groups,
        contact.locale,
        contact.zone,
    )


def find(contact_id: ContactId, *, deps: ContactDeps) -> Profile:
    """Read a person. Raises NotFound, ``contact_merged`` for who became another."""
    profile = deps.contacts.get(contact_id)
    if profile is not None:
        return profile
    survivor = deps.merged_into(contact_id)
    if survivor is not None:
        msg = "The contact was merged into another."
        raise NotFound(msg, code="contact_merged", merged_into=survivor)
    msg = "There is no such contact."
    raise NotFound(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentHistory:
    """The evidence about a person, what was in force at a moment, and breaks in the chain."""

    records: tuple[ConsentRecord, ...]
    in_force: Mapping[ConsentKey, Consent]
    breaks: tuple[int, ...]


def record_consent(
    contact_id: ContactId, change: ConsentChange, *, deps: ContactDeps, now: datetime
) -> ConsentRecord:
    """Append one change and put it in force. Raises NotFound, InvalidInput, Conflict.

    Conflict ``withdrawn_since``: a consent from before the person withdrew it does not come back
    (정보통신망법 art. 50(2)). Conflict ``not_granted``: there is nothing to confirm.
    """
    if change.at > now:
        raise InvalidInput.field("/at", "in_the_future", "A consent cannot lie in the future.")

    def decided(contact: Contact) -> Sequence[ConsentChange]:
        known = contact.consents.get(change.key)
        if change.action is ConsentAction.CONFIRM and (known is None or not known.granted):
            msg = "Only a consent that is in force can be confirmed."
            raise Conflict(msg, code="not_granted")
        granting = change.action in (ConsentAction.GRANT, ConsentAction.IMPORT)
        if granting and known is not None and not known.granted and change.at < known.at:
            msg = "The person has withdrawn this consent since."
            raise Conflict(msg, code="withdrawn_since")
        return [change]

    (record,) = deps.consents.append_decided(contact_id, decided, now=now)
    return record


def consent_history(contact_id: ContactId, *, deps: ContactDeps, as_of: datetime) -> ConsentHistory:
    """Read the evidence, and what was in force at ``as_of``. Raises NotFound."""
    find(contact_id, deps=deps)
    records = deps.consents.history(contact_id)
    in_force = fold(each for each in records if each.at <= as_of)
    return ConsentHistory(records=records, in_force=in_force, breaks=chain_breaks(records))


def suppress(suppression: Suppression, *, deps: ContactDeps, now: datetime) -> Suppression:
    """Keep an address from being written to, also by messages already planned.

    Gives what stands: a refusal does not take the place of a complaint, which outweighs it.
    """
    hashed, mark = suppression.address_hash, suppression.mark

    def decide(known: Suppression | None) -> Suppression:
        if known is None or mark.reason not in OPT_OUTS:
            return suppression
        wins = standing(known.mark, mark, now=now)
        return suppression if wins == mark else replace(known, mark=wins)

    stands, replaced = deps.suppressions.put_decided(hashed, mark.scope, decide)
    owner = deps.suppressions.owner_of(hashed)
    if owner is not None:
        deps.contacts.add_marks(owner, hashed, [stands.mark])
        if replaced is not None and replaced.mark != stands.mark:
            deps.contacts.clear_marks(owner, hashed, [replaced.mark])
        if mark.reason is SuppressionReason.COMPLAINT:
            deps.reactions.of_owner(owner, Reaction.COMPLAINED, at=mark.since)
    return stands


def unsuppress(hashed: AddressHash, *, scope: Scope | None = None, deps: ContactDeps) -> None:
    """Allow an address again, in one scope or wholly. Raises NotFound."""
    known = deps.suppressions.remove(hashed, scope)
    # Also when nothing was left to remove: an earlier call may have died before this.
    owner = deps.suppressions.owner_of(hashed)
    profile = None if owner is None else deps.contacts.get(owner)
    if owner is not None and profile is not None:
        marks = profile.contact.suppressions.get(hashed, ())
        gone = [mark for mark in marks if scope in (None, mark.scope)]
        deps.contacts.clear_marks(owner, hashed, gone)
    if not known:
        msg = "The address is not suppressed."
        raise NotFound(msg)


def join_group(
    group: str, contact_ids: Iterable[ContactId], *, deps: ContactDeps
) -> dict[ContactId, GroupChange]:
    """Put people into a group; tells for each what became of it."""
    return {each: deps.contacts.change_groups(each, add=group) for each in contact_ids}


def leave_group(
    group: str, contact_ids: Iterable[ContactId], *, deps: ContactDeps
) -> dict[ContactId, GroupChange]:
    """Take people out of a group; tells for each whether there is such a person."""
    return {each: deps.contacts.change_groups(each, remove=group) for each in contact_ids}


def check_change(change: GroupChange) -> None:
    """Raise NotFound, or Conflict ``too_many_groups``, for what could not be done."""
    if change is GroupChange.UNKNOWN:
        msg = "There is no such contact."
        raise NotFound(msg)
    if change is GroupChange.FULL:
        msg = f"The contact is in {MAX_GROUPS} groups, which is the most."
        raise Conflict(msg, code="too_many_groups")


def _busy() -> Conflict:
    return Conflict("The contact is being changed by others; try again.", code="busy")
