"""A provider in memory, with a ledger of what each phone got, that fails on demand."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from functions.channels.base import ChannelError, NoBalance, Outgoing, Parcel, Taken
from functions.domain.contact import Phone
from functions.domain.ids import MessageNumber
from functions.domain.pricing import Money
from functions.domain.reason import FailureReason


@dataclass
class FakeProvider:
    """``fail_before`` and ``fail_after``: errors raised once each, before or after accepting.

    ``pays``: for so many messages more the balance reaches; None: for all.
    """

    received: dict[MessageNumber, Outgoing] = field(default_factory=dict)
    deliveries: Counter[MessageNumber] = field(default_factory=Counter)
    rejects: dict[MessageNumber, FailureReason] = field(default_factory=dict)
    fail_before: list[Exception] = field(default_factory=list)
    fail_after: list[Exception] = field(default_factory=list)
    fail_find: list[ChannelError] = field(default_factory=list)
    can_be_asked: bool = True
    calls: int = 0
    uploads: int = 0
    pays: int | None = None

    def send(self, parcel: Parcel, *, now: datetime) -> Taken:
        self.calls += 1
        if self.fail_before:
            raise self.fail_before.pop(0)
        payable = [each for each in parcel.messages if each.ref not in self.rejects]
        paid = payable if self.pays is None else payable[: self.pays]
        unpaid = frozenset(each.ref for each in payable[len(paid) :])
        if self.pays is not None:
            self.pays -= len(paid)
        for message in paid:
            self.received[message.ref] = message
            self.deliveries[message.ref] += 1
        if len(unpaid) == len(parcel.messages):
            msg = "empty"
            raise NoBalance(msg)
        if self.fail_after:
            raise self.fail_after.pop(0)
        refs = {message.ref for message in parcel.messages}
        rejected = {r: why for r, why in self.rejects.items() if r in refs}
        return Taken(rejected=rejected, unpaid=unpaid)

    def find(
        self, refs: Mapping[MessageNumber, Phone], *, since: datetime, now: datetime
    ) -> Mapping[MessageNumber, FailureReason | None]:
        if self.fail_find:
            raise self.fail_find.pop(0)
        return {ref: None for ref in refs if ref in self.received}

    def funded(self, least: Money, *, now: datetime) -> bool:
        return self.pays is None or self.pays > 0

    def upload_image(self, jpeg: bytes, *, now: datetime) -> str:
        self.uploads += 1
        return f"file-{self.uploads}"
