"""All figures of links and of what comes of them: ``make bench-links``.

Calls the benchmarks that measure them and writes ``build/bench/links.json``. The ratio is left
out where the peer cannot be installed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.table import Table

from benchmarks import experiments, follow_ups, redirect, reports, visitors
from infra.packaging.layout import REPOSITORY
from infra.progress import console

if TYPE_CHECKING:
    from collections.abc import Mapping

_RESULT = REPOSITORY / "build" / "bench" / "links.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """A figure's goal: at most or at least so much; None: none was set."""

    text: str
    most: float | None = None
    least: float | None = None

    def is_met(self, figure: float) -> bool:
        """Whether the figure is good enough."""
        above = self.least is None or figure >= self.least
        return above and (self.most is None or figure <= self.most)


GOALS: Mapping[str, Goal] = {
    "redirect_cpu_us": Goal(text="at most 5 µs", most=5),
    "ratio_fastapi_redis": Goal(text="at least 15", least=15),
    "clicks_lost": Goal(text="none", most=0),
    "machine_recall": Goal(text="at least 95 %", least=0.95),
    "false_machine": Goal(text="at most 1 %", most=0.01),
    "aa_false_positive": Goal(text="at most α = 5 %", most=0.05),
    "followup_wru_per_person": Goal(text="at most 0.02", most=0.02),
    "report_100k_s": Goal(text="at most 1 s", most=1),
}


def main() -> None:
    """Measure what can be measured, print it beside its goal, write it down."""
    figures = {
        **_redirect(),
        **visitors.scores(visitors.measure()),
        "aa_false_positive": experiments.measure_aa()["aa_false_positive"],
        "followup_wru_per_person": follow_ups.measure_follow_ups()["followup_wru_per_person"],
        "report_100k_s": reports.measure_report()["report_100k_s"],
    }
    _show(figures)
    _RESULT.parent.mkdir(parents=True, exist_ok=True)
    kept = {key: figures[key] for key in GOALS if key in figures}
    _RESULT.write_text(json.dumps(kept, indent=2) + "\n")


def _redirect() -> dict[str, float]:
    measured = redirect.measure()
    wanted = ("redirect_cpu_us", "ratio_fastapi_redis", "clicks_lost")
    return {key: measured[key] for key in wanted if measured[key] is not None}


def _show(figures: Mapping[str, float]) -> None:
    table = Table("figure", "measured", "goal", "", title="Links and what came of them")
    for key, goal in GOALS.items():
        if key not in figures:
            table.add_row(key, "not measured", goal.text, "no peer here")
            continue
        met = "met" if goal.is_met(figures[key]) else "[bold]missed[/bold]"
        table.add_row(key, f"{figures[key]:.4g}", goal.text, met)
    console.print(table)


if __name__ == "__main__":
    main()
