from datetime import UTC, datetime, timedelta

import pytest

from functions.runtime import clock


@pytest.mark.parametrize("offset_s", [0, 3600, -7200])
def test_now_is_the_wall_clock_moved_by_the_simulated_offset(
    offset_s: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "clock_offset_s", lambda: offset_s)

    moved = clock.utc_now() - clock.wall_now()

    assert abs(moved - timedelta(seconds=offset_s)) < timedelta(seconds=5)


def test_time_is_aware_and_in_utc() -> None:
    assert clock.wall_now().tzinfo is UTC
    assert clock.wall_now() > datetime(2026, 1, 1, tzinfo=UTC)
