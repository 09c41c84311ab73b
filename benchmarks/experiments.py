"""How often the winner rule of experiments is wrong, and how soon it is right, by simulation.

``measure_aa`` runs experiments without any difference, looked at after every part, through the
allotment and the verdict of the product: people are of several kinds that open links at rates of
their own, and chance alone decides who gets what. Beside it a z-test of two shares at 5 % that is
read after every part, as it would be without a rule for looking. ``measure_power`` gives variants
that differ.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from math import erfc, sqrt
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

from functions.domain.allotment import allotted, row_of
from functions.domain.experiment import Criteria, Experiment, Inconclusive, Variant
from functions.domain.experiment_look import Count, Look, standings, verdict

RESULT = Path("build/bench/experiments.json")
SEED = 20_261_126
ALPHA = 0.05
_NOW = datetime(2026, 11, 26, tzinfo=UTC)
_KINDS = (0.01, 0.05, 0.2)
"""How likely people of each kind are to open a link."""


def an_experiment(variants: int) -> Experiment:
    """An experiment by the usual rules."""
    names = "abcdefghij"[:variants]
    criteria = Criteria(guard=None, significance=ALPHA, inconclusive=Inconclusive.ASK)
    return Experiment(variants=tuple(Variant(name=name) for name in names), criteria=criteria)


def looks_of(
    experiment: Experiment,
    chance: Random,
    *,
    parts: int,
    people: int,
    rate: Callable[[str, float], float],
) -> Iterator[Look]:
    """A look after every part. ``rate`` gives how likely a person of a kind is to be a hit."""
    key = chance.randbytes(16)
    for number in range(parts):
        row = row_of(experiment.weights, first=number * people, count=people)
        found = allotted(
            range(number * people, (number + 1) * people),
            row,
            rank=lambda person: blake2b(person.to_bytes(8), key=key, digest_size=8).digest(),
        )
        sent = dict.fromkeys(experiment.names, 0)
        hits = dict.fromkeys(experiment.names, 0)
        for seat in found:
            name = experiment.names[seat]
            sent[name] += 1
            hits[name] += chance.random() < rate(name, chance.choice(_KINDS))
        table = {name: Count(sent[name], hits[name]) for name in experiment.names}
        yield Look(number=number, at=_NOW, chain=0, parts={f"{number:06d}": table})


def measure_aa(
    *, runs: int = 2_000, parts: int = 20, people: int = 200, variants: Sequence[int] = (2, 4)
) -> dict[str, Any]:
    """How often a winner is named though there is none; ``aa_false_positive`` is the worst."""
    found: dict[str, Any] = {"runs": runs, "looks": parts, "people_a_part": people, "alpha": ALPHA}
    for count in variants:
        chance, wrong, peeked = Random(SEED + count), 0, 0
        for _ in range(runs):
            won, z_won = _aa(an_experiment(count), chance, parts=parts, people=people)
            wrong += won
            peeked += z_won
        found[f"aa_false_positive_{count}"] = wrong / runs
        found[f"z_test_read_each_time_{count}"] = peeked / runs
    found["aa_false_positive"] = max(found[f"aa_false_positive_{count}"] for count in variants)
    return found


def _aa(experiment: Experiment, chance: Random, *, parts: int, people: int) -> tuple[bool, bool]:
    looks: list[Look] = []
    won = z_won = False
    for look in looks_of(
        experiment, chance, parts=parts, people=people, rate=lambda _, usual: usual
    ):
        looks.append(look)
        ended = None if won else verdict(experiment, looks)
        won = won or (ended is not None and ended.winner is not None)
        z_won = z_won or _z_says(standings(experiment, looks).totals)
    return won, z_won


def _z_says(totals: Any) -> bool:  # noqa: ANN401  # counts by name
    """Whether a two-sided z-test finds the best different from the first."""
    first, *others = totals.values()
    return any(_p_of_z(first, each) <= ALPHA for each in others)


def _p_of_z(one: Count, other: Count) -> float:
    pooled = (one.hits + other.hits) / max(one.sent + other.sent, 1)
    spread = sqrt(max(pooled * (1 - pooled) * (1 / one.sent + 1 / other.sent), 1e-12))
    return erfc(abs(one.rate - other.rate) / spread / sqrt(2))


def measure_power(*, runs: int = 40, parts: int = 20, people: int = 2_000) -> list[dict[str, Any]]:
    """How often the better one of two wins, and after how many people of each."""
    return [
        _power(factor, runs=runs, parts=parts, people=people) for factor in (1.1, 1.2, 1.3, 1.5)
    ]


def _power(factor: float, *, runs: int, parts: int, people: int) -> dict[str, Any]:
    experiment, chance = an_experiment(2), Random(SEED)
    needed, wrong = [], 0
    for _ in range(runs):
        looks: list[Look] = []
        for look in looks_of(
            experiment,
            chance,
            parts=parts,
            people=people,
            rate=lambda name, usual: usual * (factor if name == "b" else 1.0),
        ):
            looks.append(look)
            ended = verdict(experiment, looks)
            if ended is not None:
                wrong += ended.winner != "b"
                needed.append(len(looks) * people // 2)
                break
    usual = sum(_KINDS) / len(_KINDS)
    return {
        "rates": [round(usual, 4), round(usual * factor, 4)],
        "runs": runs,
        "most_people_of_each": parts * people // 2,
        "won": (len(needed) - wrong) / runs,
        "wrong": wrong / runs,
        "people_of_each_until_then": median(needed) if needed else None,
    }


def main() -> None:
    """Measure, print and keep it."""
    found = {**measure_aa(), "power": measure_power()}
    text = json.dumps(found, indent=2)
    print(text)
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
