"""``make bench-eligibility``: whether the one door is right, how fast it is, what it costs.

Figures in build/bench/eligibility.json. ``breaches`` counts random cases in which a message that
an independent judge (``tests/worlds.py``) forbids would leave; ``overcautious`` those in which one
that it allows would not.
"""

from __future__ import annotations

import json
import os
import statistics
import time
from random import Random
from typing import Any

from rich.table import Table

from benchmarks import units, why
from benchmarks.main import write
from functions.domain.eligibility import Hold, Send, decide
from functions.domain.explanation import findings
from infra.packaging.layout import REPOSITORY
from infra.progress import console, step
from tests.worlds import World, a_world, forbidden

_RESULT = REPOSITORY / "build" / "bench" / "eligibility.json"
_MUTATION = REPOSITORY / "build" / "bench" / "mutation.json"
_CASES = 200_000
_ROUNDS = 5
_USUAL = 20_000


def main() -> None:
    """Measure everything, print it, write it down."""
    figures: dict[str, Any] = {"load_average": os.getloadavg()[0]}
    with step(f"{_CASES} random cases, judged twice"):
        figures |= judged(_CASES)
    with step("Decisions per second"):
        figures |= speed()
    with step("AWS units of a campaign with caps, counted in process"):
        figures |= units.measure_door()
    with step("Why, over 500 parts"):
        figures |= why.measure()
    if _MUTATION.exists():
        figures |= json.loads(_MUTATION.read_text("utf-8"))
    show(figures)
    write(figures, _RESULT)


def judged(cases: int, *, seed: int = 20_261_126) -> dict[str, Any]:
    """Count disagreements between the door and an independent judge."""
    random = Random(seed)
    breaches = overcautious = held = sent = bad_holds = 0
    for _ in range(cases):
        world = a_world(random)
        decision = decide(world.case, now=world.now)
        reason = forbidden(world, world.now)
        sent += isinstance(decision, Send)
        breaches += isinstance(decision, Send) and reason is not None
        overcautious += not isinstance(decision, Send) and reason is None
        if isinstance(decision, Hold):
            held += 1
            again = decide(world.case, now=decision.until)
            bad_holds += isinstance(again, Hold) and again.reason is decision.reason
    return {
        "random_cases": cases,
        "breaches": breaches,
        "overcautious": overcautious,
        "sent": sent,
        "held": held,
        "holds_that_held_again": bad_holds,
    }


def speed() -> dict[str, Any]:
    """Decisions per second and core, on random cases and on the usual one."""
    random = Random(1)
    worlds = [a_world(random) for _ in range(_USUAL)]
    usual = next(world for world in worlds if _is_usual(world))
    rounds = [_rate(lambda: _decide_all([usual] * _USUAL)) for _ in range(_ROUNDS)]
    mixed = [_rate(lambda: _decide_all(worlds)) for _ in range(_ROUNDS)]
    explained = [_rate(lambda: [findings(w.case, now=w.now) for w in worlds]) for _ in range(3)]
    return {
        "decisions_per_s": round(statistics.median(rounds)),
        "decisions_per_s_spread": round(max(rounds) - min(rounds)),
        "decisions_per_s_random_rules": round(statistics.median(mixed)),
        "explanations_per_s": round(statistics.median(explained)),
    }


def _is_usual(world: World) -> bool:
    """An advertisement that leaves, to somebody with consent, by the rules of the law alone."""
    case = world.case
    plain = not case.terms.policy.windows and not case.terms.policy.caps and len(case.zones) == 1
    return plain and case.advertising and isinstance(decide(case, now=world.now), Send)


def _decide_all(worlds: list[World]) -> None:
    for world in worlds:
        decide(world.case, now=world.now)


def _rate(work: Any) -> float:  # noqa: ANN401  # anything that can be called
    started = time.process_time()
    work()
    return _USUAL / (time.process_time() - started)


def show(figures: dict[str, Any]) -> None:
    """Print the table."""
    table = Table("figure", "value", title="The one door")
    for name, value in figures.items():
        table.add_row(name, str(value))
    console.print(table)


if __name__ == "__main__":
    main()
