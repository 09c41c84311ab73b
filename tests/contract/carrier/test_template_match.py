"""Texts are compared with approved templates exactly, and in linear time."""

from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies as st

from infra.local.carrier import kakao

WORDS = st.text(alphabet="ab #{}\n", max_size=8)
FIXED = st.text(alphabet="ab\n", max_size=6)


@pytest.mark.parametrize(
    ("content", "text", "expected"),
    [
        ("안내", "안내", True),
        ("안내", "안내 ", False),
        ("#{a}님", "하늘님", True),
        ("#{a}님", "하늘씨", False),
        ("#{a}님 #{b}", "님 ", True),
        ("가#{a}나", "가나", True),
        ("가나#{a}나다", "가나다", False),
        ("#{a}-#{b}-끝", "1-2-3-끝", True),
        ("한\n줄", "한\r\n줄", True),
        ("a.c", "abc", False),
    ],
)
def test_compares_a_text_with_a_template(content: str, text: str, *, expected: bool) -> None:
    assert kakao.matches(content, text) is expected


@settings(deadline=None)  # the machine may be busy
@given(
    parts=st.lists(FIXED, min_size=1, max_size=5), values=st.lists(WORDS, min_size=4, max_size=4)
)
def test_a_filled_template_always_matches(parts: list[str], values: list[str]) -> None:
    slots = [f"#{{v{index}}}" for index in range(len(parts) - 1)]
    content = "".join(part + slot for part, slot in zip(parts, [*slots, ""], strict=True))
    variables = {f"v{index}": value for index, value in enumerate(values)}

    text = kakao.fill(content, variables)

    assert text is not None
    assert kakao.matches(content, text)


def test_compares_a_hostile_text_in_linear_time() -> None:
    content = "a#{v}" * 40 + "b"

    assert not kakao.matches(content, "a" * 100_000)
