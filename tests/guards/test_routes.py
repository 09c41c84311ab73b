"""Every HTTP call says who may make it, and is part of the application."""

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app import app
from functions.contracts.scope import Scope
from functions.runtime.http import ANY_TYPE
from tests.guards.source import dotted, modules

_PUBLIC = {
    ("GET", "/v1/openapi.json"),  # what the API is, is no secret
    ("POST", "/hooks/{provider}/{token}"),  # the path's token is the authentication
    ("POST", "/v1/conversions"),  # the code in the body is
    ("GET", "/v1/conversions.js"),  # a script for any page
    *((method, "/p/{token}") for method in ("GET", "HEAD", "POST")),  # likewise
    *((method, "/r/{token}") for method in ("GET", "HEAD")),  # likewise
}
_READ_BY_POST = {
    ("POST", "/v1/audiences/preview"),
    ("POST", "/v1/templates/{template_id}/preview"),
    ("POST", "/v1/campaigns/{campaign_id}/report-link"),  # nothing is written
}


def _routes() -> Iterator[tuple[str, str, Any]]:
    for path, by_method in app.routes.items():
        for method, entry in by_method.items():
            yield method, path, entry


_CALLS = [pytest.param(*route, id=f"{route[0]} {route[1]}") for route in _routes()]


@pytest.mark.parametrize(("method", "path", "entry"), _CALLS)
def test_a_call_has_a_scope_unless_it_is_public(method: str, path: str, entry: Any) -> None:
    scope = getattr(entry.view_function, "scope", "not an endpoint")

    assert (scope is None) == ((method, path) in _PUBLIC)
    assert scope is None or scope in set(Scope)


@pytest.mark.parametrize(("method", "path", "entry"), _CALLS)
def test_a_call_that_writes_is_not_for_readers(method: str, path: str, entry: Any) -> None:
    for_readers = entry.view_function.scope == Scope.READ

    assert not for_readers or method == "GET" or (method, path) in _READ_BY_POST


@pytest.mark.parametrize(("method", "path", "entry"), _CALLS)
def test_a_call_takes_every_content_type_to_answer_wrong_ones_itself(
    method: str, path: str, entry: Any
) -> None:
    assert entry.content_types == ANY_TYPE, f"{method} {path}"


@pytest.mark.parametrize(("method", "path", "entry"), _CALLS)
def test_a_call_says_what_it_does(method: str, path: str, entry: Any) -> None:
    words = entry.view_function.__doc__ or ""

    assert words.endswith("."), f"{method} {path}"


def test_paths_are_below_v1_hooks_p_or_r() -> None:
    below = ("/v1/", "/hooks/", "/p/", "/r/")
    strange = [path for _, path, _ in _routes() if not path.startswith(below)]

    assert strange == []


def _with_blueprints() -> list[Path]:
    return [*modules("*/*routes.py"), *modules("*/events.py")]


@pytest.mark.parametrize("path", _with_blueprints(), ids=dotted)
def test_a_module_with_a_blueprint_is_part_of_the_application(path: Path) -> None:
    blueprint = importlib.import_module(dotted(path)).bp

    # Chalice sets it when the blueprint is registered.
    assert blueprint._current_app is app


def test_there_are_blueprints_to_look_at() -> None:
    assert len(_with_blueprints()) >= 17
