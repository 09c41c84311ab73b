"""First openings by people and machines, whatever order hits come in."""

import pytest
from hypothesis import given, strategies as st

from functions.domain.clicks import BatchClicks, Hit, Visitor

SIZE = 5
hits_of_a_batch = st.lists(
    st.builds(
        Hit,
        ordinal=st.integers(0, SIZE - 1),
        link=st.integers(0, 7),
        visitor=st.sampled_from(Visitor),
        elapsed_s=st.integers(-10, 3_000_000),
    ),
    max_size=12,
)


def a_hit(
    ordinal: int = 0, *, link: int = 0, visitor: Visitor = Visitor.HUMAN, elapsed_s: int = 60
) -> Hit:
    return Hit(ordinal=ordinal, link=link, visitor=visitor, elapsed_s=elapsed_s)


def test_nothing_was_opened_at_first() -> None:
    clicks = BatchClicks.none(200)

    assert len(clicks.slots) == 800
    assert clicks.first(199, Visitor.HUMAN) is None
    assert clicks.count(Visitor.HUMAN) == 0
    assert clicks.count(Visitor.MACHINE) == 0


def test_keeps_people_and_machines_apart() -> None:
    clicks = BatchClicks.none(2).with_hits(
        [
            a_hit(1, visitor=Visitor.MACHINE, elapsed_s=3),
            a_hit(1, visitor=Visitor.HUMAN, elapsed_s=90),
        ]
    )

    assert clicks.first(1, Visitor.MACHINE) == 3
    assert clicks.first(1, Visitor.HUMAN) == 90
    assert clicks.first(0, Visitor.HUMAN) is None


def test_counts_messages_and_not_openings() -> None:
    clicks = BatchClicks.none(3).with_hits([a_hit(0), a_hit(0, elapsed_s=70), a_hit(2)])

    assert clicks.count(Visitor.HUMAN) == 2
    assert clicks.count(Visitor.MACHINE) == 0


@pytest.mark.parametrize(
    ("elapsed_s", "expected"),
    [
        pytest.param(-5, 1, id="before-the-batch"),
        pytest.param(0, 1, id="at-once"),
        pytest.param(32_767, 32_767, id="last-exact-second"),
        pytest.param(86_400, 86_347, id="a-day-to-the-minute"),
        pytest.param(90 * 86_400, 1_998_787, id="later-than-can-be-kept"),
    ],
)
def test_keeps_the_time_as_well_as_it_can(elapsed_s: int, expected: int) -> None:
    clicks = BatchClicks.none(1).with_hits([a_hit(elapsed_s=elapsed_s)])

    assert clicks.first(0, Visitor.HUMAN) == expected


@given(hits=hits_of_a_batch, data=st.data())
def test_order_and_repetition_do_not_matter(hits: list[Hit], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(hits))
    again = data.draw(st.lists(st.sampled_from(hits), max_size=5)) if hits else []

    at_once = BatchClicks.none(SIZE).with_hits(hits)
    in_parts = BatchClicks.none(SIZE).with_hits(shuffled[:3]).with_hits(shuffled[3:])

    assert in_parts == at_once
    assert at_once.with_hits(again) == at_once


@given(hits=hits_of_a_batch)
def test_a_later_hit_never_moves_the_first(hits: list[Hit]) -> None:
    before = BatchClicks.none(SIZE).with_hits([a_hit(2, elapsed_s=1)])

    after = before.with_hits(hits)

    assert after.first(2, Visitor.HUMAN) == 1
    assert len(after.slots) == len(before.slots)


def test_hit_of_a_message_that_is_not_in_the_batch_is_dropped() -> None:
    clicks = BatchClicks.none(2)

    assert clicks.with_hits([a_hit(2), a_hit(199, visitor=Visitor.MACHINE)]) == clicks
    assert clicks.with_hits([a_hit(2, visitor=Visitor.UNKNOWN)]) == clicks


@given(hits=hits_of_a_batch)
def test_what_is_packed_is_unpacked(hits: list[Hit]) -> None:
    clicks = BatchClicks.none(SIZE).with_hits(hits)

    assert BatchClicks.unpack(clicks.pack(), SIZE, links=clicks.pack_links()) == clicks


def test_a_row_of_the_release_before_has_no_unknown() -> None:
    clicks = BatchClicks.none(2).with_hits([a_hit(1)])

    unpacked = BatchClicks.unpack(clicks.slots, 2)

    assert unpacked.slots == clicks.slots
    assert unpacked.count(Visitor.UNKNOWN) == 0
    assert unpacked.people == ()


@given(hits=hits_of_a_batch, more=hits_of_a_batch)
def test_judged_anew_only_the_new_judgement_counts(hits: list[Hit], more: list[Hit]) -> None:
    before = BatchClicks.none(SIZE).with_hits(hits)
    judged = {hit.ordinal for hit in more}

    after = before.judged_anew(more)

    others = [hit for hit in hits if hit.ordinal not in judged]
    assert after == BatchClicks.none(SIZE).with_hits([*others, *more])


def test_who_knows_whom_is_counted_apart() -> None:
    clicks = BatchClicks.none(2).with_hits([a_hit(1, visitor=Visitor.UNKNOWN), a_hit(1)])

    assert clicks.count(Visitor.UNKNOWN) == clicks.count(Visitor.HUMAN) == 1


def test_which_links_people_opened_is_known_by_message() -> None:
    clicks = BatchClicks.none(200).with_hits(
        [
            a_hit(0, link=2),
            a_hit(199, link=2, elapsed_s=70),
            a_hit(199, link=0, elapsed_s=80),
            a_hit(7, link=1, visitor=Visitor.MACHINE),
            a_hit(7, link=3, visitor=Visitor.UNKNOWN),
        ]
    )

    assert [bits.bit_count() for bits in clicks.people] == [1, 0, 2]
    assert clicks.opened(199, 2)
    assert clicks.opened(199, 0)
    assert not clicks.opened(0, 0)
    assert not clicks.opened(7, 1)
    assert not clicks.opened(7, 3)


@given(hits=hits_of_a_batch)
def test_whoever_opened_a_link_opened_the_message_and_the_other_way_round(hits: list[Hit]) -> None:
    clicks = BatchClicks.none(SIZE).with_hits(hits)

    for ordinal in range(SIZE):
        opened = any(clicks.opened(ordinal, link) for link in range(8))
        assert opened == (clicks.first(ordinal, Visitor.HUMAN) is not None)


@pytest.mark.parametrize("link", [-1, 8, 10**9])
def test_a_place_that_no_link_has_is_no_link_of_anybody(link: int) -> None:
    assert BatchClicks.none(1).with_hits([a_hit(link=link)]).people == ()
