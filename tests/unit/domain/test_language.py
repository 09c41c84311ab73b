"""Which language a visitor gets."""

import pytest

from functions.domain.language import chosen


@pytest.mark.parametrize(
    ("asked", "locale", "accept", "expected"),
    [
        ("en", "ko", "ko", "en"),
        ("", "ko", "en", "ko"),
        ("", "en-US", "ko", "en"),
        ("", "en_GB", "", "en"),
        ("", "ja", "en-US,en;q=0.9", "en"),
        ("", None, "en", "en"),
        ("", None, "", "ko"),
        ("<script>", None, "fr", "ko"),
        ("EN", "ko", "", "ko"),
    ],
)
def test_the_wish_comes_first_then_the_locale_then_the_browser(
    asked: str, locale: str | None, accept: str, expected: str
) -> None:
    assert chosen(asked, locale, accept) == expected
