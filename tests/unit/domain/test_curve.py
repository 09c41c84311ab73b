"""Charts over time show nearly everything, in steps that fit."""

from collections import Counter

from hypothesis import given, strategies as st

from functions.domain.breakdown import Seconds
from functions.domain.curve import COVERED, Span, beyond, columns, covered, done_by

series = st.dictionaries(st.integers(1_700_000_000, 1_703_000_000), st.integers(1, 50)).map(Counter)


@given(all_of_it=st.lists(series, max_size=3))
def test_a_span_holds_nearly_everything_of_each_in_few_steps(all_of_it: list[Seconds]) -> None:
    span = covered(all_of_it)

    assert (span is None) == (not any(all_of_it))
    if span is None:
        return
    assert 1 <= len(span.starts()) <= 48
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

    span = covered([opened])

    assert span == Span(100, 160, 5)
    assert beyond([opened], span) == 1


def test_nothing_has_no_span() -> None:
    assert covered([]) is None
    assert covered([Counter()]) is None
