"""``make chaos``: a million messages while everything goes wrong; the phones are the judge."""

from __future__ import annotations

import sys
from dataclasses import replace

import click

from benchmarks.chaos import report, stack
from benchmarks.chaos.run import Outcome, Plan, run
from benchmarks.chaos.timing import SCENARIOS, measure
from infra.progress import console, step

MILLION = Plan(people=60_000, campaigns=20)
SMALL = Plan(people=2_000, campaigns=10, batch_size=20, part_size=200)


@click.command()
@click.option("--seed", default=1, help="Of everything that happens.")
@click.option("--small", is_flag=True, help="Some 17,000 messages, and no stack.")
@click.option("--stack/--no-stack", "with_stack", default=True, help="Also the deployed system.")
def main(*, seed: int, small: bool, with_stack: bool) -> None:
    """Run, write build/bench/chaos.json (and docs/chaos.md unless small), say what was found."""
    outcome = _in_process(replace(SMALL if small else MILLION, seed=seed))
    with step("10,000 timers due in one minute"):
        timers = [measure(each, seed=seed) for each in SCENARIOS]
    deployed = stack.run(seed=seed) if with_stack and not small else None
    found = report.document(outcome, deployed, timers)
    report.write(found)
    if deployed is not None:
        report.write_page(found)
    show(outcome, deployed)
    if not outcome.verdict.clean or (deployed is not None and not deployed.clean):
        sys.exit(1)


def _in_process(plan: Plan) -> Outcome:
    with step(f"{plan.campaigns} campaigns to {plan.people:,} people, in process") as current:
        outcome = run(plan)
        current.note = f"{outcome.verdict.messages:,} messages, {outcome.cpu_s:.0f} s of CPU"
    return outcome


def show(outcome: Outcome, deployed: stack.StackOutcome | None) -> None:
    """Print the verdicts."""
    for name, run_ in (("in process", outcome.verdict), ("local stack", deployed)):
        if run_ is not None:
            figures = ", ".join(f"{getattr(run_, each):,} {each}" for each in report.FIGURES)
            console.print(f"{name}: {figures}", soft_wrap=True)
    for example in outcome.verdict.examples:
        console.print(f"  {example}", markup=False, soft_wrap=True)


if __name__ == "__main__":
    main()
