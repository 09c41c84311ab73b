"""A receiver of webhooks over a real connection, which does as it is told."""

import base64
import hashlib
import hmac
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from time import sleep
from typing import Any

Answer = Callable[[socket.socket], None]


@dataclass(frozen=True)
class Heard:
    """A request as it came."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Receiver:
    """Answers each request by the next of ``answers``, and the last one for ever."""

    port: int = 0
    heard: list[Heard] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    connections: int = 0

    def url(self, host: str = "127.0.0.1", scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.port}/hooks?a=1"

    def _next(self) -> Answer:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def saying(status: int, *headers: str, body: bytes = b"") -> Answer:
    lines = [f"HTTP/1.1 {status} -", f"Content-Length: {len(body)}", *headers]
    said = "\r\n".join(lines).encode() + b"\r\n\r\n" + body
    return lambda connection: connection.sendall(said)


def hanging_up(said: bytes = b"") -> Answer:
    def answer(connection: socket.socket) -> None:
        connection.sendall(said)
        raise ConnectionAbortedError

    return answer


def dripping(piece: bytes, *, every_s: float, times: int) -> Answer:
    def answer(connection: socket.socket) -> None:
        for _ in range(times):
            connection.sendall(piece)
            sleep(every_s)

    return answer


@contextmanager
def a_receiver(
    *answers: Answer, tls: ssl.SSLContext | None = None, port: int = 0
) -> Iterator[Receiver]:
    server = socket.create_server(("127.0.0.1", port))
    open_ones: list[socket.socket] = []
    receiver = Receiver(port=server.getsockname()[1], answers=list(answers))

    def serve() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            receiver.connections += 1
            open_ones.append(connection)
            threading.Thread(target=_talk, args=(receiver, connection, tls), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield receiver
    finally:
        for each in (server, *open_ones):
            _cut(each)


def _cut(connection: socket.socket) -> None:
    """End it also for who waits in it: a kept connection would answer for a receiver that died."""
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()


def _talk(receiver: Receiver, plain: socket.socket, tls: ssl.SSLContext | None) -> None:
    try:
        connection = tls.wrap_socket(plain, server_side=True) if tls else plain
        with connection:
            while (heard := _hear(connection)) is not None:
                receiver.heard.append(heard)
                receiver._next()(connection)
    except OSError:
        plain.close()


def _hear(connection: socket.socket) -> Heard | None:
    found = b""
    while b"\r\n\r\n" not in found:
        part = connection.recv(65_536)
        if not part:
            return None
        found += part
    head, _, body = found.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    while len(body) < int(headers["content-length"]):
        body += connection.recv(65_536)
    return Heard(path=first.split(" ")[1], headers=headers, body=body)


def is_signed(heard: Heard, secret: str) -> bool:
    """Verify a message by the words of the specification, with nothing of ours."""
    assert secret.startswith("whsec_")
    key = base64.b64decode(secret[6:], validate=True)
    assert 24 <= len(key) <= 64
    message_id, at = heard.headers["webhook-id"], heard.headers["webhook-timestamp"]
    content = message_id.encode() + b"." + at.encode() + b"." + heard.body
    expected = hmac.new(key, content, hashlib.sha256).digest()
    passed = [each.split(",", 1) for each in heard.headers["webhook-signature"].split(" ")]
    return any(
        version == "v1" and hmac.compare_digest(base64.b64decode(said), expected)
        for version, said in passed
    )
