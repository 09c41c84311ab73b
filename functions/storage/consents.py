"""The consent ledger: evidence is appended, and what is in force follows in the same write."""

from collections.abc import Callable, Sequence

from pynamodb.attributes import NumberAttribute, UnicodeAttribute, UTCDateTimeAttribute
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from functions.contracts.errors import Conflict, NotFound
from functions.domain.consent import ConsentAction, ConsentKey, ConsentRecord
from functions.domain.contact import Contact
from functions.domain.ids import ContactId
from functions.domain.writing import ConsentChange, Profile
from functions.storage.base import Item, connection, written
from functions.storage.contacts import ContactItem, ContactStore, consents_to_json

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
    at = UTCDateTimeAttribute()
    source = UnicodeAttribute()
    actor = UnicodeAttribute()
    text_version = UnicodeAttribute()
    previous = UnicodeAttribute()


class ConsentStore:
    """Appends to and reads the evidence of one person at a time."""

    def append(
        self, contact_id: ContactId, changes: Sequence[ConsentChange]
    ) -> tuple[ConsentRecord, ...]:
        """Append these changes and put them in force, together or not at all.

        Raises NotFound for an unknown person, Conflict when others keep writing at once.
        """
        return self.append_decided(contact_id, lambda _: changes)

    def append_decided(
        self, contact_id: ContactId, decide: Callable[[Contact], Sequence[ConsentChange]]
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
            records = _chain(profile, decide(profile.contact))
            if not records or written(lambda p=profile, r=records: _append(p, r)):  # type: ignore[misc]  # both are bound now
                return records
        msg = "The contact's consents are being changed by others; try again."
        raise Conflict(msg, code="busy")

    def history(self, contact_id: ContactId) -> tuple[ConsentRecord, ...]:
        """All evidence about a person, oldest first."""
        rows = ConsentItem.query(contact_id, consistent_read=True)
        return tuple(_to_record(row) for row in rows)


def _chain(profile: Profile, changes: Sequence[ConsentChange]) -> tuple[ConsentRecord, ...]:
    seq, head, records = profile.consent_seq, profile.consent_head, []
    for change in changes:
        seq += 1
        record = ConsentRecord(
            contact_id=profile.contact.contact_id,
            seq=seq,
            key=change.key,
            action=change.action,
            at=change.at,
            source=change.source,
            actor=change.actor,
            text_version=change.text_version,
            previous=head,
        )
        head = record.digest
        records.append(record)
    return tuple(records)


def _append(profile: Profile, records: Sequence[ConsentRecord]) -> None:
    in_force = dict(profile.contact.consents) | {each.key: each.consent for each in records}
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


def _to_item(record: ConsentRecord) -> ConsentItem:
    return ConsentItem(
        record.contact_id,
        record.seq,
        key=str(record.key),
        action=str(record.action),
        at=record.at,
        source=record.source,
        actor=record.actor,
        text_version=record.text_version,
        previous=record.previous,
    )


def _to_record(item: ConsentItem) -> ConsentRecord:
    return ConsentRecord(
        contact_id=ContactId(item.contact_id),
        seq=int(item.seq),
        key=ConsentKey.parse(item.key),
        action=ConsentAction(item.action),
        at=item.at,
        source=item.source,
        actor=item.actor,
        text_version=item.text_version,
        previous=item.previous,
    )
