from collections import Counter
from hashlib import sha256
from itertools import pairwise

from hypothesis import given, settings, strategies as st

from functions.domain.allotment import allotted, row_of, row_without

weights_lists = st.lists(st.integers(1, 10), min_size=2, max_size=11).map(tuple)


def rank(person: str) -> bytes:
    return sha256(person.encode()).digest()


@given(weights_lists, st.integers(1, 700))
@settings(max_examples=200)
def test_shares_hold_within_one_person_after_any_number_of_people(weights, count) -> None:
    row = row_of(weights, first=0, count=count)

    total, had = sum(weights), Counter()
    for number, seat in enumerate(row, start=1):
        had[seat] += 1
        for place, weight in enumerate(weights):
            assert abs(had[place] * total - number * weight) < total


@given(weights_lists, st.lists(st.integers(0, 300), min_size=1, max_size=8))
def test_parts_that_are_planned_apart_make_the_same_whole(weights, sizes) -> None:
    rows = []
    for place, size in enumerate(sizes):
        rows += row_of(weights, first=sum(sizes[:place]), count=size)

    assert tuple(rows) == row_of(weights, first=0, count=sum(sizes))


@given(weights_lists, st.integers(0, 10_000), st.integers(0, 400))
def test_a_part_alone_holds_shares_within_two_people(weights, first, count) -> None:
    had = Counter(row_of(weights, first=first, count=count))

    total = sum(weights)
    assert all(
        abs(had[place] * total - count * weight) < 2 * total for place, weight in enumerate(weights)
    )


@given(weights_lists, st.integers(0, 500), st.integers(0, 300))
def test_seats_of_who_waits_are_left_out_and_the_others_stay(weights, first, count) -> None:
    row = row_of(weights, first=first, count=count)
    last = len(weights) - 1
    others = tuple(seat for seat in row if seat != last)

    assert row_without(weights, first=first, count=len(others), left_out=last) == others


@given(st.sets(st.text("abc123", min_size=1), max_size=60), st.randoms())
def test_everyone_gets_the_same_seat_in_whatever_order_they_come(people, random) -> None:
    one, other = sorted(people), sorted(people)
    random.shuffle(other)
    row = row_of((2, 1, 1), first=5, count=len(one))

    got = dict(zip(one, allotted(one, row, rank=rank), strict=True))

    assert got == dict(zip(other, allotted(other, row, rank=rank), strict=True))
    assert Counter(got.values()) == Counter(row)


def test_people_of_one_hash_are_told_apart_by_their_places() -> None:
    row = row_of((1, 1), first=0, count=4)

    assert sorted(allotted(["same"] * 4, row, rank=rank)) == [0, 0, 1, 1]


def test_neighbours_in_a_list_are_not_alternated() -> None:
    people = [f"c{number}" for number in range(1000)]

    got = allotted(people, row_of((1, 1), first=0, count=1000), rank=rank)

    changes = sum(a != b for a, b in pairwise(got))
    assert 430 < changes < 570
