"""Compiles code before it is packed, because Lambda cannot: its code folder is read-only.

Zips date every file 1980, so bytecode that is checked against its source's date is never used.
Bytecode marked ``unchecked-hash`` is, and takes two thirds off a cold start's imports.
"""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class CompileError(RuntimeError):
    """A source file is not valid Python."""


def compile_tree(folder: Path, *, seen_as: str) -> None:
    """Write ``__pycache__`` for every module under ``folder``.

    ``seen_as`` is where the folder lies in Lambda, for tracebacks. One fresh process and a fixed
    hash seed make the same bytes each time. Raises CompileError.
    """
    command = [sys.executable, "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash"]
    command += ["-s", str(folder), "-p", seen_as, str(folder)]
    environment = os.environ | {"PYTHONHASHSEED": "0"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CompileError(done.stdout + done.stderr)
