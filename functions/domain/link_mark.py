"""Where a text will have a tracked link: a mark as long as the longest code.

A text is measured before its number is known, and the code depends on the number. The mark is
replaced when the batch has its number; a code is never longer than the mark.
"""

from collections.abc import Callable

MAX_LINKS = 8
"""Tracked links of one template: the link's place has three bits in a tracking code."""


def mark(link: int) -> str:
    """Stand for the code of this link: eleven characters."""
    return f"{{~link{link}~~~}}"


def fill(text: str, links: int, *, code_of: Callable[[int], str]) -> str:
    """Replace the marks of the first ``links`` links by their codes."""
    for link in range(links):
        if mark(link) in text:
            text = text.replace(mark(link), code_of(link))
    return text
