"""What is known of each message of a batch, four bytes a message.

A batch's state must stay within one DynamoDB write unit (1 KB) for 200 messages, so that any
transition of any number of its messages costs one unit. Per message it keeps:

- byte 0, *send*: pending, sending, sent (in which round), held, refused or failed (with reason),
  unknown (to be asked about) or given up (perhaps sent, and nobody can say);
- byte 1, *receipt*: nothing yet, delivered, or failed (with reason);
- bytes 2-3, *receipt time*: elapsed time since the batch began; until there is a receipt, when
  the message was settled without one (``domain/settled.py``).

The send byte changes only by the worker that holds the batch's lease. Receipts arrive in any
order and more than once: their slot is merged by a maximum, so order and repetition do not
matter (delivered beats failed, the earliest of equals wins).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from struct import unpack

from functions.domain.ids import MAIN_ACCOUNT, AccountName
from functions.domain.reason import (
    CODE_BY_FAILURE,
    CODE_BY_HOLD,
    CODE_BY_REFUSAL,
    FailureReason,
    HoldReason,
    RefusalReason,
)

SLOT_BYTES = 4
MAX_ROUNDS = 16


class MessageStatus(StrEnum):
    """What a message is to its sender. Everyone addressed is in exactly one of these."""

    PENDING = "pending"
    HELD = "held"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"


_OPEN_STATUSES = frozenset({MessageStatus.PENDING, MessageStatus.HELD, MessageStatus.UNKNOWN})
Reason = HoldReason | RefusalReason | FailureReason


def is_open(status: MessageStatus, reason: Reason | None) -> bool:
    """Whether we may still send the message, or ask whether it was sent.

    One that is unknown for a reason is not: nobody can say any more what became of it.
    """
    given_up = status is MessageStatus.UNKNOWN and reason is not None
    return status in _OPEN_STATUSES and not given_up


class Send:
    """The values of the send byte."""

    PENDING = 0x00
    SENDING = 0x01
    UNKNOWN = 0x02
    CANCELLED = 0x03
    GIVEN_UP = 0x04
    RELEASED = 0x05
    """Was held, and is to be decided again now though its batch's time may be ahead."""
    _SENT, _HELD, _REFUSED, _FAILED = 0x10, 0x20, 0x40, 0x80

    @classmethod
    def sent(cls, *, round_: int) -> int:
        """Accepted by the provider in this round of the batch."""
        return cls._SENT | min(round_, MAX_ROUNDS - 1)

    @classmethod
    def held(cls, reason: HoldReason) -> int:
        """Waiting for a later moment."""
        return cls._HELD | CODE_BY_HOLD[reason]

    @classmethod
    def refused(cls, reason: RefusalReason) -> int:
        """Kept back by the one door."""
        return cls._REFUSED | CODE_BY_REFUSAL[reason]

    @classmethod
    def failed(cls, reason: FailureReason) -> int:
        """Rejected by the provider."""
        return cls._FAILED | CODE_BY_FAILURE[reason]

    @classmethod
    def settles(cls, send: int) -> bool:
        """Whether it says that the message does not leave, or that nobody can say."""
        return send in {cls.CANCELLED, cls.GIVEN_UP} or send >= cls._REFUSED


@dataclass(frozen=True, slots=True)
class _Meaning:
    status: MessageStatus
    reason: Reason | None = None
    round_: int | None = None


def _meanings() -> dict[int, _Meaning]:
    table = {
        Send.PENDING: _Meaning(MessageStatus.PENDING),
        Send.SENDING: _Meaning(MessageStatus.PENDING),
        Send.UNKNOWN: _Meaning(MessageStatus.UNKNOWN),
        Send.CANCELLED: _Meaning(MessageStatus.CANCELLED),
        Send.GIVEN_UP: _Meaning(MessageStatus.UNKNOWN, FailureReason.PROVIDER_UNAVAILABLE),
        Send.RELEASED: _Meaning(MessageStatus.PENDING),
    }
    for round_ in range(MAX_ROUNDS):
        table[Send.sent(round_=round_)] = _Meaning(MessageStatus.SENT, None, round_)
    table |= {Send.held(reason): _Meaning(MessageStatus.HELD, reason) for reason in HoldReason}
    table |= {Send.refused(why): _Meaning(MessageStatus.REFUSED, why) for why in RefusalReason}
    table |= {Send.failed(why): _Meaning(MessageStatus.FAILED, why) for why in FailureReason}
    return table


_MEANING_BY_SEND = _meanings()
_NO_RECEIPT, _DELIVERED, _UNDELIVERED = 0x00, 0x01, 0x80
_REASON_BY_RECEIPT = {_UNDELIVERED | code: why for why, code in CODE_BY_FAILURE.items()}

_FINE_LIMIT_S = 0x7FFF
_COARSE_STEP_S = 60


def pack_elapsed(seconds: int) -> int:
    """Fit an elapsed time into 16 bits: seconds for nine hours, then minutes for 22 days.

    Never 0, which means "nothing yet"; what is earlier or later is cut to the range.
    """
    if seconds <= _FINE_LIMIT_S:
        return max(seconds, 1)
    return min(_FINE_LIMIT_S + 1 + (seconds - _FINE_LIMIT_S) // _COARSE_STEP_S, 0xFFFF)


def unpack_elapsed(packed: int) -> int:
    """Give the elapsed seconds back, to the minute beyond nine hours."""
    if packed <= _FINE_LIMIT_S:
        return packed
    return _FINE_LIMIT_S + (packed - _FINE_LIMIT_S - 1) * _COARSE_STEP_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What the carrier reported of one message."""

    delivered: bool
    reason: FailureReason | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageState:
    """One message's state, unpacked for people to read."""

    status: MessageStatus
    reason: Reason | None
    sent_at: datetime | None
    receipt: Receipt | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchState:
    """The changing part of a batch: one slot a message, and the lease of who sends it now.

    ``rounds`` holds when each sending round began (epoch seconds), ``account`` at which account
    of the provider the newest one tried. ``lease_until`` is epoch seconds, 0 when nobody sends.
    ``version`` guards every write.
    """

    created: int
    slots: bytes
    rounds: tuple[int, ...] = ()
    lease_until: int = 0
    attempts: int = 0
    version: int = 0
    account: AccountName = MAIN_ACCOUNT

    @classmethod
    def fresh(cls, sends: Iterable[int], *, now: datetime) -> "BatchState":
        """Start a batch whose messages have these send bytes."""
        slots = b"".join(bytes((send, 0, 0, 0)) for send in sends)
        return cls(created=int(now.timestamp()), slots=slots)

    def __len__(self) -> int:
        return len(self.slots) // SLOT_BYTES

    def sends(self) -> Iterator[int]:
        """The send byte of each message, by ordinal."""
        return iter(self.slots[0::SLOT_BYTES])

    def send_of(self, ordinal: int) -> int:
        """The send byte of one message."""
        return self.slots[ordinal * SLOT_BYTES]

    def ordinals(self, *sends: int) -> tuple[int, ...]:
        """Ordinals of the messages whose send byte is one of these."""
        return tuple(i for i, send in enumerate(self.sends()) if send in sends)

    @property
    def in_doubt(self) -> tuple[int, ...]:
        """Ordinals of the messages of which the provider must be asked whether it has them."""
        return self.ordinals(Send.SENDING, Send.UNKNOWN)

    @property
    def unsettled(self) -> bool:
        """Whether some message may still be sent, or be found to have been sent."""
        meanings = (_MEANING_BY_SEND[send] for send in set(self.sends()))
        return any(is_open(each.status, each.reason) for each in meanings)

    def ordinals_of(self, *statuses: MessageStatus) -> tuple[int, ...]:
        """Ordinals of the messages whose send byte means one of these statuses."""
        return tuple(
            i for i, send in enumerate(self.sends()) if _MEANING_BY_SEND[send].status in statuses
        )

    def waiting(self) -> tuple[int, ...]:
        """Ordinals of the messages that are still to be sent.

        One that has a receipt is not, whatever our own record says: it was taken.
        """
        return tuple(
            ordinal
            for ordinal in self.ordinals_of(MessageStatus.PENDING, MessageStatus.HELD)
            if self.slots[ordinal * SLOT_BYTES] != Send.SENDING and not self.reported(ordinal)
        )

    def reported(self, ordinal: int) -> bool:
        """Whether a carrier has reported on the message."""
        return self.slots[ordinal * SLOT_BYTES + 1] != _NO_RECEIPT

    def with_sends(self, send_by_ordinal: Mapping[int, int]) -> "BatchState":
        """Set send bytes."""
        slots = bytearray(self.slots)
        for ordinal, send in send_by_ordinal.items():
            slots[ordinal * SLOT_BYTES] = send
        return replace(self, slots=bytes(slots))

    def cancelled(self) -> "BatchState":
        """Cancel what is still to be sent; what is being sent now is not touched."""
        return self.with_sends(dict.fromkeys(self.waiting(), Send.CANCELLED))

    def claimed(
        self,
        send_by_ordinal: Mapping[int, int],
        *,
        now: datetime,
        lease_s: int,
        account: AccountName = MAIN_ACCOUNT,
    ) -> "BatchState":
        """Begin a round at this account: these send bytes, and the lease of whoever sends now."""
        began = int(now.timestamp())
        rounds = (*self.rounds[: MAX_ROUNDS - 1], began)
        return replace(
            self.with_sends(send_by_ordinal),
            rounds=rounds,
            lease_until=began + lease_s,
            attempts=self.attempts + 1,
            account=account,
        )

    def released(self, send_by_ordinal: Mapping[int, int], *, lease_until: int = 0) -> "BatchState":
        """End a round: these send bytes, and nobody sends (or nobody may before a moment)."""
        return replace(self.with_sends(send_by_ordinal), lease_until=lease_until)

    @property
    def sent_now(self) -> int:
        """The send byte of what the provider accepted in the newest round."""
        return Send.sent(round_=max(len(self.rounds) - 1, 0))

    def leased(self, *, now: datetime) -> bool:
        """Whether somebody sends now, or the provider cannot be asked yet."""
        return self.lease_until > int(now.timestamp())

    def with_receipts(self, receipts: Iterable[tuple[int, Receipt]]) -> "BatchState":
        """Merge receipts; the result does not depend on their order or repetition."""
        slots = bytearray(self.slots)
        for ordinal, receipt in receipts:
            if ordinal >= len(self):
                continue
            start = ordinal * SLOT_BYTES + 1
            slots[start : start + 3] = _later_truth(
                bytes(slots[start : start + 3]), self._pack_receipt(receipt)
            )
        return replace(self, slots=bytes(slots))

    def _pack_receipt(self, receipt: Receipt) -> bytes:
        outcome = _DELIVERED
        if not receipt.delivered:
            outcome = _UNDELIVERED | CODE_BY_FAILURE[receipt.reason or FailureReason.OTHER]
        elapsed = pack_elapsed(int(receipt.at.timestamp()) - self.created)
        return bytes((outcome, elapsed >> 8, elapsed & 0xFF))

    def state_of(self, ordinal: int) -> MessageState:
        """Unpack one message."""
        start = ordinal * SLOT_BYTES
        send, outcome, high, low = self.slots[start : start + SLOT_BYTES]
        meaning = _MEANING_BY_SEND[send]
        receipt = self._unpack_receipt(outcome, (high << 8) | low)
        status, reason = _status(meaning, receipt)
        sent_at = None if meaning.round_ is None else _moment(self.rounds[meaning.round_])
        return MessageState(status=status, reason=reason, sent_at=sent_at, receipt=receipt)

    def _unpack_receipt(self, outcome: int, elapsed: int) -> Receipt | None:
        if outcome == _NO_RECEIPT:
            return None
        return Receipt(
            delivered=outcome == _DELIVERED,
            reason=_REASON_BY_RECEIPT.get(outcome),
            at=_moment(self.created + unpack_elapsed(elapsed)),
        )

    def tally(self) -> "Counter[tuple[MessageStatus, Reason | None]]":
        """Count the messages by status and reason; the counts always sum to the batch's size."""
        pairs = Counter(zip(self.slots[0::SLOT_BYTES], self.slots[1::SLOT_BYTES], strict=True))
        tally: Counter[tuple[MessageStatus, Reason | None]] = Counter()
        for (send, outcome), count in pairs.items():
            receipt = self._unpack_receipt(outcome, 1)
            tally[_status(_MEANING_BY_SEND[send], receipt)] += count
        return tally

    def moments(self) -> "tuple[Counter[int], Counter[int]]":
        """Count by epoch second when messages were sent, and when delivered, as ``tally`` does.

        What only a receipt tells to have been sent was sent when it arrived.
        """
        sent: Counter[int] = Counter()
        delivered: Counter[int] = Counter()
        for packed, count in Counter(unpack(f">{len(self)}I", self.slots)).items():
            meaning = _MEANING_BY_SEND[packed >> 24]
            outcome = packed >> 16 & 0xFF
            at = None if meaning.round_ is None else self.rounds[meaning.round_]
            if outcome == _DELIVERED and meaning.status not in _NEVER_LEFT:
                arrived = self.created + unpack_elapsed(packed & 0xFFFF)
                delivered[arrived] += count
                sent[arrived if at is None else at] += count
            elif outcome == _NO_RECEIPT and at is not None:
                sent[at] += count
        return sent, delivered


def _later_truth(old: bytes, new: bytes) -> bytes:
    return max(old, new, key=_receipt_rank)


def _receipt_rank(packed: bytes) -> tuple[int, int, int]:
    outcome, high, low = packed
    if outcome == _NO_RECEIPT:
        return (0, 0, 0)
    return (2 if outcome == _DELIVERED else 1, -((high << 8) | low), -outcome)


def _status(meaning: _Meaning, receipt: Receipt | None) -> tuple[MessageStatus, Reason | None]:
    # A receipt proves that the message was accepted, also when our own record of the sending
    # was lost or is not written yet. It says nothing about a message that never left.
    if receipt is None or meaning.status in _NEVER_LEFT:
        return meaning.status, meaning.reason
    if receipt.delivered:
        return MessageStatus.DELIVERED, None
    return MessageStatus.FAILED, receipt.reason


_NEVER_LEFT = frozenset({MessageStatus.REFUSED, MessageStatus.CANCELLED})


def _moment(epoch_s: int) -> datetime:
    return datetime.fromtimestamp(epoch_s, tz=UTC)
