"""What stood in a file already."""

from hypothesis import given, strategies as st

from functions.domain.seen_keys import SeenKeys


def test_knows_what_was_added_and_nothing_else() -> None:
    seen = SeenKeys()

    seen.add("contact_id:C1")

    assert "contact_id:C1" in seen
    assert "contact_id:C2" not in seen
    assert "phone:C1" not in seen


def test_grows_beyond_its_first_size_and_forgets_nothing() -> None:
    seen = SeenKeys()

    for number in range(5000):
        seen.add(f"C{number}")

    assert all(f"C{number}" in seen for number in range(5000))
    assert not any(f"D{number}" in seen for number in range(5000))


def test_takes_eight_bytes_a_key_however_often_it_is_added() -> None:
    seen = SeenKeys()

    for text in ("a", "b", "a", "c", "b"):
        seen.add(text)

    assert len(seen.dump()) == 3 * 8


@given(st.sets(st.text()), st.sets(st.text()))
def test_goes_on_from_what_was_saved(before: set[str], after: set[str]) -> None:
    first = SeenKeys()
    for text in before:
        first.add(text)

    second = SeenKeys(first.dump())
    for text in after:
        second.add(text)

    assert all(text in second for text in before | after)
    assert "never added".join("xx") not in second
