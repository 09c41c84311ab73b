"""Pools of coupons as decisions: who gets the next codes."""

from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from functions.domain.coupon import (
    MAX_GRANT,
    CouponPool,
    Grant,
    Granted,
    Holder,
    contact_of,
    holder_of_address,
    holder_of_contact,
    is_code,
    spans,
)
from functions.domain.ids import AddressHash, CampaignId, ContactId, CouponPoolId
from tests.builders import NIGHT, NOON

A, B, C = (holder_of_contact(ContactId(each)) for each in "abc")


def a_grant(first: int, *holders: Holder) -> Grant:
    return Grant(
        first=first, campaign_id=CampaignId("cmp_1"), part="000000", at=NOON, holders=holders
    )


def test_who_has_a_code_gets_no_other() -> None:
    granted = Granted()
    granted.add([a_grant(0, A, B)])

    assert granted.next_grant([B, C, A, C], added=10) == (C,)
    assert granted.number_by_holder == {A: 0, B: 1}


def test_the_first_ones_get_the_last_codes() -> None:
    granted = Granted()
    granted.add([a_grant(0, A)])

    assert granted.next_grant([C, B], added=2) == (C,)
    assert granted.next_grant([C, B], added=1) == ()
    assert granted.next_grant([C, B], added=0) == ()


def test_a_grant_fits_a_row() -> None:
    many = [holder_of_contact(ContactId(f"c{number}")) for number in range(MAX_GRANT + 1)]

    assert len(Granted().next_grant(many, added=1_000_000)) == MAX_GRANT


def test_a_missing_grant_is_noticed() -> None:
    granted = Granted()

    with pytest.raises(ValueError, match="a grant at 0 is missing"):
        granted.add([a_grant(1, A)])


def test_a_contact_is_told_from_a_number() -> None:
    assert contact_of(A) == "a"
    assert contact_of(holder_of_address(AddressHash("a"))) is None
    assert contact_of(Holder("")) is None


def test_a_pool_ends_at_its_moment() -> None:
    pool = CouponPool(
        pool_id=CouponPoolId("cpn_1"), name="봄", created=NOON, event="used", expires=NIGHT
    )

    assert (pool.expired(NOON), pool.expired(NIGHT)) == (False, True)


@pytest.mark.parametrize("text", ["", "abc", "A" * 65, "AB CD", "한글코드", "AB\nCD", "ABCD\n"])
def test_is_no_code(text: str) -> None:
    assert not is_code(text)


def test_codes_do_not_show() -> None:
    assert "secret" not in repr(a_grant(0, Holder("secret")))


@given(st.sets(st.integers(0, 1_000_000), max_size=50))
def test_spans_cover_every_number_once(numbers: set[int]) -> None:
    found = list(spans(numbers))

    assert all(sum(first <= each <= last for first, last in found) == 1 for each in numbers)
    assert all(last < following for (_, last), (following, _) in pairwise(found))
