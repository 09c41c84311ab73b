"""What the redirect is held against: FastAPI with Redis, which looks up, counts and records.

It runs in an environment of its own under ``build/bench``, tuned as its manuals say: uvloop,
httptools, hiredis, one round trip to Redis for each click, no access log.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from infra.packaging.layout import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PACKAGES = (
    "fastapi==0.163.2",
    "hiredis==3.5.0",
    "httptools==0.9.0",
    "redis==8.1.0",
    "uvicorn==0.54.0",
    "uvloop==0.23.0",
)
_CONNECTIONS = 8
_PATIENCE_S = 20.0
_TICKS_PER_S = 100

APP = """
import json
import os
import time

import redis.asyncio as redis
from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response

app = FastAPI(openapi_url=None)
store = redis.Redis(host="127.0.0.1", port=int(os.environ["REDIS_PORT"]))


@app.get("/{code}")
async def follow(code: str, request: Request) -> Response:
    hit = {
        "code": code,
        "at": int(time.time()),
        "method": request.method,
        "user_agent": request.headers.get("user-agent", "")[:200],
        "network": request.client.host.rpartition(".")[0] + ".0/24",
        "purpose": request.headers.get("sec-purpose", ""),
    }
    pipe = store.pipeline(transaction=False)
    pipe.get("url:" + code)
    pipe.incr("count:" + code)
    pipe.rpush("hits", json.dumps(hit))
    url, *_ = await pipe.execute()
    if url is None:
        return Response(status_code=404)
    headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return RedirectResponse(url.decode(), status_code=302, headers=headers)
"""


class Peer:
    """The running redirector and its store."""

    def __init__(
        self,
        app: subprocess.Popen[bytes],
        store: subprocess.Popen[bytes],
        port: int,
        store_port: int,
    ) -> None:
        self._app, self._store = app, store
        self._port, self._store_port = port, store_port

    def learn(self, codes: Sequence[str], url: str) -> None:
        """Tell it where the codes lead."""
        for code in codes:
            _redis(self._store_port, "SET", f"url:{code}", url)

    def recorded(self) -> int:
        """How many clicks it has written down."""
        return int(_redis(self._store_port, "LLEN", "hits")[1:])

    def cpu_us(self, requests: Sequence[bytes]) -> tuple[float, float]:
        """CPU of application and store for each of these requests."""
        before = _cpu_s(self._app.pid), _cpu_s(self._store.pid)
        _ask(self._port, requests)
        after = _cpu_s(self._app.pid), _cpu_s(self._store.pid)
        app, store = ((b - a) / len(requests) * 1e6 for a, b in zip(before, after, strict=True))
        return app, store


@contextmanager
def running() -> Iterator[Peer | None]:
    """Start it; None where it cannot be installed."""
    python, server = _python(), shutil.which("redis-server")
    if python is None or server is None:
        yield None
        return
    port, store_port = _free_port(), _free_port()
    with tempfile.TemporaryDirectory() as name:
        Path(name, "peer.py").write_text(APP)
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": name}
        store = subprocess.Popen(
            [server, "--port", str(store_port), "--save", "", "--bind", "127.0.0.1"], **quiet
        )
        command = [python, "-m", "uvicorn", "peer:app", "--port", str(port), "--loop", "uvloop"]
        command += ["--http", "httptools", "--no-access-log", "--log-level", "critical"]
        app = subprocess.Popen(command, env={"REDIS_PORT": str(store_port)}, **quiet)
        try:
            for each in (store_port, port):
                _wait_for(each)
            yield Peer(app, store, port, store_port)
        finally:
            for process in (app, store):
                process.terminate()
                process.wait()


def _python() -> str | None:
    folder = REPOSITORY / "build" / "bench" / "redirect-peer"
    python, done = folder / "bin" / "python", folder / ".done"
    if not done.exists():
        try:
            for command in (
                [sys.executable, "-m", "venv", "--clear", folder],
                [python, "-m", "pip", "install", "-q", *PACKAGES],
            ):
                subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
        except (OSError, subprocess.CalledProcessError):
            return None
        done.touch()
    return str(python)


def _ask(port: int, requests: Sequence[bytes]) -> None:
    """Make all requests over a few kept connections. Raises when one is not a redirect."""
    faults: list[BaseException] = []

    def run(own: Sequence[bytes]) -> None:
        try:
            with socket.create_connection(("127.0.0.1", port)) as line:
                for request in own:
                    line.sendall(request)
                    answer = line.recv(65_536)
                    if not answer.startswith(b"HTTP/1.1 302") or b"\r\n\r\n" not in answer:
                        msg = f"no redirect: {answer[:80]!r}"
                        raise RuntimeError(msg)  # noqa: TRY301  # told to the caller below
        except BaseException as fault:  # noqa: BLE001  # likewise
            faults.append(fault)

    threads = [
        threading.Thread(target=run, args=(requests[first::_CONNECTIONS],))
        for first in range(_CONNECTIONS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]


def _redis(port: int, *words: str) -> str:
    parts = [f"*{len(words)}\r\n", *(f"${len(each)}\r\n{each}\r\n" for each in words)]
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.sendall("".join(parts).encode())
        return line.recv(256).decode().strip()


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_S


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(port: int) -> None:
    until = time.monotonic() + _PATIENCE_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return


def request_for(code: str, user_agent: str) -> bytes:
    """Write what a phone asks for."""
    lines = [
        f"GET /{code} HTTP/1.1",
        "Host: go.example.com",
        f"User-Agent: {user_agent}",
        "Accept: text/html,application/xhtml+xml",
        "Accept-Language: ko-KR,ko;q=0.9,en;q=0.8",
        "Accept-Encoding: gzip, deflate, br",
    ]
    return "\r\n".join([*lines, "", ""]).encode()
