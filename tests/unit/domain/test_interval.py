import pytest
from hypothesis import given, strategies as st

from functions.domain.interval import share_of

counts = st.integers(1, 10_000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))


@given(counts)
def test_what_was_seen_lies_in_its_interval(counted: tuple[int, int]) -> None:
    share = share_of(*counted)

    assert share is not None
    assert 0 <= share.low <= share.seen <= share.high <= 1


@given(counts)
def test_misses_are_the_other_side_of_hits(counted: tuple[int, int]) -> None:
    hits, of = counted
    share, other = share_of(hits, of), share_of(of - hits, of)

    assert share is not None
    assert other is not None
    assert share.low == pytest.approx(1 - other.high)


@given(counts, st.integers(2, 10))
def test_more_of_the_same_is_surer(counted: tuple[int, int], times: int) -> None:
    hits, of = counted
    few, many = share_of(hits, of), share_of(hits * times, of * times)

    assert few is not None
    assert many is not None
    assert many.high - many.low < few.high - few.low


@pytest.mark.parametrize(
    # By scipy: binomtest(hits, of).proportion_ci(method="wilson").
    ("hits", "of", "low", "high"),
    [(1, 10, 0.017876, 0.404150), (50, 1000, 0.038130, 0.065312), (7, 7, 0.645670, 1.0)],
)
def test_interval_is_that_of_wilson(hits: int, of: int, low: float, high: float) -> None:
    share = share_of(hits, of)

    assert share is not None
    assert (share.low, share.high) == (pytest.approx(low, abs=2e-6), pytest.approx(high, abs=2e-6))


def test_nothing_is_said_of_nothing() -> None:
    assert share_of(0, 0) is None
