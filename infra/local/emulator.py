"""MiniStack, the AWS emulator, as a child process on loopback.

Its settings are those of MiniStack 1.5.33, pinned in infra/requirements/server.txt.
"""

from __future__ import annotations

import os
import shutil
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from infra.local.ports import LOOPBACK, require_free
from infra.local.process import ChildProcess
from infra.packaging.layout import REPOSITORY

REGION = "ap-northeast-2"
CREDENTIALS = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
"""The account's owner; functions get sessions of their own roles and nothing more."""
_INTERPRETER = REPOSITORY / ".venv-server" / "bin" / "python"
_MAIN = Path(__file__).with_name("quick_ministack.py")
_START_LIMIT_S = 60
_STOP_LIMIT_S = 10
_SAVE_LIMIT_S = 60
"""State is written at shutdown and only then: 100,000 items take more than 10 s."""
_POLL_S = 0.1


class StartError(RuntimeError):
    """MiniStack ended or did not answer; the text holds the end of its log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmulatorPlan:
    """How to run it."""

    port: int
    data_dir: Path
    persist: bool = False
    """Keep tables, queues, files and the deployed stack for the next start."""
    log_level: str = "WARNING"

    @property
    def endpoint_url(self) -> str:
        """Where all of AWS answers. A number, not a name: botocore then puts buckets in paths."""
        return f"http://{LOOPBACK}:{self.port}"


def start(plan: EmulatorPlan) -> ChildProcess:
    """Start it and wait until it answers. Raises PortTakenError, StartError."""
    require_free(plan.port, purpose="MiniStack, the AWS emulator", setting="AWS_PORT")
    if not _INTERPRETER.exists():
        msg = f"{_INTERPRETER} is missing: run `make setup`"
        raise StartError(msg)
    scratch = plan.data_dir / "tmp"
    shutil.rmtree(scratch, ignore_errors=True)  # unpacked code of earlier Lambdas, 100 MB each
    scratch.mkdir(parents=True)
    process = ChildProcess(
        [str(_INTERPRETER), "-P", str(_MAIN)],
        environment=environment(plan),
        log=plan.data_dir / "ministack.log",
    )
    try:
        _wait_until_ready(process, plan)
    except BaseException:
        process.stop()
        raise
    return process


def stop(process: ChildProcess, plan: EmulatorPlan) -> None:
    """Stop it, with time to save its state when that is wanted."""
    process.stop(grace_s=_SAVE_LIMIT_S if plan.persist else _STOP_LIMIT_S)
    shutil.rmtree(plan.data_dir / "tmp", ignore_errors=True)


def environment(plan: EmulatorPlan) -> dict[str, str]:
    """Everything it is told. Lambdas inherit this, so it holds nothing of the user's own."""
    state = plan.data_dir / "state"
    told = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(plan.data_dir),
        "LANG": "C.UTF-8",
        "TMPDIR": str(plan.data_dir / "tmp"),
        "BIND_HOST": LOOPBACK,
        "GATEWAY_PORT": str(plan.port),
        "MINISTACK_HOST": LOOPBACK,
        "MINISTACK_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL": plan.endpoint_url,
        "AWS_ACCESS_KEY_ID": CREDENTIALS["aws_access_key_id"],
        "AWS_SECRET_ACCESS_KEY": CREDENTIALS["aws_secret_access_key"],
        "AUTH": "true",  # roles are enforced, so that least privilege is tested here
        "IOT_MTLS_ENABLED": "0",  # it would listen on every interface
        "LAMBDA_EXECUTOR": "local",
        "LOG_LEVEL": plan.log_level,
    }
    if plan.persist:
        told |= {"PERSIST_STATE": "1", "STATE_DIR": str(state)}
        told |= {"S3_PERSIST": "1", "S3_DATA_DIR": str(state / "s3")}
    return told


def _wait_until_ready(process: ChildProcess, plan: EmulatorPlan) -> None:
    deadline = time.monotonic() + _START_LIMIT_S
    while not _answers(plan.endpoint_url + "/_ministack/ready"):
        if not process.running or time.monotonic() > deadline:
            msg = f"MiniStack did not start. The end of {process.log}:\n{process.last_words()}"
            raise StartError(msg)
        time.sleep(_POLL_S)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310  # http on loopback
            return bool(answer.status == HTTPStatus.OK)
    except (urllib.error.URLError, OSError):
        return False
