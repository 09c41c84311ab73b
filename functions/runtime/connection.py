"""One kept HTTP/1.1 connection. Its callers say what may be repeated, and what a failure means.

http.client opens it, with TLS and time limits; requests and answers go past its parser, which
takes longer than all the rest of a call. Not for use by several threads at once.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import cache
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from select import POLLIN, poll
from socket import socket
from ssl import SSLContext, create_default_context
from typing import NamedTuple
from urllib.parse import SplitResult

Clock = Callable[[], datetime]

_IDLE_LIMIT = timedelta(seconds=20)
"""A connection that rested longer may be dead without a sign, above all in a frozen Lambda."""
_HEAD_ENDS, _LINE_ENDS = b"\r\n\r\n", b"\r\n"
_CHUNK, _LONGEST_HEAD = 65_536, 65_536
_MOST_DIGITS = 18
_FIRST_FINAL, _NO_CONTENT, _NOT_MODIFIED = 200, 204, 304
DEFAULT_PORTS = {"http": 80, "https": 443}


class Answer(NamedTuple):
    """An answer as it came; names of headers are in lower case."""

    status: int
    headers: Mapping[bytes, bytes]
    body: bytes


class Connection:
    """A connection that is opened when it is first needed, or lost."""

    def __init__(self, url: SplitResult, *, connect_s: float, read_s: float, clock: Clock) -> None:
        self._connection = _connection(url, timeout_s=connect_s)
        self._read_s = read_s
        self._clock = clock
        self._last_use: datetime | None = None
        self._unread = b""

    def kept(self) -> bool:
        """Whether there is one from before that has not rested too long."""
        if self._last_use is None or self._connection.sock is None:
            return False
        if self._clock() - self._last_use > _IDLE_LIMIT:
            self.close()
            return False
        return True

    def quiet(self) -> bool:
        """Whether the other side has neither ended it nor said anything that nobody asked for."""
        return is_quiet(self._connection.sock)

    def open(self) -> None:
        """Connect anew. Raises OSError; then nothing was sent."""
        self.close()
        try:
            self._connection.connect()
        except OSError:
            self.close()
            raise
        self._connection.sock.settimeout(self._read_s)

    def exchange(self, request: bytes) -> Answer:
        """Send a request and read the answer. Raises OSError or HTTPException, and is closed."""
        try:
            self._send(request)
            answer, keeps = self._answer()
        except (OSError, HTTPException):
            self.close()
            raise
        if not keeps:
            self.close()
        self._last_use = self._clock()
        return answer

    def close(self) -> None:
        """End it; ``open`` makes another."""
        self._unread = b""
        self._connection.close()

    def __del__(self) -> None:
        self._connection.close()

    def _send(self, request: bytes) -> None:
        try:
            self._connection.sock.sendall(request)
        except BrokenPipeError:
            # Whoever does not want to hear all of it may have answered already.
            return

    def _answer(self) -> tuple[Answer, bool]:
        status, headers, keeps = read_head(self._until(_HEAD_ENDS))
        while status < _FIRST_FINAL:
            status, headers, keeps = read_head(self._until(_HEAD_ENDS))
        if status in (_NO_CONTENT, _NOT_MODIFIED):
            return Answer(status, headers, b""), keeps
        if headers.get(b"transfer-encoding", b"identity").lower() != b"identity":
            return Answer(status, headers, self._chunks(headers)), keeps
        length = headers.get(b"content-length")
        if length is None:
            return Answer(status, headers, self._rest()), False
        return Answer(status, headers, self._exactly(_number(length, 10))), keeps

    def _chunks(self, headers: Mapping[bytes, bytes]) -> bytes:
        if headers[b"transfer-encoding"].lower() != b"chunked":
            raise HTTPException("an unknown transfer encoding")
        parts = []
        while size := _number(self._until(_LINE_ENDS).partition(b";")[0].strip(), 16):
            parts.append(self._exactly(size))
            if self._exactly(len(_LINE_ENDS)) != _LINE_ENDS:
                raise HTTPException("a chunk without end")
        while self._until(_LINE_ENDS):
            continue  # What follows the last chunk says nothing that anybody asks for.
        return b"".join(parts)

    def _until(self, end: bytes) -> bytes:
        """Read up to these bytes, which are left out."""
        found = self._unread
        while end not in found:
            if len(found) > _LONGEST_HEAD:
                raise HTTPException("a head without end")
            found += self._received()
        head, _, self._unread = found.partition(end)
        return head

    def _exactly(self, size: int) -> bytes:
        parts, missing = [self._unread], size - len(self._unread)
        while missing > 0:
            part = self._received()
            parts.append(part)
            missing -= len(part)
        found = b"".join(parts)
        self._unread = found[size:]
        return found[:size]

    def _rest(self) -> bytes:
        parts = [self._unread]
        while part := self._connection.sock.recv(_CHUNK):
            parts.append(part)
        return b"".join(parts)

    def _received(self) -> bytes:
        part: bytes = self._connection.sock.recv(_CHUNK)
        if not part:
            raise HTTPException("the connection ended within an answer")
        return part


def is_quiet(sock: socket) -> bool:
    """Whether there is nothing to read, not even an end."""
    watched = poll()
    watched.register(sock, POLLIN)
    return not watched.poll(0)


def head_of(method: str, url: SplitResult, headers: Mapping[str, str]) -> bytes:
    """The head of a request. Raises ValueError for what could say what is none of its business."""
    path = url.path or "/"
    target = f"{path}?{url.query}" if url.query else path
    lines = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
    if lines.count("\n") != len(headers) or not target.isprintable() or " " in target:
        raise ValueError("a header or an address of more than one line")
    return f"{method} {target} HTTP/1.1\r\nHost: {host_of(url)}\r\n{lines}\r\n".encode("latin-1")


def read_head(head: bytes) -> tuple[int, dict[bytes, bytes], bool]:
    """Status, headers, and whether the connection may be kept."""
    first, *lines = head.split(_LINE_ENDS)
    headers: dict[bytes, bytes] = {}
    for line in lines:
        name, _, value = line.partition(b":")
        name = name.lower()
        if name == b"content-length" and name in headers:
            raise HTTPException("an answer of two lengths")
        headers[name] = value.strip()
    version, _, rest = first.partition(b" ")
    if not version.startswith(b"HTTP/1."):
        raise HTTPException("an answer that is not HTTP")
    wanted = headers.get(b"connection", b"").lower()
    keeps = wanted != b"close" if version == b"HTTP/1.1" else wanted == b"keep-alive"
    return _number(rest[:3], 10), headers, keeps


def asked_wait_s(headers: Mapping[bytes, bytes]) -> int | None:
    """How long the other side wants to be left alone (``Retry-After``), where it says seconds."""
    return whole_number(headers.get(b"retry-after", b""))


def whole_number(text: bytes) -> int | None:
    """A number of digits; None when it is none, or longer than anything can be meant."""
    return int(text) if text.isdigit() and len(text) <= _MOST_DIGITS else None


def _number(text: bytes, base: int) -> int:
    if not text.isalnum():
        raise HTTPException("an answer that cannot be read")
    try:
        return int(text, base)
    except ValueError as error:
        raise HTTPException("an answer that cannot be read") from error


def _connection(url: SplitResult, *, timeout_s: float) -> HTTPConnection:
    host = url.hostname or ""
    if url.scheme == "https":
        return HTTPSConnection(host, url.port, timeout=timeout_s, context=tls_context())
    return HTTPConnection(host, url.port, timeout=timeout_s)


@cache
def tls_context() -> SSLContext:
    """One context for all services: making one reads every root certificate."""
    return create_default_context()


def host_of(url: SplitResult) -> str:
    """The host as a request names it: without the port that the scheme implies."""
    name = url.hostname or ""
    name = f"[{name}]" if ":" in name else name
    port = url.port
    return name if port in (None, DEFAULT_PORTS.get(url.scheme)) else f"{name}:{port}"
