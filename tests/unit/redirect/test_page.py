"""The page that a visitor sees when a link leads nowhere."""

from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from http import HTTPStatus

import pytest
from hypothesis import given, strategies as st

from functions.domain.language import language_of
from functions.redirect.page import PAGE_HEADERS, page

STATUSES = [
    HTTPStatus.NOT_FOUND,
    HTTPStatus.GONE,
    HTTPStatus.METHOD_NOT_ALLOWED,
    HTTPStatus.SERVICE_UNAVAILABLE,
]


class Outline(HTMLParser):
    """Collects tags, attributes and the text of each tag."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: dict[str, str | None] = {}
        self.text: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {f"{tag}.{name}": value for name, value in attrs}

    def handle_data(self, data: str) -> None:
        self.text[self.tags[-1]] = data


def outline_of(status: HTTPStatus, *, language: str) -> Outline:
    outline = Outline()
    outline.feed(page(status, language=language))
    return outline


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("language", ["ko", "en"])
def test_names_its_language_and_has_title_heading_and_text(
    status: HTTPStatus, language: str
) -> None:
    outline = outline_of(status, language=language)

    assert outline.attributes["html.lang"] == language
    assert outline.text["title"] == outline.text["h1"]
    assert len(outline.text["p"]) > 10
    assert "main" in outline.tags


@pytest.mark.parametrize("status", STATUSES)
def test_loads_nothing_from_elsewhere_and_runs_nothing(status: HTTPStatus) -> None:
    html = page(status, language="ko")
    outline = outline_of(status, language="ko")

    assert set(outline.tags) == {
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "main",
        "h1",
        "p",
    }
    assert "http:" not in html
    assert "https:" not in html
    assert "url(" not in html
    assert len(html.encode()) < 1_500


def test_its_policy_allows_exactly_its_own_style() -> None:
    style = outline_of(HTTPStatus.NOT_FOUND, language="ko").text["style"]
    digest = b64encode(sha256(style.encode()).digest()).decode()

    assert PAGE_HEADERS["Content-Security-Policy"] == (
        f"default-src 'none'; style-src 'sha256-{digest}'"
    )


def test_says_in_korean_that_the_page_is_not_found() -> None:
    assert "페이지를 찾을 수 없습니다" in page(HTTPStatus.NOT_FOUND, language="ko")


def test_says_in_both_languages_that_an_offer_is_over() -> None:
    assert "기간이 끝났습니다" in page(HTTPStatus.GONE, language="ko")
    assert "is over" in page(HTTPStatus.GONE, language="en")


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        pytest.param("", "ko", id="none"),
        pytest.param("*", "ko", id="any"),
        pytest.param("fr-FR,fr;q=0.9", "ko", id="neither"),
        pytest.param("ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7", "ko", id="korean-phone"),
        pytest.param("en-US,en;q=0.9,ko;q=0.8", "en", id="english-phone"),
        pytest.param("en", "en", id="english"),
        pytest.param("EN-gb", "en", id="capitals"),
        pytest.param("en;q=0.5,ko;q=0.5", "ko", id="equal"),
        pytest.param("ko;q=0,en;q=0.1", "en", id="korean-refused"),
        pytest.param("en;q=0", "ko", id="english-refused"),
        pytest.param("en;q=x", "ko", id="unreadable-weight"),
        pytest.param("en;q=nan,ko", "ko", id="not-a-number"),
        pytest.param("english,enx", "ko", id="longer-words"),
        pytest.param("fr," * 100 + "en", "ko", id="too-far-on"),
    ],
)
def test_chooses_the_language_that_is_preferred(header: str, expected: str) -> None:
    assert language_of(header) == expected


@given(header=st.text())
def test_any_header_gives_one_of_the_two_languages(header: str) -> None:
    assert language_of(header) in {"ko", "en"}
