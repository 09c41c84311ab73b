"""Puts opt-outs and complaints down to the messages that they came of.

Who opts out on the page of a message, or by its link, names the message. Who calls, replies or
complains names an address only: the reaction is put down to the newest advertisement that its
owner got in the days before. It is a bit in the row of the batch's clicks, which reports read
anyway, so it is counted once however often it is written.
"""

from datetime import datetime

from pynamodb.expressions.update import Action

from functions.contracts.errors import Unavailable
from functions.domain.batch import BatchMeta
from functions.domain.clicks import BatchClicks
from functions.domain.fatigue import Recent
from functions.domain.ids import ContactId, MessageNumber
from functions.domain.reaction import Reaction, put_down_to
from functions.storage.announcing import announce
from functions.storage.base import unchanged, written
from functions.storage.batches import BatchItem, BatchStore, reactions_of
from functions.storage.contacts import RECENT, ContactItem, recent_of

_CLICKS = "CLICKS"
_MAX_TRIES = 20


class ReactionStore:
    """Writes reactions."""

    def of_message(self, number: MessageNumber, reaction: Reaction, *, at: datetime) -> None:
        """Note a reaction to a message, where there is one. Raises Unavailable."""
        meta = BatchStore().meta(number.batch)
        if meta is None or number.ordinal >= meta.size:
            return
        for _ in range(_MAX_TRIES):
            if self._noted(number, reaction, meta, at=at):
                announce([number.batch])
                return
        msg = "the reactions are being changed by others"
        raise Unavailable(msg)

    def of_owner(self, owner: ContactId, reaction: Reaction, *, at: datetime) -> None:
        """Note a reaction of whoever got an advertisement before this moment."""
        number = put_down_to(self._recent(owner), at=at)
        if number is not None:
            self.of_message(number, reaction, at=at)

    def _recent(self, owner: ContactId) -> Recent:
        try:
            return recent_of(ContactItem.get(owner, RECENT, consistent_read=True))
        except ContactItem.DoesNotExist:
            return Recent()

    def _noted(
        self, number: MessageNumber, reaction: Reaction, meta: BatchMeta, *, at: datetime
    ) -> bool:
        known = self._clicks_item(number)
        old = reactions_of(known)
        elapsed_s = int((at - BatchStore().began(meta)).total_seconds())
        new = old.having(number.ordinal, reaction, elapsed_s=elapsed_s)
        if new == old:
            return True
        version = 0 if known is None else int(known.version or 0)
        actions: list[Action] = [
            BatchItem.reactions.set(new.packed),
            BatchItem.reacted.set(new.moments),
            BatchItem.version.set(version + 1),
        ]
        if known is None:
            # As the row is when it is made by a click.
            actions.append(BatchItem.slots.set(BatchClicks.none(meta.size).slots))
        same = unchanged(BatchItem.version, version)
        item = BatchItem(number.batch, _CLICKS)
        return written(lambda: item.update(actions=actions, condition=same))

    def _clicks_item(self, number: MessageNumber) -> BatchItem | None:
        try:
            return BatchItem.get(number.batch, _CLICKS, consistent_read=True)
        except BatchItem.DoesNotExist:
            return None
