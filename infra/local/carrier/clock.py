"""The simulator's only clock: a source of real time and an offset that can be changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def real_time() -> datetime:
    """Read the machine's clock as an aware UTC datetime."""
    return datetime.now(tz=UTC)


@dataclass(slots=True, kw_only=True)
class Clock:
    """Time as the simulated carrier sees it: ``source`` moved by ``offset_s`` seconds."""

    source: Callable[[], datetime] = real_time
    offset_s: float = 0.0

    def now(self) -> datetime:
        """Give the simulated time as an aware UTC datetime."""
        return self.source() + timedelta(seconds=self.offset_s)

    def epoch_s(self) -> float:
        """Give the simulated time in seconds since 1970."""
        return self.now().timestamp()
