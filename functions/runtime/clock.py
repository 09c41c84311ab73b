"""The clock, read here and nowhere else. Everything below takes ``now`` as an argument."""

from datetime import UTC, datetime, timedelta

from functions.runtime.settings import clock_offset_s


def utc_now() -> datetime:
    """The current time, moved by the simulated offset on the local stage."""
    return wall_now() + timedelta(seconds=clock_offset_s())


def wall_now() -> datetime:
    """The real time, for signatures and leases that others check against their own clock."""
    return datetime.now(tz=UTC)
