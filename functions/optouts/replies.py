"""Finds the message that a received text answers."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from functions.channels.base import InboundMessage
from functions.domain.batch import Batch
from functions.domain.channel import Channel
from functions.domain.follow_up import Condition
from functions.domain.ids import MessageNumber
from functions.domain.replies import BatchReplies, is_answer
from functions.optouts.ports import OptOutDeps

_LOOKED_AT = 20
"""So many of a person's newest messages are looked at: what is older is not answered."""


def note_reply(message: InboundMessage, *, deps: OptOutDeps, now: datetime) -> MessageNumber | None:
    """Note the answer at the newest message that had left to this number; None: there is none.

    Repeating it changes nothing.
    """
    at = min(message.at, now)
    for number, batch in _newest(message, deps=deps):
        recipient = batch.recipients[number.ordinal]
        to_them = recipient.phone == message.sender and batch.meta.channel is Channel.SMS
        if to_them and is_answer(batch.state, number.ordinal, at=at):
            _note(number, batch, at, deps=deps)
            return number
    return None


def _newest(message: InboundMessage, *, deps: OptOutDeps) -> Iterator[tuple[MessageNumber, Batch]]:
    owner = deps.owner_of(message.sender)
    if owner is None:
        return
    for number in islice(deps.sent_to(owner), _LOOKED_AT):
        batch = deps.batches.load(number.batch)
        if batch is not None and number.ordinal < len(batch.recipients):
            yield number, batch


def _note(number: MessageNumber, batch: Batch, at: datetime, *, deps: OptOutDeps) -> None:
    elapsed_s = int(at.timestamp()) - batch.state.created

    def change(replies: BatchReplies) -> BatchReplies:
        return replies.with_reply(number.ordinal, elapsed_s=elapsed_s)

    deps.replies.change(number.batch, batch.meta.size, change)
    deps.followed(batch.meta, Condition.REPLIED)
