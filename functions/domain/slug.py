"""The names of standalone links, such as ``summer-sale``, as posters and profiles have them.

A tracking code is eleven letters and digits in a row (``tracking_code.py``). A slug's first word
has ten at most, so nothing can be read as both, whoever chose it; and slug and code share one
short path.
"""

import re

MAX_FIRST_WORD_CHARS = 10
MAX_SLUG_CHARS = 40
HEALTH = "~health"
"""Asked of a domain to see whether it leads here; neither a slug nor a code begins so."""

# Letters of both cases: people type what they read on a poster.
_SLUG = re.compile(
    rf"[a-z0-9]{{1,{MAX_FIRST_WORD_CHARS}}}(?:-[a-z0-9]+)*", re.ASCII | re.IGNORECASE
)


def is_slug(text: str) -> bool:
    """Whether this is a slug as it is kept: words of small letters and digits, joined by hyphens.

    >>> is_slug("summer-sale"), is_slug("Summer"), is_slug("abcdefghijk"), is_slug("a--b")
    (True, False, False, False)
    """
    return slug_in(text) == text


def slug_in(text: str) -> str | None:
    """Read a slug out of a path, in any case and with the rest of a sentence behind it.

    None when a letter or digit of that rest might be meant as a part of it.

    >>> slug_in("Summer-Sale에서"), slug_in("summer.html"), slug_in("00000000001")
    ('summer-sale', None, None)
    """
    found = _SLUG.match(text)
    if found is None or found.end() > MAX_SLUG_CHARS:
        return None
    if any(each.isascii() and each.isalnum() for each in text[found.end() :]):
        return None
    return found[0].lower()
