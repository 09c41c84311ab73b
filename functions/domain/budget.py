"""A campaign's budget: what its planned messages cost at most, and what never left."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from functions.domain.batch import Batch
from functions.domain.message import MessageStatus
from functions.domain.standing import Standing

_NEVER_LEAVE = (MessageStatus.REFUSED, MessageStatus.CANCELLED)


class Planned(StrEnum):
    """What came of planning a part within the budget."""

    DONE = "done"
    TAKEN = "taken"
    """Another plan of the part came first."""
    OVER = "over"
    """It costs more than is left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Purse:
    """What is left, in won, and what was given back so far of messages that never left."""

    left: int
    given_back: int = 0


def cost_of(batches: Iterable[Batch]) -> int:
    """What the messages of new batches cost if all of them leave, in won."""
    return sum(batch.meta.unit_price.minor * batch.meta.size for batch in batches)


def never_left(standings: Iterable[Standing]) -> int:
    """What those messages would have cost that never leave any more; it only grows."""
    return sum(
        standing.unit_price.minor * count
        for standing in standings
        for (status, _), count in standing.state.tally().items()
        if status in _NEVER_LEAVE
    )
