"""Does several things at once that mostly wait for the network."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")
_AT_ONCE = 8


def spread(work: Callable[[T], R], values: Iterable[T], /) -> Iterator[R]:
    """Work on some values at once, each a few requests long; results in the values' order.

    The first use of a table or secret sets up what all threads share and is not made for several
    at once: do that before.
    """
    return _pool().map(work, values)


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=_AT_ONCE)
