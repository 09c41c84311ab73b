"""Charts over time show nearly everything, in steps that fit."""

from collections import Counter

from hypothesis import given, strategies as st

from functions.domain.breakdown import Seconds
from functions.domain.curve import COVERED, Span, beyond, columns, covered, done_by

series = st.dictionaries(st.integers(1_700_000_000, 1_703_000_000), st.integers(1, 50)).map(Counter)


@given(all_of_it=st.lists(series, max_size=3), offset=st.sampled_from([0, 19_800, 32_400, -18_000]))
def test_a_span_holds_nearly_everything_of_each_in_few_steps(
    all_of_it: list[Seconds], offset: int
) -> None:
    span = covered(all_of_it, offset=offset)

    assert (span is None) == (not any(all_of_it))
    if span is None:
        return
    assert 1 <= len(span.starts()) <= 48
    assert (span.start + offset) % span.step == (span.end + offset) % span.step == 0
    assert len(span.marks()) <= 7
    assert set(span.marks()) <= set(span.starts())
    for each in all_of_it:
        within = sum(count for at, count in each.items() if span.start <= at < span.end)
        assert within >= sum(each.values()) * COVERED
        assert sum(count for _, count in columns(each, span)) == within
        done = [count for _, count in done_by(each, span)]
        assert done == sorted(done)
        assert (done[0], done[-1]) == (0, within)
    total = sum(sum(each.values()) for each in all_of_it)
    shown = sum(count for each in all_of_it for _, count in columns(each, span))
    assert shown + beyond(all_of_it, span) == total


def test_one_straggler_does_not_make_the_chart_endless() -> None:
    opened = Counter({100 + n: 1 for n in range(60)}) + Counter({2_000_000: 1})

    span = covered([opened], offset=0)

    assert span == Span(100, 160, 5, 0)
    assert beyond([opened], span) == 1


def test_nothing_has_no_span() -> None:
    assert covered([], offset=0) is None
    assert covered([Counter()], offset=0) is None


def test_marks_are_round_times_of_the_zones_clock() -> None:
    a_day_in_seoul = Counter({1_763_600_400 + 3_600 * n: 1 for n in range(24)})

    span = covered([a_day_in_seoul], offset=9 * 3_600)

    assert span is not None
    hours = [(mark + 9 * 3_600) // 3_600 % 24 for mark in span.marks()]
    assert hours == [12, 18, 0, 6]
