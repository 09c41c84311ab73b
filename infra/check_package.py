"""Checks the package: ``python -m infra.check_package`` lists what is wrong with build/package.

Each check is a function that yields findings; all run, so that one run shows everything.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from infra.checks import archives, functions, handlers, queues, shape
from infra.packaging import template
from infra.packaging.layout import REPOSITORY, Layer, Layout
from infra.progress import console, step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    TemplateCheck = Callable[[template.Node], Iterator[str]]
    ArchiveCheck = Callable[[Path], Iterator[str]]

TEMPLATE_CHECKS: tuple[TemplateCheck, ...] = (
    shape.resources_have_a_type,
    shape.intrinsics_have_one_key,
    shape.tables_are_safe,
    functions.functions_have_limits,
    functions.functions_have_a_log,
    functions.functions_use_the_layer,
    functions.functions_are_watched,
    functions.functions_have_own_role,
    functions.policies_are_narrow,
    functions.policies_match_the_environment,
    queues.queues_dead_letter,
    queues.queues_are_encrypted,
    queues.queues_are_watched,
    queues.queues_are_consumed,
    queues.sources_are_queues_of_ours,
    queues.sources_report_partly,
)
ARCHIVE_CHECKS: tuple[ArchiveCheck, ...] = (
    archives.bytecode_is_beside,
    archives.archive_is_reproducible,
    archives.wheels_fit_lambda,
    archives.native_code_fits_lambda,
)


def findings(layout: Layout) -> list[str]:
    """Run every check on a package."""
    packaged = template.read(layout.template)
    found = list(shape.fits_cloudformation(layout.template.read_text("utf-8")))
    with step("Template"):
        found += [finding for check in TEMPLATE_CHECKS for finding in check(packaged)]
    with step("cfn-lint"):
        found += handlers.lint(layout.template)
    with step("Archives"):
        zips = (layout.bundle, *map(layout.layer, Layer))
        found += [each for check in ARCHIVE_CHECKS for zipped in zips for each in check(zipped)]
        found += archives.code_fits_lambda(*zips)
    with step("Handlers, each alone"), tempfile.TemporaryDirectory() as scratch:
        unpacked = handlers.unpack(layout, into=Path(scratch))
        found += handlers.handlers_start_alone(packaged, unpacked)
    return found


@click.command()
@click.option(
    "--build",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=REPOSITORY / "build",
    help="Folder that infra.package wrote to.",
)
def main(build: Path) -> None:
    """Check the package."""
    found = findings(Layout(build=build.resolve()))
    for finding in found:
        console.print(f"  {finding}", markup=False, soft_wrap=True)
    if found:
        console.print(f"[red]{len(found)} findings[/red]")
        sys.exit(1)
    console.print("[green]No findings[/green]")


if __name__ == "__main__":
    main()
