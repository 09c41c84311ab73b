"""The headers of RFC 8058."""

import pytest

from functions.domain.one_click import unsubscribe_headers


def test_makes_both_headers() -> None:
    assert dict(unsubscribe_headers("https://api.example.com/p/abc")) == {
        "List-Unsubscribe": "<https://api.example.com/p/abc>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


@pytest.mark.parametrize(
    "url",
    [
        "http://api.example.com/p/abc",
        "mailto:a@example.com",
        "https://a.example/p/x>, <https://b.example",
        "https://a.example/p/x\r\nBcc: b@example.com",
        "https://a.example/가",
        "",
    ],
)
def test_refuses_an_address_that_is_not_https_or_ends_the_header(url: str) -> None:
    with pytest.raises(ValueError, match="https address"):
        unsubscribe_headers(url)
