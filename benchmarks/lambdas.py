"""What each Lambda loads before its first event: time, modules, memory; from the package."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from infra.checks.handlers import ENVIRONMENT, Unpacked, handlers_of, unpack
from infra.packaging import template
from infra.packaging.layout import Layout

_ROUNDS = 5
_PROBE = """
import importlib, json, pathlib, re, sys, time
sys.path[:0] = sys.argv[2:]
module, _, name = sys.argv[1].rpartition(".")
before = set(sys.modules)
started = time.process_time()
getattr(importlib.import_module(module), name)
took = time.process_time() - started
print(json.dumps({
    "import_ms": took * 1e3,
    "modules": len(set(sys.modules) - before),
    "rss_mb": int(re.search(r"VmRSS:\\s+(\\d+)", pathlib.Path("/proc/self/status").read_text())[1])
    / 1024,
}))
"""


def measure() -> dict[str, dict[str, float]]:
    """Import every handler in fresh interpreters; medians of CPU time, modules and memory."""
    layout = Layout()
    handlers = handlers_of(template.read(layout.template))
    with tempfile.TemporaryDirectory() as folder:
        unpacked = unpack(layout, into=Path(folder))
        samples: dict[str, list[dict[str, float]]] = {name: [] for name in handlers}
        for _ in range(_ROUNDS):
            for name, handler in handlers.items():
                samples[name].append(_start(handler, unpacked))
    return {name: _summary(found) for name, found in samples.items()}


def _start(handler: str, unpacked: Unpacked) -> dict[str, float]:
    command = [sys.executable, "-I", "-S", "-c", _PROBE, handler]
    command += [str(unpacked.code), str(unpacked.layer)]
    done = subprocess.run(
        command, env=ENVIRONMENT, cwd=unpacked.code, capture_output=True, text=True, check=True
    )
    said: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return said


def _summary(samples: list[dict[str, float]]) -> dict[str, float]:
    times = [sample["import_ms"] for sample in samples]
    return {
        "import_ms": round(statistics.median(times), 1),
        "import_ms_spread": round(max(times) - min(times), 1),
        "modules": samples[0]["modules"],
        "rss_mb": round(statistics.median(sample["rss_mb"] for sample in samples), 1),
    }
