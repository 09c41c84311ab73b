"""Consent: what a person agreed to, and the append-only evidence of it.

Source: 정보통신망법 art. 50(1)-(3); each row of evidence carries the hash of the one before, so
that a changed or missing row shows.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from functions.domain.channel import Channel, ConsentPurpose
from functions.domain.ids import ContactId

GENESIS = "0" * 64
"""The hash that the first row of a person's evidence refers to."""


class ConsentAction(StrEnum):
    """What happened to a consent."""

    GRANT = "grant"
    WITHDRAW = "withdraw"


@dataclass(frozen=True, slots=True, order=True)
class ConsentKey:
    """What a consent is about. Written ``sms:advertising``."""

    channel: Channel
    purpose: ConsentPurpose

    def __str__(self) -> str:
        return f"{self.channel}:{self.purpose}"

    @classmethod
    def parse(cls, text: str) -> "ConsentKey":
        """Read ``sms:advertising``; raises ValueError for anything else."""
        channel, _, purpose = text.partition(":")
        return cls(Channel(channel), ConsentPurpose(purpose))


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """The consent in force: agreed or not, since when, by which row of evidence."""

    granted: bool
    at: datetime
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRecord:
    """One row of evidence.

    ``source`` says where it came from (for example ``api``, ``import:<id>``), ``text_version``
    which wording the person saw. ``previous`` is the hash of the row before.
    """

    contact_id: ContactId
    seq: int
    key: ConsentKey
    action: ConsentAction
    at: datetime
    source: str
    actor: str
    text_version: str
    previous: str

    @property
    def digest(self) -> str:
        """SHA-256 over every value of this row and the digest of the row before."""
        values = [
            self.contact_id,
            self.seq,
            str(self.key),
            self.action,
            self.at.isoformat(),
            self.source,
            self.actor,
            self.text_version,
            self.previous,
        ]
        return hashlib.sha256(json.dumps(values, ensure_ascii=True).encode()).hexdigest()

    @property
    def consent(self) -> Consent:
        """What is in force once this row is the newest about its key."""
        return Consent(granted=self.action is ConsentAction.GRANT, at=self.at, seq=self.seq)


def chain_breaks(records: Iterable[ConsentRecord]) -> tuple[int, ...]:
    """Sequence numbers of the rows, given in order, that do not follow from the one before."""
    previous, expected, breaks = GENESIS, 1, []
    for record in records:
        if record.previous != previous or record.seq != expected:
            breaks.append(record.seq)
        previous, expected = record.digest, record.seq + 1
    return tuple(breaks)
