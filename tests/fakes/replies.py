"""Answers to messages, in memory."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from functions.domain.ids import BatchNumber
from functions.domain.replies import BatchReplies


@dataclass
class FakeReplies:
    rows: dict[BatchNumber, BatchReplies] = field(default_factory=dict)

    def of(self, sizes: Mapping[BatchNumber, int]) -> dict[BatchNumber, BatchReplies]:
        return {number: self.rows[number] for number in sizes if number in self.rows}

    def change(
        self, number: BatchNumber, size: int, change: Callable[[BatchReplies], BatchReplies]
    ) -> None:
        self.rows[number] = change(self.rows.get(number, BatchReplies.none(size)))

    def answered(self) -> list[tuple[int, int]]:
        """Batch and ordinal of each message that was answered."""
        return [
            (number, ordinal)
            for number, replies in self.rows.items()
            for ordinal in range(len(replies.slots) // 2)
            if replies.first(ordinal) is not None
        ]
