"""Answers to messages: a row of the batch that they answer, written only where there are any."""

from collections.abc import Callable, Iterable, Mapping

from pynamodb.expressions.update import Action

from functions.contracts.errors import Unavailable
from functions.domain.ids import BatchNumber
from functions.domain.replies import BatchReplies
from functions.storage.base import unchanged, written
from functions.storage.batches import BatchItem

_REPLIES = "REPLIES"
_MAX_TRIES = 20


class ReplyStore:
    """Notes who answered."""

    def of(self, sizes: Mapping[BatchNumber, int]) -> dict[BatchNumber, BatchReplies]:
        """Read the answers to batches of these sizes, consistently; only where there are any."""
        keys = [(number, _REPLIES) for number in sizes]
        rows = BatchItem.batch_get(keys, consistent_read=True)
        return {
            BatchNumber(int(row.batch)): BatchReplies(slots=bytes(row.slots or b"")) for row in rows
        }

    def change(
        self, number: BatchNumber, size: int, change: Callable[[BatchReplies], BatchReplies]
    ) -> None:
        """Apply ``change`` to a batch's answers; nothing is written when nothing changes.

        Raises Unavailable when others keep writing at once.
        """
        for _ in range(_MAX_TRIES):
            old, version = _read(number, size)
            new = change(old)
            if new == old or _store(number, new, version):
                return
        msg = "the answers are being changed by others"
        raise Unavailable(msg)


def replies_in(rows: Iterable[BatchItem], size: int) -> BatchReplies:
    """The answers among the rows of a batch."""
    found = next((row for row in rows if row.kind == _REPLIES), None)
    return BatchReplies.none(size) if found is None else BatchReplies(slots=found.slots or b"")


def _read(number: BatchNumber, size: int) -> tuple[BatchReplies, int]:
    try:
        item = BatchItem.get(number, _REPLIES, consistent_read=True)
    except BatchItem.DoesNotExist:
        return BatchReplies.none(size), 0
    return BatchReplies(slots=bytes(item.slots or b"")), int(item.version or 0)


def _store(number: BatchNumber, replies: BatchReplies, version: int) -> bool:
    item = BatchItem(number, _REPLIES)
    actions: list[Action] = [
        BatchItem.slots.set(replies.slots),
        BatchItem.version.set(version + 1),
    ]
    same = unchanged(BatchItem.version, version)
    return written(lambda: item.update(actions=actions, condition=same))
