"""Outgoing HTTP: one pool, explicit timeouts, and no retry that the caller did not ask for."""

from dataclasses import dataclass, field
from functools import cache

import urllib3

CONNECT_TIMEOUT_S = 3.0
READ_TIMEOUT_S = 10.0
"""Together far below a dispatch lease, so that nobody calls for a batch whose lease ran out."""


class NotConnected(Exception):
    """The request certainly did not reach the other side."""


class NoAnswer(Exception):
    """The request may have reached the other side; no readable answer came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebAnswer:
    """An answer as it came."""

    status: int
    body: bytes = field(repr=False)
    retry_after_s: int | None = None


@cache
def _pool() -> urllib3.PoolManager:
    return urllib3.PoolManager(maxsize=32, retries=False)


def request(
    method: str, url: str, *, headers: dict[str, str], body: bytes | None = None
) -> WebAnswer:
    """Call once. Raises NotConnected or NoAnswer when no answer could be read."""
    timeout = urllib3.Timeout(connect=CONNECT_TIMEOUT_S, read=READ_TIMEOUT_S)
    try:
        answer = _pool().request(
            method, url, headers=headers, body=body, timeout=timeout, retries=False
        )
    except (
        urllib3.exceptions.NewConnectionError,
        urllib3.exceptions.ConnectTimeoutError,
        urllib3.exceptions.NameResolutionError,
    ) as error:
        msg = type(error).__name__
        raise NotConnected(msg) from error
    except urllib3.exceptions.HTTPError as error:
        msg = type(error).__name__
        raise NoAnswer(msg) from error
    return WebAnswer(
        status=answer.status,
        body=answer.data,
        retry_after_s=_seconds(answer.headers.get("Retry-After")),
    )


def _seconds(header: str | None) -> int | None:
    return int(header) if header is not None and header.isascii() and header.isdigit() else None
