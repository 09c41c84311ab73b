"""The peers of dispatch: Celery with Redis, and wrk. What cannot be had here is left out."""

from __future__ import annotations

import os
import re
import resource
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from infra.packaging.layout import REPOSITORY

_VENV = REPOSITORY / "build" / "bench" / "peers"
_NEEDED = Path(__file__).with_name("peers.txt")
_PATIENCE_S = 180.0
_WRK_S = 3
_TICKS = os.sysconf("SC_CLK_TCK")
_CONSTANT = """
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = string.rep("x", 400)
"""


class Missing(Exception):
    """A peer cannot be run here."""


@dataclass(frozen=True, slots=True)
class Spent:
    """CPU µs per message of the sender, and of its store beside it."""

    sender_us: float
    store_us: float


def celery_python() -> Path:
    """The interpreter of the peers' own virtual environment, made when it is not there."""
    python = _VENV / "bin" / "python"
    done = _VENV / ".done"
    if done.exists() and done.read_text("utf-8") == _NEEDED.read_text("utf-8"):
        return python
    try:
        _run([sys.executable, "-m", "venv", str(_VENV)])
        _run([str(python), "-m", "pip", "install", "-q", "-r", str(_NEEDED)])
    except subprocess.CalledProcessError as error:
        msg = "Celery cannot be installed"
        raise Missing(msg) from error
    done.write_text(_NEEDED.read_text("utf-8"), "utf-8")
    return python


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@contextmanager
def redis() -> Iterator[tuple[str, int]]:
    """Run a Redis that keeps nothing on disk; gives its URL and process."""
    server = shutil.which("redis-server")
    if server is None:
        msg = "there is no redis-server"
        raise Missing(msg)
    port = 20_000 + os.getpid() % 10_000
    command = [server, "--port", str(port), "--save", "", "--appendonly", "no"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            time.sleep(0.5)
            yield f"redis://127.0.0.1:{port}", process.pid
        finally:
            process.terminate()


@dataclass(frozen=True, slots=True)
class Celery:
    """Celery's workers against a Redis and a provider."""

    python: Path
    redis_url: str
    redis_pid: int
    provider_url: str

    def measure(self, task: str, *, first: int, warm: int, count: int) -> Spent:
        """Send so many messages after some to warm up; the sink has all of them afterwards."""
        with self._worker(task) as worker:
            self._send(task, first, warm)
            before, store = _cpu_s(worker), _cpu_s(self.redis_pid)
            self._send(task, first + warm, count)
            sender_s, store_s = _cpu_s(worker) - before, _cpu_s(self.redis_pid) - store
        return Spent(sender_s / count * 1e6, store_s / count * 1e6)

    @contextmanager
    def _worker(self, task: str) -> Iterator[int]:
        pool = ["prefork", "-c", "2"] if task == "plain" else ["solo"]
        quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat", "-l", "ERROR"]
        application = "benchmarks.dispatching.celery_sender"
        command = [str(self.python), "-m", "celery", "-A", application, "worker", "-P", *pool]
        with subprocess.Popen(
            [*command, *quiet], env=self._environment(), cwd=REPOSITORY, stdout=subprocess.DEVNULL
        ) as process:
            try:
                yield process.pid
            finally:
                process.terminate()

    def _send(self, task: str, first: int, count: int) -> None:
        wanted = int(_ask(f"{self.provider_url}/count")) + count
        command = [str(self.python), "-m", "benchmarks.dispatching.celery_sender"]
        subprocess.run(
            [*command, task, str(first), str(count)],
            env=self._environment(),
            cwd=REPOSITORY,
            check=True,
        )
        until = time.monotonic() + _PATIENCE_S
        while int(_ask(f"{self.provider_url}/count")) < wanted:
            if time.monotonic() > until:
                msg = f"Celery did not send {count} messages in time"
                raise RuntimeError(msg)
            time.sleep(0.05)
        # The last status is written after the last call.
        time.sleep(0.3)

    def _environment(self) -> dict[str, str]:
        return os.environ | {
            "BENCH_REDIS": self.redis_url,
            "BENCH_PROVIDER": self.provider_url,
            "PYTHONPATH": str(REPOSITORY),
            "C_FORCE_ROOT": "1",
        }


def _ask(url: str) -> str:
    with urllib.request.urlopen(url, data=b"") as answer:
        text: str = answer.read().decode()
    return text


def _cpu_s(pid: int) -> float:
    """CPU seconds of a process and its children, alive or gone."""
    stat = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    own = sum(int(each) for each in stat[11:15]) / _TICKS
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    return own + sum(_cpu_s(int(child)) for child in children)


def wrk_us(provider_url: str) -> float:
    """CPU µs of a C client for each POST of a constant body."""
    wrk = shutil.which("wrk")
    if wrk is None:
        msg = "there is no wrk"
        raise Missing(msg)
    script = REPOSITORY / "build" / "bench" / "wrk.lua"
    script.parent.mkdir(parents=True, exist_ok=True)
    script.write_text(_CONSTANT, "utf-8")
    before = _children_s()
    command = [wrk, "-t1", "-c16", f"-d{_WRK_S}s", "-s", str(script), f"{provider_url}/floor"]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    made = re.search(r"(\d+) requests in", said)
    if made is None:
        raise RuntimeError(said)
    return (_children_s() - before) / int(made[1]) * 1e6


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
