"""Who a message comes from: a registered number, or a Kakao channel."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from functions.domain.channel import Channel
from functions.domain.ids import MAIN_ACCOUNT, AccountName, ProofId, SenderId
from functions.domain.pace import Rate

MAX_PROOFS = 10


class SenderStatus(StrEnum):
    """Whether the sender may be used; only an approved one may (전기통신사업법 84의2)."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    SUSPENDED = "suspended"


class ProofKind(StrEnum):
    """What proves that a number may be used (korea.md 4.3: hankukmunja 335, posbank, NHN Cloud).

    In their order: 통신서비스 이용증명원, the check of one's own mobile phone, 재직증명서, 위임장,
    and the picture of a phone that shows the number calling (cafe24).
    """

    TELECOM_CERTIFICATE = "telecom_certificate"
    IDENTITY_CHECK = "identity_check"
    EMPLOYMENT_CERTIFICATE = "employment_certificate"
    POWER_OF_ATTORNEY = "power_of_attorney"
    CALLER_DISPLAY = "caller_display"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A file that proves a right to the number. It is written once, below its own key."""

    proof_id: ProofId
    kind: ProofKind
    object_key: str
    added: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What a reviewer decided, why, and (of an approval) from when to when it holds."""

    status: SenderStatus
    note: str = ""
    valid_from: datetime | None = None
    valid_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """A sender and its registration.

    ``address`` is the number in digits for SMS, the channel's ``pfId`` for Kakao.
    ``display_name``, ``contact`` and ``opt_out_number`` appear in advertisements (art. 50(4)).
    ``note`` is the last review's. ``accounts`` are the further accounts at the provider where it is
    registered too, and what it is called there. ``rate`` is how fast its messages may leave.
    """

    sender_id: SenderId
    channel: Channel
    address: str
    display_name: str
    opt_out_number: str | None
    status: SenderStatus
    contact: str | None = None
    proofs: tuple[Proof, ...] = ()
    registered: datetime | None = None
    reviewed: datetime | None = None
    note: str = ""
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    accounts: Mapping[AccountName, str] = field(default_factory=dict)
    rate: Rate | None = None

    def address_at(self, account: AccountName) -> str | None:
        """What the sender is called at an account; None where it is not registered."""
        return self.address if account == MAIN_ACCOUNT else self.accounts.get(account)

    @property
    def approved(self) -> bool:
        """Whether the last review allowed it; `usable` asks for the dates too."""
        return self.status is SenderStatus.APPROVED

    def usable(self, now: datetime) -> bool:
        """Whether messages may leave from this sender: approved, and within its dates.

        Half-open: the moment at which it begins is in, the one at which it ends is not.
        """
        begun = self.valid_from is None or self.valid_from <= now
        over = self.valid_until is not None and self.valid_until <= now
        return self.approved and begun and not over

    @property
    def label_contact(self) -> str | None:
        """The number that an advertisement names beside the sender.

        It may be left out when it is the sending number, which the phone shows
        (gongbizguide.oopy.io; invitobiz notice 576).
        """
        return None if self.contact == self.address else self.contact

    def decided(self, review: Review, *, now: datetime) -> "Sender":
        """Take a review; the dates are an approval's and outlive what ends it."""
        after = replace(self, status=review.status, note=review.note, reviewed=now)
        if review.status is not SenderStatus.APPROVED:
            return after
        return replace(after, valid_from=review.valid_from, valid_until=review.valid_until)
