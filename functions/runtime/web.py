"""Outgoing HTTP: kept connections, explicit time limits, and no call that is repeated by itself."""

from dataclasses import dataclass, field
from functools import cache
from http.client import HTTPException
from urllib.parse import SplitResult, urlsplit

from functions.runtime.clock import wall_now
from functions.runtime.connection import Answer, Connection, asked_wait_s, head_of

CONNECT_TIMEOUT_S = 3.0
READ_TIMEOUT_S = 10.0
"""Together far below a dispatch lease, so that nobody calls for a batch whose lease ran out."""
_USUAL = {"User-Agent": "allim", "Accept": "*/*", "Accept-Encoding": "identity"}


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


def request(
    method: str, url: str, *, headers: dict[str, str], body: bytes | None = None
) -> WebAnswer:
    """Call once. Raises NotConnected or NoAnswer when no answer could be read."""
    address = urlsplit(url)
    sent = _request(method, address, headers, body)
    free = _free(address.scheme, address.netloc)
    try:
        connection = free.pop()
    except IndexError:
        # Not looked up before: another thread may take the last one meanwhile.
        connection = _connection(address)
    answer = _call(connection, sent)
    free.append(connection)
    return WebAnswer(
        status=answer.status,
        body=answer.body,
        retry_after_s=asked_wait_s(answer.headers),
    )


def _call(connection: Connection, sent: bytes) -> Answer:
    # One that ended meanwhile is found out before anything is sent: afterwards nobody could say
    # whether the request arrived.
    if not (connection.kept() and connection.quiet()):
        try:
            connection.open()
        except OSError as error:
            raise NotConnected(type(error).__name__) from error
    try:
        return connection.exchange(sent)
    except (OSError, HTTPException) as error:
        raise NoAnswer(type(error).__name__) from error


@cache
def _free(scheme: str, netloc: str) -> list[Connection]:  # noqa: ARG001  # the key
    """The connections to one place that nobody uses now: at most as many as there are threads."""
    return []


def _connection(address: SplitResult) -> Connection:
    return Connection(address, connect_s=CONNECT_TIMEOUT_S, read_s=READ_TIMEOUT_S, clock=wall_now)


def _request(
    method: str, address: SplitResult, headers: dict[str, str], body: bytes | None
) -> bytes:
    length = {} if body is None else {"Content-Length": str(len(body))}
    return head_of(method, address, {**_USUAL, **headers, **length}) + (body or b"")
