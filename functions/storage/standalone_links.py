"""Standalone links: one row each, for ever, by their slugs."""

from functions.contracts.destination_document import (
    destinations_from_text,
    destinations_to_text,
    replaced_from_json,
    replaced_to_json,
)
from functions.contracts.page import Page, Position
from functions.domain.standalone_link import StandaloneLink
from functions.storage.base import position_of, start_key, unchanged, written
from functions.storage.link_rows import LinkItem

_LINKS = "links"
"""The redirect reads these rows by the same name."""


class StandaloneLinkStore:
    """Reads and writes standalone links."""

    def add(self, link: StandaloneLink) -> bool:
        """Write a new link; False when its slug is or was somebody's."""
        return written(lambda: _row(link).save(condition=LinkItem.name.does_not_exist()))

    def get(self, slug: str) -> StandaloneLink | None:
        """Read a link, also a removed one, consistently."""
        try:
            return _link(LinkItem.get(_LINKS, slug, consistent_read=True))
        except LinkItem.DoesNotExist:
            return None

    def put(self, link: StandaloneLink, *, before: int) -> bool:
        """Write a changed link; False unless it had so many changes before."""
        same = unchanged(LinkItem.changes, before) & LinkItem.name.exists()
        return written(lambda: _row(link).save(condition=same))

    def page(self, *, limit: int, position: Position | None) -> Page[StandaloneLink]:
        """List links by their slugs, without removed ones: a page may have fewer than asked."""
        rows = LinkItem.query(
            _LINKS,
            filter_condition=LinkItem.removed.does_not_exist(),
            page_size=limit,
            limit=limit,
            last_evaluated_key=start_key(position),
        )
        found = tuple(map(_link, rows))
        return Page(items=found, after=position_of(rows.last_evaluated_key))


def _row(link: StandaloneLink) -> LinkItem:
    return LinkItem(
        _LINKS,
        link.slug,
        title=link.name,
        medium=link.medium,
        lead=destinations_to_text([link.destination], link.utm),
        replaced=[replaced_to_json(each) for each in link.replaced],
        changes=link.changes or None,
        made=link.made,
        made_by=link.made_by,
        removed=link.removed,
    )


def _link(row: LinkItem) -> StandaloneLink:
    (destination, *_), utm = destinations_from_text(row.lead or "")
    return StandaloneLink(
        slug=row.name,
        name=row.title or "",
        medium=row.medium or "",
        destination=destination,
        utm=utm,
        made=row.made,
        made_by=row.made_by or "",
        replaced=tuple(replaced_from_json(each) for each in row.replaced or ()),
        removed=row.removed,
        changes=int(row.changes or 0),
    )
