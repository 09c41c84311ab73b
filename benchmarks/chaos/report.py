"""Writes down what a fault run did and found: for people in docs/chaos.md, for programs as JSON."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.chaos.run import Outcome
from benchmarks.chaos.stack import StackOutcome
from benchmarks.chaos.timing import Punctuality
from infra.packaging.layout import REPOSITORY

PAGE = REPOSITORY / "docs" / "chaos.md"
RESULT = REPOSITORY / "build" / "bench" / "chaos.json"
FIGURES = ("messages", "duplicates", "losses", "unknown", "identity_breaks")
_BEGIN, _END = "<!-- written by make chaos -->", "<!-- end -->"
_KILLED = re.compile(r"killed_(before|after)_(.+)")


def document(
    outcome: Outcome, stack: StackOutcome | None, timers: Sequence[Punctuality]
) -> dict[str, Any]:
    """Everything for programs; the figures at the top are of all runs together."""
    verdict = outcome.verdict
    runs = [verdict, stack] if stack else [verdict]
    faults = Counter(outcome.faults) + Counter(stack.faults if stack else {})
    made: dict[str, Any] = {name: sum(getattr(each, name) for each in runs) for name in FIGURES}
    return made | {
        "faults": dict(sorted(faults.items())),
        "seed": outcome.plan.seed,
        "pause_latency_s": round(verdict.pause_latency_s, 2),
        "calls_while_paused": verdict.calls_while_paused,
        "in_process": _figures(verdict)
        | {
            "statuses": dict(verdict.statuses),
            "invocations": {str(queue): count for queue, count in outcome.invocations.items()},
            "simulated_h": outcome.simulated_h,
            "cpu_s": outcome.cpu_s,
            "errors": len(outcome.errors),
        },
        "stack": None
        if stack is None
        else _figures(stack) | {"late_s": round(stack.late_s, 2), "seconds": stack.seconds},
        "timers": [asdict(each) for each in timers],
    }


def _figures(run: object) -> dict[str, int]:
    return {name: getattr(run, name) for name in FIGURES}


def write(found: Mapping[str, Any], path: Path = RESULT) -> None:
    """Write the figures for programs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", "utf-8")


def write_page(found: Mapping[str, Any], path: Path = PAGE) -> None:
    """Put the newest report into its place of the page."""
    text = path.read_text("utf-8")
    before, _, rest = text.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    report = "\n".join(_lines(found))
    path.write_text(f"{before}{_BEGIN}\n{report}\n{_END}{after}", "utf-8")


def _lines(found: Mapping[str, Any]) -> Iterator[str]:
    runs = {"in process": found["in_process"]}
    if found["stack"] is not None:
        runs["local stack"] = found["stack"]
    yield f"Seed {found['seed']}."
    yield ""
    yield "| run | messages | duplicates | losses | unknown | identity breaks |"
    yield "|---|---|---|---|---|---|"
    for name, run in runs.items():
        yield f"| {name} | " + " | ".join(f"{run[each]:,}" for each in FIGURES) + " |"
    yield ""
    yield from _remarks(found)
    yield ""
    yield from _fault_lines(found["faults"])
    yield ""
    yield from _timer_lines(found["timers"])


def _remarks(found: Mapping[str, Any]) -> Iterator[str]:
    inside = found["in_process"]
    statuses = ", ".join(f"{count:,} {name}" for name, count in inside["statuses"].items())
    jobs = ", ".join(f"{count:,} {queue}" for queue, count in inside["invocations"].items())
    yield f"- In process: {statuses}. Invocations: {jobs}. {inside['simulated_h']} simulated hours"
    yield f"  in {inside['cpu_s']:,.0f} s of one core."
    yield f"- Calls that began later than 5 s after a pause: {found['calls_while_paused']}; the"
    yield f"  latest began {found['pause_latency_s']} s after it."
    if found["stack"] is not None:
        late_s, took_s = found["stack"]["late_s"], found["stack"]["seconds"]
        yield f"- Local stack: the last parcel was taken {late_s} s after a pause; {took_s:.0f} s"
        yield "  from the first launch to the last record."


def _fault_lines(faults: Mapping[str, int]) -> Iterator[str]:
    killed: dict[str, Counter[str]] = {}
    others: dict[str, int] = {}
    for kind, count in faults.items():
        match = _KILLED.fullmatch(kind)
        if match is None:
            others[kind] = count
        else:
            killed.setdefault(match[2], Counter())[match[1]] = count
    yield "| fault | times |"
    yield "|---|---|"
    yield from (f"| {kind.replace('_', ' ')} | {count:,} |" for kind, count in others.items())
    yield ""
    yield "| a worker died at | before | after |"
    yield "|---|---|---|"
    for name, counts in sorted(killed.items()):
        yield f"| {name} | {counts['before']:,} | {counts['after']:,} |"


def _timer_lines(timers: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield "| tick | timers | lost | moved twice | earliest | median | latest |"
    yield "|---|---|---|---|---|---|---|"
    for each in timers:
        times = (f"{each[name]:+.2f} s" for name in ("earliest_s", "median_s", "latest_s"))
        counts = (f"{each[name]:,}" for name in ("timers", "lost", "repeated"))
        yield f"| {each['name']} | " + " | ".join((*counts, *times)) + " |"
