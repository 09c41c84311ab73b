"""How far the looks after lost requests have come: one row beside the counter of batches."""

from collections.abc import Sequence
from typing import Any

from pynamodb.expressions.update import Action

from functions.domain.held import REQUEST_PLACES
from functions.domain.ids import BatchNumber
from functions.domain.lost_requests import Watch, Watched
from functions.domain.message import BatchState
from functions.runtime.spread import spread
from functions.storage.base import unchanged, written
from functions.storage.batches import BatchItem, state_of

_NO_BATCH = 0
_COUNTER, _WATCH, _STATE = "COUNTER", "REQUESTS", "STATE"
_AT_ONCE = 100


class LostRequestStore:
    """Reads and writes how far the looks have come."""

    def newest(self) -> int:
        """The highest number of a batch so far."""
        item = _row(_COUNTER)
        return 0 if item is None else int(item.counter or 0)

    def get(self) -> Watch | None:
        """Read how far the looks have come; None before the first."""
        item = _row(_WATCH)
        if item is None:
            return None
        found: dict[str, Any] = item.meta or {}
        return Watch(
            done=found["done"],
            newest=found["newest"],
            watched=tuple(
                Watched(number=BatchNumber(number), at=at, mends=mends)
                for number, at, mends in found["watched"]
            ),
            version=int(item.version or 0),
        )

    def save(self, watch: Watch) -> bool:
        """Write it; False when another look wrote since it was read."""
        found = {
            "done": watch.done,
            "newest": watch.newest,
            "watched": [[each.number, each.at, each.mends] for each in watch.watched],
        }
        item = BatchItem(_NO_BATCH, _WATCH)
        actions: list[Action] = [
            BatchItem.meta.set(found),
            BatchItem.version.set(watch.version + 1),
        ]
        same = unchanged(BatchItem.version, watch.version)
        return written(lambda: item.update(actions=actions, condition=same))

    def unsettled(self, numbers: Sequence[int]) -> dict[BatchNumber, BatchState]:
        """Those of these batches that requests made and that are not settled."""
        chunks = [numbers[i : i + _AT_ONCE] for i in range(0, len(numbers), _AT_ONCE)]
        return {n: state for found in spread(_unsettled, chunks) for n, state in found.items()}


def _unsettled(numbers: Sequence[int]) -> dict[BatchNumber, BatchState]:
    rows = BatchItem.batch_get([(number, _STATE) for number in numbers])
    states = {
        BatchNumber(int(row.batch)): state_of(row) for row in rows if row.place in REQUEST_PLACES
    }
    return {number: state for number, state in states.items() if state.unsettled}


def _row(kind: str) -> BatchItem | None:
    try:
        return BatchItem.get(_NO_BATCH, kind, consistent_read=True)
    except BatchItem.DoesNotExist:
        return None
