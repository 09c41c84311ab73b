"""The due list in memory, and a ledger that writes it; held to the real store's contract."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from functions.contracts.page import Page, Position
from functions.domain.consent import ConsentRecord
from functions.domain.contact import Contact
from functions.domain.ids import ContactId
from functions.domain.notice import (
    Notice,
    NoticeKind,
    NoticeState,
    Slot,
    confirm_name,
    needs_confirmation,
    notices_of,
    shard_of,
)
from functions.domain.notice_settings import NoticeSettings
from functions.domain.writing import ConsentChange
from tests.builders import SEOUL
from tests.fakes.people import FakeConsents

_Key = tuple[ContactId, str]


@dataclass
class FakeNotices:
    rows: dict[_Key, Notice] = field(default_factory=dict)
    wanted: NoticeSettings = field(default_factory=NoticeSettings)

    def of(self, contact_id: ContactId) -> tuple[Notice, ...]:
        return tuple(each for (owner, _), each in sorted(self.rows.items()) if owner == contact_id)

    def put(self, notice: Notice) -> None:
        self.rows[notice.contact_id, notice.name] = notice

    def in_slot(self, slot: Slot, *, limit: int, position: Position | None) -> Page[Notice]:
        last = "" if position is None else position["last"]
        found = [each for each in sorted(self._in(slot)) if each[0] > last]
        items = tuple(self.rows[key] for _, key in found[:limit])
        more = len(found) > limit
        return Page(items=items, after={"last": found[limit - 1][0]} if more else None)

    def waiting_in(self, slot: Slot) -> bool:
        return bool(self._in(slot))

    def count(self, slot: Slot, kind: NoticeKind) -> int:
        return sum(self.rows[key].kind is kind for _, key in self._in(slot))

    def _in(self, slot: Slot) -> list[tuple[str, _Key]]:
        return [
            (key[1] + key[0], key)
            for key, each in self.rows.items()
            if Slot(state=each.state, day=each.due, shard=shard_of(each.contact_id)) == slot
        ]

    def ask(self, notice: Notice, request_id: str) -> bool:
        return self._change(replace(notice, request_id=None), request_id=request_id)

    def release(self, notice: Notice) -> bool:
        return self._change(notice, request_id=None)

    def mark_undeliverable(self, notice: Notice, reason: str) -> bool:
        state = NoticeState.UNDELIVERABLE
        return self._change(notice, state=state, reason=reason, request_id=None)

    def mark_sent(self, notice: Notice, message_id: str, *, at: datetime) -> bool:
        if notice.kind is NoticeKind.CONFIRM:
            sent = replace(notice, state=NoticeState.SENT, message_id=message_id, sent=at)
            self.rows[notice.contact_id, f"{notice.name}#{notice.due.isoformat()}"] = sent
            return True
        state = NoticeState.SENT
        return self._change(notice, state=state, message_id=message_id, sent=at, reason=None)

    def _change(self, notice: Notice, **values: object) -> bool:
        known = self.rows.get((notice.contact_id, notice.name))
        if known is None or _version(known) != _version(notice):
            return False
        self.put(replace(known, **values))  # type: ignore[arg-type]
        return True

    def erase(self, contact_id: ContactId) -> int:
        gone = [key for key in self.rows if key[0] == contact_id]
        for key in gone:
            del self.rows[key]
        return len(gone)

    def settings(self) -> NoticeSettings:
        return self.wanted

    def save_settings(self, settings: NoticeSettings) -> None:
        self.wanted = settings


def _version(notice: Notice) -> tuple[object, ...]:
    return notice.seq, notice.state, notice.request_id


@dataclass
class LedgerWithNotices(FakeConsents):
    """Writes the notices with the evidence, as the real ledger does in one transaction."""

    notices: FakeNotices = field(default_factory=FakeNotices)

    def append_decided(
        self,
        contact_id: ContactId,
        decide: Callable[[Contact], Sequence[ConsentChange]],
        *,
        now: datetime,
    ) -> tuple[ConsentRecord, ...]:
        profile = self.profiles.get(contact_id)
        before = {} if profile is None else dict(profile.contact.consents)
        records = super().append_decided(contact_id, decide, now=now)
        in_force = self.profiles.profiles[contact_id].contact.consents
        for notice in notices_of(records, in_force, zone=SEOUL):
            self.notices.put(notice)
        for key, consent in before.items():
            if needs_confirmation(consent) and not needs_confirmation(in_force.get(key)):
                self.notices.rows.pop((contact_id, confirm_name(key)), None)
        return records
