"""The API as a WSGI application, called in process through Chalice's local gateway."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from chalice.config import Config
from chalice.local import LocalGateway, LocalGatewayException

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from chalice.app import Chalice


_PROBLEM = {
    "type": "about:blank",
    "title": "Not Found",
    "status": 404,
    "code": "not_found",
    "detail": "There is no such route.",
    "request_id": "",
}
_NO_ROUTE = {
    "statusCode": 404,
    "headers": {"Content-Type": "application/problem+json"},
    "body": json.dumps(_PROBLEM).encode(),
}
"""What API Gateway is told to say in template.yaml, instead of its own 403."""


class WsgiGateway:
    """Answers WSGI requests as API Gateway and Lambda would."""

    def __init__(self, app: Chalice) -> None:
        self._gateway = LocalGateway(app, Config.create())

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., object]
    ) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        try:
            answer = self._gateway.handle_request(
                environ["REQUEST_METHOD"], _path(environ), _headers(environ), body
            )
        except LocalGatewayException:
            answer = _NO_ROUTE
        status = HTTPStatus(answer["statusCode"])
        start_response(f"{int(status)} {status.phrase}", list(answer["headers"].items()))
        made = answer["body"] or b""
        return [made.encode() if isinstance(made, str) else made]


def _path(environ: dict[str, Any]) -> str:
    # WSGI has decoded the path, byte by byte as Latin-1; the gateway wants it as it was sent.
    path = quote(environ["PATH_INFO"].encode("latin-1"), safe="/:@!$&'()*+,;=~")
    return path + ("?" + environ["QUERY_STRING"] if environ.get("QUERY_STRING") else "")


def _headers(environ: dict[str, Any]) -> dict[str, str]:
    sent = {
        name.removeprefix("HTTP_").replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_") or name == "CONTENT_TYPE"
    }
    # Chalice's local gateway must have one to tell text from binary bodies.
    sent["content-type"] = sent.get("content-type") or "application/json"
    return sent
