"""Openings of standalone links: told apart, counted once, counted again in time."""

from datetime import UTC, datetime

from hypothesis import given, strategies as st

from functions.domain.clicks import Visitor
from functions.domain.link_openings import (
    SETTLED_S,
    SLICE_S,
    Counted,
    Opened,
    added_up,
    count,
    count_at,
    judge_opening,
    live_slices,
    mark_of,
    slice_of,
)
from tests.traces import CHROME

AGENTS = (CHROME, "curl/8.5.0", "", "Mozilla/5.0 (Windows NT 5.1) Chrome/49.0.0.0 Safari/537.36")
opened = st.builds(
    Opened,
    at=st.integers(1_795_316_400, 1_795_317_000),
    mark=st.sampled_from([f"{each:016x}" for each in range(20)]),
    method=st.sampled_from(["GET", "HEAD"]),
    user_agent=st.sampled_from(AGENTS),
    network=st.just("n"),
    purpose=st.sampled_from(["", "prefetch"]),
)
distinct = st.lists(opened, unique_by=lambda each: each.mark, max_size=12)


@given(openings=distinct, data=st.data())
def test_order_and_repetition_do_not_matter(openings: list[Opened], data: st.DataObject) -> None:
    again = data.draw(st.lists(st.sampled_from(openings))) if openings else []
    shuffled = data.draw(st.permutations(openings + again))

    assert count(shuffled) == count(openings)
    assert count(openings).total == len(openings)


@given(openings=distinct)
def test_people_and_machines_are_told_apart(openings: list[Opened]) -> None:
    counted = count(openings)
    people = [each.at for each in openings if judge_opening(each).visitor is Visitor.HUMAN]

    assert counted.human == len(people)
    assert (counted.first, counted.last) == (min(people, default=None), max(people, default=None))


@given(one=distinct, other=distinct)
def test_counts_of_parts_add_up_to_that_of_all(one: list[Opened], other: list[Opened]) -> None:
    marked = [each._replace(mark="x" + each.mark) for each in other]

    assert count(one).plus(count(marked)) == count([*one, *marked])


@given(start=st.integers(0, 10**7).map(lambda each: each * SLICE_S), late=st.integers(-10, 10**6))
def test_whatever_is_recorded_is_counted_after_it(start: int, late: int) -> None:
    """A job's delay has whole seconds and clocks differ by a few; SQS delays by 15 minutes."""
    now = max(start + late, 0)
    at = count_at(start, now=now)

    assert at >= now + 5
    assert at >= start + SLICE_S + SETTLED_S or at > now
    assert at - now <= 900


@given(start=st.integers(0, 10**7).map(lambda each: each * SLICE_S), moment=st.integers(0, SLICE_S))
def test_a_slice_is_asked_for_once_while_it_runs(start: int, moment: int) -> None:
    assert count_at(start, now=start + moment) == start + SLICE_S + SETTLED_S


def test_the_newest_slices_reach_to_now() -> None:
    now = datetime(2026, 11, 26, 3, 4, 59, tzinfo=UTC)
    newest = slice_of(int(now.timestamp()))

    assert list(live_slices(now)) == [newest - each * SLICE_S for each in (3, 2, 1, 0)]
    assert SLICE_S + SETTLED_S < 3 * SLICE_S


def test_marks_tell_facts_apart() -> None:
    assert mark_of("a", "b") == mark_of("a", "b")
    assert mark_of("a", "b") != mark_of("a", "c")
    assert len(mark_of("\ud800")) == 16


def test_adds_slices_up() -> None:
    slices = {600: Counted(human=1, first=601, last=601), 0: Counted(machine=2)}

    assert added_up(slices, by=lambda start: start // 3600) == {
        0: Counted(human=1, machine=2, first=601, last=601)
    }
