"""``make mutation``: changes the decisions one small thing at a time and asks the tests to notice.

Runs mutmut over ``functions/domain`` in a copy of the repository; the score and the mutants that
no test noticed go to ``build/bench/mutation.json``.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from infra.packaging.layout import REPOSITORY
from infra.progress import console, step

_STAGE = REPOSITORY / "build" / "mutation"
_RESULT = REPOSITORY / "build" / "bench" / "mutation.json"
_LOG_LINES = 30
_SETTINGS = """
[tool.pytest.ini_options]
pythonpath = ["."]
addopts = ["--import-mode=importlib", "-p", "no:cacheprovider", "-x", "-q"]
filterwarnings = ["ignore"]

[tool.mutmut]
source_paths = ["functions/"]
only_mutate = {only}
also_copy = ["functions"]
pytest_add_cli_args_test_selection = {tests}
mutate_only_covered_lines = true
"""


@click.command()
@click.option("--module", "modules", multiple=True, help="Of functions/domain; else all.")
@click.option("--floor", default=0.0, help="Fail below this share of noticed changes.")
def main(modules: Sequence[str], floor: float) -> None:
    """Measure how many small changes of the decisions the tests notice."""
    names = modules or ("*",)
    with step(f"Mutants of functions/domain ({', '.join(names)})"):
        _stage(names)
        _mutmut("run", "--max-children", "2")
        figures = _figures() | {"mutated_modules": list(modules) or "all"}
    _RESULT.parent.mkdir(parents=True, exist_ok=True)
    _RESULT.write_text(json.dumps(figures, indent=2) + "\n", "utf-8")
    console.print(
        f"{figures['mutants_noticed']} of {figures['mutants']} mutants noticed: "
        f"{figures['mutation_score']:.1%}"
    )
    for survivor in figures["survivors"]:
        console.print(f"  survived: {survivor}")
    if figures["mutation_score"] < floor:
        console.print(f"[red]below the floor of {floor:.0%}[/red]")
        sys.exit(1)


def _stage(modules: Sequence[str]) -> None:
    shutil.rmtree(_STAGE, ignore_errors=True)
    _STAGE.mkdir(parents=True)
    for folder in ("functions", "tests"):
        shutil.copytree(
            REPOSITORY / folder, _STAGE / folder, ignore=shutil.ignore_patterns("__pycache__")
        )
    only = json.dumps([f"functions/domain/{module}.py" for module in modules])
    tests = json.dumps(_tests_of(modules))
    (_STAGE / "pyproject.toml").write_text(_SETTINGS.format(only=only, tests=tests), "utf-8")


def _tests_of(modules: Sequence[str]) -> list[str]:
    """The tests that name one of the modules in an import; all of the domain for all modules."""
    if "*" in modules:
        return ["tests/unit/domain"]
    named = re.compile(rf"^from functions\.domain\.({'|'.join(modules)}) import", re.MULTILINE)
    files = sorted((REPOSITORY / "tests" / "unit" / "domain").glob("test_*.py"))
    return [
        str(path.relative_to(REPOSITORY)) for path in files if named.search(path.read_text("utf-8"))
    ]


def _mutmut(*arguments: str) -> str:
    tool = Path(sys.executable).with_name("mutmut")
    done = subprocess.run(
        [str(tool), *arguments], cwd=_STAGE, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        tail = "\n".join((done.stdout + done.stderr).splitlines()[-_LOG_LINES:])
        console.print(tail, markup=False)
        msg = f"mutmut {arguments[0]} failed"
        raise click.ClickException(msg)
    return done.stdout


def _figures() -> dict[str, Any]:
    _mutmut("export-cicd-stats")
    stats = json.loads((_STAGE / "mutants" / "mutmut-cicd-stats.json").read_text("utf-8"))
    survivors = [
        line.strip().removesuffix(": survived")
        for line in _mutmut("results").splitlines()
        if line.endswith(": survived")
    ]
    # A mutant that never ends was noticed as well: a test ran out of its time.
    noticed = stats["killed"] + stats["timeout"] + stats["segfault"]
    return {
        "mutation_score": round(noticed / stats["total"], 4),
        "mutants": stats["total"],
        "mutants_noticed": noticed,
        "survivors": survivors,
    }


if __name__ == "__main__":
    main()
