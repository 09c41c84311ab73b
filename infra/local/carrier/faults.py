"""Faults on demand: the next N requests to a path end badly in a chosen way."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from starlette.responses import Response

from infra.local.carrier.errors import invalid
from infra.local.carrier.jsonval import JsonResponse, as_object

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.types import Receive, Scope, Send

    from infra.local.carrier.jsonval import JsonObject

AFTER_ACCEPT: Final = "timeout_after_accept"
BEFORE_ACCEPT: Final = "timeout_before_accept"
DROP: Final = "drop_connection"
# The start of the paths that accept messages, so that a fault spares the lists used afterwards.
SENDING: Final = "/messages/v4/send"
ERROR_AFTER_ACCEPT: Final = "http_500_after_accept"
GARBLED_AFTER_ACCEPT: Final = "garbled_after_accept"
_SERVER_ERROR: Final = (500, "InternalServerError", "서버 오류가 발생했습니다.")
_HTTP: Final = {
    "http_429": (429, "TooManyRequests", "요청이 너무 많습니다."),
    "http_500": _SERVER_ERROR,
    "http_503": (503, "ServiceUnavailable", "서비스를 일시적으로 사용할 수 없습니다."),
    ERROR_AFTER_ACCEPT: _SERVER_ERROR,
}
_AFTER: Final = (AFTER_ACCEPT, ERROR_AFTER_ACCEPT, GARBLED_AFTER_ACCEPT)
KINDS: Final = (*_AFTER, BEFORE_ACCEPT, DROP, "http_429", "http_500", "http_503")
_MOST: Final = 1_000_000
_LONGEST_S: Final = 600


@dataclass(slots=True, kw_only=True)
class Fault:
    """One kind of fault for the next ``count`` requests whose path starts with ``path``.

    With an ``api_key`` only requests of that account meet it.
    A timeout keeps the connection open for ``hang_s`` seconds without a byte, then closes it.
    ``retry_after_s`` is sent as Retry-After with an http fault.
    """

    kind: str
    count: int = 1
    path: str = SENDING
    hang_s: float = 30.0
    retry_after_s: int | None = None
    api_key: str | None = None

    @property
    def accepts(self) -> bool:
        """Tell whether the request is carried out before the fault happens."""
        return self.kind in _AFTER

    @property
    def hold_s(self) -> float:
        """Give how long the connection is held without an answer."""
        return 0.0 if self.kind == DROP else self.hang_s


class Faults:
    """The faults that are still to happen."""

    def __init__(self) -> None:
        self._waiting: deque[Fault] = deque()

    def take(self, path: str, *, api_key: str | None = None) -> Fault | None:
        """Use up one fault that is meant for this path and this caller."""
        for fault in self._waiting:
            if path.startswith(fault.path) and fault.api_key in (None, api_key):
                fault.count -= 1
                if fault.count == 0:
                    self._waiting.remove(fault)
                return fault
        return None

    def set(self, faults: list[Fault]) -> None:
        """Replace what is still to happen."""
        self._waiting = deque(faults)

    def as_json(self) -> list[dict[str, object]]:
        """Show what is still to happen."""
        return [asdict(fault) for fault in self._waiting]


def read(value: object) -> list[Fault]:
    """Read a fault, a list of faults, or null for none.

    Raises:
        ApiError: 400 for an unknown kind or a bad number.

    """
    items = value if isinstance(value, list) else [] if value is None else [value]
    return [_read_one(as_object(item, "fault")) for item in items]


def answer(fault: Fault) -> Response | None:
    """Give what the caller gets to see, None when that is nothing at all."""
    if fault.kind == GARBLED_AFTER_ACCEPT:
        return Response(b'{"failedMessageList":[],"groupIn', media_type="application/json")
    if fault.kind not in _HTTP:
        return None
    status, code, message = _HTTP[fault.kind]
    headers = {} if fault.retry_after_s is None else {"retry-after": str(fault.retry_after_s)}
    body = {"errorCode": code, "errorMessage": message}
    return JsonResponse(body, status_code=status, headers=headers)


class Silence(Response):
    """An answer that never comes: the connection is held, then closed without a byte."""

    def __init__(
        self,
        *,
        hold_s: float,
        closing: asyncio.Event,
        hang_up: Callable[[tuple[str, int]], None],
    ) -> None:
        super().__init__()
        self._hold_s = hold_s
        self._closing = closing
        self._hang_up = hang_up

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hold the connection until the caller leaves, the time is over or the server stops."""
        del send
        gone = asyncio.ensure_future(_disconnected(receive))
        closing = asyncio.ensure_future(self._closing.wait())
        await asyncio.wait(
            {gone, closing}, timeout=self._hold_s, return_when=asyncio.FIRST_COMPLETED
        )
        closing.cancel()
        self._hang_up(scope["client"])
        # The server writes a 500 unless it has noticed that the connection is gone.
        await gone


async def _disconnected(receive: Callable[[], Awaitable[object]]) -> None:
    while True:
        message = await receive()
        if isinstance(message, dict) and message["type"] == "http.disconnect":
            return


def _read_one(raw: JsonObject) -> Fault:
    unknown = set(raw) - {"kind", "count", "path", "hang_s", "retry_after_s", "api_key"}
    kind, path, api_key = raw.get("kind"), raw.get("path", SENDING), raw.get("api_key")
    texts = isinstance(path, str) and isinstance(api_key, str | None)
    if unknown or kind not in KINDS or not texts:
        message = f"fault: kind is one of {', '.join(KINDS)}; path and api_key are strings"
        raise invalid(message)
    return Fault(
        kind=str(kind),
        count=int(_number(raw, "count", default=1, low=1, high=_MOST)),
        path=str(path),
        api_key=api_key if isinstance(api_key, str) else None,
        hang_s=_number(raw, "hang_s", default=30, low=0, high=_LONGEST_S),
        retry_after_s=(
            int(_number(raw, "retry_after_s", default=0, low=0, high=_LONGEST_S))
            if "retry_after_s" in raw
            else None
        ),
    )


def _number(raw: JsonObject, name: str, *, default: float, low: float, high: float) -> float:
    value = raw.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        message = f"fault: {name} must be a number from {low:g} to {high:g}"
        raise invalid(message)
    return value
