"""Pages that people open by a link: what all of them say in their headers, and how they fail."""

from base64 import b64encode
from collections.abc import Callable, Mapping
from functools import wraps
from hashlib import sha256
from http import HTTPStatus
from typing import Any

from chalice.app import Blueprint, Response

from functions.domain.language import chosen
from functions.runtime.http import PROBLEM_TYPE, Call

PRIVATE: Mapping[str, str] = {
    "Cache-Control": "no-store",
    # The address is the key to the page: no other site may learn it, no search engine keep it.
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
    "X-Content-Type-Options": "nosniff",
}


def page_headers(style: str, *, forms: bool) -> Mapping[str, str]:
    """Headers of a page with one style sheet in it and nothing else: no script, nothing foreign."""
    sent_to = "'self'" if forms else "'none'"
    style_hash = b64encode(sha256(style.encode()).digest()).decode()
    return {
        **PRIVATE,
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": (
            f"default-src 'none'; style-src 'sha256-{style_hash}'; "
            f"form-action {sent_to}; base-uri 'none'; frame-ancestors 'none'"
        ),
        "Vary": "Accept-Language",
    }


Fault = Callable[[HTTPStatus, str], tuple[str, Mapping[str, str]]]
"""Writes the page for a status in a language, and its headers."""


def for_people(bp: Blueprint, fault: Fault) -> Callable[..., Callable[..., Response]]:
    """Answer in HTML also when something fails: here people read, and no programs."""

    def decorate(view: Callable[..., Response]) -> Callable[..., Response]:
        @wraps(view)
        def answered(**path: str) -> Response:
            response = view(**path)
            if response.headers.get("Content-Type") == PROBLEM_TYPE:
                language = chosen("", None, bp.current_request.headers.get("accept-language", ""))
                body, headers = fault(HTTPStatus(response.status_code), language)
                response.body = body
                response.headers |= headers
            if bp.current_request.method == "HEAD":
                response.body = ""
            return response

        return answered

    return decorate


def own_base(bp: Blueprint, call: Call[Any]) -> str:
    """Where this very call came in: the public path before ``/v1`` is the stage, or nothing."""
    stage = str(bp.current_request.context.get("path", "")).partition("/v1/")[0]
    return f"https://{call.headers.get('host', '')}{stage}"
