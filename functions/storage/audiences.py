"""Audiences: one row each."""

from datetime import date, datetime
from typing import Any

from pynamodb.attributes import (
    BooleanAttribute,
    JSONAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UTCDateTimeAttribute,
)
from pynamodb.expressions.update import Action

from functions.contracts.page import Page, Position
from functions.domain.audience import Audience, Membership
from functions.domain.ids import AudienceId
from functions.storage.base import Item, position_of, start_key, written


class AudienceItem(Item):
    """One audience."""

    class Meta:
        """Short name of the table."""

        table = "audiences"

    audience_id = UnicodeAttribute(hash_key=True)
    name = UnicodeAttribute(null=True)
    definition = JSONAttribute(null=True)
    created = UTCDateTimeAttribute(null=True)
    changed = UTCDateTimeAttribute(null=True)
    version = NumberAttribute(null=True)
    live = BooleanAttribute(null=True)
    fixed = BooleanAttribute(null=True)
    members = JSONAttribute(null=True)
    run_id = UnicodeAttribute(null=True)


class AudienceStore:
    """Reads and writes audiences."""

    def add(self, audience: Audience) -> None:
        """Write a new one."""
        _to_item(audience).save()

    def get(self, audience_id: AudienceId) -> Audience | None:
        """Read one, consistently."""
        try:
            return _to_audience(AudienceItem.get(audience_id, consistent_read=True))
        except AudienceItem.DoesNotExist:
            return None

    def page(self, *, limit: int, position: Position | None) -> Page[Audience]:
        """Read some audiences."""
        rows = AudienceItem.scan(
            page_size=limit, limit=limit, last_evaluated_key=start_key(position)
        )
        found = tuple(map(_to_audience, rows))
        return Page(items=found, after=position_of(rows.last_evaluated_key))

    def all(self) -> tuple[Audience, ...]:
        """Read them all, consistently: some hundred at most."""
        return tuple(map(_to_audience, AudienceItem.scan(consistent_read=True)))

    def change(self, audience: Audience, *, replacing: Audience) -> bool:
        """Write a new version, unless somebody else did since; members stay as they are."""
        same = AudienceItem.version == replacing.version
        item = _to_item(audience)
        actions: list[Action] = [
            AudienceItem.name.set(item.name),
            AudienceItem.definition.set(item.definition),
            AudienceItem.changed.set(item.changed),
            AudienceItem.version.set(item.version),
            AudienceItem.live.set(item.live),
            AudienceItem.fixed.set(item.fixed),
        ]
        row = AudienceItem(audience.audience_id)
        return written(lambda: row.update(actions=actions, condition=same))

    def set_members(self, audience_id: AudienceId, version: int, members: Membership) -> bool:
        """Put an answer in use, unless the question changed or a later answer is in use."""
        older = AudienceItem.run_id.does_not_exist() | (AudienceItem.run_id < members.run_id)
        same = (AudienceItem.version == version) & older
        row = AudienceItem(audience_id)
        actions: list[Action] = [
            AudienceItem.members.set(_from_membership(members)),
            AudienceItem.run_id.set(members.run_id),
        ]
        return written(lambda: row.update(actions=actions, condition=same))

    def delete(self, audience_id: AudienceId) -> None:
        """Delete one; repeating it is harmless."""
        AudienceItem(audience_id).delete()


def _to_item(audience: Audience) -> AudienceItem:
    members = audience.members
    return AudienceItem(
        audience.audience_id,
        name=audience.name,
        definition=dict(audience.definition),
        created=audience.created,
        changed=audience.changed,
        version=audience.version,
        live=audience.live,
        fixed=audience.fixed,
        members=None if members is None else _from_membership(members),
    )


def _to_audience(item: AudienceItem) -> Audience:
    return Audience(
        audience_id=AudienceId(item.audience_id),
        name=item.name or "",
        definition=item.definition or {},
        created=item.created,
        changed=item.changed,
        version=int(item.version or 1),
        live=bool(item.live),
        fixed=bool(item.fixed),
        members=None if item.members is None else _to_membership(item.members),
    )


def _from_membership(members: Membership) -> dict[str, Any]:
    return {
        "run": members.run_id,
        "day": members.day.isoformat(),
        "at": members.at.isoformat(),
        "shards": members.shards,
        "counts": [members.count, members.entered, members.left],
    }


def _to_membership(stored: dict[str, Any]) -> Membership:
    count, entered, left = stored["counts"]
    return Membership(
        run_id=stored["run"],
        day=date.fromisoformat(stored["day"]),
        at=datetime.fromisoformat(stored["at"]),
        shards=stored["shards"],
        count=count,
        entered=entered,
        left=left,
    )
