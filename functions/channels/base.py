"""What every provider is to us: a few verbs, a vocabulary, and three kinds of failure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from functions.domain.contact import Phone
from functions.domain.ids import MessageNumber
from functions.domain.message import Receipt
from functions.domain.pricing import Money
from functions.domain.reason import FailureReason, SuppressionReason
from functions.domain.text_size import MessageType

ASK_BALANCE_AFTER_S = 30
"""When an account without balance is asked first whether it has been topped up."""


class ChannelError(Exception):
    """The provider did not take the parcel."""


class RetryLater(ChannelError):
    """Not sent for certain, and may be tried again after ``after_s`` seconds."""

    def __init__(self, why: str, *, after_s: int | None = None) -> None:
        super().__init__(why)
        self.after_s = after_s


class NoBalance(RetryLater):
    """Not sent for certain, because the account cannot pay: nothing is wrong with the messages."""

    def __init__(self, why: str) -> None:
        super().__init__(why, after_s=ASK_BALANCE_AFTER_S)


class Rejected(ChannelError):
    """Not sent for certain, and trying again would not help."""

    def __init__(self, reason: FailureReason, *, code: str) -> None:
        super().__init__(code)
        self.reason = reason
        self.code = code


class Ambiguous(ChannelError):
    """Perhaps sent. Never repeated before the provider was asked what it has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One message of a parcel. ``ref`` is what the provider calls it when it reports."""

    ref: MessageNumber
    to: Phone
    text: str = field(repr=False)
    subject: str | None = field(default=None, repr=False)
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """What goes to the provider in one call."""

    message_type: MessageType
    sender: str
    messages: tuple[Outgoing, ...]
    provider_template_id: str | None = None
    provider_file_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What the provider did with a parcel: the rejected with why; all others it accepted.

    Those ``unpaid`` it did not take either, because the account's balance did not reach.
    """

    rejected: Mapping[MessageNumber, FailureReason]
    unpaid: frozenset[MessageNumber] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryEvent:
    """A report about one message."""

    ref: MessageNumber
    receipt: Receipt


@dataclass(frozen=True, slots=True, kw_only=True)
class OptOutEvent:
    """A person refused at a provider. ``key`` is what the provider calls this refusal."""

    key: str
    phone: Phone
    reason: SuppressionReason
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundMessage:
    """A text that a person sent us. ``key`` is what the provider calls it."""

    key: str
    sender: Phone
    text: str = field(repr=False)
    at: datetime


Heard = OptOutEvent | InboundMessage
"""What a person said, other than through us."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OptOutPage:
    """A part of a provider's list of refusals; ``cursor`` is where the next begins, if any."""

    events: tuple[OptOutEvent, ...]
    cursor: str | None


class Channel(Protocol):
    """A provider that sends."""

    @property
    def can_be_asked(self) -> bool:
        """Whether ``find`` can tell what it has; without that nobody can, once in doubt."""

    def send(self, parcel: Parcel, *, now: datetime) -> Taken:
        """Hand a parcel over in one call. Raises ChannelError."""

    def find(
        self, refs: Mapping[MessageNumber, Phone], *, since: datetime, now: datetime
    ) -> Mapping[MessageNumber, FailureReason | None]:
        """Ask which of these messages of a parcel, each to a number, it has had since then.

        Tells how it took them: None means accepted. Those it does not know are left out. To ask
        about none harms nothing and tells whether the provider answers. Raises ChannelError.
        """

    def funded(self, least: Money, *, now: datetime) -> bool:
        """Whether the account can pay at least this. Raises ChannelError."""

    def upload_image(self, jpeg: bytes, *, now: datetime) -> str:
        """Give the provider an image; returns its id there. Raises ChannelError."""


class CallbackReader(Protocol):
    """A provider that reports."""

    def read(self, body: str, *, now: datetime) -> tuple[DeliveryEvent, ...]:
        """Read a callback; what is not about our messages is skipped.

        Raises ValueError when it is no callback of this provider at all.
        """


class HearingReader(Protocol):
    """A provider that tells what people said."""

    def hear(self, body: str, *, now: datetime) -> tuple[Heard, ...]:
        """Read a callback; what is not of people who can get our messages is skipped.

        Raises ValueError when it is no callback of this provider at all.
        """


class OptOutSource(Protocol):
    """A provider that lists who refused there."""

    def opt_outs(self, *, since: datetime | None, cursor: str | None, now: datetime) -> OptOutPage:
        """Read a page of what was refused since then (None: ever). Raises ChannelError."""
