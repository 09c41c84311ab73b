"""Slugs: what is one, and that nothing is both a slug and a tracking code."""

import pytest
from hypothesis import given, strategies as st

from functions.domain.slug import HEALTH, MAX_SLUG_CHARS, is_slug, slug_in
from functions.domain.tracking_code import CODE_LENGTH, Coder

CODER = Coder(b"a-key-of-thirty-two-bytes-------")
targets = st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 255), st.integers(0, 7))
slugs = st.from_regex(r"[a-z0-9]{1,10}(-[a-z0-9]{1,8}){0,3}", fullmatch=True).filter(
    lambda text: len(text) <= MAX_SLUG_CHARS
)
hostile = st.text() | st.text(alphabet="aZ09-_~.%/\\\r\n\x00＜K에é ", max_size=60)


def has_form_of_code(text: str) -> bool:
    """What the redirect looks up as a code: eleven letters and digits, and nothing that goes on."""
    head, rest = text[:CODE_LENGTH], text[CODE_LENGTH:]
    alike = len(head) == CODE_LENGTH and head.isascii() and head.isalnum()
    return alike and not (rest[:1].isascii() and rest[:1].isalnum())


@given(target=targets, tail=hostile)
def test_no_tracking_code_is_a_slug_whatever_stands_behind_it(
    target: tuple[int, int, int], tail: str
) -> None:
    assert slug_in(CODER.encode(*target) + tail) is None


@given(text=hostile | slugs | st.from_regex("[0-9A-Za-z]{9,13}", fullmatch=True))
def test_no_text_has_the_form_of_both(text: str) -> None:
    assert not (slug_in(text) is not None and has_form_of_code(text))


@given(slug=slugs, tail=hostile)
def test_a_slug_is_never_read_as_a_code(slug: str, tail: str) -> None:
    assert is_slug(slug)
    assert CODER.decode(slug) is None
    assert not has_form_of_code(slug)
    found = slug_in(slug + tail)
    assert found is None or not has_form_of_code(slug + tail)


@given(text=hostile)
def test_what_is_read_out_of_any_text_is_a_slug(text: str) -> None:
    found = slug_in(text)

    assert found is None or is_slug(found)
    assert found is None or set(found) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert found is None or text.lower().startswith(found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Summer-SALE", "summer-sale", id="capitals"),
        pytest.param("summer-sale.", "summer-sale", id="end-of-a-sentence"),
        pytest.param("summer-sale에서", "summer-sale", id="korean-behind"),
        pytest.param("summer-", "summer", id="hyphen-behind"),
        pytest.param("favicon.ico", None, id="a-file"),
        pytest.param("abcdefghij", "abcdefghij", id="ten"),
        pytest.param("abcdefghijk", None, id="eleven"),
        pytest.param("abcdefghijkl", None, id="twelve"),
        pytest.param("abcdefghij-klmnopqrstuv", "abcdefghij-klmnopqrstuv", id="long-second-word"),
        pytest.param("a-" + "b" * 38, "a-" + "b" * 38, id="forty"),
        pytest.param("a-" + "b" * 39, None, id="forty-one"),
        pytest.param("a--b", None, id="two-hyphens"),
        pytest.param("-a", None, id="hyphen-first"),
        pytest.param("", None, id="nothing"),
        pytest.param("\u212aelvin", None, id="a-letter-that-looks-like-k"),
        pytest.param(HEALTH, None, id="the-check-of-a-domain"),
        pytest.param("a\r\nLocation: https://evil.example", None, id="line-ends"),
    ],
)
def test_reads_a_slug(text: str, expected: str | None) -> None:
    assert slug_in(text) == expected
