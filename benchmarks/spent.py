"""CPU time that our own code spends, the emulator's and the meter's own work left out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from moto.core.botocore_stubber import BotocoreStubber

R = TypeVar("R")


class Spent:
    """Adds up CPU seconds between ``began`` and ``taken``, less what was spent aside."""

    def __init__(self) -> None:
        self._since, self._aside, self._depth = time.process_time(), 0.0, 0

    def began(self) -> None:
        """Start anew."""
        self._since, self._aside = time.process_time(), 0.0

    def taken(self) -> float:
        """CPU seconds of our own code since then."""
        return time.process_time() - self._since - self._aside

    def aside(self, work: Callable[..., R]) -> Callable[..., R]:
        """Make ``work`` count for nothing."""

        def unseen(*given: object, **named: object) -> R:
            began, self._depth = time.process_time(), self._depth + 1
            try:
                return work(*given, **named)
            finally:
                self._depth -= 1
                if self._depth == 0:
                    self._aside += time.process_time() - began

        return unseen

    @contextmanager
    def without_the_emulator(self) -> Iterator[None]:
        """Leave out what moto does, while this lasts."""
        real = BotocoreStubber.process_request
        BotocoreStubber.process_request = self.aside(real)
        try:
            yield
        finally:
            BotocoreStubber.process_request = real
