"""What the sending of notices needs from outside."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from functions.contracts.page import Page, Position
from functions.contracts.queues import MessagesRequested, NoticesDue
from functions.domain.batch import Batch, Binding
from functions.domain.consent import ConsentRecord
from functions.domain.contact import Contact
from functions.domain.ids import BatchNumber, ContactId, SenderId, TemplateId
from functions.domain.notice import Notice, NoticeKind, Slot
from functions.domain.notice_settings import NoticeSettings
from functions.domain.sender import Sender
from functions.domain.template import Template
from functions.domain.writing import ConsentChange


class Notices(Protocol):
    """The store of notices."""

    def in_slot(self, slot: Slot, *, limit: int, position: Position | None) -> Page[Notice]:
        """Some notices of a part of the list."""

    def waiting_in(self, slot: Slot) -> bool:
        """Whether a part of the list has anybody in it."""

    def count(self, slot: Slot, kind: NoticeKind) -> int:
        """How many notices of a kind a part of the list has."""

    def ask(self, notice: Notice, request_id: str) -> bool:
        """Note the request that is about to be made."""

    def release(self, notice: Notice) -> bool:
        """Forget a request that did not take this notice along."""

    def mark_undeliverable(self, notice: Notice, reason: str) -> bool:
        """Note why the person cannot be told."""

    def mark_sent(self, notice: Notice, message_id: str, *, at: datetime) -> bool:
        """Keep the proof that the message was accepted."""

    def settings(self) -> NoticeSettings:
        """How notices are to be sent."""

    def save_settings(self, settings: NoticeSettings) -> None:
        """Replace how notices are to be sent."""


class Contacts(Protocol):
    """The store of contacts."""

    def get_many(self, contact_ids: Iterable[ContactId]) -> Mapping[ContactId, Contact]:
        """Read many people."""


class Consents(Protocol):
    """The ledger of consents."""

    def append_decided(
        self,
        contact_id: ContactId,
        decide: Callable[[Contact], Sequence[ConsentChange]],
        *,
        now: datetime,
    ) -> tuple[ConsentRecord, ...]:
        """Append what is decided on the newest facts."""


class Batches(Protocol):
    """The store of batches."""

    def load(self, number: BatchNumber) -> Batch | None:
        """Read a whole batch."""


class Requests(Protocol):
    """The store of requests."""

    def find(self, request_id: str) -> Binding | None:
        """Read what a request was bound to."""


class Templates(Protocol):
    """The store of templates."""

    def get(self, template_id: TemplateId, version: int) -> Template | None:
        """Read one version."""


class Senders(Protocol):
    """The store of senders."""

    def get(self, sender_id: SenderId) -> Sender | None:
        """Read one sender."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeDeps:
    """What the use cases need.

    ``enqueue`` puts parts of the list into their queue, invisible for some seconds; ``ask`` puts
    a request into the queue of the one door; ``fresh`` makes a new name.
    """

    notices: Notices
    contacts: Contacts
    consents: Consents
    batches: Batches
    requests: Requests
    templates: Templates
    senders: Senders
    enqueue: Callable[[Sequence[NoticesDue], int], None]
    ask: Callable[[MessagesRequested], None]
    fresh: Callable[[str], str]
    zone: ZoneInfo
