"""Reads what API Gateway passes on (REST API, proxy integration) and writes its answers.

Nothing in an event is trusted to have a certain type, so that no request can make a fault.
"""

from collections.abc import Mapping
from http import HTTPStatus
from ipaddress import IPv4Address, IPv6Network, ip_address

from functions.domain.language import language_of
from functions.domain.slug import HEALTH
from functions.redirect.page import PAGE_HEADERS, page
from functions.redirect.service import Visit

METHODS = ("GET", "HEAD")
MAX_USER_AGENT = 200
_MAX_PURPOSE = 40
_MAX_ID = 64
_PURPOSES = ("sec-purpose", "purpose", "x-purpose", "x-moz")
_V6_PREFIX = 48
_V4_PARTS = 4
_OCTETS = frozenset(map(str, range(256)))

Request = Mapping[str, object]
Answer = dict[str, object]

_HEADERS: Mapping[str, str] = {
    # Every opening is to come here, and none of it is for search engines.
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
    # The code names a message: the site that is opened must not learn it.
    "Referrer-Policy": "no-referrer",
}


def request_of(event: object) -> Request:
    """The event, if it has the shape of one."""
    return _map(event)


def method_of(request: Request) -> str:
    """The method, in upper case."""
    return _text(request.get("httpMethod")).upper()


def request_id(request: Request) -> str:
    """API Gateway's name for the request."""
    return _clean(_text(_map(request.get("requestContext")).get("requestId")))[:_MAX_ID]


def asks_for_health(request: Request) -> bool:
    """Whether this is the check of a domain, which is nobody's visit."""
    return _map(request.get("pathParameters")).get("code") == HEALTH


def visit_of(request: Request) -> Visit:
    """Read what the request says of itself."""
    headers = _headers(request)
    identity = _map(_map(request.get("requestContext")).get("identity"))
    return Visit(
        code=_text(_map(request.get("pathParameters")).get("code")),
        method=method_of(request),
        user_agent=_clean(headers.get("user-agent", ""))[:MAX_USER_AGENT],
        network=network(_text(identity.get("sourceIp"))),
        purpose=_clean(_purpose(headers))[:_MAX_PURPOSE],
        request=request_id(request),
    )


def redirect_to(location: str) -> Answer:
    """Send the visitor on."""
    return _answer(HTTPStatus.FOUND, {"Location": location}, "")


def healthy(word: str) -> Answer:
    """Say that this domain leads here."""
    return _answer(HTTPStatus.OK, {"Content-Type": "text/plain; charset=utf-8"}, word)


def explain(status: HTTPStatus, request: Request) -> Answer:
    """Tell visitors, in their language, why they do not arrive."""
    language = language_of(_headers(request).get("accept-language", ""))
    headers = {**PAGE_HEADERS, "Content-Language": language}
    if status is HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(METHODS)
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = "5"
    body = "" if method_of(request) == "HEAD" else page(status, language=language)
    return _answer(status, headers, body)


def network(address: str) -> str:
    """Cut an address to its network (/24, /48), which many share; empty when it is none."""
    parts = address.split(".")
    if len(parts) == _V4_PARTS and _OCTETS.issuperset(parts):  # a fifth of what reading it takes
        return f"{parts[0]}.{parts[1]}.{parts[2]}.0/24"
    try:
        ip = ip_address(address)
    except ValueError:
        return ""
    v4 = ip if isinstance(ip, IPv4Address) else ip.ipv4_mapped
    if v4 is not None:
        return network(str(v4))
    return str(IPv6Network((int(ip), _V6_PREFIX), strict=False))


def _answer(status: HTTPStatus, headers: Mapping[str, str], body: str) -> Answer:
    return {
        "statusCode": int(status),
        "headers": {**_HEADERS, **headers},
        "body": body,
        "isBase64Encoded": False,
    }


def _headers(request: Request) -> dict[str, str]:
    return {
        name.lower(): value
        for name, value in _map(request.get("headers")).items()
        if isinstance(value, str)
    }


def _purpose(headers: Mapping[str, str]) -> str:
    return next((headers[name] for name in _PURPOSES if headers.get(name)), "")


def _clean(text: str) -> str:
    # A queue refuses bodies with characters that XML does not know; no honest header has any.
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else " " for each in text)


def _map(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
