"""Typed reading of JSON that came from outside."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeAlias

from starlette.responses import JSONResponse

from infra.local.carrier.errors import ApiError, invalid
from infra.local.carrier.limits import REQUEST_BYTES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

JsonObject: TypeAlias = "Mapping[str, object]"


class JsonResponse(JSONResponse):
    """JSON in ASCII, so that half a surrogate pair in a request can be shown in the answer."""

    def render(self, content: object) -> bytes:
        """Write the content."""
        return json.dumps(content, separators=(",", ":")).encode("ascii")


async def read_object(request: Request) -> JsonObject:
    """Read the body of a request as one JSON object.

    Raises:
        ApiError: 400 when it is not JSON or not an object, 413 when it is over 15 MB.

    """
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared) > REQUEST_BYTES:
        raise _too_large()
    body = await request.body()
    if len(body) > REQUEST_BYTES:
        raise _too_large()
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        message = "본문이 올바른 JSON이 아닙니다."
        raise invalid(message) from None
    return as_object(value, "본문")


def as_object(value: object, name: str) -> JsonObject:
    """Insist on a JSON object.

    Raises:
        ApiError: 400 when it is anything else.

    """
    if not isinstance(value, dict):
        message = f"{name}은(는) object여야 합니다."
        raise invalid(message)
    return value


def text_in(container: JsonObject, key: str, *, default: str | None = None) -> str:
    """Insist on a non-empty string under the key.

    Raises:
        ApiError: 400 when it is absent without a default, empty or not a string.

    """
    value = container.get(key, default)
    if not isinstance(value, str) or not value:
        message = f"{key}은(는) 비어 있지 않은 string이어야 합니다."
        raise invalid(message)
    return value


def _too_large() -> ApiError:
    return ApiError(413, "PayloadTooLarge", "본문은 15MB까지 받습니다.")
