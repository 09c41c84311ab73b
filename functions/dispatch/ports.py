"""What sending needs of the world around it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo

from functions.channels.base import Channel
from functions.contracts.queues import OptOutReceived, SendJob
from functions.dispatch.pace import Pace
from functions.domain.batch import Batch, BatchMeta, Source
from functions.domain.breaker import Breaker
from functions.domain.campaign import Gate
from functions.domain.case import PersonFacts
from functions.domain.channel import Channel as ChannelName
from functions.domain.contact import Phone
from functions.domain.evidence import Evidence
from functions.domain.fatigue import Entry, Recent
from functions.domain.ids import (
    AccountName,
    BatchNumber,
    ContactId,
    ImageId,
    SenderId,
    TemplateId,
)
from functions.domain.message import BatchState
from functions.domain.pace import Rate
from functions.domain.places import Place, Wanted
from functions.domain.policy import Policy
from functions.domain.sender import Sender
from functions.domain.suppression import Mark
from functions.domain.template import Template
from functions.domain.whereabouts import ZonesOfPhone

T = TypeVar("T")
R = TypeVar("R")


class Batches(Protocol):
    """The store of batches."""

    def load(self, number: BatchNumber) -> Batch | None:
        """Read a whole batch."""

    def save_evidence(self, number: BatchNumber, evidence: Evidence) -> None:
        """Keep what was looked at."""

    def change_state(
        self,
        number: BatchNumber,
        change: Callable[[BatchState], BatchState | None],
        *,
        known: BatchState | None = None,
    ) -> BatchState | None:
        """Apply a change to the newest state, perhaps known; None when nothing was stored."""


class Contacts(Protocol):
    """The store of contacts."""

    def at_the_door(self, contact_ids: Iterable[ContactId]) -> Mapping[ContactId, PersonFacts]:
        """Read what the door looks at of many people, consistently."""


class Recents(Protocol):
    """The store of people's recent advertisements."""

    def take_all(self, wanted: Sequence[Wanted]) -> Sequence[Place | None]:
        """Append the entries, each to the row of its version; None where the row is unknown."""

    def take(self, contact_id: ContactId, entry: Entry, *, version: int) -> Place:
        """Append an entry to the row of this version."""

    def put(self, contact_id: ContactId, recent: Recent, *, now: datetime) -> Place:
        """Replace the row of this version."""

    def tidy(self, contact_id: ContactId, recent: Recent, *, now: datetime) -> None:
        """Take out of a long row what no rule looks at."""


class Spread(Protocol):
    """Does something with each value, several at a time where that is quicker."""

    def __call__(self, work: Callable[[T], R], values: Iterable[T], /) -> Iterable[R]:
        """Give the results in the values' order."""


class Templates(Protocol):
    """The store of templates."""

    def get(self, template_id: TemplateId, version: int) -> Template | None:
        """Read one version."""


class Senders(Protocol):
    """The store of senders."""

    def get(self, sender_id: SenderId) -> Sender | None:
        """Read one sender."""


class Breakers(Protocol):
    """The breakers of providers' accounts, by lane (a channel at an account)."""

    def look(self, lane: str, *, now: datetime) -> Breaker:
        """What a breaker was within the last moments."""

    def change(
        self, lane: str, change: Callable[[Breaker], Breaker | None], *, now: datetime
    ) -> Breaker | None:
        """Apply a change to the newest breaker; None when nothing was stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatchDeps:
    """What sending needs.

    ``later`` puts the job back for a moment; ``opted_out`` hands on whom the provider refused
    because they opted out there. ``gate`` tells whether what made the batch lets it leave,
    ``rate`` how fast at most; ``provider_of`` names who carries a channel. ``accounts`` are those
    of a channel, the preferred one first; ``channel`` calls one of them. ``clock`` tells the time
    while a batch is being sent.
    """

    batches: Batches
    contacts: Contacts
    recents: Recents
    templates: Templates
    senders: Senders
    accounts: Callable[[ChannelName], Sequence[AccountName]]
    channel: Callable[[ChannelName, AccountName], Channel]
    breakers: Breakers
    suppressed: Callable[[Iterable[Phone]], Mapping[Phone, tuple[Mark, ...]]]
    file_id: Callable[[ImageId, AccountName, Channel, datetime], str]
    later: Callable[[SendJob, BatchMeta, datetime, datetime], None]
    opted_out: Callable[[Sequence[OptOutReceived]], None]
    gate: Callable[[Source, datetime], Gate]
    clock: Callable[[], datetime]
    rate: Callable[[Source, datetime], Rate | None]
    provider_of: Callable[[ChannelName], str]
    pace: Pace
    jitter: Callable[[float], int]
    spread: Spread
    policy: Callable[[], Policy]
    zones_of_phone: ZonesOfPhone
    default_zone: ZoneInfo
    lease_s: int
