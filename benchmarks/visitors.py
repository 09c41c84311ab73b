"""How well people and machines behind openings of links are told apart.

``make bench-visitors``: by traces that this repository keeps (``tests/traces.py``), and by two
public lists that others made, installed for the run: names of crawlers (crawler-user-agents) and
browsers that people use (fake-useragent). Figures in ``build/bench/visitors.json``.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table

from functions.domain.clicks import Visitor
from functions.domain.hits import Seen, judge
from functions.domain.visitor import RULES_VERSION
from functions.redirect.proxy import MAX_USER_AGENT
from infra.packaging.layout import REPOSITORY
from infra.progress import console, step
from tests.traces import MACHINES, MULTI_HIT_MACHINES, MULTI_HIT_PEOPLE, PEOPLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_RESULT = REPOSITORY / "build" / "bench" / "visitors.json"
_LISTS = ("crawler-user-agents==1.67.0", "fake-useragent==2.2.0")
_LEFT = 1_795_316_400
_A_MINUTE_LATER = _LEFT + 60
_LEAST_RECALL, _MOST_FALSE = 0.95, 0.01


def main() -> None:
    """Judge all of it, print how often that was right, write it down."""
    measure()


def measure() -> dict[str, dict[str, float]]:
    """Do that; gives the shares of each kind of openings."""
    with step("Traces of this repository"):
        figures = {
            "machines": _shares([*map(_one, MACHINES), *MULTI_HIT_MACHINES]),
            "people": _shares([*map(_one, PEOPLE), *MULTI_HIT_PEOPLE]),
        }
    with step("Public lists"), tempfile.TemporaryDirectory() as folder:
        crawlers, browsers = _public_lists(Path(folder))
        figures["public_machines"] = _shares(map(_one, crawlers))
        figures["public_people"] = _shares(map(_one, browsers))
    _show(figures)
    _RESULT.parent.mkdir(parents=True, exist_ok=True)
    _RESULT.write_text(json.dumps({"rules_version": RULES_VERSION} | figures, indent=2))
    return figures


def scores(figures: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """The worse of what our own traces and the public lists say."""
    machines, people = ("machines", "public_machines"), ("people", "public_people")
    return {
        "machine_recall": min(figures[each]["machine"] for each in machines),
        "false_machine": max(figures[each]["machine"] for each in people),
    }


def _one(user_agent: str) -> list[Seen]:
    """One opening by such a browser, a minute after the message left."""
    return [
        Seen(
            at=_A_MINUTE_LATER,
            ordinal=0,
            link=0,
            method="GET",
            user_agent=user_agent[:MAX_USER_AGENT],
            network="",
            purpose="",
        )
    ]


def _shares(traces: Iterable[Sequence[Seen]]) -> dict[str, float]:
    found = Counter(
        verdict.visitor for trace in traces for verdict in judge(trace, leaves=_LEFT).values()
    )
    total = sum(found.values())
    shares = {str(visitor): round(found[visitor] / total, 4) for visitor in Visitor}
    return {"openings": total} | shares


def _public_lists(folder: Path) -> tuple[list[str], list[str]]:
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(folder)]
    subprocess.run([*command, *_LISTS], check=True, stderr=subprocess.DEVNULL)
    names = json.loads((folder / "crawleruseragents" / "crawler-user-agents.json").read_text())
    crawlers = [agent for each in names for agent in each.get("instances", [])]
    lines = (folder / "fake_useragent" / "data" / "browsers.jsonl").read_text().splitlines()
    return crawlers, [json.loads(line)["useragent"] for line in lines]


def _show(figures: dict[str, dict[str, float]]) -> None:
    table = Table("openings of", "how many", *map(str, Visitor), title="Judged as")
    for name, shares in figures.items():
        row = [f"{shares[visitor]:.2%}" for visitor in Visitor]
        table.add_row(name, str(shares["openings"]), *row)
    console.print(table)
    recall, false = scores(figures).values()
    console.print(f"machines found {recall:.2%} (goal {_LEAST_RECALL:.0%})")
    console.print(f"people taken for machines {false:.2%} (goal {_MOST_FALSE:.0%} at most)")


if __name__ == "__main__":
    main()
