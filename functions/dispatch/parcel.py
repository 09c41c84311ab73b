"""What goes to the provider in one call, and what it says of it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from math import ceil

from functions.channels.base import Ambiguous, Channel, Outgoing, Parcel, RetryLater
from functions.contracts.queues import OptOutReceived
from functions.dispatch.accounts import Way
from functions.dispatch.ports import DispatchDeps
from functions.domain.batch import Batch
from functions.domain.ids import ImageId, MessageNumber
from functions.domain.reason import FailureReason


def make_parcel(
    batch: Batch, sending: Iterable[int], way: Way, *, provider_file_id: str | None
) -> Parcel:
    """Put these messages of a batch together."""
    return Parcel(
        message_type=batch.meta.message_type,
        sender=way.sender,
        messages=tuple(_outgoing(batch, ordinal) for ordinal in sending),
        provider_template_id=way.template_id,
        provider_file_id=provider_file_id,
    )


def file_id(
    image_id: ImageId | None, way: Way, channel: Channel, *, deps: DispatchDeps, now: datetime
) -> str | None:
    """The id of the image at this account, if there is one. Raises ChannelError, not Ambiguous."""
    try:
        return None if image_id is None else deps.file_id(image_id, way.account, channel, now)
    except Ambiguous as error:
        # Only the image may have arrived; the messages certainly did not leave.
        raise RetryLater(str(error)) from error


def _outgoing(batch: Batch, ordinal: int) -> Outgoing:
    recipient = batch.recipients[ordinal]
    if recipient.phone is None:
        msg = "a message that may leave has an address"
        raise ValueError(msg)
    return Outgoing(
        ref=MessageNumber(batch=batch.meta.number, ordinal=ordinal),
        to=recipient.phone,
        text=recipient.text,
        subject=recipient.subject,
        variables=recipient.variables,
    )


def opted_out_of(
    rejected: Mapping[MessageNumber, FailureReason], *, now: datetime
) -> list[OptOutReceived]:
    """Whom the provider refused because they opted out there, as of now."""
    return [
        OptOutReceived(batch=ref.batch, ordinal=ref.ordinal, at=ceil(now.timestamp()))
        for ref, reason in rejected.items()
        if reason is FailureReason.OPTED_OUT
    ]
