"""What came of a batch: figures by model, whatever order looks come in."""

from fractions import Fraction
from itertools import permutations

import pytest
from hypothesis import given, strategies as st

from functions.domain.outcome import (
    ENTRY_BYTES,
    NO_OUTCOMES,
    BatchOutcomes,
    Credit,
    Model,
    mark_of,
    share_of,
)

MOST = 10**12
places = st.integers(0, 6).flatmap(
    lambda of: st.tuples(st.integers(0, max(of - 1, 0)), st.just(of))
)
found = st.builds(
    lambda ordinal, mark, elapsed_s, look, place, minor: Credit(
        ordinal=ordinal,
        mark=mark,
        elapsed_s=elapsed_s,
        look=look,
        place=place[0],
        of=place[1],
        minor=minor,
    ),
    st.integers(0, 3),
    st.integers(0, 2),
    st.integers(0, 8_000_000),
    st.integers(1, 3),
    places,
    st.integers(-MOST, MOST),
)


def a_credit(ordinal: int = 0, mark: int = 1, **values: int) -> Credit:
    facts = {"elapsed_s": 600, "look": 1, "place": 0, "of": 1, "minor": 30_000}
    return Credit(ordinal=ordinal, mark=mark, **(facts | values))


def test_nothing_came_of_a_batch_at_first() -> None:
    assert NO_OUTCOMES.converted(0) is None
    assert (NO_OUTCOMES.people(), NO_OUTCOMES.events(), NO_OUTCOMES.minor()) == (0, 0, 0)
    assert NO_OUTCOMES.pack() == b""


def test_an_event_counts_where_the_model_puts_it() -> None:
    first = NO_OUTCOMES.merged([a_credit(3, place=0, of=3, minor=100)])
    last = NO_OUTCOMES.merged([a_credit(5, place=2, of=3, minor=100)])

    figures = {
        model: [
            (each.people(model), each.events(model), each.minor(model)) for each in (first, last)
        ]
        for model in Model
    }
    third = Fraction(1, 3)
    assert figures == {
        Model.LAST: [(0, 0, 0), (1, 1, 100)],
        Model.FIRST: [(1, 1, 100), (0, 0, 0)],
        Model.LINEAR: [(1, third, 33), (1, third, 34)],
    }
    # Whoever gets the credit: both were touched, and did it.
    assert (first.converted(3), last.converted(5), last.converted(3)) == (600, 600, None)


def test_a_person_who_does_it_twice_is_one_person() -> None:
    outcomes = NO_OUTCOMES.merged([a_credit(mark=1, elapsed_s=900), a_credit(mark=2)])

    assert (outcomes.people(), outcomes.events(), outcomes.minor()) == (1, 2, 60_000)
    assert outcomes.converted(0) == 600


def test_a_later_look_that_finds_no_touch_takes_the_event_back() -> None:
    none = a_credit(look=2, of=0)
    for order in permutations([a_credit(), none]):
        outcomes = NO_OUTCOMES.merged(order)
        assert (outcomes.people(), outcomes.minor(), outcomes.converted(0)) == (0, 0, None)


@given(st.lists(found, max_size=8), st.randoms(use_true_random=False))
def test_order_and_repetition_do_not_matter(credits_: list[Credit], random: object) -> None:
    once = NO_OUTCOMES.merged(credits_)
    shuffled = credits_ * 2
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one_by_one = NO_OUTCOMES
    for each in shuffled:
        one_by_one = one_by_one.merged([each])

    assert one_by_one == once


@given(st.lists(found, max_size=12), st.randoms(use_true_random=False), st.integers(1, 6))
def test_of_too_many_the_same_are_kept_whatever_order_they_come_in(
    credits_: list[Credit], random: object, most: int
) -> None:
    at_once = NO_OUTCOMES.merged(credits_, most=most)
    others = list(credits_)
    random.shuffle(others)  # type: ignore[attr-defined]  # hypothesis' own
    one_by_one = NO_OUTCOMES
    for each in (*others, *credits_):
        one_by_one = one_by_one.merged([each], most=most)

    assert one_by_one == at_once
    assert len(at_once.credits) == min(most, len({(e.ordinal, e.mark) for e in credits_}))
    ordinals = {each.ordinal for each in credits_}
    assert len(ordinals) > most or {each.ordinal for each in at_once.credits} == ordinals


def test_a_batch_of_which_everybody_comes_every_day_fits_a_row() -> None:
    busy = (a_credit(ordinal, mark) for ordinal in range(200) for mark in range(180))
    found = NO_OUTCOMES.merged(busy)

    assert found.people() == 200
    assert len(found.pack()) < 350_000


@given(st.lists(found, max_size=8))
def test_what_is_written_is_read(credits_: list[Credit]) -> None:
    outcomes = NO_OUTCOMES.merged(credits_)

    assert BatchOutcomes.unpack(outcomes.pack()) == outcomes


@given(st.integers(-MOST, MOST), st.integers(1, 255))
def test_shares_are_whole_and_sum_to_the_value(minor: int, of: int) -> None:
    shares = [share_of(minor, place, of) for place in range(of)]

    assert sum(shares) == minor
    assert shares == sorted(shares)
    assert shares[-1] - shares[0] <= 1


@given(st.lists(found, max_size=8))
def test_nothing_leads_back_to_an_event_once_its_message_is_anonymous(
    credits_: list[Credit],
) -> None:
    outcomes = NO_OUTCOMES.merged(credits_)

    left = outcomes.anonymous([0, 1])

    own = [each.mark for each in left.credits if each.ordinal == 0]
    assert own == list(range(len(own)))
    assert left.anonymous([0, 1]) == left
    assert [e for e in left.credits if e.ordinal > 1] == [
        e for e in outcomes.credits if e.ordinal > 1
    ]
    for model in Model:
        assert (left.people(model), left.events(model), left.minor(model)) == (
            outcomes.people(model),
            outcomes.events(model),
            outcomes.minor(model),
        )


def test_a_batch_with_a_rate_of_a_quarter_fits_one_write_unit() -> None:
    outcomes = NO_OUTCOMES.merged([a_credit(ordinal, ordinal) for ordinal in range(0, 200, 4)])

    assert len(outcomes.pack()) == 50 * ENTRY_BYTES
    # The row has its two keys, a version and the names of four attributes beside.
    assert 50 * ENTRY_BYTES + 60 <= 1_024


def test_times_beyond_what_can_be_kept_are_cut() -> None:
    outcomes = NO_OUTCOMES.merged(
        [a_credit(1, elapsed_s=-5, look=999), a_credit(2, elapsed_s=1 << 30)]
    )

    assert [each.elapsed_s for each in outcomes.credits] == [0, (1 << 24) - 1]
    assert outcomes.credits[0].look == 255


@pytest.mark.parametrize("key", [0, 1, (1 << 48) - 1])
def test_the_mark_of_an_event_fits_four_bytes(key: int) -> None:
    assert 0 <= mark_of(key) < 1 << 32
    assert mark_of(key) == mark_of(key) != mark_of(key ^ 1)
