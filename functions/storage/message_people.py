"""Who messages were for, as their pages' reports ask."""

from functions.domain.batch import Recipient
from functions.domain.ids import BatchNumber, MessageNumber
from functions.storage.batches import BatchItem
from functions.storage.goal_logs import Holder
from functions.storage.merging import survivor_of
from functions.storage.packing import unpack_people


def recipients_of(number: BatchNumber) -> tuple[Recipient, ...]:
    """The recipients of a batch; none of one that is not there."""
    try:
        return unpack_people(BatchItem.get(number, "RECIPIENTS").people)
    except BatchItem.DoesNotExist:
        return ()


def holder_of(number: MessageNumber) -> Holder | None:
    """Under whom events of a message's recipient are kept: a person, or the message itself.

    None when there is no such message, or who it was for was erased.
    """
    people = recipients_of(number.batch)
    recipient = people[number.ordinal] if number.ordinal < len(people) else None
    if recipient is None:
        return None
    if recipient.contact_id is None:
        return None if recipient.phone is None else number
    return survivor_of(recipient.contact_id)
