from datetime import datetime, timedelta

from hypothesis import given, strategies as st

from functions.domain.sweep import OVERLAP, Sweep
from tests.builders import NOON

MINUTE = timedelta(minutes=1)


def test_first_sweep_reads_everything() -> None:
    sweep = Sweep().started(now=NOON)

    assert (sweep.since, sweep.began, sweep.cursor) == (None, NOON, None)


def test_sweep_under_way_goes_on_where_it_was() -> None:
    sweep = Sweep().started(now=NOON).after(["a"], cursor="page 2")

    again = sweep.started(now=NOON + MINUTE)

    assert again == sweep
    assert (again.began, again.cursor) == (NOON, "page 2")


def test_next_sweep_starts_a_little_before_the_last_one_began() -> None:
    sweep = Sweep().started(now=NOON).after(["a"], cursor="page 2").after(["b"], cursor=None)

    assert sweep == Sweep(since=NOON - OVERLAP, seen=("a", "b"))


def test_what_comes_again_is_told_by_its_key() -> None:
    sweep = Sweep(seen=("a", "b"))

    assert sweep.unseen(["b", "c", "c", "a"]) == ("c",)


def test_only_the_newest_keys_are_kept() -> None:
    keys = [str(number) for number in range(3_000)]

    sweep = Sweep().after(keys, cursor=None)

    assert sweep.seen == tuple(keys[1_000:])


def test_sweep_whose_cursor_is_unknown_begins_again() -> None:
    sweep = Sweep(since=NOON, began=NOON + MINUTE, cursor="gone", seen=("a",))

    assert sweep.restarted() == Sweep(since=NOON, seen=("a",))


def test_page_of_a_sweep_that_never_began_moves_nothing() -> None:
    assert Sweep(since=NOON).after([], cursor=None) == Sweep(since=NOON)


@given(
    st.lists(st.tuples(st.integers(0, 600), st.integers(0, 14)), max_size=30),
    st.lists(st.integers(1, 120), min_size=1, max_size=20),
    st.integers(1, 3),
)
def test_nothing_is_missed_though_it_shows_up_late_and_pages_are_small(
    refusals: list[tuple[int, int]], pauses: list[int], page_size: int
) -> None:
    """Refusals of one minute each show up some minutes later, at most the overlap."""
    sweep, found, now = Sweep(), list[str](), NOON
    for pause in [*pauses, 2_000, 1]:
        now += pause * MINUTE
        sweep = _whole_sweep(sweep.started(now=now), refusals, found, now, page_size)

    assert sorted(found) == sorted(str(number) for number in range(len(refusals)))


def _whole_sweep(
    sweep: Sweep,
    refusals: list[tuple[int, int]],
    found: list[str],
    now: datetime,
    page_size: int,
) -> Sweep:
    visible = [
        str(number)
        for number, (minute, late) in enumerate(refusals)
        if (made := NOON + minute * MINUTE) + late * MINUTE <= now
        and (sweep.since is None or made >= sweep.since)
    ]
    for start in range(0, max(len(visible), 1), page_size):
        page = visible[start : start + page_size]
        last = start + page_size >= len(visible)
        found += sweep.unseen(page)
        sweep = sweep.after(page, cursor=None if last else str(start + page_size))
    return sweep
