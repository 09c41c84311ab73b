"""Timers of one minute are moved to the second, however the tick behaves."""

import pytest

from benchmarks.chaos.timing import SCENARIOS, Scenario, measure


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda each: each.name)
def test_no_timer_is_lost_or_late(scenario: Scenario) -> None:
    found = measure(scenario, timers=2_000)

    assert found.lost == 0
    assert 0 <= found.earliest_s <= found.latest_s < 2.1
