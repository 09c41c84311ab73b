"""The clock of the code under test."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from functions.runtime.settings import forget_settings
from infra.local.carrier.client import CarrierControl

SEOUL = ZoneInfo("Asia/Seoul")


class Clock:
    """Moves the clock as the local stage can: by an offset in its environment."""

    def __init__(self, environment: pytest.MonkeyPatch) -> None:
        self._environment = environment
        self.offset_s = 0

    def set_to_noon(self) -> None:
        """Make it today's noon in Seoul."""
        self.move_to(_real_now().astimezone(SEOUL).replace(hour=12, minute=0, second=0))

    def move_to(self, moment: datetime) -> None:
        """Make it this moment."""
        self._shift(round((moment - _real_now()).total_seconds()))

    def move_by(self, step: timedelta) -> None:
        """Let this time pass."""
        self._shift(self.offset_s + round(step.total_seconds()))

    def now(self) -> datetime:
        """What the code believes."""
        return _real_now() + timedelta(seconds=self.offset_s)

    def _shift(self, offset_s: int) -> None:
        self.offset_s = offset_s
        self._environment.setenv("CLOCK_OFFSET_S", str(offset_s))
        forget_settings()


def _real_now() -> datetime:
    return datetime.now(tz=UTC)


@contextmanager
def later(clock: Clock, carrier: CarrierControl, step: timedelta) -> Iterator[None]:
    """What is inside happens so much later, for us and for the carrier."""
    clock.move_by(step)
    carrier.configure(clock_offset_s=clock.offset_s)
    try:
        yield
    finally:
        clock.move_by(-step)
        carrier.configure(clock_offset_s=clock.offset_s)
