"""What openings of a message say together."""

from dataclasses import replace

import pytest
from hypothesis import given, strategies as st

from functions.domain.clicks import Visitor
from functions.domain.hits import Seen, judge
from functions.domain.visitor import Sign
from tests.traces import MULTI_HIT_MACHINES, MULTI_HIT_PEOPLE

LEFT = 1_795_316_400
PHONE = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/130.0.0.0 Mobile Safari/537.36"
)


def a_sight(link: int = 0, *, at: int = 60, ordinal: int = 0, agent: str = PHONE) -> Seen:
    return Seen(
        at=LEFT + at,
        ordinal=ordinal,
        link=link,
        method="GET",
        user_agent=agent,
        network="n1",
        purpose="",
    )


def visitors(*seen: Seen) -> list[Visitor]:
    verdicts = judge(seen, leaves=LEFT)
    return [verdicts[each].visitor for each in seen]


def test_three_links_at_once_are_a_machine() -> None:
    assert visitors(a_sight(0), a_sight(1, at=61), a_sight(2, at=63)) == [Visitor.MACHINE] * 3


def test_two_links_at_once_tell_nothing() -> None:
    assert visitors(a_sight(0), a_sight(1, at=62)) == [Visitor.UNKNOWN] * 2
    (verdict, _) = judge([a_sight(0), a_sight(1, at=62)], leaves=LEFT).values()
    assert verdict.reasons == (Sign.NEXT_LINK,)


def test_a_person_opens_one_link_after_the_other() -> None:
    assert visitors(a_sight(0), a_sight(1, at=64), a_sight(2, at=70)) == [Visitor.HUMAN] * 3


def test_a_person_taps_the_same_link_twice() -> None:
    assert visitors(a_sight(0), a_sight(0, at=61), a_sight(0, at=61)) == [Visitor.HUMAN] * 3


def test_links_of_different_people_are_no_pattern() -> None:
    seen = [a_sight(number, ordinal=number) for number in range(3)]

    assert visitors(*seen) == [Visitor.HUMAN] * 3


def test_a_person_after_a_machine_is_a_person() -> None:
    machine = a_sight(at=0, agent="curl/8")

    assert visitors(machine, a_sight(at=90)) == [Visitor.MACHINE, Visitor.HUMAN]


@given(
    seen=st.lists(
        st.builds(a_sight, st.integers(0, 7), at=st.integers(0, 20), ordinal=st.integers(0, 2)),
        max_size=12,
    ),
    data=st.data(),
)
def test_order_and_repetition_do_not_matter(seen: list[Seen], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(seen + seen))

    assert judge(seen, leaves=LEFT) == judge(shuffled, leaves=LEFT)
    later = [replace(each, at=each.at + 1000) for each in seen]
    together = judge(seen + later, leaves=LEFT)
    assert all(together[each] == verdict for each, verdict in judge(seen, leaves=LEFT).items())


@pytest.mark.parametrize("trace", MULTI_HIT_MACHINES)
def test_a_trace_of_a_machine_has_no_person_in_it(trace: tuple[Seen, ...]) -> None:
    assert {each.visitor for each in judge(trace, leaves=LEFT).values()} == {Visitor.MACHINE}


@pytest.mark.parametrize("trace", MULTI_HIT_PEOPLE)
def test_a_trace_of_a_person_has_no_machine_in_it(trace: tuple[Seen, ...]) -> None:
    assert {each.visitor for each in judge(trace, leaves=LEFT).values()} == {Visitor.HUMAN}
