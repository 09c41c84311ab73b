"""A webhook receiver that remembers every call and answers as told."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Receiver:
    """What was posted, call by call; ``answers`` are the next statuses, then always 200."""

    def __init__(self) -> None:
        self.url = ""
        self.answers: list[int] = []
        self.calls: list[list[dict[str, Any]]] = []
        self._changed = threading.Condition()

    def take(self, body: bytes) -> int:
        """Remember one call and choose its status."""
        with self._changed:
            self.calls.append(json.loads(body))
            self._changed.notify_all()
            return self.answers.pop(0) if self.answers else 200

    @property
    def items(self) -> list[dict[str, Any]]:
        """List all items of all calls in the order in which they came."""
        return [item for call in list(self.calls) for item in call]

    def wait_for(self, condition: Callable[[], bool], *, deadline_s: float = 10.0) -> None:
        """Wait until the calls fulfil a condition."""
        with self._changed:
            assert self._changed.wait_for(condition, deadline_s), self.calls

    def wait_for_items(self, count: int) -> list[dict[str, Any]]:
        """Wait until that many items came, repetitions included."""
        self.wait_for(lambda: len(self.items) >= count)
        return self.items


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        server = cast("_Server", self.server)
        body = self.rfile.read(int(self.headers["content-length"]))
        self.send_response(server.receiver.take(body))
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - inherited name
        """Stay quiet."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    receiver: Receiver


@contextmanager
def running_receiver() -> Iterator[Receiver]:
    """Run a receiver on a free loopback port."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.receiver = Receiver()
    server.receiver.url = f"http://127.0.0.1:{server.server_address[1]}/hooks"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server.receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
