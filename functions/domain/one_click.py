"""The headers by which a mail program offers to unsubscribe with one click (RFC 8058)."""

from collections.abc import Mapping

FIELD, WORD = "List-Unsubscribe", "One-Click"
"""What the mail program posts: ``List-Unsubscribe=One-Click``."""


def unsubscribe_headers(url: str) -> Mapping[str, str]:
    """Make both headers; they must be covered by the message's DKIM signature (section 4).

    Raises ValueError for an address that is not https (section 3.1) or that would end the header.

    >>> dict(unsubscribe_headers("https://a.example/p/x"))["List-Unsubscribe"]
    '<https://a.example/p/x>'
    """
    plain = url.isascii() and url.isprintable() and not set(url) & set(' <>",')
    if not url.startswith("https://") or not plain:
        msg = "use an https address without blanks, commas, quotes and angle brackets"
        raise ValueError(msg)
    return {FIELD: f"<{url}>", f"{FIELD}-Post": f"{FIELD}={WORD}"}
