"""A small HTTP/1.1 server for the other side of a benchmark, in a process of its own.

Its CPU is nobody's: it stands in for what others run. Bodies have a length; connections are kept.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

_HEAD_ENDS = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it came; names of headers are in lower case."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back."""

    body: bytes = b"{}"
    status: int = 200


Handler = Callable[[Request], Answer]


class _Connection(asyncio.Protocol):
    def __init__(self, handle: Handler) -> None:
        self._handle, self._buffer = handle, b""
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (request := self._next()) is not None:
            answer = self._handle(request)
            head = f"HTTP/1.1 {answer.status} -\r\ncontent-type: application/json\r\n"
            length = f"content-length: {len(answer.body)}\r\n\r\n"
            self._transport.write((head + length).encode() + answer.body)

    def _next(self) -> Request | None:
        head, found, rest = self._buffer.partition(_HEAD_ENDS)
        if not found:
            return None
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (e.partition(": ") for e in lines)}
        length = int(headers.get("content-length", 0))
        if len(rest) < length:
            return None
        self._buffer = rest[length:]
        return Request(path=first.split(" ")[1], headers=headers, body=rest[:length])


def serve(handle: Handler) -> None:
    """Answer on a free port, which is printed, until the process is ended."""
    asyncio.run(_serve(handle))


async def _serve(handle: Handler) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Connection(handle), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextmanager
def running(module: str, *arguments: str) -> Iterator[str]:
    """Run a module that serves; gives its URL."""
    command = [sys.executable, "-m", module, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            port = process.stdout.readline().strip()
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
