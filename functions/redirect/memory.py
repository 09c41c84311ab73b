"""What a process of the redirect remembers, and for how long it believes it."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Generic, Protocol, TypeVar

FRESH_S = 50
"""So long destinations are believed. With the second that a cheap read may lag: below a minute."""
RETRY_S = 5
"""So long old destinations go on being used when they cannot be read again."""

RowKey = Mapping[str, str | int]
K = TypeVar("K")
V = TypeVar("V")


class Rows(Protocol):
    """Reads texts out of tables."""

    def row_text(self, table: str, key: RowKey, attribute: str, *, consistent: bool) -> str | None:
        """Give a text attribute of a row, None when there is none. Raises Unavailable."""
        ...


class Memory(Generic[K, V]):
    """Forgets what was not asked for the longest."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._values: OrderedDict[K, V] = OrderedDict()

    def get(self, key: K) -> V | None:
        """Give what was put under this key."""
        value = self._values.get(key)
        if value is not None:
            self._values.move_to_end(key)
        return value

    def put(self, key: K, value: V) -> None:
        """Remember it."""
        self._values[key] = value
        if len(self._values) > self._size:
            self._values.popitem(last=False)


def is_fresh(fresh_until: int, at: int) -> bool:
    """Whether what is believed until a moment is believed now."""
    # A clock that was set back must not make it last.
    return 0 < fresh_until - at <= FRESH_S
