"""The batch: at most 200 messages of one send that travel together."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from functions.domain.channel import Channel, Purpose
from functions.domain.contact import Phone
from functions.domain.holdout import Arm, withheld
from functions.domain.ids import BatchNumber, ContactId, SenderId, TemplateId
from functions.domain.message import BatchState
from functions.domain.policy import USUAL_PRIORITY, WhenCapped
from functions.domain.pricing import Money
from functions.domain.text_size import MessageType

KEEP_REQUEST = timedelta(days=2)
"""So long a request is known by its id: longer than its answer is replayed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What made the batch: a campaign (and the part of its audience), or a request."""

    kind: str
    source_id: str
    part: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchMeta:
    """What is true of every message of a batch and never changes.

    It waits until ``not_before`` (None: it does not wait) and is given up at ``expires``.
    ``variant`` names which of its campaign's variants it is, where there are several, and
    ``triggers`` what is followed as soon as it happens (``domain/follow_up.py``). ``arm`` is the
    group of a comparison that its people are in, if it is not those who get the message.
    """

    number: BatchNumber
    source: Source
    channel: Channel
    purpose: Purpose
    message_type: MessageType
    unit_price: Money
    sender_id: SenderId
    template_id: TemplateId
    template_version: int
    size: int
    created: datetime
    not_before: datetime | None
    expires: datetime
    priority: int = USUAL_PRIORITY
    when_capped: WhenCapped = WhenCapped.SKIP
    variant: str = ""
    triggers: str = ""
    arm: Arm | None = None

    @property
    def shadow(self) -> bool:
        """Whether it never leaves and costs nothing: its people are held out."""
        return withheld(self.arm) is not None

    @property
    def began(self) -> datetime:
        """When its messages may leave at the earliest.

        What becomes of them is timed from then, or from when the first were released before.
        """
        return self.not_before or self.created


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """One message of a batch: to whom, and what exactly.

    ``contact_id`` is None for a number given directly that belongs to nobody known. ``phone`` is
    None only for a message that was refused because there is none.
    ``variables`` are the filled gaps of an Alimtalk template. ``recent_version`` is that of the
    person's row of advertisements when the message was planned.
    """

    contact_id: ContactId | None
    phone: Phone | None
    text: str = field(repr=False)
    subject: str | None = field(default=None, repr=False)
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    recent_version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """The batches that a request made; ``fingerprint`` tells its content from another's."""

    batches: tuple[BatchNumber, ...]
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A batch as it is stored."""

    meta: BatchMeta
    recipients: tuple[Recipient, ...]
    state: BatchState
