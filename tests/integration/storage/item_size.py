"""How many bytes DynamoDB counts for an item.

Source: DynamoDB Developer Guide, "DynamoDB item sizes and formats": names count in UTF-8; a
number takes about a byte for every two significant digits and one more; a list or map three
bytes, and one for each of its elements.
"""

from collections.abc import Callable, Mapping
from typing import Any

WRITE_UNIT_BYTES = 1024
_CONTAINER_BYTES = 3


def item_size(item: Mapping[str, Mapping[str, Any]]) -> int:
    """Count an item in DynamoDB's own form, such as ``{"name": {"S": "x"}}``."""
    return sum(len(name.encode()) + _size(value) for name, value in item.items())


def _size(value: Mapping[str, Any]) -> int:
    ((kind, content),) = value.items()
    return _SIZE_BY_KIND[kind](content)


def _set_size(kind: str) -> Callable[[Any], int]:
    return lambda content: sum(_size({kind: each}) for each in content)


def _number_size(text: str) -> int:
    digits = text.lstrip("-").replace(".", "").strip("0") or "0"
    return (len(digits) + 1) // 2 + 1 + text.startswith("-")


_SIZE_BY_KIND: dict[str, Callable[[Any], int]] = {
    "S": lambda text: len(text.encode()),
    "B": len,
    "N": _number_size,
    "BOOL": lambda _: 1,
    "NULL": lambda _: 1,
    "SS": _set_size("S"),
    "NS": _set_size("N"),
    "BS": _set_size("B"),
    "L": lambda members: _CONTAINER_BYTES + sum(1 + _size(each) for each in members),
    "M": lambda members: _CONTAINER_BYTES + len(members) + item_size(members),
}
