"""Marks that stand for tracked links until their codes are known."""

import pytest
from hypothesis import given, strategies as st

from functions.domain.link_mark import MAX_LINKS, fill, mark
from functions.domain.tracking_code import CODE_LENGTH, Coder

CODER = Coder(b"a-key-of-thirty-two-bytes-------")


@pytest.mark.parametrize("link", range(MAX_LINKS))
def test_a_mark_is_as_long_as_a_code(link: int) -> None:
    assert len(mark(link)) == CODE_LENGTH
    assert len(CODER.encode(2**32 - 1, 199, link)) == CODE_LENGTH


def test_marks_differ() -> None:
    assert len({mark(link) for link in range(MAX_LINKS)}) == MAX_LINKS


def test_fills_each_mark_with_its_own_code() -> None:
    text = f"a https://l.example/{mark(1)} b https://l.example/{mark(0)}"

    filled = fill(text, 2, code_of=lambda link: f"code-{link}-----"[:11])

    assert filled == "a https://l.example/code-1----- b https://l.example/code-0-----"


def test_fills_every_place_of_the_same_link() -> None:
    filled = fill(f"{mark(0)} {mark(0)}", 1, code_of=lambda _: "12345678901")

    assert filled == "12345678901 12345678901"


def test_makes_no_code_for_a_link_that_the_text_does_not_have() -> None:
    made: list[int] = []

    def code_of(link: int) -> str:
        made.append(link)
        return "12345678901"

    fill(mark(1), 3, code_of=code_of)

    assert made == [1]


def test_leaves_marks_of_links_that_the_template_does_not_have() -> None:
    assert fill(mark(2), 2, code_of=lambda _: "12345678901") == mark(2)


@given(text=st.text(), places=st.lists(st.integers(0, MAX_LINKS - 1), max_size=5))
def test_the_length_of_a_text_is_known_before_its_codes(text: str, places: list[int]) -> None:
    marked = text + "".join(mark(place) for place in places)

    filled = fill(marked, MAX_LINKS, code_of=lambda link: CODER.encode(7, 1, link))

    assert len(filled) == len(marked)
    assert len(filled.encode("cp949", "replace")) == len(marked.encode("cp949", "replace"))
