"""What the send API needs of the world around it, and what it is asked for."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from functions.domain.batch import KEEP_REQUEST, Batch, BatchMeta, Binding
from functions.domain.channel import Channel
from functions.domain.contact import AttributeValue, Contact, Phone
from functions.domain.evidence import Evidence
from functions.domain.fatigue import Recent
from functions.domain.follow_up import FollowUp
from functions.domain.ids import (
    AudienceId,
    BatchNumber,
    ContactId,
    MessageNumber,
    SenderId,
    TemplateId,
)
from functions.domain.message import BatchState
from functions.domain.numbering import CodeOf, TokenOf
from functions.domain.planning import Compose
from functions.domain.policy import Policy
from functions.domain.sender import Sender
from functions.domain.suppression import Mark
from functions.domain.template import Template
from functions.domain.whereabouts import ZonesOfPhone


class Contacts(Protocol):
    """The store of contacts."""

    def get_many(self, contact_ids: Iterable[ContactId]) -> Mapping[ContactId, Contact]:
        """Read many people."""

    def owners_of(self, phones: Iterable[Phone]) -> Mapping[Phone, ContactId]:
        """Whose numbers these are."""

    def remember_sent(self, numbers: Mapping[ContactId, MessageNumber], *, now: datetime) -> None:
        """Note the messages in the people's histories."""


class Batches(Protocol):
    """The store of batches."""

    def reserve(self, count: int) -> BatchNumber:
        """Take numbers nobody else gets."""

    def create(self, batches: Iterable[Batch]) -> None:
        """Write new batches."""

    def save_evidence(self, number: BatchNumber, evidence: Evidence) -> None:
        """Keep what was looked at."""

    def load(self, number: BatchNumber) -> Batch | None:
        """Read a whole batch."""

    def change_state(
        self, number: BatchNumber, change: Callable[[BatchState], BatchState | None]
    ) -> BatchState | None:
        """Apply a change to the newest state."""


class Requests(Protocol):
    """The store of requests."""

    def find(self, request_id: str) -> Binding | None:
        """Read what a request was bound to."""

    def claim(
        self,
        request_id: str,
        batches: Sequence[BatchNumber],
        *,
        now: datetime,
        fingerprint: str = "",
        keep: timedelta = KEEP_REQUEST,
    ) -> tuple[BatchNumber, ...]:
        """Bind a request to its batches, or give those it was bound to before."""


class Templates(Protocol):
    """The store of templates."""

    def get(self, template_id: TemplateId, version: int) -> Template | None:
        """Read one version."""


class Senders(Protocol):
    """The store of senders."""

    def get(self, sender_id: SenderId) -> Sender | None:
        """Read one sender."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendingDeps:
    """What the use cases need.

    ``start`` puts a batch on its way at its moment. ``suppressed`` looks up numbers that belong
    to nobody known. ``members`` finds who is in a group or an audience, None for an audience
    without an answer; it raises TooManyPeople for more than so many. ``follow`` has a request
    followed whose batches are bound and did not leave yet. ``group_place`` is where somebody stands
    in the company's group of a name that gets no advertising.
    """

    contacts: Contacts
    recents: Callable[[Iterable[ContactId]], Mapping[ContactId, Recent]]
    batches: Batches
    requests: Requests
    templates: Templates
    senders: Senders
    composer: Callable[[Template, Sender, Mapping[str, AttributeValue]], Compose]
    suppressed: Callable[[Iterable[Phone]], Mapping[Phone, tuple[Mark, ...]]]
    code_of: CodeOf
    token_of: TokenOf
    start: Callable[[BatchMeta, datetime], None]
    provider_of: Callable[[Channel], str]
    policy: Callable[[], Policy]
    members: Callable[["Many", int], Sequence[ContactId] | None]
    group_place: Callable[[str, ContactId], int]
    follow: Callable[["SendRequest", Sequence[Batch], datetime], None]
    zones_of_phone: ZonesOfPhone
    default_zone: ZoneInfo


class TooManyPeople(Exception):
    """A group or an audience has more people than one request may address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """One recipient as asked for; ``named`` unless a group or an audience brought them."""

    contact_id: ContactId | None
    phone: Phone | None
    variables: Mapping[str, AttributeValue]
    named: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Many:
    """All of a group or an audience, as asked for."""

    group: str | None
    audience: AudienceId | None
    variables: Mapping[str, AttributeValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class SendRequest:
    """A request to send. ``request_id`` is the same when the caller repeats it under a key.

    ``fingerprint`` is of its content; None for a request without a key, which cannot be repeated.
    It can be repeated for as long as ``keep``. ``follow_ups`` say who gets what next.
    """

    request_id: str
    fingerprint: str | None = None
    template_id: TemplateId
    template_version: int
    sender_id: SenderId
    addressees: tuple[Addressee | Many, ...]
    variables: Mapping[str, AttributeValue]
    send_at: datetime | None
    keep: timedelta = KEEP_REQUEST
    follow_ups: tuple[FollowUp, ...] = ()
