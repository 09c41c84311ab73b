"""Templates in MiniJinja: Jinja's language, sandboxed, limited in work, strict about gaps."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from minijinja import Environment, TemplateError

from functions.domain.link_mark import MAX_LINKS, mark
from functions.domain.web_address import web_host

MAX_SOURCE_CHARS = 10_000
MAX_TEXT_CHARS = 20_000
"""Far more than any channel takes: nothing behind this has to work on megabytes."""
_FUEL = 50_000
_NAME = "text"
_TRACKED = re.compile(r"""(?P<quote>["'])(?P<url>[^"']*)(?P=quote)\s*\|\s*track\b""")
_ANY_TRACK = re.compile(r"(?:\||\{%-?\s*filter)\s*track\b")

Variables = Mapping[str, Any]


class TemplateFault(ValueError):
    """A template that cannot be used, with a stable code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class MissingVariable(ValueError):
    """The text needs a value that this recipient does not have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateText:
    """A text with gaps. ``links`` are the tracked destinations in order of first use."""

    source: str
    links: tuple[str, ...]
    link_base: str

    def render(self, variables: Variables) -> str:
        """Fill the gaps. Raises MissingVariable or TemplateFault."""
        plain = {name: _without_methods(value) for name, value in variables.items()}
        compiled = _compiled(self.source, self.links, self.link_base)
        try:
            text = compiled.render_template(_NAME, **plain)
        except TemplateError as error:
            raise _fault(error) from error
        except (AttributeError, TypeError) as error:  # a value was called, or compared
            code, msg = "unrenderable", "The template uses a value as what it is not."
            raise TemplateFault(code, msg) from error
        if len(text) > MAX_TEXT_CHARS:
            code, msg = "too_long", f"The text has more than {MAX_TEXT_CHARS} characters."
            raise TemplateFault(code, msg)
        return text


class _Fields(dict[str, Any]):
    """A mapping whose keys are all that a template sees of it.

    Of a plain dict, ``{{ contact.items }}`` would print a method where the value is missing, and
    ``{{ contact.pop("name") }}`` would call one.
    """

    def __getattribute__(self, name: str) -> Any:  # noqa: ANN401  # whatever Python asks for
        if name.startswith("__"):
            return super().__getattribute__(name)
        raise AttributeError(name)


def _without_methods(value: object) -> object:
    return _Fields(value) if isinstance(value, dict) else value


def tracked_links(source: str) -> tuple[str, ...]:
    """Find the destinations that a template tracks: ``{{ "https://…" | track }}``.

    Raises TemplateFault when the filter is put on anything but a literal web address.
    """
    urls = tuple(dict.fromkeys(found["url"] for found in _TRACKED.finditer(source)))
    if len(_TRACKED.findall(source)) != len(_ANY_TRACK.findall(source)):
        code, msg = "track_needs_literal", "Put track on a quoted web address."
        raise TemplateFault(code, msg)
    if len(urls) > MAX_LINKS:
        code, msg = "too_many_links", f"At most {MAX_LINKS} different links can be tracked."
        raise TemplateFault(code, msg)
    for url in urls:
        _check_url(url)
    return urls


def check_source(source: str) -> None:
    """Compile the template to see that it can be used. Raises TemplateFault."""
    if len(source) > MAX_SOURCE_CHARS:
        code, msg = "too_long", f"Use at most {MAX_SOURCE_CHARS} characters."
        raise TemplateFault(code, msg)
    try:
        _compiled(source, tracked_links(source), "")
    except TemplateError as error:
        code = "syntax"
        raise TemplateFault(code, str(error).splitlines()[0]) from error


@lru_cache(maxsize=256)
def names_used(source: str) -> frozenset[str]:
    """The variables that the template reads, as far as can be seen without running it."""
    return frozenset(Environment().undeclared_variables_in_str(source))


def _check_url(url: str) -> None:
    if web_host(url) is None:
        code, msg = "invalid_link", "Track a whole http or https address without blanks."
        raise TemplateFault(code, msg)


@lru_cache(maxsize=256)
def _compiled(source: str, links: tuple[str, ...], link_base: str) -> Environment:
    environment = Environment()
    environment.undefined_behavior = "strict"
    environment.fuel = _FUEL
    environment.auto_escape_callback = lambda _: False
    place_by_url = {url: place for place, url in enumerate(links)}

    def track(url: str) -> str:
        if url not in place_by_url:  # put on it by a way that ``tracked_links`` does not see
            msg = "track needs a quoted web address"
            raise TemplateError(msg)
        return f"{link_base}/{mark(place_by_url[url])}"

    environment.add_filter("track", track)
    environment.add_template(_NAME, source)
    return environment


def _fault(error: TemplateError) -> ValueError:
    if error.kind == "UndefinedError":
        return MissingVariable(str(error).splitlines()[0])
    return TemplateFault("unrenderable", str(error).splitlines()[0])
