"""Packages the application: ``python -m infra.package`` writes build/package.

What comes out is what is deployed everywhere, the local emulator included: ``sam.yaml``,
``deployment.zip`` (our code) and a zip of each layer (third-party code). The same sources give the
same bytes.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from infra.packaging.bundle import ChaliceError, build_bundle
from infra.packaging.bytecode import CompileError
from infra.packaging.layer import InstallError, WheelError, build_layer
from infra.packaging.layout import REPOSITORY, Layer, Layout
from infra.packaging.trim import RecipeError
from infra.progress import console, step

Refusal = (ChaliceError, CompileError, InstallError, WheelError, RecipeError)
"""What stops a build with a reason that the user can act upon."""


def package(layout: Layout) -> None:
    """Build all parts. Raises one of ``Refusal``."""
    for layer in Layer:
        with step(f"Layer {layer}") as current:
            fresh = build_layer(layout, layer)
            current.note = f"{_megabytes(layout.layer(layer))}, {_origin(fresh=fresh)}"
    with step("Application and template") as current:
        fresh = build_bundle(layout)
        current.note = f"{_megabytes(layout.bundle)}, {_origin(fresh=fresh)}"


def _origin(*, fresh: bool) -> str:
    return "built" if fresh else "unchanged"


def _megabytes(path: Path) -> str:
    return f"{path.stat().st_size / 1e6:.2f} MB"


@click.command()
@click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=REPOSITORY,
    help="Project to package.",
)
@click.option(
    "--build",
    type=click.Path(file_okay=False, path_type=Path),
    default=REPOSITORY / "build",
    help="Folder for the result.",
)
def main(root: Path, build: Path) -> None:
    """Package the application for deployment."""
    try:
        package(Layout(root=root.resolve(), build=build.resolve()))
    except Refusal as refusal:
        console.print("[red]Not packaged:[/red]")
        console.print(str(refusal), markup=False, soft_wrap=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
