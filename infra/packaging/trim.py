"""Takes out of the dependency layer what no function uses, by the lists in the recipe."""

from __future__ import annotations

import shutil
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What layers/runtime/recipe.toml says."""

    drop: frozenset[str]
    """Packages that are not installed at all."""
    platforms: tuple[str, ...] = ()
    """Tags of wheels that are taken beside the usual ones."""
    aws_services: frozenset[str]
    """Services whose models botocore and boto3 keep."""
    remove: tuple[str, ...]
    """Globs of what goes, relative to the layer's python/."""


class RecipeError(ValueError):
    """A glob of the recipe fits nothing: a package was renamed, or the line is out of date."""


def read_recipe(path: Path) -> Recipe:
    """Read the recipe."""
    said = tomllib.loads(path.read_text("utf-8"))
    return Recipe(
        drop=frozenset(said["drop"]),
        aws_services=frozenset(said["aws_services"]),
        remove=tuple(said["remove"]),
        platforms=tuple(said.get("platforms", ())),
    )


def trim(python: Path, recipe: Recipe) -> None:
    """Remove what the recipe names. Raises RecipeError."""
    for library in ("botocore", "boto3"):
        _keep_services(python / library / "data", recipe.aws_services)
    for glob in recipe.remove:
        _remove(python, glob)


def _keep_services(data: Path, services: frozenset[str]) -> None:
    """Files beside the services' folders are endpoints, partitions and retry rules: they stay."""
    for entry in sorted(data.glob("*/")):
        if entry.is_dir() and entry.name not in services:
            shutil.rmtree(entry)


def _remove(python: Path, glob: str) -> None:
    found = sorted(python.glob(glob))
    if not found:
        msg = f"nothing in the layer fits {glob}"
        raise RecipeError(msg)
    for path in found:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
