from hypothesis import given, strategies as st

from functions.domain.adaptive import drawn
from functions.domain.experiment_look import Count


@given(st.integers(0, 300), st.text(max_size=8))
def test_everybody_gets_one_and_the_same_seed_gives_the_same(people: int, seed: str) -> None:
    counts = {"a": Count(50, 5), "b": Count(50, 9), "c": Count()}

    got = drawn(counts, people=people, seed=seed)

    assert sum(got.values()) == people
    assert got == drawn(counts, people=people, seed=seed)


def test_before_anything_is_known_shares_are_about_alike() -> None:
    got = drawn({"a": Count(), "b": Count()}, people=2_000, seed="s")

    assert 850 < got["a"] < 1_150


def test_what_did_better_gets_more() -> None:
    got = drawn({"a": Count(1_000, 50), "b": Count(1_000, 90)}, people=2_000, seed="s")

    assert got["b"] > 1_950
