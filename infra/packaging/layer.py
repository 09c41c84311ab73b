"""Makes the layers of third-party code: wheels for Lambda's Linux, trimmed, compiled, zipped.

Chalice's own way compiles a package on this machine when no wheel fits Lambda's C library, says
nothing, and the result fails in Lambda. Here pip may take wheels only, with the hashes pinned.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from infra.packaging import archive, bytecode, trim

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from infra.packaging.layout import Layer, Layout

_PLATFORMS = ("manylinux2014_x86_64", "manylinux_2_17_x86_64")
_REQUIREMENT = re.compile(r"^([A-Za-z0-9._-]+)==")
_MADE_BY = Path(__file__).parent


class InstallError(RuntimeError):
    """pip found no wheel for Lambda, or a hash differs."""


class WheelError(RuntimeError):
    """A package was built on this machine instead of taken as a wheel."""


def build_layer(layout: Layout, layer: Layer) -> bool:
    """Put a layer into the package, from the cache when its inputs are unchanged.

    Returns whether it had to be made. Raises InstallError, WheelError.
    """
    made = layout.cache / f"layer-{layer}-{_inputs_hash(layout, layer)}.zip"
    fresh = not made.exists()
    if fresh:
        _make(layout, layer, to=made)
    layout.package.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(made, layout.layer(layer))
    return fresh


def _make(layout: Layout, layer: Layer, *, to: Path) -> None:
    python = layout.build / f"layer-{layer}"
    shutil.rmtree(python, ignore_errors=True)
    python.mkdir(parents=True)
    recipe = trim.read_recipe(layout.recipe(layer))
    wanted = layout.build / f"layer-{layer}-requirements.txt"
    pinned = layout.requirements(layer).read_text("utf-8")
    wanted.write_text(needed(pinned, drop=recipe.drop), "utf-8")
    _install(wanted, into=python, platforms=(*_PLATFORMS, *recipe.platforms))
    refuse_local_builds(python)
    trim.trim(python, recipe)
    bytecode.compile_tree(python, seen_as="/opt/python")
    archive.write_zip(python, to=to, prefix="python/")
    shutil.rmtree(python)


def needed(requirements: str, *, drop: frozenset[str]) -> str:
    """Take the packages in ``drop`` out of a pinned and hashed requirements file."""
    return "\n".join(
        block for block in _blocks(requirements) if _name(block) not in drop and _name(block)
    )


def _blocks(requirements: str) -> Iterator[str]:
    lines: list[str] = []
    for line in requirements.splitlines():
        if lines and not line.startswith((" ", "#")):
            yield "\n".join(lines)
            lines = []
        lines.append(line)
    yield "\n".join(lines)


def _name(block: str) -> str:
    found = _REQUIREMENT.match(block)
    return found.group(1).lower().replace("_", "-") if found else ""


def _install(wanted: Path, *, into: Path, platforms: Iterable[str]) -> None:
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command += ["--target", str(into), "--requirement", str(wanted)]
    command += ["--require-hashes", "--no-deps", "--no-compile", "--only-binary=:all:"]
    command += ["--implementation", "cp", "--python-version", version]
    for platform in platforms:
        command += ["--platform", platform]
    done = subprocess.run(
        command, env=_pip_environment(), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise InstallError(done.stderr.strip())


def _pip_environment() -> dict[str, str]:
    """Leave out settings that would put packages elsewhere."""
    return {k: v for k, v in os.environ.items() if k not in {"PIP_USER", "PIP_TARGET"}}


def refuse_local_builds(python: Path) -> None:
    """Raise WheelError when a package was compiled here: Lambda has an older C library."""
    for wheel in sorted(python.glob("*.dist-info/WHEEL")):
        if re.search(r"^Tag: .*-linux_x86_64$", wheel.read_text("utf-8"), re.MULTILINE):
            msg = f"{wheel.parent.name} was built on this machine, not taken as a wheel"
            raise WheelError(msg)


def _inputs_hash(layout: Layout, layer: Layer) -> str:
    sources = [layout.requirements(layer), layout.recipe(layer)]
    sources += [_MADE_BY / name for name in ("layer.py", "trim.py", "bytecode.py", "archive.py")]
    tagged = archive.sha256_of(*sources) + sys.implementation.cache_tag
    return hashlib.sha256(tagged.encode()).hexdigest()[:16]
