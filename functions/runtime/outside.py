"""Calls places that others name: public addresses only, no redirect, and all within bounds.

A name is looked up here and the address that was looked at is the one that is called, so that a
name which leads elsewhere a moment later changes nothing. What is answered beyond its head is
read only where it is short.
"""

import socket
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from http.client import HTTPException
from ssl import SSLContext
from time import monotonic
from urllib.parse import urlsplit

from functions.runtime.connection import (
    DEFAULT_PORTS,
    asked_wait_s,
    head_of,
    is_quiet,
    read_head,
    tls_context,
    whole_number,
)
from functions.runtime.web import NoAnswer, NotConnected, WebAnswer

CONNECT_S, WHOLE_S = 3.0, 10.0
_MOST_HEAD, _MOST_BODY = 16_384, 65_536
_PIECE = 16_384
_FIRST_FINAL = 200
_HEAD_ENDS = b"\r\n\r\n"

Resolve = Callable[[str, int], Sequence[str]]
"""The addresses of a host, as text. Raises OSError."""


class NotAllowed(Exception):
    """The name leads to an address that we do not call."""


class Outside:
    """One place, over a connection that is kept from call to call. Not for several threads."""

    def __init__(
        self,
        url: str,
        *,
        allowed: Callable[[str], bool],
        resolve: Resolve | None = None,
        tls: Callable[[], SSLContext] = tls_context,
        whole_s: float = WHOLE_S,
    ) -> None:
        self._url = urlsplit(url)
        self._allowed, self._resolve, self._tls = allowed, resolve or look_up, tls
        self._whole_s = whole_s
        self._socket: socket.socket | None = None
        self._until = 0.0

    def post(self, body: bytes, headers: Mapping[str, str]) -> WebAnswer:
        """Post once; the answer's body is left out.

        Raises NotAllowed, NotConnected or NoAnswer.
        """
        self._until = monotonic() + self._whole_s
        sock = self._quiet() or self._connect()
        try:
            self._send(sock, self._head(body, headers) + body)
            return self._answer(sock)
        except (OSError, HTTPException) as error:
            self.close()
            raise NoAnswer(type(error).__name__) from error

    def close(self) -> None:
        """End the connection."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _quiet(self) -> socket.socket | None:
        """The connection from before, if the other side has neither ended it nor spoken."""
        if self._socket is not None and not is_quiet(self._socket):
            self.close()
        return self._socket

    def _connect(self) -> socket.socket:
        host, port = self._url.hostname or "", self._url.port or DEFAULT_PORTS[self._url.scheme]
        try:
            addresses = _within(CONNECT_S, self._resolve, host, port)
        except OSError as error:
            raise NotConnected(type(error).__name__) from error
        if not addresses or not all(map(self._allowed, addresses)):
            # Of several addresses none is picked: a name that mixes them is up to no good.
            raise NotAllowed("not a public address")
        try:
            self._socket = self._opened(addresses, host, port)
        except OSError as error:
            raise NotConnected(type(error).__name__) from error
        return self._socket

    def _opened(self, addresses: Sequence[str], host: str, port: int) -> socket.socket:
        sock = _first_of(addresses, port, until=min(self._until, monotonic() + CONNECT_S))
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.settimeout(self._left())
            if self._url.scheme == "https":
                return self._tls().wrap_socket(sock, server_hostname=host)
        except OSError:
            sock.close()
            raise
        return sock

    def _head(self, body: bytes, headers: Mapping[str, str]) -> bytes:
        usual = {
            "User-Agent": "allim-webhooks",
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
        }
        return head_of("POST", self._url, {**usual, **headers})

    def _send(self, sock: socket.socket, request: bytes) -> None:
        for start in range(0, len(request), _PIECE):
            sock.settimeout(self._left())
            try:
                sock.sendall(request[start : start + _PIECE])
            except (BrokenPipeError, ConnectionResetError):
                # Whoever does not want to hear all of it may have answered already.
                return

    def _answer(self, sock: socket.socket) -> WebAnswer:
        status, unread = 0, b""
        while status < _FIRST_FINAL:
            head, unread = self._read_head(sock, unread)
            status, headers, keeps = read_head(head)
        length = whole_number(headers.get(b"content-length", b""))
        if not (keeps and self._read(sock, length, len(unread))):
            self.close()
        return WebAnswer(status=status, body=b"", retry_after_s=asked_wait_s(headers))

    def _read_head(self, sock: socket.socket, found: bytes) -> tuple[bytes, bytes]:
        while _HEAD_ENDS not in found:
            if len(found) > _MOST_HEAD:
                raise HTTPException("a head without end")
            part = self._received(sock)
            if not part:
                raise HTTPException("the connection ended within an answer")
            found += part
        head, _, unread = found.partition(_HEAD_ENDS)
        return head, unread

    def _read(self, sock: socket.socket, length: int | None, known: int) -> bool:
        """Read what is left of a short answer; its status is known, so nothing depends on it."""
        if length is None or length > _MOST_BODY:
            return False
        missing = length - known
        try:
            while missing > 0:
                part = self._received(sock)
                missing = missing - len(part) if part else -1
        except OSError:
            return False
        return missing == 0

    def _received(self, sock: socket.socket) -> bytes:
        sock.settimeout(self._left())
        return sock.recv(_PIECE)

    def _left(self) -> float:
        left_s = self._until - monotonic()
        if left_s <= 0:
            raise TimeoutError
        return left_s


def look_up(host: str, port: int) -> Sequence[str]:
    """The addresses of a host as the system knows them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(address[0]) for *_, address in found))


def _within(seconds: float, resolve: Resolve, host: str, port: int) -> Sequence[str]:
    """Look a host up, but wait no longer: the system's own patience cannot be bounded."""
    return _pool().submit(resolve, host, port).result(timeout=seconds)


@cache
def _pool() -> ThreadPoolExecutor:
    # More than can hang at once: a resolver gives up within a minute, and a breaker opens before.
    return ThreadPoolExecutor(max_workers=16)


def _first_of(addresses: Sequence[str], port: int, *, until: float) -> socket.socket:
    """A connection to the first address that answers."""
    last: OSError = TimeoutError()
    for address in addresses:
        left_s = until - monotonic()
        if left_s <= 0:
            break
        try:
            return socket.create_connection((address, port), timeout=left_s)
        except OSError as error:
            last = error
    raise last
