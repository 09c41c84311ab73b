from array import array

from hypothesis import given, strategies as st

from functions.domain.person_set import PersonSet


@given(st.integers(0, 300), st.data())
def test_numbers_are_those_that_were_put_in(size: int, data: st.DataObject) -> None:
    members = data.draw(st.sets(st.integers(0, size - 1)) if size else st.just(set()))
    people = PersonSet(sum(1 << (size - 1 - each) for each in members), size)

    assert people.numbers() == array("I", sorted(members))
    assert people.count == len(members)
    assert people.first(3) == tuple(sorted(members)[:3])
    assert people.of(range(size)) == sorted(members)
