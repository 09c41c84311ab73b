"""Each number is taken in once, what waits is watched, and jobs are made anew seldom."""

import itertools
from datetime import timedelta

from hypothesis import given, strategies as st

from functions.domain import lost_requests
from functions.domain.ids import BatchNumber
from functions.domain.lost_requests import LONGEST_WAIT, MOST_WATCHED, Watch, Watched
from tests.builders import NOON

HOUR = timedelta(hours=1)


@given(st.lists(st.integers(0, 70), max_size=20), st.integers(1, 50))
def test_every_number_is_taken_in_once_and_none_before_the_look_after_its_own(
    made: list[int], at_once: int
) -> None:
    newest, watch, seen = 10, Watch.begun(10), list[int]()
    usual, lost_requests.NUMBERS_A_LOOK = lost_requests.NUMBERS_A_LOOK, at_once
    try:
        for more in [*made, 0, 0]:
            before, newest = newest, newest + more
            going_on = True
            while going_on:
                numbers = watch.numbers()
                seen += numbers
                watch = watch.after(numbers, [], [], newest=newest)
                going_on = bool(numbers) and watch.goes_on and watch.newest <= before
            assert max(seen, default=0) <= before
    finally:
        lost_requests.NUMBERS_A_LOOK = usual

    assert seen == list(range(11, newest + 1))


@given(st.integers(1, 200))
def test_a_job_that_does_not_help_is_made_anew_ever_more_seldom(hours: int) -> None:
    watched, mended = Watched(number=BatchNumber(1), at=0), list[int]()
    for hour in range(1, hours + 1):
        now = NOON + hour * HOUR
        if watched.at <= now.timestamp():
            watched, mend = watched.next(sign=NOON, patience=HOUR, now=now)
            mended += [hour] * mend

    assert mended[:1] == [1]
    waits = [after - before for before, after in itertools.pairwise(mended)]
    assert waits == sorted(waits)
    assert all(wait <= LONGEST_WAIT / HOUR for wait in waits)
    assert len(mended) <= 6 + hours / 24


def test_nothing_is_made_anew_before_its_moment_has_long_come() -> None:
    watched = Watched(number=BatchNumber(1), at=0)
    until = NOON + 9 * HOUR

    again, mend = watched.next(sign=until, patience=HOUR, now=NOON)

    assert (mend, again.mends) == (False, 0)
    assert again.at == (until + HOUR).timestamp()


def test_those_that_wait_longest_are_let_go_where_too_many_are_watched() -> None:
    many = [Watched(number=BatchNumber(n), at=n) for n in range(1, MOST_WATCHED + 11)]

    watch = Watch.begun(0).after(range(1, 1), [], many, newest=0)

    assert [each.at for each in watch.watched] == list(range(1, MOST_WATCHED + 1))


@given(st.sets(st.integers(1, 40)), st.sets(st.integers(1, 40)))
def test_what_was_looked_at_is_watched_on_only_where_it_is_kept(
    watched: set[int], kept: set[int]
) -> None:
    watch = Watch(
        done=40, newest=40, watched=tuple(Watched(number=BatchNumber(n), at=n) for n in watched)
    )
    now = NOON.fromtimestamp(20, tz=NOON.tzinfo)
    due = {each.number for each in watch.due(now=now)}
    still = [Watched(number=BatchNumber(n), at=100) for n in kept & due]

    after = watch.after(range(41, 41), due, still, newest=40)

    assert due == {n for n in watched if n <= 20}
    assert {each.number for each in after.watched} == (watched - due) | (kept & due)
