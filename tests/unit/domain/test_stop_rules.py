"""When a campaign stops itself: above a limit beyond chance, and never by bad luck."""

from math import comb

import pytest
from hypothesis import given, strategies as st

from functions.domain.stop_rules import (
    PER_UNIT,
    Counts,
    StopReason,
    StopRules,
    is_above,
    judged,
)

_COUNTS = st.integers(min_value=0, max_value=100_000)
_LIMITS = st.integers(min_value=0, max_value=PER_UNIT)
ALL = StopRules(failed=1_000, opted_out=200, complained=10, min_sent=100)


@given(bad=_COUNTS, of=_COUNTS, limit=_LIMITS)
def test_a_rate_at_or_below_its_limit_never_stops(bad: int, of: int, limit: int) -> None:
    assert bad * PER_UNIT > of * limit or not is_above(bad, of, limit=limit)


@given(bad=_COUNTS, of=st.integers(min_value=1, max_value=100_000), limit=_LIMITS)
def test_one_case_more_never_lets_it_go_on(bad: int, of: int, limit: int) -> None:
    if bad < of and is_above(bad, of, limit=limit):
        assert is_above(bad + 1, of, limit=limit)


@given(
    of=st.integers(min_value=1, max_value=60),
    bad=st.integers(min_value=1, max_value=60),
    limit=st.integers(min_value=1, max_value=PER_UNIT - 1),
)
def test_at_its_limit_a_campaign_stops_less_than_once_in_a_hundred_looks(
    of: int, bad: int, limit: int
) -> None:
    """Reckoned exactly: how likely so many cases are when the true rate is the limit."""
    if bad > of or not is_above(bad, of, limit=limit):
        return
    rate = limit / PER_UNIT
    tail = sum(comb(of, k) * rate**k * (1 - rate) ** (of - k) for k in range(bad, of + 1))
    assert tail < 0.01


@given(limit=st.integers(min_value=1, max_value=5_000))
def test_twice_the_limit_of_many_stops(limit: int) -> None:
    sent = 40 * PER_UNIT // limit + 1

    assert is_above(-(-2 * limit * sent // PER_UNIT), sent, limit=limit)


@pytest.mark.parametrize(
    ("bad", "of", "stops"),
    [(20, 100, False), (21, 100, True), (105, 1_000, False), (1_100, 10_000, True)],
)
def test_few_need_a_clearer_case_than_many(bad: int, of: int, stops: bool) -> None:
    assert is_above(bad, of, limit=1_000) is stops


def test_one_complaint_in_a_hundred_is_bad_luck_and_three_are_not() -> None:
    assert judged(ALL, Counts(sent=100, complained=1)) is None
    assert judged(ALL, Counts(sent=100, complained=3)) is StopReason.COMPLAINT_RATE


def test_nothing_at_all_is_a_limit_too() -> None:
    assert is_above(1, 100, limit=0)
    assert not is_above(0, 100, limit=0)


def test_the_gravest_reason_is_told() -> None:
    all_bad = Counts(sent=1_000, failed=1_000, opted_out=1_000, complained=1_000)

    assert judged(ALL, all_bad) is StopReason.COMPLAINT_RATE
    assert judged(StopRules(complained=None), all_bad) is StopReason.OPT_OUT_RATE
    assert judged(StopRules(complained=None, opted_out=None), all_bad) is StopReason.FAILED_RATE


@pytest.mark.parametrize(
    ("rules", "sent"),
    [(None, 1_000), (StopRules(failed=None), 1_000), (StopRules(min_sent=101), 100)],
    ids=["no rules", "no such rule", "too few"],
)
def test_what_has_no_rule_goes_on(rules: StopRules | None, sent: int) -> None:
    assert judged(rules, Counts(sent=sent, failed=sent)) is None


def test_nothing_sent_is_nothing_to_judge() -> None:
    assert judged(StopRules(min_sent=0), Counts(sent=0, failed=5)) is None
