"""``make bench``: measures the main job; figures in build/bench/main.json."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from rich.table import Table

from benchmarks import lambdas, stack, units
from infra.package import package
from infra.packaging.layout import REPOSITORY, Layout
from infra.progress import console, step

_RESULT = REPOSITORY / "build" / "bench" / "main.json"
_TARGETS = {"wru": 1.4, "rru": 1.5, "sqs": 0.05}
_REDIRECT_SHARE = 0.25


def main() -> None:
    """Measure everything, print it, write it down."""
    package(Layout())
    figures: dict[str, Any] = {"load_average": os.getloadavg()[0]}
    with step("Imports of each Lambda"):
        figures["lambdas"] = lambdas.measure()
    with step("AWS units of a campaign, counted in process"):
        figures |= units.measure()
    figures |= stack.measure()
    show(figures)
    write(figures, _RESULT)


def show(figures: dict[str, Any]) -> None:
    """Print the tables."""
    table = Table("function", "import ms (CPU)", "spread", "modules", "RSS MB", title="Start-up")
    for name, each in sorted(figures["lambdas"].items(), key=lambda item: item[1]["import_ms"]):
        row = (each["import_ms"], each["import_ms_spread"], each["modules"], each["rss_mb"])
        table.add_row(name, *map(str, row))
    console.print(table)
    share = (
        figures["lambdas"]["Redirect"]["import_ms"] / figures["lambdas"]["APIHandler"]["import_ms"]
    )
    console.print(
        f"redirect imports in {share:.0%} of the API's time (target {_REDIRECT_SHARE:.0%})"
    )
    table = Table("unit", "per message", "target", "per click", title="AWS units")
    for unit, target in _TARGETS.items():
        per_message, per_click = (
            str(figures[kind][unit]) for kind in ("units_per_message", "units_per_click")
        )
        table.add_row(unit, per_message, str(target), per_click)
    console.print(table)
    redirect = figures["redirect"]
    console.print(
        f"local stack: {figures['messages_per_s']} messages/s "
        f"(rounds {figures['messages_per_s_rounds']}); redirect {redirect['rps']}/s, "
        f"p50 {redirect['p50_ms']} ms, p99 {redirect['p99_ms']} ms, "
        f"{redirect['ddb_reads_warm']} table reads in {redirect['requests']} warm requests"
    )


def write(figures: dict[str, Any], path: Path) -> None:
    """Write the figures for programs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(figures, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
