"""Who a message comes from: a registered number, or a Kakao channel."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from functions.domain.channel import Channel
from functions.domain.ids import SenderId


class SenderStatus(StrEnum):
    """Whether the sender may be used; only an approved one may (전기통신사업법 84의2)."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """A sender.

    ``address`` is the number in digits for SMS, the channel's ``pfId`` for Kakao.
    ``display_name`` and ``opt_out_number`` appear in advertisements (art. 50(4)).
    """

    sender_id: SenderId
    channel: Channel
    address: str
    display_name: str
    opt_out_number: str | None
    status: SenderStatus

    @property
    def approved(self) -> bool:
        """Whether messages may leave from this sender."""
        return self.status is SenderStatus.APPROVED

    def usable(self, now: datetime) -> bool:  # noqa: ARG002  # registrations will have an end
        """Whether messages may leave from this sender at ``now``."""
        return self.approved
