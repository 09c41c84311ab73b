"""Finds web addresses that stand as they are in a template's text, and has them tracked."""

import re
from collections.abc import Iterator

from functions.domain.web_address import web_host

# What Jinja reads: an expression or statement with the texts in it, a comment, a raw part.
_RAW = re.compile(r"\{%[-+]?\s*raw\s*[-+]?%\}.*?\{%[-+]?\s*endraw\s*[-+]?%\}", re.DOTALL)
_CODE = re.compile(
    r"\{\{(?:\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|[^\"'])*?\}\}"
    r"|\{%(?:\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|[^\"'])*?%\}"
    r"|\{#.*?#\}",
    re.DOTALL,
)
# An address ends before blanks, quotes, brackets that no address has, and Korean, Chinese and
# typographic punctuation.
_ADDRESS = re.compile(
    r"(?<![A-Za-z0-9+.{-])https?://"
    r"[^\s\"'<>\\^`{|}\u00ab\u00b7\u00bb\u2010-\u2027\u2030-\u205e\u3000-\u303f\uff00-\uff65]+",
    re.IGNORECASE,
)
# `shop.example.com에서`: a Latin top-level domain ends where Korean begins.
_GLUED = re.compile(r"(https?://[^/?#]*\.[a-z]{2,}(?::\d+)?)[^\x00-\x7f]", re.IGNORECASE)
_TRAILING = ".,;:!?'*_~"
_PAIRS = {")": "(", "]": "["}
_OPENS_CODE = re.compile(r"\{[{%#]")
_STATEMENT = re.compile(r"\{%[-+]?\s*(\w+)")
_NESTS = frozenset({"if", "for", "with", "filter", "macro", "call", "block", "autoescape"})
_OTHERWISE = frozenset({"else", "elif"})
_STRIPPED_BY_NEXT = re.compile(r"\s*(?=\{[{%#]-)")
_GOES_ON = re.compile(r"[.,;:!?'*_~)\]]*(?:[A-Za-z0-9/#&=%+@$-]|\{\{)")


def track_bare_links(source: str) -> str:
    """Put ``track`` on every address outside of Jinja's own parts; all else stays as it is.

    An address of which a part is filled in is left alone, because it has no fixed destination.
    Doing it again changes nothing.

    >>> track_bare_links("보기: https://shop.example/a?b=1.")
    '보기: {{ "https://shop.example/a?b=1" | track }}.'
    """
    pieces, done = list[str](), 0
    for start, end in _addresses(source):
        pieces += [source[done:start], f'{{{{ "{source[start:end]}" | track }}}}']
        done = end
    return "".join([*pieces, source[done:]])


def _addresses(source: str) -> Iterator[tuple[int, int]]:
    at = 0
    for start, end in [*_code_parts(source), (len(source), len(source))]:
        while found := _ADDRESS.search(source, at, start):
            address = _trimmed(found[0])
            at = found.start() + len(address)  # what was trimmed may hold the next one
            filled = source.endswith("}}", 0, found.start()) or (
                at == found.end() and _is_filled_on(source, at)
            )
            if not filled and web_host(address) is not None:
                yield found.start(), at
        at = end


def _code_parts(source: str) -> Iterator[tuple[int, int]]:
    """Where Jinja reads; all of the rest when something is not closed, so that it stays."""
    at = 0
    while (at := _next_code(source, at)) < len(source):
        found = _RAW.match(source, at) or _CODE.match(source, at)
        end = len(source) if found is None else found.end()
        yield at, end
        at = end


def _next_code(source: str, at: int) -> int:
    found = _OPENS_CODE.search(source, at)
    return len(source) if found is None else found.start()


def _trimmed(address: str) -> str:
    """Leave out what belongs to the sentence around."""
    if glued := _GLUED.match(address):
        return glued[1]
    while address:
        last = address[-1]
        unpaired = last in _PAIRS and address.count(last) > address.count(_PAIRS[last])
        if not unpaired and last not in _TRAILING:
            return address
        address = address[:-1]
    return address


def _is_filled_on(source: str, at: int) -> bool:
    """Whether the address that ends here goes on in what Jinja puts behind it."""
    while True:
        if stripped := _STRIPPED_BY_NEXT.match(source, at):
            at = stripped.end()
        code = _CODE.match(source, at)
        if code is None:
            return _GOES_ON.match(source, at) is not None
        last = _last_that_prints_nothing(source, code)
        if last is None:
            return True
        at = last.end()
        if last[0].endswith(("-%}", "-#}")):
            at += len(source[at:]) - len(source[at:].lstrip())


def _last_that_prints_nothing(source: str, code: re.Match[str]) -> re.Match[str] | None:
    """Step over a comment or the end of a branch; None when something is printed there."""
    word = _word(code[0])
    if word in _OTHERWISE:
        return _end_of_statement(source, code.end())
    return code if code[0].startswith("{#") or word.startswith("end") else None


def _end_of_statement(source: str, at: int) -> re.Match[str] | None:
    """Find the tag that ends the statement in which this stands."""
    depth = 1
    for found in _CODE.finditer(source, at):
        word = _word(found[0])
        if word in _NESTS:
            depth += 1
        elif word.startswith("end") and word != "endset":
            depth -= 1
        if depth == 0:
            return found
    return None


def _word(code: str) -> str:
    found = _STATEMENT.match(code)
    return "" if found is None else found[1]
