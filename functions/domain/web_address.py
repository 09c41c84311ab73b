"""Which addresses a tracked link may lead to.

A web address is taken only when every browser reads it as we do: what a browser would repair
(blanks, tabs, backslashes, a missing slash) or read past (a name in front of the host) is refused
and not repaired. Browsers follow the URL standard (https://url.spec.whatwg.org), which forgives
more than RFC 3986.
"""

import re
from collections.abc import Sequence
from enum import StrEnum
from urllib.parse import unquote, urlsplit

MAX_ADDRESS_CHARS = 2_000
UNSAFE_SCHEMES = frozenset(
    {"about", "blob", "data", "file", "filesystem", "javascript", "vbscript", "view-source"}
)
"""They run or show what stands in the address itself, or open what is on the device."""

_WEB_SCHEMES = ("http", "https")
_WEB = re.compile(r"https?://[^/?#]", re.IGNORECASE)
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):.", re.IGNORECASE)
_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?|\[?[0-9a-f:.]*:[0-9a-f:.]*\]?")
# Nothing before or behind the brackets of an IPv6 address, which urlsplit would read past; no name.
_AUTHORITY = re.compile(r"(?:\[[^\[\]@]*\]|[^\[\]:@]*)(?::[0-9]*)?")
# https://developer.chrome.com/docs/android/intents: what Chrome on Android opens instead of an
# app that is not there, and the scheme of what the app gets.
_INTENT_PARTS = re.compile(r";(scheme|s\.browser_fallback_url)=([^;]*)", re.IGNORECASE)


class TargetFault(StrEnum):
    """Why a link may not lead there."""

    INVALID_LINK = "invalid_link"
    UNSAFE_SCHEME = "unsafe_scheme"
    HOST_NOT_ALLOWED = "host_not_allowed"


def web_host(address: str) -> str | None:
    r"""Give the host of an http or https address, in ASCII; None when it is no such address.

    >>> web_host("https://한글.kr/할인?a=1")
    'xn--bj0bj06e.kr'
    >>> web_host(r"https://evil.example\@shop.example/") is None
    True
    """
    if not _is_plain(address) or not _WEB.match(address):
        return None
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
        known = host.encode("idna").decode()
        # Whatever the two ways of writing a host do not agree on may be read as another host.
        alike = known == host or known.encode().decode("idna") == host
        sound = alike and parts.port != 0 and _AUTHORITY.fullmatch(parts.netloc) is not None
    except ValueError:  # half of an IPv6 address, a port out of range, an empty label
        return None
    return known if sound and _HOST.fullmatch(known) else None


def allows(host: str, allowed: Sequence[str]) -> bool:
    """Whether a host is one of the allowed or below one; with none listed, any is."""
    name = host.rstrip(".")
    return not allowed or any(name == each or name.endswith("." + each) for each in allowed)


def fault_of_web(address: str, *, allowed: Sequence[str] = ()) -> TargetFault | None:
    """Why a link may not lead to this web address; None when it may."""
    host = web_host(address)
    if host is None:
        return TargetFault.INVALID_LINK
    return None if allows(host, allowed) else TargetFault.HOST_NOT_ALLOWED


def fault_of_app(address: str, *, allowed: Sequence[str] = ()) -> TargetFault | None:
    """Why a link may not lead to this address of an app; a web address is judged as such.

    >>> fault_of_app("myapp://coupons/7") is None
    True
    >>> fault_of_app("JavaScript:alert(1)")
    <TargetFault.UNSAFE_SCHEME: 'unsafe_scheme'>
    """
    scheme = scheme_of(address)
    if scheme is None or not _is_plain(address):
        return TargetFault.INVALID_LINK
    if scheme in UNSAFE_SCHEMES:
        return TargetFault.UNSAFE_SCHEME
    if scheme in _WEB_SCHEMES:
        return fault_of_web(address, allowed=allowed)
    return _fault_of_intent(address, allowed) if scheme == "intent" else None


def scheme_of(address: str) -> str | None:
    """The scheme in lower case; None when the address begins with none."""
    found = _SCHEME.match(address)
    return None if found is None else found[1].lower()


def _is_plain(address: str) -> bool:
    # What can be printed has neither control characters nor blanks but the ordinary one.
    plain = address.isprintable() and " " not in address and "\\" not in address
    return plain and len(address) <= MAX_ADDRESS_CHARS


def _fault_of_intent(address: str, allowed: Sequence[str]) -> TargetFault | None:
    """An intent may lead to a web page after all."""
    for name, value in _INTENT_PARTS.findall(address):
        if name.lower() == "scheme":
            # Its own scheme must be an app's: a web page is to be written as one.
            if value.lower() in (*UNSAFE_SCHEMES, *_WEB_SCHEMES):
                return TargetFault.UNSAFE_SCHEME
        elif fault := fault_of_web(unquote(value), allowed=allowed):
            return fault
    return None
