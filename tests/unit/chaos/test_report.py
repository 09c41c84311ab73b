import json
from dataclasses import replace
from pathlib import Path

from benchmarks.chaos import report
from benchmarks.chaos.run import Plan, run
from benchmarks.chaos.stack import StackOutcome
from benchmarks.chaos.timing import SCENARIOS, measure

OUTCOME = run(replace(Plan(), people=60, campaigns=3, pauses=2, batch_size=10))
STACK = StackOutcome(messages=5, late_s=0.4, seconds=9)
TIMERS = [measure(SCENARIOS[0], timers=50)]


def test_programs_read_the_sums_of_both_runs(tmp_path: Path) -> None:
    report.write(report.document(OUTCOME, STACK, TIMERS), tmp_path / "chaos.json")

    found = json.loads((tmp_path / "chaos.json").read_text("utf-8"))
    assert found["messages"] == OUTCOME.verdict.messages + 5
    assert [found[each] for each in report.FIGURES[1:]] == [0, 0, 0, 0]
    assert found["faults"]["paused_and_resumed"] == 2


def test_the_page_keeps_its_words_around_the_newest_report(tmp_path: Path) -> None:
    page = tmp_path / "chaos.md"
    page.write_text("before\n<!-- written by make chaos -->\nold\n<!-- end -->\nafter\n", "utf-8")

    report.write_page(report.document(OUTCOME, STACK, TIMERS), page)

    text = page.read_text("utf-8")
    assert text.startswith("before\n")
    assert text.endswith("\nafter\n")
    assert "old" not in text
    assert "| local stack | 5 | 0 |" in text
