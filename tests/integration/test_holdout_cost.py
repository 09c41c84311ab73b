"""What somebody held out costs stays next to nothing, and what others cost does not rise."""

import pytest

from benchmarks.holdout import measure_holdouts


@pytest.fixture(scope="module")
def found() -> dict[str, dict[str, float]]:
    return measure_holdouts(recipients=400)


def test_a_campaign_that_holds_nobody_out_pays_nothing(found: dict[str, dict[str, float]]) -> None:
    assert found["0"]["wru_of_histories_per_person"] == 0
    # The row of the person; nothing at the batch, which nobody clicked.
    assert found["0"]["wru_per_untouched_event"] == 1


def test_somebody_held_out_costs_a_fraction_of_a_write(found: dict[str, dict[str, float]]) -> None:
    sent = found["0"]["wru_per_person"]
    half = found["50"]
    of_all = half["wru_per_person"] - half["wru_of_histories_per_person"] - sent / 2

    assert of_all * 2 < 0.05
    assert half["wru_per_untouched_event"] == 2
