"""The ASGI application of one simulated carrier."""

from __future__ import annotations

from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import FileResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from infra.local.carrier import api, control
from infra.local.carrier.errors import ApiError
from infra.local.carrier.jsonval import JsonResponse

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request
    from starlette.responses import Response

    from infra.local.carrier.carrier import Carrier

_STATIC: Final = Path(__file__).parent / "static"
# Message texts are hostile until proven otherwise: even if one slipped into the page as markup,
# nothing but the page's own script may run and nothing may be loaded from elsewhere.
_PAGE_HEADERS: Final = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
}


def build(carrier: Carrier) -> Starlette:
    """Join the provider's endpoints, the control API and the page."""

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with carrier.running():
            yield

    return Starlette(
        routes=[
            *api.routes(carrier),
            *control.routes(carrier),
            Route("/", _page),
            Mount("/static", StaticFiles(directory=_STATIC)),
        ],
        # A name that a foreign page made to point here is refused.
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])],
        exception_handlers={ApiError: _api_error, HTTPException: _http_error},
        lifespan=lifespan,
    )


async def _page(_request: Request) -> Response:
    return FileResponse(_STATIC / "index.html", headers=_PAGE_HEADERS)


async def _api_error(_request: Request, error: Exception) -> Response:
    if not isinstance(error, ApiError):
        raise error
    return _error(error.status, error.code, error.message)


async def _http_error(_request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    code = {404: "ResourceNotFound", 405: "MethodNotAllowed"}.get(error.status_code, "BadRequest")
    return _error(error.status_code, code, error.detail)


def _error(status: int, code: str, message: str) -> Response:
    return JsonResponse({"errorCode": code, "errorMessage": message}, status_code=status)
