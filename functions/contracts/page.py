"""A slice of a list, and where the list goes on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

Item_co = TypeVar("Item_co", covariant=True)
Position = Mapping[str, str]
"""Where a list goes on: the key of the last item that was read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[Item_co]):
    """Some items; ``after`` is None at the end of the list."""

    items: tuple[Item_co, ...]
    after: Position | None
