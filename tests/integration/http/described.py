"""A caller who holds every answer against the description of the API."""

from dataclasses import dataclass

from chalice.local import RouteMatcher

from app import app
from functions.openapi.answers import ANSWER_BY_CALL, Problem
from tests.integration.api import Answer, Api


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribedApi(Api):
    """Calls as ``Api`` does; an answer that is not as described is a failed test."""

    def call(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        answer = Api.call(self, method, path, body, **headers)
        _check(answer, call=_call_of(method, path))
        return answer


_ROUTES = RouteMatcher(list(app.routes))


def _call_of(method: str, path: str) -> str:
    route = _ROUTES.match_route(path).route
    name: str = app.routes[route][method].view_function.__name__
    return name


def _check(answer: Answer, *, call: str) -> None:
    described = ANSWER_BY_CALL[call]
    if described.page:
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        return
    if answer.status >= 400:
        assert answer.headers["Content-Type"] == "application/problem+json"
        Problem.model_validate_json(answer.text, extra="forbid")
        return
    assert answer.status in described.statuses, f"{call}: {answer.status}"
    assert answer.headers["Content-Type"] == described.kind
    if described.model is not None:
        described.model.model_validate_json(answer.text, extra="forbid")
    elif answer.status == 204:
        assert answer.text == ""
