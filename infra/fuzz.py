"""Hostile inputs for links, for long: ``make fuzz``.

First every property of ``tests/unit/fuzz`` with 5,000 inputs that hypothesis makes. Then each for
a minute with inputs that atheris (libFuzzer) chooses by the code that they reach; it is installed
for the run, because nothing else needs it. Prints how many inputs each property got.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING, Any

from rich.table import Table

from infra.packaging.layout import REPOSITORY
from infra.progress import console, step

if TYPE_CHECKING:
    from collections.abc import Sequence

ATHERIS = "atheris==3.0.0"
_MODULE = "tests.unit.fuzz.test_links_fuzz"
_FOLDER = "tests/unit/fuzz"
_EXAMPLES = re.compile(r"::(test_\w+):|(\d+) passing,")
_UNITS = re.compile(r"number_of_executed_units:\s*(\d+)")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run all of it; exit with 1 when a property does not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60, help="of atheris, for each property")
    parser.add_argument("--one", metavar="PROPERTY", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.one:
        _fuzz_one(given.one, seconds=given.seconds)
        return
    made = _by_hypothesis()
    chosen = _by_atheris(tuple(made), seconds=given.seconds)
    table = Table("property", "by hypothesis", "by atheris", title="Inputs that found nothing")
    for name, inputs in made.items():
        table.add_row(name, f"{inputs:,}", f"{chosen[name]:,}" if name in chosen else "not run")
    table.add_row("all", f"{sum(made.values()):,}", f"{sum(chosen.values()):,}")
    console.print(table)


def _by_hypothesis() -> dict[str, int]:
    command = [sys.executable, "-m", "pytest", "-q", _FOLDER, "--hypothesis-show-statistics"]
    environment = os.environ | {"HYPOTHESIS_PROFILE": "long"}
    with step("By hypothesis"):
        ran = subprocess.run(
            command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False
        )
    if ran.returncode:
        _fail(ran.stdout)
    found: dict[str, int] = {}
    name = ""
    for test, examples in _EXAMPLES.findall(ran.stdout):
        name = test or name
        if examples:
            found[name] = found.get(name, 0) + int(examples)
    return found


def _by_atheris(names: Sequence[str], *, seconds: int) -> dict[str, int]:
    with tempfile.TemporaryDirectory() as folder:
        install = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", folder]
        if subprocess.run([*install, ATHERIS], check=False, stderr=subprocess.DEVNULL).returncode:
            console.print("atheris cannot be installed here: not run")
            return {}
        path = os.pathsep.join([folder, str(REPOSITORY)])
        found = {}
        for name in names:
            command = [sys.executable, "-m", "infra.fuzz", "--one", name, "--seconds", str(seconds)]
            with step(f"By atheris: {name}"):
                ran = subprocess.run(
                    command,
                    cwd=folder,
                    env=os.environ | {"PYTHONPATH": path, "HYPOTHESIS_PROFILE": "long"},
                    capture_output=True,
                    text=True,
                    check=False,
                )
            units = _UNITS.search(ran.stderr)
            if ran.returncode or units is None:
                _fail(ran.stdout + ran.stderr)
            else:
                found[name] = int(units[1])
        return found


def _fuzz_one(name: str, *, seconds: int) -> None:
    """Give one property inputs of atheris, in a process of its own: libFuzzer ends it."""
    import importlib  # noqa: PLC0415  # of this process only

    atheris: Any = importlib.import_module("atheris")
    with atheris.instrument_imports(include=["functions"]):
        module = importlib.import_module(_MODULE)
    fuzz = getattr(module, name).hypothesis.fuzz_one_input

    def once(data: bytes) -> None:
        fuzz(data)

    limits = [f"-max_total_time={seconds}", "-print_final_stats=1", "-max_len=4096"]
    atheris.Setup([sys.argv[0], *limits], once)
    atheris.Fuzz()


def _fail(output: str) -> None:
    console.print(output[-8_000:], markup=False, highlight=False)
    raise SystemExit(1)


if __name__ == "__main__":
    main()
