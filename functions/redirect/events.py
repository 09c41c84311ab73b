"""The Lambda behind tracked links. It has an API of its own and loads next to nothing."""

import json
import sys
import time
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from traceback import extract_tb
from typing import TextIO

from chalice.app import Blueprint

from functions.redirect import proxy, wiring
from functions.redirect.proxy import Answer, Request
from functions.redirect.service import RedirectDeps, follow
from functions.runtime.clock import utc_now

bp = Blueprint(__name__)

_MAX_PLACES = 8

Log = Callable[..., None]


@bp.lambda_function(name="redirect")
def redirect(event: object, _context: object) -> Answer:
    """Answer one request for a tracked link."""
    return respond(event, deps=wiring.deps, now=utc_now(), log_to=sys.stderr)


def respond(
    event: object, *, deps: Callable[[], RedirectDeps], now: datetime, log_to: TextIO
) -> Answer:
    """Answer 302, or 404, 405, 410 or 503 with a page; never raise. One log line a request."""
    started = time.perf_counter()
    request = proxy.request_of(event)
    request_id = proxy.request_id(request)

    def log(level: str, message: str, **facts: object) -> None:
        line = {"level": level, "service": "redirect", "message": message}
        log_to.write(json.dumps(line | {"request_id": request_id} | facts) + "\n")

    answer, facts = _answer(request, deps=deps, now=now, log=log)
    ms = round((time.perf_counter() - started) * 1000, 2)
    log("INFO", "redirect.request", status=answer["statusCode"], ms=ms, **facts)
    return answer


def _answer(
    request: Request, *, deps: Callable[[], RedirectDeps], now: datetime, log: Log
) -> tuple[Answer, dict[str, object]]:
    if proxy.method_of(request) not in proxy.METHODS:
        return proxy.explain(HTTPStatus.METHOD_NOT_ALLOWED, request), {}
    try:
        if proxy.asks_for_health(request):
            return proxy.healthy(deps().health), {}
        followed = follow(proxy.visit_of(request), deps=deps(), now=now)
    except Exception as error:  # noqa: BLE001  # the edge: a person waits for an answer
        log("ERROR", "redirect.failed", **_facts_of(error))
        return proxy.explain(HTTPStatus.SERVICE_UNAVAILABLE, request), {}
    if followed is None:
        return proxy.explain(HTTPStatus.NOT_FOUND, request), {}
    # The code itself is not logged: it names one message.
    link: dict[str, object] = (
        {"slug": followed.slug} if followed.slug else {"batch": followed.batch}
    )
    if followed.unrecorded is not None:
        log("ERROR", "redirect.hit.lost", **link, **_facts_of(followed.unrecorded))
    if followed.stale is not None:
        log("ERROR", "redirect.target.old", **link, **_facts_of(followed.stale))
    facts = link | {"cached": followed.cached}
    if followed.location is None:
        return proxy.explain(HTTPStatus.GONE, request), facts
    return proxy.redirect_to(followed.location), facts


def _facts_of(error: Exception) -> dict[str, object]:
    # Not the error's text, which may quote a value.
    places = extract_tb(error.__traceback__)[-_MAX_PLACES:]
    stack = [f"{place.filename}:{place.lineno} {place.name}" for place in places]
    return {"error": type(error).__name__, "stack": stack}
