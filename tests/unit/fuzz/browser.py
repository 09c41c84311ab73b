"""Reads an address as browsers do (https://url.spec.whatwg.org), for tests to check ours against.

Written from the standard and not from ``functions/domain/web_address.py``. It repairs all that
browsers repair, so that what leads elsewhere by being repaired is seen.
"""

import re
import unicodedata
from urllib.parse import unquote_to_bytes

_SPECIAL = {"http", "https", "ftp", "ws", "wss"}
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(.*)", re.DOTALL)
_ENDS = re.compile(r"[/?#\\]")


def read(address: str) -> tuple[str, str]:
    """Scheme and host; the host is empty where a scheme has none, or the address is none."""
    stripped = "".join(each for each in address.strip(_BLANK) if each not in "\t\n\r")
    found = _SCHEME.fullmatch(stripped)
    if found is None:
        return "", ""
    scheme, rest = found[1].lower(), found[2]
    if scheme not in _SPECIAL:
        return scheme, ""
    authority = _ENDS.split(rest.lstrip("/\\"), maxsplit=1)[0]
    return scheme, _host(authority.rpartition("@")[2])


_BLANK = "".join(map(chr, range(0x21)))


def _host(authority: str) -> str:
    if authority.startswith("["):
        return authority[1:].partition("]")[0].lower()
    name = authority.partition(":")[0]
    decoded = unquote_to_bytes(name).decode("utf-8", errors="replace")
    # Domain to ASCII maps compatible forms and other full stops first (UTS 46).
    mapped = unicodedata.normalize("NFKC", decoded).lower().replace("\u3002", ".")
    try:
        return mapped.encode("idna").decode().lower()
    except UnicodeError:
        return mapped
