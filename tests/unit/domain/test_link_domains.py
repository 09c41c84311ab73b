"""Domains of links: passed over after checks that fail, taken again when they answer."""

from hypothesis import given, strategies as st

from functions.domain.link_domains import (
    DOWN_AFTER,
    UNCHECKED,
    UP_AFTER,
    DomainHealth,
    after_check,
    domain_in_use,
)

A, B = "https://a.kr", "https://b.kr/l"


def after(checks: str) -> DomainHealth:
    """A domain that answered (``+``) or did not (``-``), once a second."""
    health = UNCHECKED
    for at, check in enumerate(checks, start=1):
        health = after_check(health, answered=check == "+", at=at)
    return health


@given(checks=st.text("+-", max_size=30))
def test_turns_only_after_as_many_checks_in_a_row_as_it_takes(checks: str) -> None:
    usable = True
    for end in range(1, len(checks) + 1):
        seen = checks[:end]
        if usable and seen.endswith("-" * DOWN_AFTER):
            usable = False
        elif not usable and seen.endswith("+" * UP_AFTER):
            usable = True
        assert after(seen).usable is usable


@given(checks=st.text("+-", max_size=30))
def test_remembers_since_when_and_the_last_check(checks: str) -> None:
    health = after(checks)

    assert health.checked == len(checks)
    assert health.since <= health.checked
    assert 0 <= health.against < DOWN_AFTER


def test_a_domain_that_was_never_checked_is_usable() -> None:
    assert domain_in_use([A, B], {}) == A


@given(a=st.text("+-", max_size=9), b=st.text("+-", max_size=9))
def test_the_first_usable_one_is_taken_and_the_first_where_none_is(a: str, b: str) -> None:
    health = {A: after(a), B: after(b)}

    chosen = domain_in_use([A, B], health)

    assert chosen == (B if not health[A].usable and health[B].usable else A)
