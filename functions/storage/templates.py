"""Templates: one row a version, never changed but in status and in where its links lead.

The first version's row also keeps the class that the first approval fixed for all of them.
"""

from collections.abc import Mapping

from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from functions.contracts.destination_document import (
    destinations_from_text,
    destinations_to_text,
    replaced_from_json,
    replaced_to_json,
)
from functions.contracts.page import Page, Position
from functions.domain.ad_words import AdWarning, AdWarningCode
from functions.domain.channel import Channel, Purpose
from functions.domain.destination import Destination
from functions.domain.ids import ImageId, TemplateId
from functions.domain.template import Template, TemplateStatus
from functions.storage.base import Item, connection, position_of, start_key, written
from functions.storage.wire import get_row, reader_of


class TemplateItem(Item):
    """One version of a template."""

    class Meta:
        """Short name of the table."""

        table = "templates"

    template_id = UnicodeAttribute(hash_key=True)
    version = NumberAttribute(range_key=True)
    name = UnicodeAttribute(null=True)
    channel = UnicodeAttribute(null=True)
    purpose = UnicodeAttribute(null=True)
    body = UnicodeAttribute(null=True)
    subject = UnicodeAttribute(null=True)
    image_id = UnicodeAttribute(null=True)
    provider_template_id = UnicodeAttribute(null=True)
    provider_template_ids = JSONAttribute(null=True)
    variables = JSONAttribute(null=True)
    links = JSONAttribute(null=True)
    destinations = UnicodeAttribute(null=True)
    replaced = JSONAttribute(null=True)
    changes = NumberAttribute(null=True)
    status = UnicodeAttribute(null=True)
    note = UnicodeAttribute(null=True)
    goods = UnicodeAttribute(null=True)
    tags = JSONAttribute(null=True)
    ad_warnings = JSONAttribute(null=True)
    fixed_class = UnicodeAttribute(null=True)


class TemplateStore:
    """Reads and writes templates."""

    def add(self, template: Template) -> bool:
        """Write a new version; False when that version exists already."""
        item = TemplateItem(
            template.template_id,
            template.version,
            name=template.name,
            channel=str(template.channel),
            purpose=str(template.purpose),
            body=template.body,
            subject=template.subject,
            image_id=template.image_id,
            provider_template_id=template.provider_template_id,
            provider_template_ids=dict(template.provider_template_ids) or None,
            variables=dict(template.variables),
            links=list(template.links),
            destinations=_destinations(template),
            status=str(template.status),
            note=template.note,
            goods=template.goods,
            tags=sorted(template.tags),
            ad_warnings=_packed(template.ad_warnings),
        )
        return written(lambda: item.save(condition=TemplateItem.version.does_not_exist()))

    def get(self, template_id: TemplateId, version: int) -> Template | None:
        """Read one version, consistently."""
        key = {"template_id": {"S": template_id}, "version": {"N": str(version)}}
        return get_row("templates", key, _read)

    def versions(self, template_id: TemplateId) -> tuple[Template, ...]:
        """Read all versions, newest first."""
        rows = TemplateItem.query(template_id, scan_index_forward=False, consistent_read=True)
        return tuple(_to_template(row) for row in rows)

    def move(self, template: Template, *, to: TemplateStatus, note: str) -> bool:
        """Change the status of a version, and keep the warnings that it is moved with.

        False when it changed meanwhile, or when it is approved for another class than the one
        that the template has by an earlier approval.
        """
        item = TemplateItem(template.template_id, template.version)
        actions: list[Action] = [
            TemplateItem.status.set(str(to)),
            TemplateItem.note.set(note),
            TemplateItem.ad_warnings.set(_packed(template.ad_warnings)),
        ]
        same = TemplateItem.status == str(template.status)
        if to is not TemplateStatus.APPROVED:
            return written(lambda: item.update(actions=actions, condition=same))
        fix: Action = TemplateItem.fixed_class.set(str(template.purpose))
        free = TemplateItem.fixed_class.does_not_exist()
        free |= TemplateItem.fixed_class == str(template.purpose)
        if template.version == 1:
            actions.append(fix)
            return written(lambda: item.update(actions=actions, condition=same & free))
        first = TemplateItem(template.template_id, 1)

        def write_both() -> None:
            with TransactWrite(connection=connection()) as transaction:
                transaction.update(item, actions=actions, condition=same)
                there = TemplateItem.name.exists()
                transaction.update(first, actions=[fix], condition=there & free)

        return written(write_both)

    def lead(self, template: Template, *, before: int) -> bool:
        """Write where the links lead and led; False unless there were ``before`` changes so far."""
        item = TemplateItem(template.template_id, template.version)
        same = TemplateItem.changes == before
        if before == 0:
            same = TemplateItem.name.exists() & TemplateItem.changes.does_not_exist()
        actions: list[Action] = [
            TemplateItem.destinations.set(
                destinations_to_text(template.destinations, template.utm)
            ),
            TemplateItem.replaced.set([replaced_to_json(each) for each in template.replaced]),
            TemplateItem.changes.set(len(template.replaced)),
        ]
        return written(lambda: item.update(actions=actions, condition=same))

    def page(self, *, limit: int, position: Position | None) -> Page[Template]:
        """List versions in the table's order."""
        scan = TemplateItem.scan(
            page_size=limit, limit=limit, last_evaluated_key=start_key(position)
        )
        found = tuple(_to_template(item) for item in scan)
        return Page(items=found, after=position_of(scan.last_evaluated_key))


def _to_template(item: TemplateItem) -> Template:
    # Rows of before links could be led elsewhere have the addresses of the text only.
    destinations = tuple(Destination(url=url) for url in item.links or ())
    utm: Mapping[str, str] = {}
    if item.destinations is not None:
        destinations, utm = destinations_from_text(item.destinations)
    return Template(
        template_id=TemplateId(item.template_id),
        version=int(item.version),
        name=item.name or "",
        channel=Channel(item.channel or ""),
        purpose=Purpose(item.purpose or ""),
        body=item.body or "",
        subject=item.subject,
        image_id=None if item.image_id is None else ImageId(item.image_id),
        provider_template_id=item.provider_template_id,
        provider_template_ids=item.provider_template_ids or {},
        variables=item.variables or {},
        links=tuple(item.links or ()),
        destinations=destinations,
        replaced=tuple(replaced_from_json(each) for each in item.replaced or ()),
        utm=utm,
        status=TemplateStatus(item.status or ""),
        note=item.note or "",
        goods=item.goods,
        tags=frozenset(item.tags or ()),
        ad_warnings=tuple(
            AdWarning(code=AdWarningCode(code), found=tuple(found))
            for code, found in item.ad_warnings or ()
        ),
    )


_read = reader_of(TemplateItem, _to_template)


def _packed(warnings: tuple[AdWarning, ...]) -> list[tuple[str, tuple[str, ...]]]:
    return [(str(warning.code), warning.found) for warning in warnings]


def _destinations(template: Template) -> str | None:
    if not template.destinations and not template.utm:
        return None
    return destinations_to_text(template.destinations, template.utm)
