"""Answers list calls: one page, and a sealed cursor to the next."""

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from functions.contracts.page import Page, Position
from functions.runtime.cursor import seal, unseal
from functions.runtime.http import Call, Json, Reply, page_limit

Item = TypeVar("Item")
Item_co = TypeVar("Item_co", covariant=True)


class Pages(Protocol[Item_co]):
    """A store that can be read page by page."""

    def page(self, *, limit: int, position: Position | None) -> Page[Item_co]:
        """Read some items from a position on."""


def listing(call: Call[Any], store: Pages[Item], view: Callable[[Item], Json], *, of: str) -> Reply:
    """Answer the page that ``?limit=&cursor=`` ask for. Raises InvalidInput."""
    position = unseal(call.query.get("cursor"), of=of, now=call.now)
    page = store.page(limit=page_limit(call.query), position=position)
    return Reply(
        body={
            "items": [view(item) for item in page.items],
            "next_cursor": seal(page.after, of=of, now=call.now),
        }
    )
