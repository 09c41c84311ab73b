"""Notices that the law asks for, found by state and day; and how they are to be sent."""

from collections.abc import Iterable
from datetime import date, datetime

from pynamodb.attributes import (
    JSONAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UTCDateTimeAttribute,
)
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex
from pynamodb.transactions import TransactWrite

from functions.contracts.page import Page, Position
from functions.domain.consent import ConsentAction, ConsentKey
from functions.domain.ids import ContactId, SenderId, TemplateId
from functions.domain.notice import (
    Notice,
    NoticeKind,
    NoticeState,
    Slot,
    confirm_name,
    shard_of,
)
from functions.domain.notice_settings import NoticeRoute, NoticeSettings
from functions.storage.base import Item, position_of, start_key, written

_SETTINGS = "#settings"
"""Stands where a contact's id would; none begins so."""


class _BySlot(GlobalSecondaryIndex["NoticeItem"]):  # type: ignore[no-untyped-call]  # theirs
    """Notices by state, day and shard, in the order of their names."""

    class Meta:
        """As template.yaml declares it."""

        index_name = "by_slot"
        projection = AllProjection()

    slot = UnicodeAttribute(hash_key=True)
    kind = UnicodeAttribute(range_key=True)


class NoticeItem(Item):
    """One notice of a person, the proof of a confirmation that was sent, or the settings."""

    class Meta:
        """Short name of the table."""

        table = "notices"

    contact_id = UnicodeAttribute(hash_key=True)
    kind = UnicodeAttribute(range_key=True)
    slot = UnicodeAttribute(null=True)
    key = UnicodeAttribute(null=True)
    action = UnicodeAttribute(null=True)
    said = UTCDateTimeAttribute(null=True)
    due = UnicodeAttribute(null=True)
    seq = NumberAttribute(null=True)
    state = UnicodeAttribute(null=True)
    request_id = UnicodeAttribute(null=True)
    message_id = UnicodeAttribute(null=True)
    sent = UTCDateTimeAttribute(null=True)
    reason = UnicodeAttribute(null=True)
    settings = JSONAttribute(null=True)
    by_slot = _BySlot()


class NoticeStore:
    """Reads notices and moves them on; new ones are written with their evidence."""

    def of(self, contact_id: ContactId) -> tuple[Notice, ...]:
        """All notices of a person."""
        return tuple(map(_to_notice, NoticeItem.query(contact_id, consistent_read=True)))

    def in_slot(self, slot: Slot, *, limit: int, position: Position | None) -> Page[Notice]:
        """Some notices of a part of the list."""
        rows = NoticeItem.by_slot.query(
            _slot_text(slot),
            page_size=limit,
            limit=limit,
            last_evaluated_key=start_key(position),
        )
        found = tuple(map(_to_notice, rows))
        return Page(items=found, after=position_of(rows.last_evaluated_key))

    def waiting_in(self, slot: Slot) -> bool:
        """Whether a part of the list has anybody in it."""
        return next(iter(NoticeItem.by_slot.query(_slot_text(slot), limit=1)), None) is not None

    def count(self, slot: Slot, kind: NoticeKind) -> int:
        """How many notices of a kind a part of the list has."""
        of_kind = NoticeItem.kind.startswith(f"{kind}#")
        return NoticeItem.by_slot.count(_slot_text(slot), range_key_condition=of_kind)

    def ask(self, notice: Notice, request_id: str) -> bool:
        """Note the request that is about to be made; False when another was, or it changed."""
        free = _unchanged(notice) & NoticeItem.request_id.does_not_exist()
        return _update(notice, [NoticeItem.request_id.set(request_id)], free)

    def release(self, notice: Notice) -> bool:
        """Forget a request that did not take this notice along."""
        return _update(notice, [NoticeItem.request_id.remove()], _still_asked(notice))

    def mark_undeliverable(self, notice: Notice, reason: str) -> bool:
        """Note why the person cannot be told, and that nothing is under way."""
        actions: list[Action] = [
            *_moved(notice, NoticeState.UNDELIVERABLE),
            NoticeItem.reason.set(reason),
            NoticeItem.request_id.remove(),
        ]
        return _update(notice, actions, _still_asked(notice))

    def mark_sent(self, notice: Notice, message_id: str, *, at: datetime) -> bool:
        """Keep the proof that the message was accepted.

        A confirmation's proof is a row of its own: the next one takes the place of the notice.
        """
        if notice.kind is NoticeKind.CONFIRM:
            _proof(notice, message_id, at=at).save()
            return True
        actions: list[Action] = [
            *_moved(notice, NoticeState.SENT),
            NoticeItem.message_id.set(message_id),
            NoticeItem.sent.set(at),
            NoticeItem.reason.remove(),
        ]
        return _update(notice, actions, _still_asked(notice))

    def erase(self, contact_id: ContactId) -> int:
        """Delete all notices of a person; tells how many."""
        rows = list(NoticeItem.query(contact_id, consistent_read=True))
        for row in rows:
            row.delete()
        return len(rows)

    def settings(self) -> NoticeSettings:
        """How notices are to be sent; without a template when nobody said it."""
        try:
            item = NoticeItem.get(_SETTINGS, _SETTINGS, consistent_read=True)
        except NoticeItem.DoesNotExist:
            return NoticeSettings()
        stored = item.settings or {}
        return NoticeSettings(
            routes={NoticeKind(kind): _to_route(each) for kind, each in stored["routes"].items()},
            confirm_days_before=stored["confirm_days_before"],
            how=stored["how"],
        )

    def save_settings(self, settings: NoticeSettings) -> None:
        """Replace how notices are to be sent."""
        stored = {
            "routes": {str(kind): _from_route(each) for kind, each in settings.routes.items()},
            "confirm_days_before": settings.confirm_days_before,
            "how": settings.how,
        }
        NoticeItem(_SETTINGS, _SETTINGS, settings=stored).save()


def write_notices(
    transaction: TransactWrite,
    contact_id: ContactId,
    notices: Iterable[Notice],
    *,
    ended: Iterable[ConsentKey],
) -> None:
    """Write new notices, and drop the confirmation of consents that ended, in a transaction."""
    NoticeItem._get_connection()  # noqa: SLF001  # makes the shared connection know the table
    for notice in notices:
        transaction.save(_to_item(notice))
    for key in ended:
        transaction.delete(NoticeItem(contact_id, confirm_name(key)))


def _unchanged(notice: Notice) -> Condition:
    same: Condition = (NoticeItem.seq == notice.seq) & (NoticeItem.state == str(notice.state))
    return same


def _still_asked(notice: Notice) -> Condition:
    request: Condition = NoticeItem.request_id.does_not_exist()
    if notice.request_id is not None:
        request = NoticeItem.request_id == notice.request_id
    still: Condition = _unchanged(notice) & request
    return still


def _moved(notice: Notice, state: NoticeState) -> list[Action]:
    slot = Slot(state=state, day=notice.due, shard=shard_of(notice.contact_id))
    return [NoticeItem.state.set(str(state)), NoticeItem.slot.set(_slot_text(slot))]


def _update(notice: Notice, actions: list[Action], condition: Condition) -> bool:
    item = NoticeItem(notice.contact_id, notice.name)
    return written(lambda: item.update(actions=actions, condition=condition))


def _proof(notice: Notice, message_id: str, *, at: datetime) -> NoticeItem:
    item = _to_item(notice)
    slot = Slot(state=NoticeState.SENT, day=notice.due, shard=shard_of(notice.contact_id))
    item.kind = f"{notice.name}#{notice.due.isoformat()}"
    item.state, item.slot = str(slot.state), _slot_text(slot)
    item.message_id, item.sent = message_id, at
    return item


def _slot_text(slot: Slot) -> str:
    return f"{slot.state}#{slot.day.isoformat()}#{slot.shard}"


def _to_item(notice: Notice) -> NoticeItem:
    slot = Slot(state=notice.state, day=notice.due, shard=shard_of(notice.contact_id))
    return NoticeItem(
        notice.contact_id,
        notice.name,
        slot=_slot_text(slot),
        key=str(notice.key),
        action=str(notice.action),
        said=notice.said,
        due=notice.due.isoformat(),
        seq=notice.seq,
        state=str(notice.state),
        request_id=notice.request_id,
    )


def _to_notice(item: NoticeItem) -> Notice:
    return Notice(
        kind=NoticeKind(item.kind.partition("#")[0]),
        contact_id=ContactId(item.contact_id),
        key=ConsentKey.parse(item.key or ""),
        action=ConsentAction(item.action or ""),
        said=item.said,
        due=date.fromisoformat(item.due or ""),
        seq=int(item.seq or 0),
        state=NoticeState(item.state or ""),
        request_id=item.request_id,
        message_id=item.message_id,
        sent=item.sent,
        reason=item.reason,
    )


def _from_route(route: NoticeRoute) -> list[object]:
    return [route.template_id, route.template_version, route.sender_id]


def _to_route(stored: list[str | int]) -> NoticeRoute:
    template_id, version, sender_id = stored
    return NoticeRoute(
        template_id=TemplateId(str(template_id)),
        template_version=int(version),
        sender_id=SenderId(str(sender_id)),
    )
