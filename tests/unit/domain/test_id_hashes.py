from hypothesis import given, strategies as st

from functions.domain.id_hashes import IdHashes

IDS = st.sets(st.text(max_size=8), max_size=50)


@given(IDS, IDS)
def test_has_who_is_in_it_and_nobody_else(members: set[str], others: set[str]) -> None:
    hashes = IdHashes.of(members)

    assert all(each in hashes for each in members)
    assert not any(each in hashes for each in others - members)


def test_takes_eight_bytes_a_member() -> None:
    hashes = IdHashes.of(f"c{number}" for number in range(1000))

    assert (len(hashes), hashes.ordered.itemsize) == (1000, 8)
