"""A batch as a report reads it."""

from dataclasses import dataclass

from functions.domain.clicks import BatchClicks
from functions.domain.ids import BatchNumber
from functions.domain.message import BatchState
from functions.domain.pricing import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """State and clicks of a batch, and the price of one of its messages."""

    number: BatchNumber
    state: BatchState
    clicks: BatchClicks
    unit_price: Money
