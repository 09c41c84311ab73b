"""Stores that only pretend to write: what a dry run works on instead of people."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from functions.contracts.errors import Conflict, NotFound
from functions.domain.consent import ConsentRecord
from functions.domain.contact import Contact, Phone
from functions.domain.ids import ContactId
from functions.domain.seen_keys import SeenKeys
from functions.domain.writing import ConsentChange, Profile
from functions.imports.service import Contacts


class PretendedPeople:
    """People and their evidence while the rows of one chunk are pretended to be written.

    A person stands in one good row of a file at most, so nobody is needed in a later chunk; only
    which numbers they would have left free is, in ``freed``.
    """

    def __init__(self, contacts: Contacts, freed: SeenKeys) -> None:
        self._contacts = contacts
        self._freed = freed
        self._freed_now: set[str] = set()
        self._saved: dict[ContactId, Profile] = {}

    def get(self, contact_id: ContactId) -> Profile | None:
        """Read one person as they would be."""
        return self._saved.get(contact_id) or self._contacts.get(contact_id)

    def get_profiles(self, contact_ids: Iterable[ContactId]) -> Mapping[ContactId, Profile]:
        """Read many people as they are."""
        return self._contacts.get_profiles(contact_ids)

    def holder_of(self, phone: Phone) -> ContactId | None:
        """Who would have this number; one that was left free has nobody."""
        if phone.e164 in self._freed_now or phone.e164 in self._freed:
            return None
        return self._contacts.holder_of(phone)

    def save(self, contact: Contact, *, replacing: Profile | None) -> bool:
        """Remember the person. Raises Conflict ``address_taken`` as the real store does."""
        former = None if replacing is None else replacing.contact.phone
        if contact.phone is not None and contact.phone != former:
            self._check_free(contact.phone, contact.contact_id)
        if former is not None and former != contact.phone:
            self._freed_now.add(former.e164)
        known = replacing or Profile(contact=contact, version=0, consent_seq=0, consent_head="")
        kept = known.contact.consents
        self._saved[contact.contact_id] = replace(known, contact=replace(contact, consents=kept))
        return True

    def _check_free(self, phone: Phone, contact_id: ContactId) -> None:
        if self.holder_of(phone) not in (None, contact_id):
            msg = "The phone number belongs to another contact."
            raise Conflict(msg, code="address_taken")

    def append_decided(
        self,
        contact_id: ContactId,
        decide: Callable[[Contact], Sequence[ConsentChange]],
        *,
        now: datetime,
    ) -> tuple[ConsentRecord, ...]:
        """The evidence that would be appended, without its place in the chain. Raises NotFound."""
        profile = self.get(contact_id)
        if profile is None:
            msg = "There is no such contact."
            raise NotFound(msg)
        return tuple(
            change.record(contact_id, seq=0, previous="", subject="", ip_hash="", recorded=now)
            for change in decide(profile.contact)
        )

    def keep_freed(self) -> None:
        """Remember for the chunks that follow which numbers this one left free."""
        for number in self._freed_now:
            self._freed.add(number)
