"""Contacts: one item collection per person, and who owns an address."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from functools import reduce
from itertools import islice
from operator import or_
from typing import Any

from pynamodb.attributes import (
    BinaryAttribute,
    JSONAttribute,
    ListAttribute,
    NumberAttribute,
    NumberSetAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
)
from pynamodb.expressions.condition import Condition, size
from pynamodb.expressions.update import Action

from functions.contracts.page import Page, Position
from functions.contracts.profile_values import (
    consents_from_json,
    marks_from_texts,
    marks_to_texts,
)
from functions.domain.consent import GENESIS
from functions.domain.contact import MAX_GROUPS, Contact, Email, GroupChange, Phone
from functions.domain.fatigue import Entry, Recent
from functions.domain.history import month_of
from functions.domain.ids import AddressHash, ContactId, MessageNumber
from functions.domain.suppression import Mark
from functions.domain.writing import Profile
from functions.storage import claims
from functions.storage.base import Item, position_of, start_key, unchanged, written
from functions.storage.suppressions import (
    AddressItem,
    SuppressionStore,
    address_hash,
    marks_of,
)

PROFILE = "PROFILE"
RECENT = "RECENT"
MERGED = "MERGED"
SENT = "SENT#"
_MAX_SLICE_REQUESTS = 20
"""Requests of at most 1 MB each, some seconds together: far below the planner's time-out."""


class ContactItem(Item):
    """A row of a person.

    ``PROFILE``; ``RECENT``, the advertisements (``storage/recents.py``); ``SENT#yyyymm``, the
    numbers of that month's messages; ``ACTIVITY``, ``ACTIVITY#yyyymm`` (``storage/activities.py``);
    ``WITHIN``, the live audiences (``storage/stays.py``); ``TOUCHED``, what they did that is some
    campaign's goal (``storage/goal_logs.py``); ``MERGED``, ``FORMER#id``
    (``storage/merging.py``).
    """

    class Meta:
        """Short name of the table."""

        table = "contacts"

    contact_id = UnicodeAttribute(hash_key=True)
    kind = UnicodeAttribute(range_key=True)
    phone = UnicodeAttribute(null=True)
    phone_hash = UnicodeAttribute(null=True)
    email = UnicodeAttribute(null=True)
    attributes = JSONAttribute(null=True)
    groups = UnicodeSetAttribute(null=True)
    locale = UnicodeAttribute(null=True)
    zone = UnicodeAttribute(null=True)
    consents = JSONAttribute(null=True)
    consent_seq = NumberAttribute(null=True)
    consent_head = UnicodeAttribute(null=True)
    suppressed = UnicodeSetAttribute(null=True)
    v = NumberAttribute(null=True)
    sent = NumberSetAttribute(null=True)
    entries = ListAttribute(of=BinaryAttribute, attr_name="e", null=True)
    totals = BinaryAttribute(legacy_encoding=False, attr_name="t", null=True)
    seen = BinaryAttribute(legacy_encoding=False, attr_name="i", null=True)
    waiting = BinaryAttribute(legacy_encoding=False, attr_name="w", null=True)
    first_day = UnicodeAttribute(attr_name="f", null=True)
    within = JSONAttribute(attr_name="a", null=True)
    merged_into = UnicodeAttribute(attr_name="m", null=True)
    goal_events = BinaryAttribute(legacy_encoding=False, attr_name="g", null=True)
    expires_at = NumberAttribute(null=True)


class ContactStore:
    """Reads and writes people."""

    def get(self, contact_id: ContactId) -> Profile | None:
        """Read one person, consistently."""
        try:
            item = ContactItem.get(contact_id, PROFILE, consistent_read=True)
        except ContactItem.DoesNotExist:
            return None
        return _to_profile(item)

    def get_many(self, contact_ids: Iterable[ContactId]) -> dict[ContactId, Contact]:
        """Read many people, consistently; who does not exist is left out."""
        profiles = self.get_profiles(contact_ids)
        return {contact_id: profile.contact for contact_id, profile in profiles.items()}

    def get_profiles(self, contact_ids: Iterable[ContactId]) -> dict[ContactId, Profile]:
        """Read many people with what their writers need, consistently."""
        keys = [(contact_id, PROFILE) for contact_id in dict.fromkeys(contact_ids)]
        found = (_to_profile(item) for item in ContactItem.batch_get(keys, consistent_read=True))
        return {profile.contact.contact_id: profile for profile in found}

    def owner_of(self, phone: Phone) -> ContactId | None:
        """Whose number this is."""
        return SuppressionStore().owner_of(address_hash(phone.e164))

    def holder_of(self, phone: Phone) -> ContactId | None:
        """Who has this number; None when it is free for anybody who claims it."""
        return claims.holder_of(address_hash(phone.e164), holds=self._holds)

    def owners_of(self, phones: Iterable[Phone]) -> dict[Phone, ContactId]:
        """Whose numbers these are; numbers of nobody are left out."""
        phone_by_hash = {address_hash(phone.e164): phone for phone in phones}
        items = AddressItem.batch_get(list(phone_by_hash), consistent_read=True)
        return {
            phone_by_hash[AddressHash(item.address_hash)]: ContactId(item.owner)
            for item in items
            if item.owner
        }

    def save(self, contact: Contact, *, replacing: Profile | None) -> bool:
        """Write the profile unless it changed since ``replacing`` was read; tells if it did so.

        Consents and suppressions are left as they are: only their own writers change them.
        Raises Conflict ``address_taken`` when the phone belongs to somebody else.
        """
        hashed = None if contact.phone is None else address_hash(contact.phone.e164)
        version = 1 + (replacing.version if replacing else 0)
        actions = _profile_actions(contact, hashed, version=version)
        if hashed is not None:
            claims.claim(hashed, contact.contact_id, holds=self._holds)
            # Read only after the claim: whoever suppresses the address from now on finds us
            # as its owner, whoever did so before is found here.
            if marks := marks_of(hashed):
                actions.append(ContactItem.suppressed.add(marks_to_texts(hashed, marks)))
        item = ContactItem(contact.contact_id, PROFILE)
        unchanged = (
            ContactItem.v == replacing.version if replacing else ContactItem.v.does_not_exist()
        )
        saved = written(lambda: item.update(actions=actions, condition=unchanged))
        if saved and replacing is not None:
            self._release(replacing.contact, hashed)
        elif saved and hashed is not None and (marks := marks_of(hashed)):
            # Whoever suppressed it a moment ago found us as its owner, but no profile to mark.
            self.add_marks(contact.contact_id, hashed, marks)
        return saved

    def _holds(self, contact_id: ContactId, hashed: AddressHash) -> bool:
        profile = self.get(contact_id)
        return profile is not None and profile.contact.phone_hash == hashed

    def _release(self, former: Contact, new: AddressHash | None) -> None:
        old = former.phone_hash
        if old is None or old == new:
            return
        claims.release(old, former.contact_id)
        if old in former.suppressions:
            # Else the mark would be found again, outdated, if the number ever came back.
            self.clear_marks(former.contact_id, old)

    def add_marks(self, contact_id: ContactId, hashed: AddressHash, marks: Iterable[Mark]) -> None:
        """Show on the profile that an address is suppressed."""
        actions: list[Action] = [ContactItem.suppressed.add(marks_to_texts(hashed, marks))]
        self._change_marks(contact_id, actions)

    def clear_marks(
        self, contact_id: ContactId, hashed: AddressHash, marks: Iterable[Mark] | None = None
    ) -> None:
        """Take these marks of an address off the profile, or all that it has now.

        Only what is named is taken off, so that no mark just set by others is lost.
        """
        if marks is None:
            profile = self.get(contact_id)
            marks = () if profile is None else profile.contact.suppressions.get(hashed, ())
        if texts := marks_to_texts(hashed, marks):
            self._change_marks(contact_id, [ContactItem.suppressed.delete(texts)])

    def _change_marks(self, contact_id: ContactId, actions: list[Action]) -> None:
        item = ContactItem(contact_id, PROFILE)
        written(lambda: item.update(actions=actions, condition=ContactItem.v.exists()))

    def change_groups(
        self, contact_id: ContactId, *, add: str | None = None, remove: str | None = None
    ) -> GroupChange:
        """Put a person into a group, where they are not in too many, or take them out."""
        # A new version, so that no save under way writes the groups it read before.
        actions: list[Action] = [ContactItem.v.add(1)]
        condition: Condition = ContactItem.v.exists()
        if add is not None:
            actions.append(ContactItem.groups.add({add}))
            condition &= _has_room(add)
        if remove is not None:
            actions.append(ContactItem.groups.delete({remove}))
        item = ContactItem(contact_id, PROFILE)
        if written(lambda: item.update(actions=actions, condition=condition)):
            return GroupChange.DONE
        known = add is not None and self.get(contact_id) is not None
        return GroupChange.FULL if known else GroupChange.UNKNOWN

    def page(
        self, *, limit: int, position: Position | None, group: str | None = None
    ) -> Page[Contact]:
        """Read some people, in the table's order, all or those of a group."""
        start = start_key(position)
        wanted = _people() if group is None else _people(group)
        scan = ContactItem.scan(wanted, page_size=limit, limit=limit, last_evaluated_key=start)
        found = tuple(_to_profile(item).contact for item in scan)
        return Page(items=found, after=position_of(scan.last_evaluated_key))

    def slice(
        self, *, size: int, position: Position | None, groups: Collection[str] = ()
    ) -> Page[tuple[Contact, Recent]]:
        """Read about ``size`` people with their advertisements in a bounded number of requests.

        Given ``groups``, only who is in one of them: in a large table with small groups a slice
        may be empty though more people follow.
        """
        start = start_key(position)
        wanted = _people(*groups) | (ContactItem.kind == RECENT)
        scan = ContactItem.scan(wanted, page_size=size, last_evaluated_key=start)
        found: dict[ContactId, Contact] = {}
        recents: dict[ContactId, Recent] = {}
        for page in islice(scan.page_iter, _MAX_SLICE_REQUESTS):
            for row in map(ContactItem.from_raw_data, page["Items"]):
                if row.kind == RECENT:
                    recents[ContactId(row.contact_id)] = recent_of(row)
                else:
                    found[ContactId(row.contact_id)] = _to_profile(row).contact
            if len(found) >= size:
                break
        after = scan.page_iter.last_evaluated_key
        if after is not None and after["kind"]["S"] == PROFILE:
            # The border lies between the last person's rows.
            recents |= self._recent_of(ContactId(after["contact_id"]["S"]))
        people = tuple((contact, recents.get(each, Recent())) for each, contact in found.items())
        return Page(items=people, after=position_of(after))

    def _recent_of(self, contact_id: ContactId) -> dict[ContactId, Recent]:
        found = ContactItem.batch_get([(contact_id, RECENT)])
        return {ContactId(row.contact_id): recent_of(row) for row in found}

    def remember_sent(self, numbers: Mapping[ContactId, MessageNumber], *, now: datetime) -> None:
        """Note in each person's history that this message goes to them; repeating is harmless."""
        month = SENT + month_of(now)
        for contact_id, number in numbers.items():
            item = ContactItem(contact_id, month)
            item.update(actions=[ContactItem.sent.add({number.packed})])

    def note_in_months(self, contact_id: ContactId, entries: Iterable[Entry]) -> None:
        """Note advertisements in the months in which they left; repeating is harmless."""
        numbers: defaultdict[str, set[int]] = defaultdict(set)
        for entry in entries:
            numbers[month_of(entry.moment)].add(entry.number)
        for month, gone in numbers.items():
            item = ContactItem(contact_id, SENT + month)
            item.update(actions=[ContactItem.sent.add(gone)])

    def erase_profile(self, profile: Profile) -> None:
        """Delete a profile and free its address; repeating it is harmless."""
        contact = profile.contact
        if contact.phone_hash is not None:
            claims.release(contact.phone_hash, contact.contact_id)
        ContactItem(contact.contact_id, PROFILE).delete()

    def erase_unchanged(self, profile: Profile) -> bool:
        """Delete a profile and free its address, unless it or its consents changed since.

        Tells if it did so. Dying midway leaves the address to be taken over later.
        """
        contact, seq = profile.contact, profile.consent_seq
        same = unchanged(ContactItem.consent_seq, seq)
        same &= ContactItem.v == profile.version
        item = ContactItem(contact.contact_id, PROFILE)
        erased = written(lambda: item.delete(condition=same))
        if erased and contact.phone_hash is not None:
            claims.release(contact.phone_hash, contact.contact_id)
        return erased

    def erase_history(self, contact_id: ContactId) -> int:
        """Delete every row of a person but the profile; tells how many there were."""
        rows = [row for row in ContactItem.query(contact_id) if row.kind != PROFILE]
        with ContactItem.batch_write() as write:
            for row in rows:
                write.delete(row)
        return len(rows)


def recent_of(row: ContactItem) -> Recent:
    """Read a row of advertisements."""
    packed = b"".join(bytes(each) for each in row.entries or ())
    return Recent.unpack(packed, version=int(row.v or 0))


def contact_of(row: ContactItem) -> Contact:
    """Read the row of a profile."""
    return _to_profile(row).contact


def _profile_actions(contact: Contact, hashed: AddressHash | None, *, version: int) -> list[Action]:
    values: list[tuple[Any, object]] = [
        (ContactItem.phone, contact.phone and contact.phone.e164),
        (ContactItem.phone_hash, hashed),
        (ContactItem.email, contact.email and contact.email.address),
        (ContactItem.attributes, dict(contact.attributes) or None),
        (ContactItem.groups, set(contact.groups) or None),
        (ContactItem.zone, contact.zone),
    ]
    actions: list[Action] = [
        attribute.remove() if value is None else attribute.set(value) for attribute, value in values
    ]
    return [*actions, ContactItem.locale.set(contact.locale), ContactItem.v.set(version)]


def _has_room(group: str) -> Condition:
    groups = ContactItem.groups
    few = size(groups) < MAX_GROUPS  # type: ignore[no-untyped-call]
    condition: Condition = groups.does_not_exist() | groups.contains(group) | few
    return condition


def _people(*groups: str) -> Condition:
    """Everyone, or who is in one of the groups."""
    wanted: Condition = ContactItem.kind == PROFILE
    if not groups:
        return wanted
    one_of_them: Condition = reduce(or_, (ContactItem.groups.contains(each) for each in groups))
    both: Condition = wanted & one_of_them
    return both


def _to_profile(item: ContactItem) -> Profile:
    contact = Contact(
        contact_id=ContactId(item.contact_id),
        phone=None if item.phone is None else Phone(item.phone),
        phone_hash=None if item.phone_hash is None else AddressHash(item.phone_hash),
        email=None if item.email is None else Email(item.email),
        attributes=item.attributes or {},
        groups=frozenset(item.groups or ()),
        locale=item.locale or "ko",
        zone=item.zone,
        consents=consents_from_json(item.consents or {}),
        suppressions=marks_from_texts(item.suppressed or ()),
    )
    return Profile(
        contact=contact,
        version=int(item.v or 0),
        consent_seq=int(item.consent_seq or 0),
        consent_head=item.consent_head or GENESIS,
    )
