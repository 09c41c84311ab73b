"""The ledger of what is held: an index of the table of batches, a second or so behind it."""

from functions.domain.held import HeldBatch, counts_of
from functions.domain.ids import BatchNumber
from functions.storage.batch_indexes import ByHeld
from functions.storage.batches import BatchItem


class HeldStore:
    """Reads the ledger."""

    def batches(self, place: str, *, after: int, limit: int) -> tuple[HeldBatch, ...]:
        """The next batches at a place, in the order of their numbers."""
        rows = BatchItem.by_held.query(
            place, ByHeld.held_number > after, page_size=limit, limit=limit
        )
        return tuple(
            HeldBatch(number=BatchNumber(int(row.batch)), counts=counts_of(row.held or ""))
            for row in rows
        )
