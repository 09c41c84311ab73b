"""People with their evidence and suppressions, in memory; held to the real stores' contract."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from functions.contracts.errors import Conflict, NotFound
from functions.domain.consent import GENESIS, Consent, ConsentKey, ConsentRecord, after
from functions.domain.contact import MAX_GROUPS, Contact, GroupChange, Phone
from functions.domain.ids import AddressHash, ContactId
from functions.domain.suppression import Mark, Scope, Suppression
from functions.domain.writing import ConsentChange, Profile


def fake_hash(phone: Phone) -> AddressHash:
    """What the builders call the hash of a number: ``hash7`` for the seventh."""
    return AddressHash(f"hash{int(phone.e164[-8:])}")


def _hash_of(contact: Contact) -> AddressHash | None:
    return None if contact.phone is None else fake_hash(contact.phone)


@dataclass
class FakeSuppressions:
    rows: dict[tuple[AddressHash, Scope], Suppression] = field(default_factory=dict)
    owners: dict[AddressHash, ContactId] = field(default_factory=dict)

    def get(self, hashed: AddressHash) -> tuple[Suppression, ...]:
        return tuple(each for each in self.rows.values() if each.address_hash == hashed)

    def put(self, suppression: Suppression) -> Suppression | None:
        hashed, scope = suppression.address_hash, suppression.mark.scope
        return self.put_decided(hashed, scope, lambda _: suppression)[1]

    def put_decided(
        self,
        hashed: AddressHash,
        scope: Scope,
        decide: Callable[[Suppression | None], Suppression],
    ) -> tuple[Suppression, Suppression | None]:
        replaced = self.rows.get((hashed, scope))
        self.rows[hashed, scope] = decide(replaced)
        return self.rows[hashed, scope], replaced

    def remove(self, hashed: AddressHash, scope: Scope | None = None) -> bool:
        gone = [key for key in self.rows if key[0] == hashed and scope in (None, key[1])]
        for key in gone:
            del self.rows[key]
        return bool(gone)

    def owner_of(self, hashed: AddressHash) -> ContactId | None:
        return self.owners.get(hashed)


@dataclass
class FakeProfiles:
    """``rivals`` are written, each once, just before a save: somebody else was quicker."""

    profiles: dict[ContactId, Profile] = field(default_factory=dict)
    suppressions: FakeSuppressions = field(default_factory=FakeSuppressions)
    rivals: list[Contact] = field(default_factory=list)

    @classmethod
    def of(cls, *contacts: Contact) -> "FakeProfiles":
        made = cls()
        for contact in contacts:
            made.save(contact, replacing=None)
        return made

    def get(self, contact_id: ContactId) -> Profile | None:
        return self.profiles.get(contact_id)

    def get_profiles(self, contact_ids: Iterable[ContactId]) -> Mapping[ContactId, Profile]:
        return {each: self.profiles[each] for each in contact_ids if each in self.profiles}

    def owner_of(self, phone: Phone) -> ContactId | None:
        return self.suppressions.owner_of(fake_hash(phone))

    def save(self, contact: Contact, *, replacing: Profile | None) -> bool:
        if self.rivals:
            rival = self.rivals.pop(0)
            self._write(rival, self.get(rival.contact_id), _hash_of(rival))
        known, hashed = self.get(contact.contact_id), _hash_of(contact)
        if hashed is not None:
            self._claim(hashed, contact.contact_id)
        if (known and known.version) != (replacing and replacing.version):
            return False
        self._write(contact, known, hashed)
        return True

    def _claim(self, hashed: AddressHash, contact_id: ContactId) -> None:
        owner = self.suppressions.owners.get(hashed, contact_id)
        profile = self.get(owner)
        if owner != contact_id and profile and profile.contact.phone_hash == hashed:
            msg = "taken"
            raise Conflict(msg, code="address_taken")
        self.suppressions.owners[hashed] = contact_id

    def _write(self, contact: Contact, known: Profile | None, hashed: AddressHash | None) -> None:
        old = Contact(contact_id=contact.contact_id) if known is None else known.contact
        if old.phone_hash not in (None, hashed):
            self.suppressions.owners.pop(old.phone_hash, None)
        marks = {each: why for each, why in old.suppressions.items() if each == hashed}
        known_marks = () if hashed is None else self.suppressions.get(hashed)
        if hashed is not None and known_marks:
            more = (*marks.get(hashed, ()), *(each.mark for each in known_marks))
            marks[hashed] = tuple(dict.fromkeys(more))
        self.profiles[contact.contact_id] = Profile(
            contact=replace(contact, phone_hash=hashed, suppressions=marks, consents=old.consents),
            version=1 + (known.version if known else 0),
            consent_seq=known.consent_seq if known else 0,
            consent_head=known.consent_head if known else GENESIS,
        )

    def add_marks(self, contact_id: ContactId, hashed: AddressHash, marks: Iterable[Mark]) -> None:
        if contact_id not in self.profiles:
            return
        known = self.profiles[contact_id].contact.suppressions
        more = tuple(dict.fromkeys((*known.get(hashed, ()), *marks)))
        self._change(contact_id, suppressions={**known, hashed: more})

    def clear_marks(
        self, contact_id: ContactId, hashed: AddressHash, marks: Iterable[Mark] | None = None
    ) -> None:
        if contact_id not in self.profiles:
            return
        known = self.profiles[contact_id].contact.suppressions
        gone = known.get(hashed, ()) if marks is None else tuple(marks)
        left = tuple(mark for mark in known.get(hashed, ()) if mark not in gone)
        others = {each: why for each, why in known.items() if each != hashed}
        self._change(contact_id, suppressions=others | ({hashed: left} if left else {}))

    def change_groups(
        self, contact_id: ContactId, *, add: str | None = None, remove: str | None = None
    ) -> GroupChange:
        if contact_id not in self.profiles:
            return GroupChange.UNKNOWN
        groups = self.profiles[contact_id].contact.groups
        if add is not None and len(groups - {add}) >= MAX_GROUPS:
            return GroupChange.FULL
        self._change(contact_id, groups=(groups | {add}) - {None, remove})
        return GroupChange.DONE

    def _change(self, contact_id: ContactId, **values: object) -> None:
        profile = self.profiles[contact_id]
        contact = replace(profile.contact, **values)  # type: ignore[arg-type]
        self.profiles[contact_id] = replace(profile, contact=contact, version=profile.version + 1)


@dataclass
class FakeConsents:
    profiles: FakeProfiles
    records: dict[ContactId, list[ConsentRecord]] = field(default_factory=dict)

    def append(
        self, contact_id: ContactId, changes: Sequence[ConsentChange], *, now: datetime
    ) -> tuple[ConsentRecord, ...]:
        return self.append_decided(contact_id, lambda _: changes, now=now)

    def append_decided(
        self,
        contact_id: ContactId,
        decide: Callable[[Contact], Sequence[ConsentChange]],
        *,
        now: datetime,
    ) -> tuple[ConsentRecord, ...]:
        profile = self.profiles.get(contact_id)
        if profile is None:
            msg = "There is no such contact."
            raise NotFound(msg)
        known = len(self.records.get(contact_id, ()))
        for change in decide(profile.contact):
            profile = self._appended(profile, change, now=now)
        self.profiles.profiles[contact_id] = profile
        return tuple(self.records.get(contact_id, ())[known:])

    def _appended(self, profile: Profile, change: ConsentChange, *, now: datetime) -> Profile:
        contact = profile.contact
        seq = profile.consent_seq + 1
        record = a_record(
            change, contact.contact_id, seq=seq, previous=profile.consent_head, now=now
        )
        self.records.setdefault(contact.contact_id, []).append(record)
        return replace(
            profile,
            contact=replace(contact, consents=put_in_force(contact.consents, [record])),
            consent_seq=record.seq,
            consent_head=record.digest,
        )

    def history(self, contact_id: ContactId) -> tuple[ConsentRecord, ...]:
        return tuple(self.records.get(contact_id, ()))


def a_record(
    change: ConsentChange,
    contact_id: ContactId,
    *,
    seq: int,
    now: datetime,
    previous: str = GENESIS,
) -> ConsentRecord:
    return change.record(
        contact_id,
        seq=seq,
        previous=previous,
        subject=f"hash of {contact_id}",
        ip_hash=f"hash of {change.ip}" if change.ip else "",
        recorded=now,
    )


def put_in_force(
    known: Mapping[ConsentKey, Consent], records: Iterable[ConsentRecord]
) -> dict[ConsentKey, Consent]:
    in_force = dict(known)
    for record in records:
        consent = after(in_force.get(record.key), record)
        if consent is not None:
            in_force[record.key] = consent
    return in_force
