"""A suppressed address: known only by its keyed hash, so that it can outlive the contact."""

from dataclasses import dataclass
from datetime import datetime

from functions.domain.channel import Channel, Purpose
from functions.domain.ids import AddressHash
from functions.domain.reason import SuppressionReason

OPT_OUTS = frozenset(
    {
        SuppressionReason.OPT_OUT_CALL,
        SuppressionReason.OPT_OUT_REPLY,
        SuppressionReason.OPT_OUT_PAGE,
        SuppressionReason.OPT_OUT_ONE_CLICK,
        SuppressionReason.OPT_OUT_CARRIER,
    }
)
"""What the person said; their own later word to the contrary outweighs it."""
_ALL = "all"


@dataclass(frozen=True, slots=True)
class Scope:
    """What a suppression keeps back; None means any.

    Written ``all``, ``advertising``, ``sms`` or ``sms:advertising``.
    """

    channel: Channel | None = None
    purpose: Purpose | None = None

    def __str__(self) -> str:
        return ":".join(part for part in (self.channel, self.purpose) if part) or _ALL

    @classmethod
    def parse(cls, text: str) -> "Scope":
        """Read a written scope; raises ValueError for anything else."""
        if text == _ALL:
            return cls()
        channel, _, purpose = text.rpartition(":")
        if channel:
            return cls(Channel(channel), Purpose(purpose))
        if text in tuple(Purpose):
            return cls(purpose=Purpose(text))
        return cls(channel=Channel(text))


EVERYTHING = Scope()
ADVERTISING = Scope(purpose=Purpose.ADVERTISING)


def usual_scope(reason: SuppressionReason) -> Scope:
    """What a suppression keeps back when nothing else is said.

    Refusing advertisements (art. 50(2)) does not stop notices about the person's own orders.
    """
    return ADVERTISING if reason in OPT_OUTS else EVERYTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Why, since when and until when (None: for ever) an address is kept back from what."""

    reason: SuppressionReason
    scope: Scope
    since: datetime
    until: datetime | None = None

    def blocks(self, *, channel: Channel, purpose: Purpose, now: datetime) -> bool:
        """Whether a message of this kind is kept back at ``now``."""
        return (
            self.scope.channel in (None, channel)
            and self.scope.purpose in (None, purpose)
            and (self.until is None or now < self.until)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """A mark on an address, and by whose word it is there.

    An address has at most one suppression of each scope.
    """

    address_hash: AddressHash
    mark: Mark
    source: str
