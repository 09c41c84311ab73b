"""The whole way from the allotment to the verdict, without a difference and with one.

The full measure, 2,000 experiments, is ``python -m benchmarks.experiments``.
"""

from benchmarks.experiments import measure_aa, measure_power


def test_a_winner_is_seldom_named_where_there_is_none() -> None:
    found = measure_aa(runs=120, parts=10, people=100, variants=(2, 3))

    assert found["aa_false_positive"] <= 0.05
    assert found["z_test_read_each_time_2"] > 0.1


def test_the_better_one_is_named_where_the_difference_is_large() -> None:
    *_, largest = measure_power(runs=5, parts=10)

    assert (largest["won"], largest["wrong"]) == (1.0, 0.0)
