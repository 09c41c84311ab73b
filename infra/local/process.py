"""A child process that is ours from start to end: nothing it started outlives it."""

from __future__ import annotations

import atexit
import os
import signal
import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


class ChildProcess:
    """A program in a process group of its own, so that Ctrl-C reaches it only through us."""

    def __init__(
        self, command: Sequence[str], *, environment: Mapping[str, str], log: Path
    ) -> None:
        """Start it; what it prints goes to ``log``."""
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                list(command),
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.log = log
        atexit.register(self.stop)

    @property
    def pid(self) -> int:
        """Its process id, which is its group's id as well."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def stop(self, *, grace_s: float = 10) -> None:
        """Ask it to end, wait at most ``grace_s``, then end whatever is left of its group."""
        atexit.unregister(self.stop)
        if self.running:
            self._process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(grace_s)
        with suppress(ProcessLookupError, PermissionError):  # nothing is left of the group
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()

    def last_words(self, *, lines: int = 20) -> str:
        """Give the end of its output, for an error message."""
        return "\n".join(self.log.read_text("utf-8", errors="replace").splitlines()[-lines:])
