"""Consent: what a person agreed to, and the append-only evidence of it.

Source: 정보통신망법 art. 50(1)-(3); each row of evidence carries the hash of the one before, so
that a changed or missing row shows. What is in force follows from the rows alone (``fold``).
"""

import calendar
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from functions.domain.channel import Channel, ConsentPurpose
from functions.domain.ids import ContactId

GENESIS = "0" * 64
"""The hash that the first row of a person's evidence refers to."""
TRADE_MONTHS = 6
"""Decree art. 61(1): so long after a transaction ended its kind of goods may be advertised."""


class ConsentAction(StrEnum):
    """What happened to a consent.

    ``grant`` is the person's own word, ``import`` what another system says of it, ``confirm`` the
    two-yearly confirmation (art. 50(8)).
    """

    GRANT = "grant"
    WITHDRAW = "withdraw"
    CONFIRM = "confirm"
    IMPORT = "import"


class Basis(StrEnum):
    """Why advertising is allowed: agreed to, or a transaction (art. 50(1) no. 1)."""

    EXPLICIT = "explicit"
    TRANSACTION = "transaction"


@dataclass(frozen=True, slots=True, order=True)
class ConsentKey:
    """What a consent is about. Written ``sms:advertising``."""

    channel: Channel
    purpose: ConsentPurpose
    _hash: int = field(init=False, compare=False, repr=False)
    """Worked out once: the door looks keys up for every message."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash((self.channel, self.purpose)))

    def __hash__(self) -> int:
        return self._hash

    def __str__(self) -> str:
        return f"{self.channel}:{self.purpose}"

    @classmethod
    def parse(cls, text: str) -> "ConsentKey":
        """Read ``sms:advertising``; raises ValueError for anything else."""
        channel, _, purpose = text.partition(":")
        return cls(Channel(channel), ConsentPurpose(purpose))


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """The consent in force: agreed or not, since when, by which row of evidence.

    ``trades`` says, for the basis of a transaction, until when which kind of goods may be
    advertised. ``imported`` consents are another system's word, not the person's own.
    """

    granted: bool
    at: datetime
    seq: int
    basis: Basis = Basis.EXPLICIT
    trades: Mapping[str, datetime] = field(default_factory=dict)
    imported: bool = False
    confirmed: datetime | None = None

    @property
    def explicitly_granted(self) -> bool:
        """Whether the person agreed by their own word."""
        return self.granted and self.basis is Basis.EXPLICIT and not self.imported

    def permits(self, *, goods: str | None, now: datetime) -> bool:
        """Whether goods of this kind may be advertised at ``now``."""
        if not self.granted or self.basis is Basis.EXPLICIT:
            return self.granted
        until = None if goods is None else self.trades.get(goods)
        return until is not None and now < until


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRecord:
    """One row of evidence.

    ``at`` is when it was said, ``recorded`` when we wrote it down. ``source`` says where it came
    from (``api``, ``import:<id>``, ``page``), ``text_version`` and ``text_hash`` which wording the
    person saw. ``goods`` is for the basis of a transaction, which ended at ``at``. ``subject`` is
    the keyed hash of the contact, so that the chain still holds when the contact is erased;
    ``ip_hash`` that of the address. ``previous`` is the hash of the row before.
    """

    contact_id: ContactId
    subject: str
    seq: int
    key: ConsentKey
    action: ConsentAction
    at: datetime
    recorded: datetime
    source: str
    actor: str
    text_version: str
    text_hash: str = ""
    ip: str = field(default="", repr=False)
    ip_hash: str = ""
    basis: Basis = Basis.EXPLICIT
    goods: str = ""
    previous: str

    @property
    def digest(self) -> str:
        """SHA-256 over every value of this row but the personal ones, whose hashes are in it."""
        values = [
            self.subject,
            self.seq,
            str(self.key),
            self.action,
            self.at.isoformat(),
            self.recorded.isoformat(),
            self.source,
            self.actor,
            self.text_version,
            self.text_hash,
            self.ip_hash,
            self.basis,
            self.goods,
            self.previous,
        ]
        return hashlib.sha256(json.dumps(values, ensure_ascii=True).encode()).hexdigest()


def months_after(moment: datetime, months: int) -> datetime:
    """The same day and time so many months later, or the month's last day where there is none.

    >>> from datetime import UTC
    >>> months_after(datetime(2027, 8, 31, tzinfo=UTC), 6)
    datetime.datetime(2028, 2, 29, 0, 0, tzinfo=datetime.timezone.utc)
    """
    years, month = divmod(moment.month - 1 + months, 12)
    year, month = moment.year + years, month + 1
    last = calendar.monthrange(year, month)[1]
    return moment.replace(year=year, month=month, day=min(moment.day, last))


def after(known: Consent | None, record: ConsentRecord) -> Consent | None:
    """What is in force of a key once this row is the newest about it.

    A withdrawal always holds. A transaction never outweighs the person's own word (art. 50(2)),
    and only one that is granted can be confirmed.
    """
    match record.action:
        case ConsentAction.WITHDRAW:
            return Consent(granted=False, at=record.at, seq=record.seq)
        case ConsentAction.CONFIRM:
            if known is None or not known.granted:
                return known
            return replace(known, confirmed=record.at, seq=record.seq)
        case ConsentAction.GRANT | ConsentAction.IMPORT:
            return _granted(known, record)


def _granted(known: Consent | None, record: ConsentRecord) -> Consent:
    imported = record.action is ConsentAction.IMPORT
    if record.basis is Basis.EXPLICIT:
        return Consent(granted=True, at=record.at, seq=record.seq, imported=imported)
    # A withdrawal is the person's own word as well.
    if known is not None and known.basis is Basis.EXPLICIT:
        return known
    trades = dict(known.trades) if known is not None else {}
    until = months_after(record.at, TRADE_MONTHS)
    trades[record.goods] = max(until, trades.get(record.goods, until))
    return Consent(
        granted=True,
        at=record.at,
        seq=record.seq,
        basis=Basis.TRANSACTION,
        trades=trades,
        imported=imported,
    )


def fold(records: Iterable[ConsentRecord]) -> dict[ConsentKey, Consent]:
    """What is in force after these rows of one person, given in order."""
    in_force: dict[ConsentKey, Consent] = {}
    for record in records:
        consent = after(in_force.get(record.key), record)
        if consent is not None:
            in_force[record.key] = consent
    return in_force


def chain_breaks(records: Iterable[ConsentRecord]) -> tuple[int, ...]:
    """Sequence numbers of the rows, given in order, that do not follow from the one before."""
    previous, expected, breaks = GENESIS, 1, []
    for record in records:
        if record.previous != previous or record.seq != expected:
            breaks.append(record.seq)
        previous, expected = record.digest, record.seq + 1
    return tuple(breaks)
