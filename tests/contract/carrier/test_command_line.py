"""The simulator as a process: starts, says where it is, stops cleanly."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from infra.local.carrier import server
from tests.contract.carrier.direct import SEND_MANY, DirectClient, sms

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(server.__file__).parents[3]
COMMAND = [sys.executable, "-m", "infra.local.carrier", "--api-key", "K", "--api-secret", "S"]


@contextmanager
def running_process(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start the simulator on a free port and give process and address."""
    with subprocess.Popen(
        [*COMMAND, "--port", "0", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            found = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
            assert found is not None
            yield process, found.group()
        finally:
            process.kill()


def test_serves_signed_requests_and_stops_on_sigterm() -> None:
    with running_process() as (process, address):
        client = DirectClient(address, api_key="K", api_secret="S")
        status = client.get("/cash/v1/balance").status_code
        client.http.close()
        process.send_signal(signal.SIGTERM)
        code = process.wait(timeout=10)
        assert process.stderr is not None
        errors = process.stderr.read()

    assert (status, code, errors) == (200, 0, "")


def test_stops_while_a_request_hangs() -> None:
    with running_process() as (process, address):
        client = DirectClient(address, api_key="K", api_secret="S")
        client.http.post("/_sim/config", json={"fault": {"kind": "timeout_before_accept"}})
        headers = {"authorization": client.authorization()}
        with pytest.raises(httpx.ReadTimeout):
            client.http.post(SEND_MANY, json={"messages": [sms()]}, headers=headers, timeout=0.2)
        client.http.close()
        process.send_signal(signal.SIGINT)

        assert process.wait(timeout=10) == 0


def test_says_when_the_port_is_taken() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])

        done = subprocess.run(
            [*COMMAND, "--port", port],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )

    assert done.returncode == 1
    assert f"Port {port} is already taken" in done.stderr
    assert "Traceback" not in done.stderr


def test_refuses_a_webhook_outside_this_machine() -> None:
    done = subprocess.run(
        [*COMMAND, "--webhook-url", "http://example.com/"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )

    assert done.returncode == 2
    assert "must be an http address on this machine" in done.stderr


def test_starts_at_the_simulated_hour() -> None:
    with running_process("--clock-offset-s", "7200") as (_, address):
        client = DirectClient(address, api_key="K", api_secret="S")
        answer = client.get("/cash/v1/balance")
        client.http.close()

    assert answer.json()["errorCode"] == "RequestTimeTooSkewed"
