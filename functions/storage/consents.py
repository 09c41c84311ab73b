"""The consent ledger: evidence is appended, and what is in force follows in the same write."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import count

from pynamodb.attributes import NumberAttribute, UnicodeAttribute, UTCDateTimeAttribute
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from functions.contracts.errors import Conflict, NotFound
from functions.contracts.profile_values import consents_to_json
from functions.domain.consent import (
    Basis,
    Consent,
    ConsentAction,
    ConsentKey,
    ConsentRecord,
    after,
)
from functions.domain.contact import Contact
from functions.domain.ids import ContactId
from functions.domain.notice import needs_confirmation, notices_of
from functions.domain.writing import ConsentChange, Profile
from functions.runtime.pseudonym import hash_of_ip, subject_of
from functions.runtime.settings import tenant_zone
from functions.storage.base import Item, connection, written
from functions.storage.contacts import ContactItem, ContactStore
from functions.storage.notices import write_notices

_MAX_TRIES = 8


class ConsentItem(Item):
    """One row of evidence."""

    class Meta:
        """Short name of the table."""

        table = "consents"

    contact_id = UnicodeAttribute(hash_key=True)
    seq = NumberAttribute(range_key=True)
    key = UnicodeAttribute()
    action = UnicodeAttribute()
    subject = UnicodeAttribute()
    at = UTCDateTimeAttribute()
    recorded = UTCDateTimeAttribute()
    source = UnicodeAttribute()
    actor = UnicodeAttribute()
    text_version = UnicodeAttribute()
    text_hash = UnicodeAttribute()
    ip = UnicodeAttribute()
    ip_hash = UnicodeAttribute()
    basis = UnicodeAttribute()
    goods = UnicodeAttribute()
    previous = UnicodeAttribute()


class ConsentStore:
    """Appends to and reads the evidence of one person at a time."""

    def append(
        self, contact_id: ContactId, changes: Sequence[ConsentChange], *, now: datetime
    ) -> tuple[ConsentRecord, ...]:
        """Append these changes and put them in force, together or not at all.

        Raises NotFound for an unknown person, Conflict when others keep writing at once.
        """
        return self.append_decided(contact_id, lambda _: changes, now=now)

    def append_decided(
        self,
        contact_id: ContactId,
        decide: Callable[[Contact], Sequence[ConsentChange]],
        *,
        now: datetime,
    ) -> tuple[ConsentRecord, ...]:
        """Append what ``decide`` makes of the person as they are in that very write.

        It is asked again when somebody else changed the consents meanwhile, so that a change
        which depends on what is in force never undoes a newer one. Raises as ``append``.
        """
        for _ in range(_MAX_TRIES):
            profile = ContactStore().get(contact_id)
            if profile is None:
                msg = "There is no such contact."
                raise NotFound(msg)
            records = _chain(profile, decide(profile.contact), now=now)
            if not records or written(lambda p=profile, r=records: _append(p, r)):  # type: ignore[misc]  # both are bound now
                return records
        msg = "The contact's consents are being changed by others; try again."
        raise Conflict(msg, code="busy")

    def pseudonymise(self, contact_id: ContactId) -> int:
        """Keep the evidence under the keyed hash of the person only, without addresses.

        The chain still holds. Who comes back and is erased again gets a chain of its own: their
        rows are numbered from 1 again. Tells how many rows were moved; dying midway is made good
        by calling again.
        """
        records = self.history(contact_id)
        if not records:
            return 0
        erased_id = self._erased_id_for(records[0])
        for record in records:
            _to_item(replace(record, contact_id=erased_id, ip="")).save()
            ConsentItem(contact_id, record.seq).delete()
        return len(records)

    def history_of_erased(self, subject: str) -> tuple[ConsentRecord, ...]:
        """The evidence kept about somebody who was erased, one erasure after the other."""
        return tuple(record for _, chain in self._erased_chains(subject) for record in chain)

    def _erased_id_for(self, first: ConsentRecord) -> ContactId:
        """Where a chain goes: on with the one that an erasure left half moved, or a new one."""
        erasure = 0
        for erasure, chain in self._erased_chains(first.subject):
            moved = {each.digest for each in chain}
            if first.digest in moved or first.previous in moved:
                return _erased_id(first.subject, erasure)
        return _erased_id(first.subject, erasure + 1)

    def _erased_chains(self, subject: str) -> Iterator[tuple[int, tuple[ConsentRecord, ...]]]:
        for erasure in count(1):
            chain = self.history(_erased_id(subject, erasure))
            if not chain:
                return
            yield erasure, chain

    def history(self, contact_id: ContactId) -> tuple[ConsentRecord, ...]:
        """All evidence about a person, oldest first."""
        rows = ConsentItem.query(contact_id, consistent_read=True)
        return tuple(_to_record(row) for row in rows)


def _erased_id(subject: str, erasure: int) -> ContactId:
    """The id of somebody who was erased, for the first or a later time; no contact can have it."""
    return ContactId(f"erased#{subject}" if erasure == 1 else f"erased#{subject}#{erasure}")


def _chain(
    profile: Profile, changes: Sequence[ConsentChange], *, now: datetime
) -> tuple[ConsentRecord, ...]:
    seq, head, records = profile.consent_seq, profile.consent_head, []
    for change in changes:
        seq += 1
        record = change.record(
            profile.contact.contact_id,
            seq=seq,
            previous=head,
            subject=subject_of(profile.contact.contact_id),
            ip_hash=hash_of_ip(change.ip) if change.ip else "",
            recorded=now,
        )
        head = record.digest
        records.append(record)
    return tuple(records)


def _append(profile: Profile, records: Sequence[ConsentRecord]) -> None:
    in_force = dict(profile.contact.consents)
    for record in records:
        consent = after(in_force.get(record.key), record)
        if consent is not None:
            in_force[record.key] = consent
    unchanged = (
        ContactItem.consent_seq == profile.consent_seq
        if profile.consent_seq
        else ContactItem.consent_seq.does_not_exist()
    )
    actions: list[Action] = [
        ContactItem.consents.set(consents_to_json(in_force)),
        ContactItem.consent_seq.set(records[-1].seq),
        ContactItem.consent_head.set(records[-1].digest),
    ]
    item = ContactItem(profile.contact.contact_id, "PROFILE")
    ContactItem._get_connection()  # noqa: SLF001  # makes the shared connection know the table
    with TransactWrite(connection=connection()) as transaction:
        transaction.update(item, actions=actions, condition=unchanged & ContactItem.v.exists())
        for record in records:
            transaction.save(_to_item(record), condition=ConsentItem.seq.does_not_exist())
        # In the same write, so that no notice which the law asks for can be missed.
        write_notices(
            transaction,
            profile.contact.contact_id,
            notices_of(records, in_force, zone=tenant_zone()),
            ended=_ended(profile.contact.consents, in_force),
        )


def _ended(
    before: Mapping[ConsentKey, Consent], in_force: Mapping[ConsentKey, Consent]
) -> list[ConsentKey]:
    """Consents that needed a confirmation and need none any more."""
    return [
        key
        for key, consent in before.items()
        if needs_confirmation(consent) and not needs_confirmation(in_force.get(key))
    ]


def _to_item(record: ConsentRecord) -> ConsentItem:
    return ConsentItem(
        record.contact_id,
        record.seq,
        key=str(record.key),
        action=str(record.action),
        subject=record.subject,
        at=record.at,
        recorded=record.recorded,
        source=record.source,
        actor=record.actor,
        text_version=record.text_version,
        text_hash=record.text_hash,
        ip=record.ip,
        ip_hash=record.ip_hash,
        basis=str(record.basis),
        goods=record.goods,
        previous=record.previous,
    )


def _to_record(item: ConsentItem) -> ConsentRecord:
    return ConsentRecord(
        contact_id=ContactId(item.contact_id),
        subject=item.subject,
        seq=int(item.seq),
        key=ConsentKey.parse(item.key),
        action=ConsentAction(item.action),
        at=item.at,
        recorded=item.recorded,
        source=item.source,
        actor=item.actor,
        text_version=item.text_version,
        text_hash=item.text_hash,
        ip=item.ip,
        ip_hash=item.ip_hash,
        basis=Basis(item.basis),
        goods=item.goods,
        previous=item.previous,
    )
