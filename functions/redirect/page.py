"""The few words that a visitor sees when a link leads nowhere, in Korean or English.

One small page without scripts, images or anything from elsewhere, and without a word of what
was asked for.
"""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus

from functions.domain.language import ENGLISH, KOREAN


@dataclass(frozen=True, slots=True)
class _Words:
    title: str
    text: str


_WORDS: Mapping[HTTPStatus, Mapping[str, _Words]] = {
    HTTPStatus.NOT_FOUND: {
        KOREAN: _Words(
            "페이지를 찾을 수 없습니다",
            "주소가 올바르지 않거나 더 이상 사용할 수 없는 링크입니다. "
            "받으신 메시지의 링크를 다시 눌러 주세요.",
        ),
        ENGLISH: _Words(
            "Page not found",
            "The address is incomplete, or the link is no longer in use. "
            "Please tap the link in your message again.",
        ),
    },
    HTTPStatus.GONE: {
        KOREAN: _Words(
            "기간이 끝났습니다",
            "이 링크로 안내하던 행사나 안내의 기간이 끝났습니다. 찾아 주셔서 감사합니다.",
        ),
        ENGLISH: _Words(
            "This has ended",
            "What this link led to is over. Thank you for coming by.",
        ),
    },
    HTTPStatus.METHOD_NOT_ALLOWED: {
        KOREAN: _Words("지원하지 않는 요청입니다", "이 주소는 열어 볼 수만 있습니다."),
        ENGLISH: _Words("Request not supported", "This address can only be opened."),
    },
    HTTPStatus.SERVICE_UNAVAILABLE: {
        KOREAN: _Words(
            "잠시 후 다시 시도해 주세요",
            "일시적인 문제로 링크를 열지 못했습니다. 잠시 후 다시 눌러 주세요.",
        ),
        ENGLISH: _Words(
            "Please try again in a moment",
            "The link could not be opened just now. Please tap it again in a moment.",
        ),
    },
}

_STYLE = (
    ":root{color-scheme:light dark}"
    "body{font:1.1rem/1.6 system-ui,sans-serif;margin:0;padding:3rem 1.5rem}"
    "main{max-width:32rem;margin:auto}"
    "h1{font-size:1.5rem}"
)
_PAGE = (
    '<!doctype html><html lang="{lang}"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width,initial-scale=1">'
    "<title>{title}</title><style>{style}</style></head>"
    "<body><main><h1>{title}</h1><p>{text}</p></main></body></html>"
)
_STYLE_HASH = b64encode(sha256(_STYLE.encode()).digest()).decode()

PAGE_HEADERS: Mapping[str, str] = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'",
    "X-Content-Type-Options": "nosniff",
    "Vary": "Accept-Language",
}


def page(status: HTTPStatus, *, language: str) -> str:
    """Write the page that says why there is nothing here."""
    words = _WORDS[status][language]
    return _PAGE.format(lang=language, title=words.title, text=words.text, style=_STYLE)
