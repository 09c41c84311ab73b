"""Merges two contacts that are one person.

Everything that keeps messages back moves before the other's profile goes, all else after it.
Dying midway is made good by calling again; who changes the other meanwhile is merged as well.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from functions.contacts.service import ContactDeps, find
from functions.contracts.errors import Conflict, InvalidInput
from functions.domain.consent import ConsentKey
from functions.domain.contact import Contact, Email, Phone
from functions.domain.ids import ContactId
from functions.domain.merge import Filled, Origin, careful_consents, filled, refusals
from functions.domain.opt_out import OptOut
from functions.domain.writing import ConsentChange, Profile

_MAX_TRIES = 8


class Rows(Protocol):
    """Moves what is stored about one contact to another."""

    def take_phone(self, phone: Phone, *, giver: ContactId, taker: ContactId) -> None:
        """Let the number be the taker's, if it is the giver's."""

    def close(self, other: Profile, *, survivor: ContactId) -> bool:
        """End the other's profile, unless it changed since it was read."""

    def move_recent(self, other: ContactId, survivor: ContactId, *, now: datetime) -> int:
        """Give the survivor the advertisements that count for the caps."""

    def move_history(self, other: ContactId, survivor: ContactId, *, now: datetime) -> None:
        """Give the survivor all of the other's messages."""

    def move_activity(self, other: ContactId, survivor: ContactId) -> None:
        """Give the survivor what the other did."""

    def move_goal_events(self, other: ContactId, survivor: ContactId) -> None:
        """Give the survivor what of it is a goal of campaigns."""


class Evidence(Protocol):
    """The store of evidence."""

    def pseudonymise(self, contact_id: ContactId) -> int:
        """Keep the evidence under the keyed hash of the person only."""


class Notices(Protocol):
    """The store of notices."""

    def erase(self, contact_id: ContactId) -> int:
        """Delete all notices of a person."""


class OptOuts(Protocol):
    """The store of opt-outs."""

    def suppress(
        self,
        address: Phone | Email,
        opt_out: OptOut,
        *,
        holder: ContactId | None,
        now: datetime,
    ) -> None:
        """Suppress an address, withdrawing nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeDeps:
    """What merging needs. ``origin`` names in evidence whom and by whose word."""

    people: ContactDeps
    rows: Rows
    evidence: Evidence
    notices: Notices
    opt_outs: OptOuts
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """The survivor, and the names of what they had no room for."""

    contact: Contact
    groups_left_out: Sequence[str] = ()
    attributes_left_out: Sequence[str] = ()


def merge(survivor_id: ContactId, other_id: ContactId, *, deps: MergeDeps, now: datetime) -> Merged:
    """Make the survivor of two contacts; merging again changes nothing more.

    Raises NotFound, InvalidInput for a contact with itself, Conflict ``busy``.
    """
    if survivor_id == other_id:
        raise InvalidInput.field("/from", "not_allowed", "Name another contact.")
    find(survivor_id, deps=deps.people)
    done = _end_other(survivor_id, other_id, deps=deps, now=now)
    deps.rows.move_history(other_id, survivor_id, now=now)
    deps.rows.move_activity(other_id, survivor_id)
    deps.rows.move_goal_events(other_id, survivor_id)
    deps.notices.erase(other_id)
    deps.evidence.pseudonymise(other_id)
    return Merged(
        contact=find(survivor_id, deps=deps.people).contact,
        groups_left_out=done.groups_left_out if done else (),
        attributes_left_out=done.attributes_left_out if done else (),
    )


def _end_other(
    survivor_id: ContactId, other_id: ContactId, *, deps: MergeDeps, now: datetime
) -> Filled | None:
    """Move what keeps messages back and the profile; None when that was done before."""
    contacts = deps.people.contacts
    if contacts.get(other_id) is None and deps.people.merged_into(other_id) == survivor_id:
        return None
    for _ in range(_MAX_TRIES):
        other = find(other_id, deps=deps.people)
        deps.rows.move_recent(other_id, survivor_id, now=now)
        _merge_consents(survivor_id, other.contact, deps=deps, now=now)
        done = _fill(survivor_id, other.contact, deps=deps)
        _carry_refusals(done.contact, other.contact, deps=deps, now=now)
        if deps.rows.close(other, survivor=survivor_id):
            return done
    raise _busy()


def _merge_consents(
    survivor_id: ContactId, other: Contact, *, deps: MergeDeps, now: datetime
) -> None:
    def decide(survivor: Contact) -> Sequence[ConsentChange]:
        told = _told(survivor_id, deps)
        return careful_consents(survivor.consents, other.consents, told=told, origin=deps.origin)

    deps.people.consents.append_decided(survivor_id, decide, now=now)


def _told(survivor_id: ContactId, deps: MergeDeps) -> frozenset[ConsentKey]:
    history = deps.people.consents.history(survivor_id)
    return frozenset(each.key for each in history if each.source == deps.origin.source)


def _fill(survivor_id: ContactId, other: Contact, *, deps: MergeDeps) -> Filled:
    for _ in range(_MAX_TRIES):
        survivor = find(survivor_id, deps=deps.people)
        done = filled(survivor.contact, other)
        if survivor.contact.phone is None and other.phone is not None:
            deps.rows.take_phone(other.phone, giver=other.contact_id, taker=survivor_id)
        if deps.people.contacts.save(done.contact, replacing=survivor):
            return done
    raise _busy()


def _carry_refusals(survivor: Contact, other: Contact, *, deps: MergeDeps, now: datetime) -> None:
    if survivor.phone is None:
        return
    for opt_out in refusals(other, deps.origin, now=now):
        deps.opt_outs.suppress(survivor.phone, opt_out, holder=survivor.contact_id, now=now)


def _busy() -> Conflict:
    return Conflict("The contact is being changed by others; try again.", code="busy")
