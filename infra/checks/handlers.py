"""Checks that each handler starts from the zip and the layer alone, and how much it loads."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from infra.checks.functions import FUNCTION
from infra.packaging import archive, template
from infra.packaging.layout import Layer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from infra.packaging.layout import Layout

_PROBE = """
import importlib, json, sys, time
sys.path[:0] = sys.argv[2:]
module, _, name = sys.argv[1].rpartition(".")
started = time.perf_counter()
handler = getattr(importlib.import_module(module), name)
took = time.perf_counter() - started
print(json.dumps({"callable": callable(handler), "modules": sorted(sys.modules), "ms": took * 1e3}))
"""
ENVIRONMENT = {
    "AWS_REGION": "ap-northeast-2",
    "AWS_DEFAULT_REGION": "ap-northeast-2",
    "AWS_LAMBDA_FUNCTION_NAME": "probe",
    "POWERTOOLS_SERVICE_NAME": "probe",
    "POWERTOOLS_METRICS_NAMESPACE": "Allim",
    "PYTHONDONTWRITEBYTECODE": "1",
}
_ROUTES_HANDLER = "app.app"
_REDIRECT = "Redirect"
_TOO_HEAVY_FOR_REDIRECT = frozenset(
    {"botocore", "boto3", "pydantic", "pynamodb", "aws_lambda_powertools"}
)
_TOO_HEAVY_FOR_WORKERS = frozenset({"app", "pydantic"})
"""The routes' composition and their models: workers read dataclasses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What happened when a handler was imported in a fresh interpreter."""

    error: str = ""
    modules: frozenset[str] = frozenset()
    """Top-level and dotted names of what was loaded."""
    import_ms: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpacked:
    """The package as Lambda lays it out."""

    code: Path
    layer: Path


def unpack(layout: Layout, *, into: Path) -> Unpacked:
    """Unpack as Lambda does: code at /var/task, the layers over each other at /opt."""
    unpacked = Unpacked(code=into / "task", layer=into / "opt" / "python")
    archive.unpack(layout.bundle, to=unpacked.code)
    for layer in Layer:
        archive.unpack(layout.layer(layer), to=into / "opt")
    return unpacked


def handlers_of(packaged: template.Node) -> dict[str, str]:
    """Name the handler of each function."""
    functions = template.resources(packaged, FUNCTION).items()
    return {name: function["Properties"]["Handler"] for name, function in functions}


def start(handler: str, unpacked: Unpacked) -> Start:
    """Import a handler with nothing on the path but the standard library and the package."""
    command = [sys.executable, "-I", "-S", "-c", _PROBE, handler]
    command += [str(unpacked.code), str(unpacked.layer)]
    done = subprocess.run(
        command, env=ENVIRONMENT, cwd=unpacked.code, capture_output=True, text=True, check=False
    )
    if done.returncode:
        return Start(error=done.stderr.strip().splitlines()[-1])
    said = json.loads(done.stdout.splitlines()[-1])
    if not said["callable"]:
        return Start(error="it cannot be called")
    return Start(modules=frozenset(said["modules"]), import_ms=said["ms"])


def handlers_start_alone(packaged: template.Node, unpacked: Unpacked) -> Iterator[str]:
    """Each handler is importable, and loads nothing that its place forbids."""
    for name, handler in handlers_of(packaged).items():
        began = start(handler, unpacked)
        if began.error:
            yield f"{name} does not start from the package alone: {began.error}"
        heavy = began.modules & _forbidden(name, handler)
        yield from (f"{name} loads {module}" for module in sorted(heavy))


def _forbidden(name: str, handler: str) -> frozenset[str]:
    if handler == _ROUTES_HANDLER:
        return frozenset()
    if name == _REDIRECT:
        return _TOO_HEAVY_FOR_WORKERS | _TOO_HEAVY_FOR_REDIRECT
    return _TOO_HEAVY_FOR_WORKERS


def lint(packaged: Path) -> Iterator[str]:
    """What cfn-lint says of the template."""
    command = [
        str(Path(sys.executable).with_name("cfn-lint")),
        "--format",
        "parseable",
        str(packaged),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    yield from _lines(done.stdout)
    if done.returncode and not done.stdout.strip():
        yield f"cfn-lint failed: {done.stderr.strip().splitlines()[-1]}"


def _lines(text: str) -> Sequence[str]:
    return [f"cfn-lint: {line.split('/')[-1]}" for line in text.splitlines() if line.strip()]
