"""Makes our own part of the package: Chalice's output, compiled, sorted and without surprises."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from infra.packaging import archive, bytecode, template

if TYPE_CHECKING:
    from infra.packaging.layout import Layout

_MADE_BY = Path(__file__).parent
CHALICE_STAGE = "any"
"""The one stage in infra/chalice/config.json: a package fits every deployment."""
_LAST_LINES = 6
"""Of what Chalice says: where our code failed and why."""
_NOT_RUNTIME = shutil.ignore_patterns("__pycache__", "*.pyc", "tests", ".*")


class ChaliceError(RuntimeError):
    """``chalice package`` failed; the text is what it said."""


def build_bundle(layout: Layout) -> bool:
    """Write deployment.zip and sam.yaml into the package, unless they are of these very sources.

    Returns whether it had to be done. Raises ChaliceError, CompileError.
    """
    inputs, stamp = _inputs_hash(layout), layout.build / "bundle.inputs"
    made = layout.bundle.exists() and layout.template.exists() and stamp.exists()
    if made and stamp.read_text("utf-8") == inputs:
        return False
    stamp.unlink(missing_ok=True)
    _build(layout)
    stamp.write_text(inputs, "utf-8")
    return True


def _inputs_hash(layout: Layout) -> str:
    """Hash names and contents of all that a bundle is made from."""
    root = layout.root
    sources = [root / "app.py", root / "template.yaml", root / "requirements.txt"]
    for folder in (root / "functions", root / "infra" / "chalice", root / "infra" / "policies"):
        sources += sorted(path for path in folder.rglob("*") if _is_source(path))
    sources += sorted(_MADE_BY.glob("*.py"))
    digest = hashlib.sha256(sys.version.encode())
    for path in sources:
        digest.update(f"{path}\0{archive.sha256_of(path)}\0".encode())
    return digest.hexdigest()


def _is_source(path: Path) -> bool:
    return path.is_file() and path.suffix != ".pyc"


def _build(layout: Layout) -> None:
    stage_project(layout)
    made = layout.build / "chalice"
    shutil.rmtree(made, ignore_errors=True)
    _run_chalice(layout.stage, made)
    layout.package.mkdir(parents=True, exist_ok=True)
    _compile(made / "deployment.zip", layout)
    template.write(template.read(made / "sam.yaml"), to=layout.template)
    shutil.rmtree(made)


def stage_project(layout: Layout) -> None:
    """Lay the project out as Chalice wants it: our code in vendor/, no requirements.

    The folder is made anew. Chalice keeps packages by the hash of the files' contents and not of
    their names, so a renamed module would come back under its old name.
    """
    stage, root = layout.stage, layout.root
    shutil.rmtree(stage, ignore_errors=True)
    shutil.copytree(root / "functions", stage / "vendor" / "functions", ignore=_NOT_RUNTIME)
    shutil.copytree(root / "infra" / "chalice", stage / ".chalice")
    shutil.copytree(root / "infra" / "policies", stage / ".chalice" / "policies")
    for name in ("app.py", "template.yaml"):
        shutil.copyfile(root / name, stage / name)
    (stage / "requirements.txt").write_text("", "utf-8")


def _run_chalice(stage: Path, made: Path) -> None:
    command = [str(Path(sys.executable).with_name("chalice")), "package", "--stage", CHALICE_STAGE]
    command += ["--template-format", "yaml", "--merge-template", "template.yaml", str(made)]
    done = subprocess.run(
        command, cwd=stage, env=_environment(), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise ChaliceError("\n".join((done.stdout + done.stderr).splitlines()[-_LAST_LINES:]))


def _environment() -> dict[str, str]:
    """Give Chalice any region, no bytecode of its own, no second copy of functions/."""
    kept = {k: v for k, v in os.environ.items() if k not in {"PYTHONPATH", "AWS_PROFILE"}}
    return kept | {"AWS_DEFAULT_REGION": "ap-northeast-2", "PYTHONDONTWRITEBYTECODE": "1"}


def _compile(made: Path, layout: Layout) -> None:
    code = layout.build / "bundle"
    shutil.rmtree(code, ignore_errors=True)
    archive.unpack(made, to=code)
    bytecode.compile_tree(code, seen_as="/var/task")
    archive.write_zip(code, to=layout.bundle)
    shutil.rmtree(code)
