"""What the ledger of held messages needs of the world around it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from functions.contracts.campaign_jobs import HeldJob
from functions.domain.batch import Batch
from functions.domain.evidence import Evidence
from functions.domain.held import HeldBatch
from functions.domain.ids import BatchNumber, CampaignId

T = TypeVar("T")
R = TypeVar("R")


class Held(Protocol):
    """The index of what is held."""

    def batches(self, place: str, *, after: int, limit: int) -> tuple[HeldBatch, ...]:
        """The next batches at a place, in the order of their numbers."""


class Batches(Protocol):
    """The store of batches."""

    def load(self, number: BatchNumber) -> Batch | None:
        """Read a whole batch."""

    def evidence(self, number: BatchNumber) -> tuple[Evidence, ...]:
        """Read what was looked at."""


class OpenCampaigns(Protocol):
    """Which campaigns are under way."""

    def all(self) -> Iterator[CampaignId]:
        """Every campaign under way, in the order of their ids."""


class Spread(Protocol):
    """Does something with each value, several at a time where that is quicker."""

    def __call__(self, work: Callable[[T], R], values: Iterable[T], /) -> Iterable[R]:
        """Give the results in the values' order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldDeps:
    """What the use cases need."""

    held: Held
    batches: Batches
    campaigns: OpenCampaigns
    enqueue: Callable[[Sequence[HeldJob]], None]
    spread: Spread
