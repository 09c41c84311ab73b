from hypothesis import given, strategies as st

from functions.domain.membership import NOBODY, Members

IDS = st.sets(st.text(min_size=1, max_size=20), max_size=300)


@given(IDS)
def test_a_member_is_never_denied(ids: set[str]) -> None:
    members = Members.of(ids)

    assert all(members.may_have(each) for each in ids)
    assert Members(members.packed) == members


def test_few_others_are_taken_for_members() -> None:
    members = Members.of([f"c{number}" for number in range(2_000)])

    wrong = sum(members.may_have(f"d{number}") for number in range(10_000))

    assert wrong < 200
    assert len(members.packed) == 2_500


def test_nobody_is_in_an_empty_set() -> None:
    assert not NOBODY.may_have("c1")
    assert Members.of([]) == NOBODY
