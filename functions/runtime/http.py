"""How HTTP requests enter: ``@endpoint`` under Chalice's ``@bp.route``.

It authenticates, reads the body, replays idempotent requests, maps errors to RFC 9457 problem
documents, and writes one log line. A view gets a ``Call`` and gives a ``Reply``.
"""

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import wraps
from http import HTTPStatus
from typing import Any, Generic, Protocol, TypeVar

from chalice.app import Blueprint, Request, Response
from pydantic import BaseModel, ValidationError

from functions.contracts import errors
from functions.contracts.errors import AppError
from functions.contracts.scope import Scope
from functions.runtime import observe
from functions.runtime.clock import utc_now
from functions.runtime.input_errors import input_error

MAX_BODY_BYTES = 5_000_000
"""Below the 6 MB that Lambda passes on, so that the caller gets our answer and not a 500."""
JSON_TYPE = "application/json"
PROBLEM_TYPE = "application/problem+json"
ANY_TYPE = ["*/*"]
"""Given to Chalice so that it passes every content type on and we answer wrong ones ourselves."""

Body_co = TypeVar("Body_co", covariant=True)
Json = dict[str, Any]

STATUS_BY_ERROR: Mapping[type[AppError], HTTPStatus] = {
    errors.MalformedBody: HTTPStatus.BAD_REQUEST,
    errors.UnsupportedMediaType: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    errors.PayloadTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.InvalidInput: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.Unauthenticated: HTTPStatus.UNAUTHORIZED,
    errors.Forbidden: HTTPStatus.FORBIDDEN,
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.Conflict: HTTPStatus.CONFLICT,
    errors.RateLimited: HTTPStatus.TOO_MANY_REQUESTS,
    errors.Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}
_DEFAULT_RETRY_AFTER_S = 5
_MAX_KEY_CHARS = 255
_MAX_PATH_VALUE_CHARS = 1_000
"""Longer than any id or percent-encoded name, shorter than DynamoDB's limit for a key."""
_UNREADABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_LIMIT = re.compile("[0-9]{1,6}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who calls: a key's id and what it may do."""

    key_id: str
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Generic[Body_co]):
    """A request that passed the gate."""

    body: Body_co
    query: Mapping[str, str]
    headers: Mapping[str, str]
    raw_body: str = field(repr=False)
    principal: Principal
    request_id: str
    idempotency_key: str | None
    now: datetime
    ip: str = field(default="", repr=False)
    lambda_context: Any = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer; ``body`` is JSON unless ``headers`` name another content type."""

    status: int = 200
    body: Json | str | bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Guards(Protocol):
    """What the gate needs from above: who calls, and what was answered before."""

    def authenticate(self, authorization: str | None, *, now: datetime) -> Principal:
        """Raises Unauthenticated."""

    def replay(self, call: "Call[Any]", place: str, answer: Callable[[], Json]) -> Json:
        """Give the stored answer of this key, or compute and store it. Raises Conflict."""

    def note_access(self, call: "Call[Any]", route: str, contact_id: str, status: int) -> None:
        """Write down that personal data were shown or changed: of this contact, "" for a list."""


_guards: list[Guards] = []


def install_guards(guards: Guards) -> None:
    """Set the guards of all endpoints; called once by the composition root."""
    _guards[:] = [guards]


def endpoint(
    bp: Blueprint,
    *,
    scope: str | None,
    body: type[BaseModel] | None = None,
    replayable: bool = True,
    personal: bool = False,
) -> Callable[[Callable[..., Reply]], Callable[..., Response]]:
    """Guard a view.

    ``scope`` is what the key must be allowed (None: public, for signed paths only). ``body`` is
    the model of the JSON body. ``replayable`` POSTs honour ``Idempotency-Key``; nothing is kept
    for callers without a key. Who calls a ``personal`` one is written into the access log; where
    that cannot be done, there is no answer.
    """
    replayable = replayable and scope is not None

    def decorate(view: Callable[..., Reply]) -> Callable[..., Response]:
        @wraps(view)
        def guarded(**path: str) -> Response:
            gate = _Gate(bp, scope=scope, body=body, replayable=replayable, personal=personal)
            return gate.run(view, path)

        guarded.scope = scope  # type: ignore[attr-defined]  # read by the guard tests
        guarded.body_model = body  # type: ignore[attr-defined]  # read by the OpenAPI document
        guarded.replayable = replayable  # type: ignore[attr-defined]  # likewise
        guarded.personal = personal  # type: ignore[attr-defined]  # read by the guard tests
        return guarded

    return decorate


class _Gate:
    """One request's passage."""

    def __init__(
        self,
        bp: Blueprint,
        *,
        scope: str | None,
        body: type[BaseModel] | None,
        replayable: bool,
        personal: bool,
    ) -> None:
        request = bp.current_request
        self.request: Request = request
        self.scope, self.model = scope, body
        self.replayable, self.personal = replayable, personal
        self.route = f"{request.method} {request.context.get('resourcePath', request.path)}"
        self.request_id = str(request.context.get("requestId", ""))
        self.lambda_context = bp.lambda_context
        self.key_id = ""

    def run(self, view: Callable[..., Reply], path: Mapping[str, str]) -> Response:
        started = time.perf_counter()
        try:
            reply = self._answer(view, path)
        except AppError as error:
            reply = problem(error, request_id=self.request_id)
        except Exception:  # noqa: BLE001  # the edge: the caller gets a bare 500
            observe.fault("http.request.failed", route=self.route, request_id=self.request_id)
            reply = problem(AppError("Something went wrong."), request_id=self.request_id)
        observe.info(
            "http.request",
            route=self.route,
            status=reply.status,
            key_id=self.key_id,
            request_id=self.request_id,
            ms=round((time.perf_counter() - started) * 1000, 1),
        )
        return _to_chalice(reply, request_id=self.request_id)

    def _answer(self, view: Callable[..., Reply], path: Mapping[str, str]) -> Reply:
        call = self._call(now=utc_now())
        _check_path(path)
        reply = self._reply(view, path, call)
        if self.personal:
            contact_id = path.get("contact_id") or call.query.get("contact_id", "")
            _guards[0].note_access(call, self.route, contact_id, reply.status)
        return reply

    def _reply(self, view: Callable[..., Reply], path: Mapping[str, str], call: Call[Any]) -> Reply:
        if not (self.replayable and call.idempotency_key and self.request.method == "POST"):
            return view(call, **path)

        def compute() -> Json:
            reply = view(call, **path)
            return {"status": reply.status, "body": reply.body}

        # Chalice's own ``path`` is the route's pattern, the same for all ids.
        place = json.dumps([self.route, dict(path)], sort_keys=True)
        return Reply(**_guards[0].replay(call, place, compute))

    def _call(self, *, now: datetime) -> Call[Any]:
        headers = self.request.headers
        principal = Principal(key_id="", scopes=frozenset())
        if self.scope is not None:
            principal = _guards[0].authenticate(headers.get("authorization"), now=now)
            self.key_id = principal.key_id
            _require(self.scope, principal)
        raw = self._raw_body()
        return Call(
            body=None if self.model is None else self._read(self.model, raw),
            query=dict(self.request.query_params or {}),
            headers=headers,
            raw_body=raw.decode("utf-8", errors="replace"),
            principal=principal,
            request_id=self.request_id,
            idempotency_key=_idempotency_key(headers.get("idempotency-key")),
            now=now,
            ip=str(self.request.context.get("identity", {}).get("sourceIp", "")),
            lambda_context=self.lambda_context,
        )

    def _raw_body(self) -> bytes:
        raw = self.request.raw_body or b""
        raw = raw.encode() if isinstance(raw, str) else raw
        if len(raw) > MAX_BODY_BYTES:
            msg = f"The body is larger than {MAX_BODY_BYTES} bytes."
            raise errors.PayloadTooLarge(msg)
        return raw

    def _read(self, model: type[BaseModel], raw: bytes) -> BaseModel:
        content_type = self.request.headers.get("content-type", "").split(";")[0].strip().lower()
        if content_type != JSON_TYPE:
            msg = f"Send the body as {JSON_TYPE}."
            raise errors.UnsupportedMediaType(msg)
        try:
            return model.model_validate_json(raw or b"null")
        except ValidationError as error:
            raise input_error(error, raw) from error


def _require(scope: str, principal: Principal) -> None:
    if scope not in principal.scopes and Scope.ADMIN not in principal.scopes:
        msg = f"The key lacks the scope {scope}."
        raise errors.Forbidden(msg)


def _check_path(path: Mapping[str, str]) -> None:
    """Nothing has a name that the store cannot even look up."""
    values = path.values()
    if any(len(value) > _MAX_PATH_VALUE_CHARS or _UNREADABLE.search(value) for value in values):
        msg = "There is nothing at this path."
        raise errors.NotFound(msg)


def _idempotency_key(header: str | None) -> str | None:
    if header is not None and not 1 <= len(header) <= _MAX_KEY_CHARS:
        raise errors.InvalidInput.field(
            "/headers/Idempotency-Key", "length", "Use 1 to 255 characters."
        )
    return header


def page_limit(query: Mapping[str, str], *, default: int = 50, most: int = 500) -> int:
    """How many items of a list to give. Raises InvalidInput."""
    text = query.get("limit", str(default))
    if not _LIMIT.fullmatch(text) or not 1 <= int(text) <= most:
        raise errors.InvalidInput.field("/query/limit", "out_of_range", f"Use 1 to {most}.")
    return int(text)


def problem(error: AppError, *, request_id: str) -> Reply:
    """Make the RFC 9457 document of an error."""
    status = STATUS_BY_ERROR.get(type(error), HTTPStatus.INTERNAL_SERVER_ERROR)
    body: Json = {
        "type": "about:blank",
        "title": status.phrase,
        "status": int(status),
        "code": error.code,
        "detail": error.message,
        "request_id": request_id,
    }
    if error.errors:
        body["errors"] = [
            {"pointer": each.pointer, "code": each.code, "message": each.message}
            for each in error.errors
        ]
    if isinstance(error, errors.NotFound) and error.merged_into:
        body["merged_into"] = error.merged_into
    headers = {"Content-Type": PROBLEM_TYPE}
    if status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
        headers["Retry-After"] = str(error.retry_after_s or _DEFAULT_RETRY_AFTER_S)
    if status is HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return Reply(status=int(status), body=body, headers=headers)


def _to_chalice(reply: Reply, *, request_id: str) -> Response:
    headers: dict[str, str | list[str]] = {"Content-Type": JSON_TYPE, "X-Request-Id": request_id}
    headers |= reply.headers
    body = reply.body
    if not isinstance(body, (str, bytes)):
        body = "" if body is None else json.dumps(body, ensure_ascii=False)
    return Response(body=body, status_code=reply.status, headers=headers)
