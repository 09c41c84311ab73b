"""Who is held out: exact shares, whoever is found in which slice, and the same group for ever."""

from collections import Counter
from hashlib import sha256
from math import isqrt

import pytest
from hypothesis import given, settings, strategies as st

from functions.domain.holdout import (
    MOST,
    PER_UNIT,
    PLACES,
    Arm,
    GlobalGroup,
    Known,
    arms_of,
    percent_of,
    share_of,
    withheld,
)
from functions.domain.reason import RefusalReason

sizes = st.lists(st.integers(0, 60), min_size=1, max_size=12)
shares = st.integers(0, MOST)


def rank(person: int) -> bytes:
    return sha256(str(person).encode()).digest()


def alone(person: int) -> Known:
    return Known(address=person, aside=False, globally=False)


def place(name: str, person: int) -> int:
    return int.from_bytes(sha256(f"{name} {person}".encode()).digest()[:8], "big")


@given(sizes=sizes, share=shares)
def test_the_share_is_exact_after_any_number_of_slices(sizes: list[int], share: int) -> None:
    found = held = 0
    for size in sizes:
        people = range(found, found + size)
        arms, seats = arms_of(people, share=share, first=found, known=alone, rank=rank)
        assert seats == size
        found += size
        held += sum(each is Arm.HELD_OUT for each in arms)
        assert abs(held * PER_UNIT - found * share) < PER_UNIT


@given(
    people=st.lists(st.tuples(st.integers(0, 9), st.booleans(), st.booleans()), max_size=40),
    share=shares,
    first=st.integers(0, 3_000),
)
def test_who_shares_an_address_shares_the_fate(
    people: list[tuple[int, bool, bool]], share: int, first: int
) -> None:
    numbered = list(enumerate(people))

    def known(person: tuple[int, tuple[int, bool, bool]]) -> Known:
        address, aside, globally = person[1]
        return Known(address=address, aside=aside, globally=globally and not aside)

    arms, seats = arms_of(
        numbered, share=share, first=first, known=known, rank=lambda each: rank(each[0])
    )

    fates: dict[int, set[Arm | None]] = {}
    for (address, _, _), arm in zip(people, arms, strict=True):
        fates.setdefault(address, set()).add(arm)
    assert all(len(each) == 1 for each in fates.values())
    in_group = {address for address, aside, globally in people if globally and not aside}
    left_aside = {address for address, aside, _ in people if aside} - in_group
    assert {a for a, fate in fates.items() if fate == {Arm.HELD_OUT_GLOBALLY}} == in_group
    assert {a for a, fate in fates.items() if fate == {Arm.ASIDE}} == left_aside
    assert seats == len(fates) - len(in_group) - len(left_aside)


def test_people_without_an_address_are_each_on_their_own() -> None:
    known = Known(address=None, aside=False, globally=False)

    arms, seats = arms_of(range(10), share=500, first=0, known=lambda _: known, rank=rank)

    assert (Counter(arms), seats) == ({None: 5, Arm.HELD_OUT: 5}, 10)


def test_nobody_is_held_out_of_nothing() -> None:
    arms, _ = arms_of(range(100), share=0, first=0, known=alone, rank=rank)

    assert set(arms) == {None}


@settings(max_examples=20)
@given(name=st.text(max_size=5), smaller=shares, larger=shares)
def test_a_larger_group_has_everybody_of_the_smaller(name: str, smaller: int, larger: int) -> None:
    smaller, larger = sorted((smaller, larger))
    places = [place(name, person) for person in range(2_000)]
    small, large = (
        {i for i, each in enumerate(places) if GlobalGroup(name=name, share=share).has(each)}
        for share in (smaller, larger)
    )

    assert small <= large
    expected = len(places) * larger // PER_UNIT
    assert abs(len(large) - expected) <= 5 * isqrt(len(places) // 4) + 1


def test_the_borders_of_the_group() -> None:
    group = GlobalGroup(name="2026", share=1)

    assert group.has(0)
    assert group.has(PLACES // PER_UNIT)
    assert not group.has(PLACES // PER_UNIT + 1)
    assert not GlobalGroup(name="2026", share=0).has(0)


@pytest.mark.parametrize(
    ("arm", "reason"),
    [
        (None, None),
        (Arm.ASIDE, None),
        (Arm.HELD_OUT, RefusalReason.HELD_OUT),
        (Arm.HELD_OUT_GLOBALLY, RefusalReason.HELD_OUT_GLOBALLY),
    ],
)
def test_only_who_is_held_out_gets_nothing(arm: Arm | None, reason: RefusalReason | None) -> None:
    assert withheld(arm) is reason


@given(share=st.integers(0, MOST))
def test_percentages_are_read_back(share: int) -> None:
    assert share_of(percent_of(share)) == share
