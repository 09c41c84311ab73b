"""Identities: opaque names of things, and the number that every message carries."""

import re
from dataclasses import dataclass
from typing import NewType

ContactId = NewType("ContactId", str)
AudienceId = NewType("AudienceId", str)
CampaignId = NewType("CampaignId", str)
TemplateId = NewType("TemplateId", str)
SenderId = NewType("SenderId", str)
ProofId = NewType("ProofId", str)
ImageId = NewType("ImageId", str)
ImportId = NewType("ImportId", str)
CouponPoolId = NewType("CouponPoolId", str)
KeyId = NewType("KeyId", str)
AddressHash = NewType("AddressHash", str)
AccountName = NewType("AccountName", str)
BatchNumber = NewType("BatchNumber", int)

MAX_BATCH_SIZE = 200
"""Recipients of one batch at most: one queue message, one provider call, one lease."""
MAX_BATCH_NUMBER = (1 << 32) - 1
"""Batch numbers must fit the 32 bits that a tracking code gives them."""
MAIN_ACCOUNT = AccountName("main")
"""The account at a provider of which is meant what names none."""

_PUBLIC = re.compile(r"m-([1-9a-f][0-9a-f]{0,7})-([0-9a-f]{2})")


def packed_number(batch: BatchNumber, ordinal: int) -> int:
    """A message's number as one integer below 2**40; see ``MessageNumber``."""
    return (batch << 8) | ordinal


def unpacked_number(packed: int) -> tuple[BatchNumber, int]:
    """Batch and ordinal of a packed number."""
    return BatchNumber(packed >> 8), packed & 0xFF


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class MessageNumber:
    """A message's place: the batch it travels in and its ordinal there.

    Its text form has at most 30 characters of ``[A-Za-z0-9-_.@]``, the narrowest form that
    any provider takes as client reference (LG U+ ``cliKey``; ``domain/korea.md`` section 6).
    """

    batch: BatchNumber
    ordinal: int

    def __str__(self) -> str:
        return f"m-{self.batch:x}-{self.ordinal:02x}"

    @property
    def packed(self) -> int:
        """The number as one integer below 2**40, for storage."""
        return packed_number(self.batch, self.ordinal)

    @classmethod
    def unpack(cls, packed: int) -> "MessageNumber":
        """Read the number back from its packed form."""
        batch, ordinal = unpacked_number(packed)
        return cls(batch=batch, ordinal=ordinal)

    @classmethod
    def parse(cls, text: str) -> "MessageNumber | None":
        """Read the text form; None when the text is not exactly what ``str`` would give."""
        match = _PUBLIC.fullmatch(text)
        if match is None:
            return None
        ordinal = int(match[2], 16)
        if ordinal >= MAX_BATCH_SIZE:
            return None
        return cls(batch=BatchNumber(int(match[1], 16)), ordinal=ordinal)
