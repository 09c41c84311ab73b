"""What came of batches: one row a batch, written with its first conversion."""

from collections import defaultdict
from collections.abc import Callable

from pynamodb.expressions.update import Action

from functions.contracts.errors import Unavailable
from functions.domain.attribution import GoalLog
from functions.domain.ids import BatchNumber
from functions.domain.outcome import NO_OUTCOMES, BatchOutcomes
from functions.storage.base import unchanged, written
from functions.storage.batches import OUTCOMES, BatchItem

_MAX_TRIES = 20


class OutcomeStore:
    """Reads and changes what came of batches."""

    def of(self, number: BatchNumber) -> BatchOutcomes:
        """Read what came of a batch, consistently."""
        return self._read(number)[0]

    def change(self, number: BatchNumber, change: Callable[[BatchOutcomes], BatchOutcomes]) -> bool:
        """Apply ``change``, perhaps several times; tells whether that changed anything.

        Raises Unavailable when others keep winning.
        """
        for _ in range(_MAX_TRIES):
            old, version = self._read(number)
            new = change(old)
            if new == old:
                return False
            if self._store(number, new, version):
                return True
        msg = "the outcomes are being changed by others"
        raise Unavailable(msg)

    def forget(self, log: GoalLog) -> int:
        """Leave nothing at batches that leads back to a person's events.

        Tells at how many batches there was something. Raises Unavailable.
        """
        ordinals: defaultdict[BatchNumber, set[int]] = defaultdict(set)
        for event in log.events:
            for number in (*event.numbers, *event.left):
                ordinals[number.batch].add(number.ordinal)
        return sum(
            self.change(number, lambda known, own=found: known.anonymous(own))  # type: ignore[misc]  # found is bound now
            for number, found in ordinals.items()
        )

    def _read(self, number: BatchNumber) -> tuple[BatchOutcomes, int]:
        try:
            item = BatchItem.get(number, OUTCOMES, consistent_read=True)
        except BatchItem.DoesNotExist:
            return NO_OUTCOMES, 0
        return BatchOutcomes.unpack(bytes(item.outcomes or b"")), int(item.version or 0)

    def _store(self, number: BatchNumber, outcomes: BatchOutcomes, version: int) -> bool:
        item = BatchItem(number, OUTCOMES)
        actions: list[Action] = [
            BatchItem.outcomes.set(outcomes.pack()),
            BatchItem.version.set(version + 1),
        ]
        same = unchanged(BatchItem.version, version)
        return written(lambda: item.update(actions=actions, condition=same))
