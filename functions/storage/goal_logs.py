"""People's events that are goals: one row a person, which ends half a year after the last event.

Of a message to a number that belongs to nobody known, the events that its page reports lie beside
its batch.
"""

from collections.abc import Iterable, Mapping

from pynamodb.transactions import TransactWrite

from functions.contracts.errors import Conflict
from functions.contracts.goal_log_document import log_from_bytes, log_to_bytes
from functions.domain.attribution import KEPT_FOR, GoalLog
from functions.domain.ids import BatchNumber, ContactId, MessageNumber
from functions.storage.base import connection, unchanged, written
from functions.storage.batches import BatchItem
from functions.storage.contacts import MERGED, ContactItem

Holder = ContactId | MessageNumber
_TOUCHED = "TOUCHED"
_EVENTS, _EVENTS_END = "EVENTS#", "EVENTS~"
_MAX_TRIES = 20
_KEPT_S = int(KEPT_FOR.total_seconds())


class GoalLogStore:
    """Reads and writes goal events."""

    def of(self, holder: Holder) -> GoalLog:
        """Read somebody's events, consistently."""
        if isinstance(holder, MessageNumber):
            key = (holder.batch, _kind(holder))
            beside = BatchItem.batch_get([key], consistent_read=True)
            return next(map(_of_message, beside), GoalLog())
        rows = ContactItem.batch_get([(holder, _TOUCHED)], consistent_read=True)
        return next(map(_of_person, rows), GoalLog())

    def of_people(self, contact_ids: Iterable[ContactId]) -> dict[ContactId, GoalLog]:
        """Read the events of many people; who has none is left out.

        Those of somebody who was merged into another are the other's.
        """
        ids = dict.fromkeys(contact_ids)
        rows = list(ContactItem.batch_get([(e, k) for e in ids for k in (_TOUCHED, MERGED)]))
        into = [ContactId(row.merged_into) for row in rows if row.kind == MERGED]
        own = [row for row in rows if row.kind == _TOUCHED]
        found = {ContactId(row.contact_id): _of_person(row) for row in own}
        return found | (self.of_people(into) if into else {})

    def beside(self, number: BatchNumber) -> Mapping[MessageNumber, GoalLog]:
        """Read the events beside the messages of a batch."""
        rows = BatchItem.query(number, BatchItem.kind.between(_EVENTS, _EVENTS_END))
        return {
            MessageNumber(batch=number, ordinal=int(row.kind.removeprefix(_EVENTS))): _of_message(
                row
            )
            for row in rows
        }

    def save(self, holder: Holder, log: GoalLog) -> bool:
        """Write the row in place of its version; False when it is another by now."""
        if isinstance(holder, MessageNumber):
            beside, unread = _message_row(holder, log), unchanged(BatchItem.version, log.version)
            return written(lambda: beside.save(condition=unread))
        row, same = _person_row(holder, log), unchanged(ContactItem.v, log.version)
        return written(lambda: row.save(condition=same))

    def move(self, other: ContactId, survivor: ContactId) -> None:
        """Give the survivor the other's events, taken there and away in one write.

        Raises Conflict when others keep writing at once.
        """
        for _ in range(_MAX_TRIES):
            theirs, mine = self.of(other), self.of(survivor)
            if not theirs.version:
                return
            if written(lambda t=theirs, m=mine: _swap(other, survivor, t, m)):  # type: ignore[misc]  # both are bound now
                return
        msg = "The contact is being changed by others; try again."
        raise Conflict(msg, code="busy")


def _swap(other: ContactId, survivor: ContactId, theirs: GoalLog, mine: GoalLog) -> None:
    both = {each.key: each for each in (*theirs.events, *mine.events)}
    events = tuple(sorted(both.values(), key=lambda each: (each.at, each.key)))
    row = _person_row(survivor, GoalLog(events=events, version=mine.version))
    ContactItem._get_connection()  # noqa: SLF001  # makes the shared connection know the table
    with TransactWrite(connection=connection()) as transaction:
        gone = unchanged(ContactItem.v, theirs.version)
        transaction.delete(ContactItem(other, _TOUCHED), condition=gone)
        transaction.save(row, condition=unchanged(ContactItem.v, mine.version))


def _kind(number: MessageNumber) -> str:
    return f"{_EVENTS}{number.ordinal:03d}"


def _person_row(contact_id: ContactId, log: GoalLog) -> ContactItem:
    return ContactItem(
        contact_id,
        _TOUCHED,
        goal_events=log_to_bytes(log.events),
        v=log.version + 1,
        expires_at=_end_of(log),
    )


def _message_row(number: MessageNumber, log: GoalLog) -> BatchItem:
    return BatchItem(
        number.batch,
        _kind(number),
        people=log_to_bytes(log.events),
        version=log.version + 1,
        expires_at=_end_of(log),
    )


def _end_of(log: GoalLog) -> int:
    return max((each.at for each in log.events), default=0) + _KEPT_S


def _of_person(row: ContactItem) -> GoalLog:
    return GoalLog(events=log_from_bytes(row.goal_events), version=int(row.v or 0))


def _of_message(row: BatchItem) -> GoalLog:
    return GoalLog(events=log_from_bytes(row.people), version=int(row.version or 0))
