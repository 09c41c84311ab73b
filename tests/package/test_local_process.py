"""What is started on this machine is stopped again, with everything it started itself."""

from __future__ import annotations

import os
import socket
import sys
import time
from pathlib import Path

import pytest

from infra.local.ports import LOOPBACK, PortTakenError, require_free
from infra.local.process import ChildProcess

_WITH_A_CHILD = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(child.pid, flush=True)
child.wait()
"""
_DEAF = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
time.sleep(600)
"""


def _started(script: str, log: Path) -> ChildProcess:
    process = ChildProcess([sys.executable, "-c", script], environment={}, log=log)
    while process.running and not process.last_words():
        os.sched_yield()
    return process


def _ends(pid: int) -> bool:
    """Killing takes the system a moment; a zombie has ended."""
    stat = Path(f"/proc/{pid}/stat")
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        if not stat.exists() or stat.read_text("utf-8").rpartition(") ")[2][0] == "Z":
            return True
        os.sched_yield()
    return False


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks processes up in /proc")
def test_stops_what_the_program_started(tmp_path: Path) -> None:
    process = _started(_WITH_A_CHILD, tmp_path / "log")
    grandchild = int(process.last_words())

    process.stop()

    assert not process.running
    assert _ends(grandchild)


def test_stops_a_program_that_does_not_listen(tmp_path: Path) -> None:
    process = _started(_DEAF, tmp_path / "log")

    process.stop(grace_s=0.2)

    assert not process.running


def test_stopping_twice_does_no_harm(tmp_path: Path) -> None:
    process = _started("print('done')", tmp_path / "log")

    process.stop()
    process.stop()

    assert not process.running


def test_says_what_helps_when_a_port_is_taken() -> None:
    with socket.socket() as other:
        other.bind((LOOPBACK, 0))
        other.listen()
        port = other.getsockname()[1]

        with pytest.raises(PortTakenError, match=rf"port {port} for the API .* AWS_PORT=<port>"):
            require_free(port, purpose="the API", setting="AWS_PORT")


def test_takes_a_free_port() -> None:
    with socket.socket() as other:
        other.bind((LOOPBACK, 0))
        port = other.getsockname()[1]

    require_free(port, purpose="the API", setting="AWS_PORT")
