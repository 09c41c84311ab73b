"""A batch as a report reads it."""

from dataclasses import dataclass

from functions.domain.clicks import BatchClicks
from functions.domain.ids import BatchNumber
from functions.domain.message import BatchState
from functions.domain.outcome import NO_OUTCOMES, BatchOutcomes
from functions.domain.pricing import Money
from functions.domain.reaction import NO_REACTIONS, Reactions


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """State, clicks and reactions of a batch, and the price of one of its messages.

    ``outcomes`` are none unless they were asked for.
    """

    number: BatchNumber
    state: BatchState
    clicks: BatchClicks
    unit_price: Money
    reactions: Reactions = NO_REACTIONS
    outcomes: BatchOutcomes = NO_OUTCOMES
